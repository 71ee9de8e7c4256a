#include "platform/windows/windows_files.hpp"

#include <fmt/format.h>
#include <windows.h>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "platform/output_file.hpp"
#include "platform/terminal.hpp"
#include "platform/windows/durable.hpp"
#include "platform/windows/handle.hpp"
#include "platform/windows/own_folder.hpp"
#include "platform/windows/system_error.hpp"
#include "platform/windows/trust.hpp"
#include "platform/windows/wide.hpp"

namespace twctl {
namespace {

// FILE_FLAG_BACKUP_SEMANTICS opens a directory too, which is then refused by name. A pipe's server may learn who we
// are, and not act as us.
constexpr DWORD kRead =
    FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_SEQUENTIAL_SCAN | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION;

Error not_readable(std::string_view path, std::string_view why) {
  return Error{.code = ErrorCode::no_input, .message = fmt::format("cannot read {}: {}", escape(path), why)};
}

Error too_large(std::string_view path, std::size_t limit) {
  return Error{.code = ErrorCode::invalid,
               .message = fmt::format("{}: larger than {}", escape(path), size_text(limit))};
}

OrCode<Handle> open_to_read(std::string_view path) {
  Handle file = open_existing(to_wide(path), GENERIC_READ | READ_CONTROL, kRead);
  if (!file) return last_error();
  return file;
}

// Kind and size are looked at before a byte is read.
Result<void> check_readable(std::string_view path, void* file, std::size_t limit) {
  if (::GetFileType(file) != FILE_TYPE_DISK) return fail(not_readable(path, "is not a regular file"));
  BY_HANDLE_FILE_INFORMATION facts{};
  if (::GetFileInformationByHandle(file, &facts) == 0) return fail(cannot_read(path, ::GetLastError()));
  if ((facts.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0) return fail(not_readable(path, "is a directory"));
  if (facts.nFileSizeHigh != 0 || facts.nFileSizeLow > limit) return fail(too_large(path, limit));
  return {};
}

Result<std::string> read_whole(std::string_view path, void* file, std::size_t limit) {
  TRY_VOID(check_readable(path, file, limit));
  auto bytes = read_bytes(file, limit);
  if (!bytes) return fail(cannot_read(path, bytes.error()));
  if (bytes->size() > limit) return fail(too_large(path, limit));
  return *std::move(bytes);
}

Result<TrustedBytes> read_standard_input(std::size_t limit) {
  TRY(std::string bytes, read_on(limit + 1));
  if (bytes.empty()) return fail(ErrorCode::invalid, "standard input is empty");
  if (bytes.size() > limit) return fail(too_large("standard input", limit));
  return TrustedBytes{std::move(bytes), {}, {}};
}

}  // namespace

Result<std::optional<std::string>> WindowsFiles::read(std::string_view path, std::size_t limit) {
  const auto file = open_to_read(path);
  if (!file && is_missing(file.error())) return std::optional<std::string>{};
  if (!file) return fail(cannot_read(path, file.error()));
  return read_whole(path, file->get(), limit);
}

Result<std::vector<std::string>> WindowsFiles::list(std::string_view directory) {
  auto names = names_in(std::string(directory));
  if (!names) return fail(cannot_read(directory, names.error()));
  return *std::move(names);
}

// Only the files of a Linux host are asked for their links.
std::optional<std::string> WindowsFiles::link_target(std::string_view /*path*/) { return std::nullopt; }

bool WindowsFiles::exists(std::string_view path) {
  return ::GetFileAttributesW(to_wide(path).c_str()) != INVALID_FILE_ATTRIBUTES;
}

// Nor whether they are programs.
bool WindowsFiles::executable(std::string_view path) { return exists(path); }

std::vector<std::string> profile_directories() { return {program_data() + "\\twctl\\profiles"}; }

Result<TrustedBytes> WindowsFiles::read_profile(std::string_view path, std::size_t limit) {
  if (path == "-") return read_standard_input(limit);
  const auto file = open_to_read(path);
  if (!file) return fail(cannot_read(path, file.error()));
  TRY(std::string bytes, read_whole(path, file->get(), limit));
  const std::string distrust = why_distrusted(file->get());
  return TrustedBytes{std::move(bytes), distrust, distrust.empty() ? "" : mending_line(path)};
}

Result<void> WindowsFiles::write_output(std::string_view path, std::string_view bytes) {
  return replace_output(path, bytes);
}

}  // namespace twctl
