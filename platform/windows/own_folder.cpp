#include "platform/windows/own_folder.hpp"

#include <fmt/format.h>
#include <windows.h>
// Needs the types of windows.h.
#include <sddl.h>

#include <array>

#include "base/escape.hpp"
#include "platform/windows/handle.hpp"
#include "platform/windows/registry_key.hpp"
#include "platform/windows/security.hpp"
#include "platform/windows/wide.hpp"

namespace twctl {
namespace {

// Administrators (BA) own it and may do all, as the system (SY); nothing comes down from the folder above (P).
constexpr const wchar_t* kForAdministrators = L"O:BAD:P(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)";
constexpr const wchar_t* kReadByUsers = L"O:BAD:P(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)(A;OICI;0x1200a9;;;BU)";
constexpr std::string_view kElevate = "twctl changes a host as an administrator only: run it from an elevated prompt";

constexpr std::string_view kSystemDrive = "%SystemDrive%";

// "C:", the drive that Windows lies on.
std::string system_drive() {
  std::array<wchar_t, MAX_PATH> folder{};
  const UINT length = ::GetSystemWindowsDirectoryW(folder.data(), UINT{folder.size()});
  return length < 2 ? "C:" : to_utf8(std::wstring_view(folder.data(), 2));
}

// The text of an access control list, for as long as something is made with it.
class Security {
 public:
  explicit Security(const wchar_t* text) {
    PSECURITY_DESCRIPTOR descriptor = nullptr;
    ::ConvertStringSecurityDescriptorToSecurityDescriptorW(text, SDDL_REVISION_1, &descriptor, nullptr);
    descriptor_.reset(descriptor);
    attributes_ = {.nLength = sizeof attributes_, .lpSecurityDescriptor = descriptor, .bInheritHandle = FALSE};
  }
  // Null where the text was not understood: never make anything without the list.
  [[nodiscard]] SECURITY_ATTRIBUTES* get() { return descriptor_ ? &attributes_ : nullptr; }

 private:
  LocalMemory descriptor_;
  SECURITY_ATTRIBUTES attributes_{};
};

tl::unexpected<Error> folder_failed(const std::string& path, SystemCode code) {
  const bool denied = is_denied(code) || code == ERROR_INVALID_OWNER;
  return fail(denied ? ErrorCode::denied : ErrorCode::failed, fmt::format("{}: {}", escape(path), system_says(code)),
              denied ? std::string(kElevate) : "");
}

tl::unexpected<Error> not_safe(const std::string& path, const std::string& why) {
  return fail(ErrorCode::denied, fmt::format("{} is not safe: it {}", escape(path), why),
              "it must be the administrators' alone: look at what is in it, then move it away");
}

// Our own account is not enough of an owner: what it runs without elevation could have planted the folder. But Wine,
// where twctl is tested, keeps no owners: there all that root has made is our own account's. On Windows ntdll.dll has
// no such function.
Ourselves ourselves_here() {
  const bool wine = ::GetProcAddress(::GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != nullptr;
  return wine ? Ourselves::trusted : Ourselves::foreign;
}

Result<void> check_own(void* folder, const std::string& path, Others others) {
  BY_HANDLE_FILE_INFORMATION facts{};
  if (::GetFileInformationByHandle(folder, &facts) == 0) return folder_failed(path, ::GetLastError());
  constexpr DWORD kKinds = FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT;
  if ((facts.dwFileAttributes & kKinds) != FILE_ATTRIBUTE_DIRECTORY) return not_safe(path, "is a link or no folder");
  const Rights rights = others == Others::read ? Rights::replace_inside : Rights::any;
  const OrCode<std::string> hands = foreign_hands(folder, rights, ourselves_here());
  if (!hands) return folder_failed(path, hands.error());
  if (!hands->empty()) return not_safe(path, *hands);
  return {};
}

Result<void> make(const std::string& path, Others others) {
  Security security(others == Others::read ? kReadByUsers : kForAdministrators);
  if (security.get() == nullptr) return folder_failed(path, ::GetLastError());
  if (::CreateDirectoryW(to_wide(path).c_str(), security.get()) != 0) return {};
  if (::GetLastError() == ERROR_ALREADY_EXISTS) return {};
  return folder_failed(path, ::GetLastError());
}

}  // namespace

std::string program_data() {
  std::string path = registry_text_at(L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList", L"ProgramData");
  if (path.starts_with(kSystemDrive)) path.replace(0, kSystemDrive.size(), system_drive());
  const bool plain = !path.empty() && path.find('%') == std::string::npos;
  return plain ? path : system_drive() + "\\ProgramData";
}

Result<bool> open_own_folder(const std::string& path, Others others, bool create) {
  if (create) TRY_VOID(make(path, others));
  const Handle folder = open_existing(to_wide(path), READ_CONTROL | FILE_READ_ATTRIBUTES,
                                      FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT);
  if (!folder && !create && is_missing(::GetLastError())) return false;
  if (!folder) return folder_failed(path, ::GetLastError());
  TRY_VOID(check_own(folder.get(), path, others));
  return true;
}

}  // namespace twctl
