#include "platform/windows/durable.hpp"

#include <windows.h>

#include <algorithm>
#include <memory>

#include "platform/windows/handle.hpp"
#include "platform/windows/wide.hpp"

namespace twctl {
namespace {

constexpr int kTries = 20;
constexpr DWORD kPause = 50;  // ms

struct CloseSearch {
  void operator()(void* search) const { ::FindClose(search); }
};
using Search = std::unique_ptr<void, CloseSearch>;

bool is_dots(std::wstring_view name) { return name == L"." || name == L".."; }

bool may_pass(SystemCode code) { return code == ERROR_SHARING_VIOLATION || code == ERROR_ACCESS_DENIED; }

OrCode<void> rename(const std::string& from, const std::string& to, DWORD how) {
  const std::wstring old_name = to_wide(from);
  const std::wstring new_name = to_wide(to);
  for (int tries = 1;; ++tries) {
    if (::MoveFileExW(old_name.c_str(), new_name.c_str(), how | MOVEFILE_WRITE_THROUGH) != 0) return {};
    const SystemCode code = ::GetLastError();
    if (tries == kTries || !may_pass(code)) return tl::unexpected(code);
    ::Sleep(kPause);
  }
}

OrCode<void> done_or_missing(BOOL done) {
  if (done == FALSE && !is_missing(::GetLastError())) return last_error();
  return {};
}

// Never into a folder, and never through a link.
OrCode<void> remove_flat(const std::wstring& path, DWORD attributes) {
  const bool folder = (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
  return done_or_missing(folder ? ::RemoveDirectoryW(path.c_str()) : ::DeleteFileW(path.c_str()));
}

OrCode<void> remove_content(const std::string& folder) {
  const auto names = names_in(folder);
  if (!names) return tl::unexpected<SystemCode>(names.error());
  for (const std::string& name : *names) {
    const std::wstring path = to_wide(folder + "\\" + name);
    if (OrCode<void> removed = remove_flat(path, ::GetFileAttributesW(path.c_str())); !removed) return removed;
  }
  return {};
}

}  // namespace

bool already_there(SystemCode code) { return code == ERROR_ALREADY_EXISTS || code == ERROR_FILE_EXISTS; }

OrCode<void> create_synced(const std::string& path, std::string_view bytes) {
  Handle file(
      ::CreateFileW(to_wide(path).c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr));
  if (!file) return last_error();
  if (OrCode<void> written = write_bytes(file.get(), bytes); !written) return written;
  if (::FlushFileBuffers(file.get()) == 0 || !file.close()) return last_error();
  return {};
}

OrCode<void> rename_new(const std::string& from, const std::string& to) { return rename(from, to, 0); }

OrCode<void> rename_over(const std::string& from, const std::string& to) {
  return rename(from, to, MOVEFILE_REPLACE_EXISTING);
}

OrCode<void> remove_entry(const std::string& path) {
  const std::wstring name = to_wide(path);
  const DWORD attributes = ::GetFileAttributesW(name.c_str());
  if (attributes == INVALID_FILE_ATTRIBUTES) return done_or_missing(FALSE);
  const bool holds_files =
      (attributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT)) == FILE_ATTRIBUTE_DIRECTORY;
  OrCode<void> emptied = holds_files ? remove_content(path) : OrCode<void>();
  return emptied ? remove_flat(name, attributes) : emptied;
}

OrCode<std::vector<std::string>> names_in(const std::string& folder) {
  std::vector<std::string> names;
  WIN32_FIND_DATAW found{};
  void* search = ::FindFirstFileW(to_wide(folder + "\\*").c_str(), &found);
  if (search == INVALID_HANDLE_VALUE && is_missing(::GetLastError())) return names;
  if (search == INVALID_HANDLE_VALUE) return last_error();
  const Search closes_itself(search);
  do {
    if (!is_dots(found.cFileName)) names.push_back(to_utf8(found.cFileName));
  } while (::FindNextFileW(search, &found) != 0);
  if (::GetLastError() != ERROR_NO_MORE_FILES) return last_error();
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace twctl
