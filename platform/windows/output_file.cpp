#include "platform/output_file.hpp"

#include <fmt/format.h>
#include <windows.h>

#include <string>

#include "base/escape.hpp"
#include "platform/windows/durable.hpp"
#include "platform/windows/handle.hpp"
#include "platform/windows/system_error.hpp"
#include "platform/windows/wide.hpp"

namespace twctl {
namespace {

constexpr int kMostTries = 100;

Error cannot_write(std::string_view path, std::string_view why) {
  return Error{.code = ErrorCode::output, .message = fmt::format("cannot write {}: {}", escape(path), why)};
}

// NUL, CON or a pipe, which take bytes as they come and are no file to be replaced. None: it is something else. A
// pipe's server may learn who we are, and not act as us.
Handle open_device(std::string_view path) {
  constexpr DWORD kHow = FILE_FLAG_OPEN_REPARSE_POINT | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION;
  Handle target = open_existing(to_wide(path), GENERIC_WRITE, kHow);
  return target && ::GetFileType(target.get()) != FILE_TYPE_DISK ? std::move(target) : Handle();
}

// A name that nobody has: CREATE_NEW follows no link that somebody planted under it. It does not grow with the
// target's, which may be as long as a name can be.
OrCode<Handle> create_beside(std::string_view path, std::string& name) {
  const std::string_view folder = path.substr(0, path.find_last_of("/\\:") + 1);
  for (int i = 0; i < kMostTries; ++i) {
    name = fmt::format("{}.twctl-{}-{}.new", folder, ::GetCurrentProcessId(), i);
    Handle file(
        ::CreateFileW(to_wide(name).c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr));
    if (file) return file;
    if (::GetLastError() != ERROR_FILE_EXISTS) return last_error();
  }
  return last_error();
}

OrCode<void> fill(Handle file, std::string_view bytes) {
  if (auto written = write_bytes(file.get(), bytes); !written) return written;
  if (::FlushFileBuffers(file.get()) == 0 || !file.close()) return last_error();
  return {};
}

OrCode<void> replace(std::string_view path, std::string_view bytes) {
  std::string name;
  auto file = create_beside(path, name);
  if (!file) return tl::unexpected<SystemCode>(file.error());
  OrCode<void> done = fill(*std::move(file), bytes);
  if (done) done = rename_over(name, std::string(path));
  if (!done) ::DeleteFileW(to_wide(name).c_str());
  return done;
}

}  // namespace

Result<void> replace_output(std::string_view path, std::string_view bytes) {
  if (const Handle device = open_device(path)) {
    if (const auto done = write_bytes(device.get(), bytes); !done)
      return fail(cannot_write(path, system_says(done.error())));
    return {};
  }
  const DWORD attributes = ::GetFileAttributesW(to_wide(path).c_str());
  const bool there = attributes != INVALID_FILE_ATTRIBUTES;
  if (there && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0) return fail(cannot_write(path, "is a directory"));
  if (there && (attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0) return fail(cannot_write(path, "is a symbolic link"));
  if (const auto done = replace(path, bytes); !done) return fail(cannot_write(path, system_says(done.error())));
  return {};
}

// Only the writing tells. No command that takes long runs on Windows.
Result<void> check_output(std::string_view /*path*/) { return {}; }

}  // namespace twctl
