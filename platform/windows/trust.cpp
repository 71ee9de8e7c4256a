#include "platform/windows/trust.hpp"

#include <fmt/format.h>
#include <windows.h>

#include <algorithm>
#include <vector>

#include "base/cells.hpp"
#include "base/escape.hpp"
#include "platform/windows/handle.hpp"
#include "platform/windows/own_folder.hpp"
#include "platform/windows/security.hpp"
#include "platform/windows/wide.hpp"

namespace twctl {
namespace {

// Where the file really lies, links followed: "\\?\C:\Users\me\x.ini".
std::wstring final_path(void* file) {
  std::wstring path(32768, L'\0');
  const DWORD length =
      ::GetFinalPathNameByHandleW(file, path.data(), static_cast<DWORD>(path.size()), FILE_NAME_NORMALIZED);
  path.resize(length < path.size() ? length : 0);
  return path;
}

std::string shown(std::wstring_view path) {
  constexpr std::wstring_view kPrefix = L"\\\\?\\";
  return escape(to_utf8(path.starts_with(kPrefix) ? path.substr(kPrefix.size()) : path));
}

std::string fault_of(void* object, std::wstring_view path, Rights rights) {
  const OrCode<std::string> hands = foreign_hands(object, rights);
  if (!hands) return fmt::format("who may write {} is not known: {}", shown(path), system_says(hands.error()));
  return hands->empty() ? "" : fmt::format("{} {}", shown(path), *hands);
}

std::string fault_of_folder(const std::wstring& path) {
  const Handle folder = open_existing(path, READ_CONTROL, FILE_FLAG_BACKUP_SEMANTICS);
  if (!folder) return fmt::format("who may write {} is not known: {}", shown(path), system_says(::GetLastError()));
  return fault_of(folder.get(), path, Rights::replace_inside);
}

// "\\?\C:\Users\me\x.ini" -> "\\?\C:\", "\\?\C:\Users", "\\?\C:\Users\me".
std::vector<std::wstring> folders_above(const std::wstring& path) {
  std::vector<std::wstring> folders;
  const std::size_t drive = path.find(L":\\");
  if (drive == std::wstring::npos) return folders;
  folders.push_back(path.substr(0, drive + 2));
  for (std::size_t at = path.find(L'\\', drive + 2); at != std::wstring::npos; at = path.find(L'\\', at + 1)) {
    folders.push_back(path.substr(0, at));
  }
  return folders;
}

}  // namespace

std::string why_distrusted(void* file) {
  const std::wstring path = final_path(file);
  const std::vector<std::wstring> folders = folders_above(path);
  if (folders.empty()) return fmt::format("{} lies on no drive of this host", shown(path));
  for (const std::wstring& folder : folders) {
    if (std::string fault = fault_of_folder(folder); !fault.empty()) return fault;
  }
  return fault_of(file, path, Rights::change_file);
}

std::string mending_line(std::string_view path) {
  std::string file(path);
  std::replace(file.begin(), file.end(), '/', '\\');  // xcopy would take it for an option
  // Other letters than those of English are shown as \u00fc, which no prompt takes.
  const std::string shown_file = is_printable(file) ? fmt::format("\"{}\"", file) : "FILE";
  return fmt::format("xcopy {} \"{}\\twctl\\profiles\\\"", shown_file, escape(program_data()));
}

}  // namespace twctl
