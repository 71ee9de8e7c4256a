#include "platform/windows/windows_facts.hpp"

#include <fmt/format.h>
#include <windows.h>
#include <winternl.h>

#include <array>

#include "platform/windows/registry_key.hpp"
#include "platform/windows/wide.hpp"

extern "C" NTSTATUS NTAPI RtlGetVersion(PRTL_OSVERSIONINFOW version);

namespace twctl {
namespace {

constexpr const wchar_t* kCurrentVersion = L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion";
constexpr int kFirstBuildOf11 = 22000;

// As winternl.h has it, with names (Geoff Chappell, and the Windows Research Kernel).
struct TimeOfDay {
  std::int64_t boot_time;  // moved along whenever somebody sets the clock
  std::int64_t current_time;
  std::int64_t time_zone_bias;
  std::uint32_t time_zone_id;
  std::uint32_t reserved;
  std::uint64_t boot_time_bias;  // by how much, in all
  std::uint64_t sleep_time_bias;
};

// RtlGetVersion tells the truth, GetVersionEx what the manifest asks for.
void add_version(HostFacts& facts) {
  RTL_OSVERSIONINFOW version{};
  version.dwOSVersionInfoSize = sizeof version;
  if (::RtlGetVersion(&version) != 0) return;
  facts.kernel = {static_cast<int>(version.dwMajorVersion), static_cast<int>(version.dwMinorVersion),
                  static_cast<int>(version.dwBuildNumber)};
  facts.kernel_release = fmt::format("{}.{}.{}", facts.kernel.major, facts.kernel.minor, facts.kernel.patch);
}

// When this boot was, corrected by what the clock has been set since: the same until the next one.
std::string find_boot_id() {
  TimeOfDay times{};
  ULONG length = 0;
  if (::NtQuerySystemInformation(SystemTimeOfDayInformation, &times, sizeof times, &length) != 0) return {};
  return fmt::format("{:x}", static_cast<std::uint64_t>(times.boot_time) - times.boot_time_bias);
}

std::string find_hostname() {
  std::array<wchar_t, 256> name{};
  auto length = static_cast<DWORD>(name.size());
  const bool known = ::GetComputerNameExW(ComputerNameDnsHostname, name.data(), &length) != 0;
  return known ? to_utf8(std::wstring_view(name.data(), length)) : std::string();
}

// Windows 11 still calls itself 10 there.
std::string find_edition(int build) {
  std::string name = registry_text_at(kCurrentVersion, L"ProductName");
  constexpr std::string_view kTen = "Windows 10";
  if (build >= kFirstBuildOf11 && name.starts_with(kTen)) name.replace(0, kTen.size(), "Windows 11");
  const std::string release = registry_text_at(kCurrentVersion, L"DisplayVersion");
  return release.empty() ? name : name + " " + release;
}

std::string find_container() {
  const bool inside = registry_number_at(L"SYSTEM\\CurrentControlSet\\Control", L"ContainerType").has_value();
  return inside ? "Windows container" : "";
}

}  // namespace

HostFacts gather_facts() {
  HostFacts facts;
  facts.os = Os::windows;
  facts.hostname = find_hostname();
  add_version(facts);
  facts.distribution = find_edition(facts.kernel.patch);
  facts.boot_id = find_boot_id();
  facts.container = find_container();
  return facts;
}

std::int64_t tcp_hash_entries(HostFiles& /*files*/) { return 0; }
std::string kernel_command_line(HostFiles& /*files*/) { return {}; }

}  // namespace twctl
