// Windows rows: registry values under HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters, all REG_DWORD.
// twctl writes TcpTimedWaitDelay only; the other names are there to say why not. `since` and `removed` are kernel
// versions and stay empty: which Windows knows a value stands in `history`.
#include "catalog/checksum.hpp"
#include "catalog/rows/row_checks.hpp"
#include "catalog/rows/tables.hpp"
#include "catalog/setting.hpp"

namespace twctl::rows {
namespace {

constexpr Range kDword{0, 4294967295};
constexpr std::string_view kLegacySource =
    "Microsoft, Performance tuning network adapters: registry settings of Windows Server 2003 that are ignored since";
constexpr std::string_view kIgnored = "Ignored since Windows Vista and Server 2008.";
constexpr std::string_view kSynSource = "Microsoft, SYN attack protection: always on since Windows Vista";

constexpr Setting kWindowsSettings[] = {
    {.key = "TcpTimedWaitDelay",
     .os = Os::windows,
     .type = ValueType::integer,
     .unit = "s",
     .accepted = {2, 300},
     .kernel_accepts = {2, 300},
     .default_formula = "absent; Microsoft's pages disagree on what an absent value means: 240 s (Windows 2000, and "
                        "IPv6 on XP and Server 2003), 120 s (IPv4 on XP and Server 2003), 4 minutes (Windows 10)",
     .history = "Documented range: 30 to 300 up to Windows 8 and Server 2012 (build 9200), 2 to 300 from 8.1 and 2012 "
                "R2 (build 9600) on; the page for Server 2003 says 0 to 300.",
     .reach = Reach::host_wide,
     .takes_effect = TakesEffect::restart,
     .effect_note = "after a restart of Windows",
     .summary = "How long a closed connection stays in TIME_WAIT on Windows.",
     .does =
         "Sets the length of TIME_WAIT, for IPv4 and IPv6. The registry value does not exist unless somebody made it; "
         "twctl takes it away again when it rolls back to an absent one, and never writes a supposed default.",
     .does_not =
         "The value of the same name under Parameters\\Interfaces has no effect. dword:00000020 in a .reg file is "
         "32, not 20. Many TIME_WAIT entries alone do not mean that ports run out: events 4227 and 4231 of "
         "Tcpip do.",
     .risk = "Less than 30 s leaves late segments of the old connection too little time to die: plan warns. Before "
             "build 9600 less than 30 is outside the documented range: plan refuses.",
     .needs = "A REG_DWORD of four bytes, and a restart. Group policy preferences and Intune may rewrite it; "
              "`twctl status` reports when the value is no longer the one that was applied.",
     .goes_with = "the dynamic port range (`twctl explain windows-port-range`).",
     .counters = "System events 4227 and 4231 of Tcpip.",
     .sources = {"Microsoft KB 314053, TCP/IP and NBT configuration parameters for Windows XP: 30 to 300; 120 s for "
                 "IPv4, 240 s for IPv6 and on Windows 2000; restart the computer",
                 "http://technet.microsoft.com/library/cc938217 (Windows 2000: 30 to 300, default 240)",
                 "http://technet.microsoft.com/en-us/library/cc757512.aspx (Server 2003: 0 to 300, default 120)",
                 "https://learn.microsoft.com/en-us/biztalk/technical-guides/settings-that-can-be-modified-to-improve-"
                 "network-performance",
                 "https://learn.microsoft.com/en-us/troubleshoot/windows-client/networking/"
                 "tcp-ip-port-exhaustion-troubleshooting (Windows 10: 4 minutes)"}},
    {.key = "MaxUserPort",
     .os = Os::windows,
     .type = ValueType::integer,
     .unit = "",
     .accepted = {5000, 65534},
     .kernel_accepts = {5000, 65534},
     .default_formula = "absent; 5000 before Windows Vista",
     .history =
         "Documented up to Server 2003; since Windows Vista and Server 2008 netsh sets the range (49152 to 65535).",
     .reach = Reach::host_wide,
     .takes_effect = TakesEffect::restart,
     .summary = "The highest automatically chosen port: Windows then takes ports from 1024 up, and WSL2 may break "
                "(seen on Windows 11).",
     .does = "Outgoing connections take their ports from 1024 up to this number: by design up to Server 2003, and on "
             "Windows 10 and 11 too, where it takes the place of the dynamic port range.",
     .does_not = "It is not the way to widen the range today: netsh int ipv4 set dynamicport tcp is.",
     .risk = "Where it was set to 65534 on Windows 11, it was seen to move the dynamic range to 1024 with 64511 ports, "
             "across the ports of services, and to break the network of WSL2.",
     .goes_with = "the dynamic port range (`twctl explain windows-port-range`).",
     .writable = false,
     .sources = {"https://learn.microsoft.com/en-us/previous-versions/windows/it-pro/windows-server-2003/"
                 "cc758002(v=ws.10)",
                 "nmap pull request 3499"}},
    {.key = "TcpNumConnections",
     .os = Os::windows,
     .type = ValueType::integer,
     .unit = "connections",
     .accepted = {0, 16777214},
     .kernel_accepts = {0, 16777214},
     .default_formula = "absent; documented as 16777214",
     .reach = Reach::host_wide,
     .takes_effect = TakesEffect::restart,
     .summary = "A limit for the number of connections.",
     .does = "Limits how many connections may be open at once.",
     .does_not = "It raises nothing: the default is the largest value.",
     .writable = false,
     .sources = {"Microsoft, TCP/IP registry values for Windows Server 2003: TcpNumConnections"}},
    {.key = "StrictTimeWaitSeqCheck",
     .os = Os::windows,
     .type = ValueType::enumeration,
     .unit = "",
     .accepted = {0, 1},
     .kernel_accepts = {0, 1},
     .meanings = kOffOn,
     .reach = Reach::host_wide,
     .takes_effect = TakesEffect::restart,
     .summary = "A value that recipes set next to TcpTimedWaitDelay.",
     .does = "Nothing that is documented: we found no page of Microsoft's on it.",
     .does_not = "No document says that TcpTimedWaitDelay needs it; recipes do.",
     .writable = false,
     .sources = {"search of Microsoft's documentation: no page describes it"}},
    {.key = "TcpFinWait2Delay",
     .os = Os::windows,
     .type = ValueType::integer,
     .unit = "s",
     .accepted = {30, 300},
     .kernel_accepts = kDword,
     .default_formula = "absent; documented as 120 (Server 2003)",
     .reach = Reach::host_wide,
     .takes_effect = TakesEffect::restart,
     .summary = "How long FIN_WAIT_2 lasted on old versions of Windows.",
     .does = "Limited FIN_WAIT_2 up to Server 2003.",
     .does_not = "It has nothing to do with TIME_WAIT.",
     .writable = false,
     .sources = {"Microsoft, TCP/IP registry values for Windows Server 2003: TCPFinWait2Delay"}},
    {.key = "MaxFreeTcbs",
     .os = Os::windows,
     .type = ValueType::integer,
     .unit = "",
     .accepted = kDword,
     .kernel_accepts = kDword,
     .default_formula = "absent; depended on the memory and the edition",
     .reach = Reach::host_wide,
     .takes_effect = TakesEffect::restart,
     .summary = "How many control blocks for connections old versions of Windows kept ready.",
     .does = "Limited the control blocks up to Server 2003; when they ran out, TIME_WAIT was cut short.",
     .does_not = "It does not change the length of TIME_WAIT.",
     .writable = false,
     .sources = {"http://technet.microsoft.com/en-us/library/cc757512.aspx (notes on MaxFreeTcbs)"}},
    {.key = "MaxHashTableSize",
     .os = Os::windows,
     .type = ValueType::integer,
     .unit = "",
     .accepted = kDword,
     .kernel_accepts = kDword,
     .default_formula = "absent",
     .history = kIgnored,
     .reach = Reach::host_wide,
     .takes_effect = TakesEffect::restart,
     .summary = "The size of the hash table of connections on old versions of Windows.",
     .does = "Set the size of that table up to Server 2003.",
     .does_not = "It does nothing on a Windows of today.",
     .writable = false,
     .sources = {kLegacySource}},
    {.key = "NumTcbTablePartitions",
     .os = Os::windows,
     .type = ValueType::integer,
     .unit = "",
     .accepted = kDword,
     .kernel_accepts = kDword,
     .default_formula = "absent",
     .history = kIgnored,
     .reach = Reach::host_wide,
     .takes_effect = TakesEffect::restart,
     .summary = "The number of parts of the table of connections on old versions of Windows.",
     .does = "Split that table up to Server 2003.",
     .does_not = "It does nothing on a Windows of today.",
     .writable = false,
     .sources = {kLegacySource}},
    {.key = "TcpWindowSize",
     .os = Os::windows,
     .type = ValueType::integer,
     .unit = "bytes",
     .accepted = {0, 1073741823},
     .kernel_accepts = {0, 1073741823},
     .default_formula = "absent",
     .history = kIgnored,
     .reach = Reach::host_wide,
     .takes_effect = TakesEffect::restart,
     .summary = "The TCP receive window on old versions of Windows.",
     .does = "Set the largest receive window up to Server 2003.",
     .does_not = "It does nothing on a Windows of today, which tunes the window itself.",
     .writable = false,
     .sources = {kLegacySource,
                 "https://learn.microsoft.com/en-us/previous-versions/windows/it-pro/windows-server-2003/"
                 "cc757802(v=ws.10)"}},
    {.key = "SynAttackProtect",
     .os = Os::windows,
     .type = ValueType::integer,
     .unit = "",
     .accepted = {0, 2},
     .kernel_accepts = kDword,
     .default_formula = "absent",
     .history = "Nothing to set since Windows Vista and Server 2008.",
     .reach = Reach::host_wide,
     .takes_effect = TakesEffect::restart,
     .summary = "Protection against SYN floods on old versions of Windows.",
     .does = "Switched the protection on up to Server 2003.",
     .does_not =
         "It does nothing on a Windows of today, where the protection is always on, as tcp_syncookies is on Linux by "
         "default.",
     .writable = false,
     .sources = {kSynSource}},
    {.key = "TcpMaxHalfOpen",
     .os = Os::windows,
     .type = ValueType::integer,
     .unit = "connections",
     .accepted = kDword,
     .kernel_accepts = kDword,
     .default_formula = "absent",
     .history = "Nothing to set since Windows Vista and Server 2008.",
     .reach = Reach::host_wide,
     .takes_effect = TakesEffect::restart,
     .summary = "A threshold of the SYN flood protection of old versions of Windows.",
     .does = "Up to Server 2003 the protection began at that many half-open connections.",
     .does_not = "It does nothing on a Windows of today.",
     .writable = false,
     .sources = {kSynSource}},
    {.key = "TcpMaxHalfOpenRetried",
     .os = Os::windows,
     .type = ValueType::integer,
     .unit = "connections",
     .accepted = kDword,
     .kernel_accepts = kDword,
     .default_formula = "absent",
     .history = "Nothing to set since Windows Vista and Server 2008.",
     .reach = Reach::host_wide,
     .takes_effect = TakesEffect::restart,
     .summary = "A second threshold of the SYN flood protection of old versions of Windows.",
     .does = "Up to Server 2003 the protection began at that many half-open connections whose SYN-ACK was repeated.",
     .does_not = "It does nothing on a Windows of today.",
     .writable = false,
     .sources = {kSynSource}},
};

static_assert(sound(kWindowsSettings));

}  // namespace

std::span<const Setting> windows_settings() { return kWindowsSettings; }

std::uint32_t windows_checksum() {
  constexpr std::uint32_t kSum = checksum(kWindowsSettings);
  return kSum;
}

}  // namespace twctl::rows
