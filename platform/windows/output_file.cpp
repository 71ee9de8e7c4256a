#include "platform/windows/output_file.hpp"

#include <fmt/format.h>
#include <windows.h>

#include <string>

#include "base/escape.hpp"
#include "platform/windows/handle.hpp"
#include "platform/windows/system_error.hpp"
#include "platform/windows/wide.hpp"
#include "platform/windows/write_bytes.hpp"

namespace twctl {
namespace {

constexpr int kMostTries = 100;

Error cannot_write(std::string_view path, std::string_view why) {
  return Error{.code = ErrorCode::output, .message = fmt::format("cannot write {}: {}", escape(path), why)};
}

// A name that nobody has: CREATE_NEW follows no link that somebody planted under it.
OrCode<Handle> create_beside(std::string_view path, std::wstring& name) {
  for (int i = 0; i < kMostTries; ++i) {
    name = to_wide(fmt::format("{}.twctl-{}-{}.tmp", path, ::GetCurrentProcessId(), i));
    Handle file(::CreateFileW(name.c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr));
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
  std::wstring name;
  auto file = create_beside(path, name);
  if (!file) return tl::unexpected<SystemCode>(file.error());
  OrCode<void> done = fill(*std::move(file), bytes);
  constexpr DWORD kHow = MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH;
  if (done && ::MoveFileExW(name.c_str(), to_wide(path).c_str(), kHow) == 0) done = last_error();
  if (!done) ::DeleteFileW(name.c_str());
  return done;
}

}  // namespace

Result<void> replace_output(std::string_view path, std::string_view bytes) {
  const DWORD attributes = ::GetFileAttributesW(to_wide(path).c_str());
  const bool there = attributes != INVALID_FILE_ATTRIBUTES;
  if (there && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0) return fail(cannot_write(path, "is a directory"));
  if (there && (attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0) return fail(cannot_write(path, "is a symbolic link"));
  if (const auto done = replace(path, bytes); !done) return fail(cannot_write(path, system_says(done.error())));
  return {};
}

}  // namespace twctl
