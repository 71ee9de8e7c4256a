#include "platform/windows/program_data.hpp"

#include <windows.h>

#include <array>
#include <string_view>

#include "platform/windows/registry_key.hpp"
#include "platform/windows/wide.hpp"

namespace twctl {
namespace {

constexpr std::string_view kSystemDrive = "%SystemDrive%";

// "C:", the drive that Windows lies on.
std::string system_drive() {
  std::array<wchar_t, MAX_PATH> folder{};
  const UINT length = ::GetSystemWindowsDirectoryW(folder.data(), UINT{folder.size()});
  return length < 2 ? "C:" : to_utf8(std::wstring_view(folder.data(), 2));
}

}  // namespace

std::string program_data() {
  std::string path = registry_text_at(L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList", L"ProgramData");
  if (path.starts_with(kSystemDrive)) path.replace(0, kSystemDrive.size(), system_drive());
  const bool plain = !path.empty() && path.find('%') == std::string::npos;
  return plain ? path : system_drive() + "\\ProgramData";
}

}  // namespace twctl
