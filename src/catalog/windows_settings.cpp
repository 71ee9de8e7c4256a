#include "catalog/rows/row_checks.hpp"
#include "catalog/rows/tables.hpp"

namespace twctl::rows {
namespace {

constexpr Setting kAll[] = {
    {.key = "TcpTimedWaitDelay",
     .os = Os::windows,
     .type = ValueType::integer,
     .unit = "s",
     .accepted = {30, 300},
     .kernel_accepts = {2, 300},
     .default_formula = "absent; documented as 240 s (Windows 2000), 120 s (later pages) and 4 minutes (Windows 10)",
     .history = "30 to 300 up to Windows 8 and Server 2012 (build 9200); 2 to 300 from 8.1 and 2012 R2 (build 9600).",
     .reach = Reach::host_wide,
     .takes_effect = TakesEffect::restart,
     .effect_note = "after a restart of Windows",
     .summary = "How long a closed connection stays in TIME_WAIT on Windows.",
     .does = "Sets the length of TIME_WAIT. The value lies under HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\"
             "Parameters as a REG_DWORD.",
     .does_not =
         "The value of the same name under Parameters\\Interfaces has no effect. dword:00000020 in a .reg file is "
         "32, not 20.",
     .risk = "We accept 30 to 300, which every Windows version takes; less than 30 s leaves late segments little time "
             "to die.",
     .sources = {"Microsoft Learn: TcpTimedWaitDelay"}},
};

static_assert(sound(kAll));

}  // namespace

std::span<const Setting> windows_settings() { return kAll; }

}  // namespace twctl::rows
