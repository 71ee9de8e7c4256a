#include <array>

#include "catalog/checksum.hpp"
#include "catalog/finding.hpp"

namespace twctl {
namespace {

constexpr std::string_view kLoaders = "measured: procps 4.0.2 and systemd 252";
constexpr std::string_view kRegFiles =
    "Microsoft: how to add, modify or delete registry subkeys and values by using a .reg file";
constexpr std::string_view kXp = "Microsoft KB 314053, TCP/IP and NBT configuration parameters for Windows XP";
constexpr std::string_view kMeasured = "measured on Linux 6.18";
constexpr std::string_view kIpSysctl = "Linux Documentation/networking/ip-sysctl.rst";
constexpr std::string_view kCisSyncookies =
    "CIS Distribution Independent Linux Benchmark 2.0.0, 3.2.8 (TCP SYN Cookies)";

constexpr std::array kAuditFindings{
    // What stands in a file, line by line.
    FindingRow{
        .id = "value-refused",
        .severity = Severity::error,
        .summary = "the kernel refuses the value: the line has no effect and the old value stays",
        .meaning =
            "Neither loader cleans a value up: the kernel is given it as it stands, refuses it and keeps what it had. "
            "It "
            "refuses quotes, units and numbers out of range, and any text behind a name or a list; behind a plain "
            "number and a blank it passes text over (trailing-text).",
        .advice = "Write the value alone: a plain number, or one name. A comment goes on a line of its own.",
        .sources = {"Linux 6.18 kernel/sysctl.c, proc_get_long()", kMeasured, kLoaders}},
    FindingRow{.id = "odd-character",
               .severity = Severity::error,
               .summary = "a character that looks like a blank or like nothing keeps the line from having an effect",
               .meaning =
                   "A no-break space, a zero-width space, a byte order mark, a full-width sign or a letter is part of "
                   "the key or the value to both loaders. The key then names no file, or the value is no number. "
                   "It often comes from copying out of web pages and documents.",
               .advice = "Delete the character that is named, and type anew what is meant.",
               .sources = {kLoaders, kMeasured}},
    FindingRow{.id = "utf-16",
               .severity = Severity::error,
               .summary = "the file is UTF-16: no line of it has an effect",
               .meaning = "Both loaders read bytes. Every second byte of the file is NUL, so that no key is one.",
               .advice = "Save it as UTF-8 without a byte order mark: `iconv -f utf-16 -t utf-8`.",
               .sources = {kLoaders}},
    FindingRow{.id = "bad-line",
               .severity = Severity::error,
               .summary = "a line that is no assignment and no comment: it has no effect",
               .meaning = "Nothing is set by it. Over a line without '=' systemd-sysctl exits 1, though it applies the "
                          "other lines, and `sysctl -p` only complains; over one whose key cannot be it is the other "
                          "way round.",
               .advice = "Write KEY = VALUE; a comment begins with # or ;.",
               .sources = {"sysctl.conf(5)", "sysctl.d(5)", kLoaders}},
    FindingRow{.id = "unknown-key",
               .severity = Severity::error,
               .summary = "a key that no kernel has, and that looks like one that it has",
               .meaning = "No setting has that name, so nothing is set. `sysctl -p` complains of such a line; "
                          "systemd-sysctl logs it and goes on, and so does the kernel where it stands on its command "
                          "line.",
               .advice = "Write the key that is named.",
               .sources = {"sysctl.d(5)", kLoaders}},
    FindingRow{.id = "odd-separators",
               .severity = Severity::info,
               .summary = "a separator too many in the key: the line applies all the same",
               .meaning = "The path leads to the same file. But `sysctl` complains, and does not know the key for the "
                          "same as the plain one: a wildcard elsewhere is not kept off it.",
               .advice = "Write the key with one dot between two names.",
               .sources = {kLoaders, kMeasured}},
    FindingRow{.id = "ports-below-privileged",
               .severity = Severity::error,
               .summary = "the port range begins below ip_unprivileged_port_start: the kernel refuses it",
               .meaning =
                   "The line has no effect: the old range stays, since Linux 4.11. Files that set 80, 500 or 1000 "
                   "as the low end keep 32768 60999.",
               .advice = "Begin at 1024 or above, or lower ip_unprivileged_port_start in an earlier line.",
               .sources = {"Linux 6.18 net/ipv4/sysctl_net_ipv4.c, ipv4_local_port_range()", kMeasured}},
    FindingRow{.id = "low-end-only",
               .severity = Severity::warning,
               .summary = "one number for a port range: only the low end changes",
               .meaning = "The kernel takes the single number as the new low end and keeps the high end that it had.",
               .advice = "Write both ends.",
               .sources = {kMeasured}},
    FindingRow{.id = "octal-value",
               .severity = Severity::warning,
               .summary = "a number with a leading zero is octal to the kernel",
               .meaning = "The kernel reads numbers as C does: 010 is 8 and 074 is 60.",
               .advice = "Take the zero away.",
               .sources = {"Linux 6.18 kernel/sysctl.c, proc_get_long()", kMeasured}},
    FindingRow{.id = "trailing-text",
               .severity = Severity::info,
               .summary = "text after the number, which the kernel passes over",
               .meaning =
                   "The kernel stops at the blank behind the last number that it takes, so the value counts. The "
                   "loaders do not know comments behind a value; on a setting that is no number such a line has "
                   "no effect. Where the text is an assignment, as after a lost line break, it is a warning.",
               .advice = "Put the comment on a line of its own.",
               .sources = {kLoaders, kMeasured}},
    FindingRow{.id = "hexadecimal-value",
               .severity = Severity::info,
               .summary = "a hexadecimal number, which the kernel takes",
               .meaning = "It means what it says; few people read it so.",
               .advice = "Write it in decimal.",
               .sources = {kMeasured}},
    FindingRow{.id = "byte-order-mark",
               .severity = Severity::info,
               .summary = "a byte order mark in front of a comment or an empty line: harmless",
               .meaning =
                   "The loaders complain of the line and go on. Were the first line an assignment, the mark would "
                   "spoil its key.",
               .advice = "Save the file as UTF-8 without a byte order mark.",
               .sources = {kLoaders}},
    FindingRow{.id = "nul-byte",
               .severity = Severity::warning,
               .summary = "a NUL byte in the file: procps ends the line there, systemd-sysctl begins a new one",
               .meaning = "What stands behind it is not what it seems, and editors do not show it.",
               .advice = "Delete it.",
               .sources = {kLoaders}},
    FindingRow{.id = "lone-cr",
               .severity = Severity::warning,
               .summary = "a carriage return without a line feed: the loaders disagree on where the line ends",
               .meaning = "systemd-sysctl ends a line there, procps does not: the following assignment becomes part of "
                          "the value, which the kernel then refuses.",
               .advice = "Convert the line ends to LF.",
               .sources = {kLoaders}},
    FindingRow{.id = "loaders-differ",
               .severity = Severity::warning,
               .summary = "systemd-sysctl and `sysctl` make different values of it",
               .meaning =
                   "What runs at boot and whoever runs `sysctl -p` or `sysctl --system` by hand get different "
                   "results from the same lines. systemd-sysctl keeps one value for each key and writes the last "
                   "one only; procps writes each in turn.",
               .advice = "Keep one valid line for the key.",
               .sources = {kLoaders, "sysctl.d(5)"}},
    FindingRow{.id = "overridden-line",
               .severity = Severity::warning,
               .summary = "the same file sets the key again to another value: this line does nothing",
               .meaning = "The last valid assignment of a key wins.",
               .advice = "Delete the line that is not meant.",
               .takes_line_out = true,
               .sources = {"sysctl.d(5)", kLoaders}},
    FindingRow{.id = "repeated-line",
               .severity = Severity::info,
               .summary = "the same file sets the key twice to the same value",
               .meaning = "Harmless until one of the two is changed.",
               .advice = "Delete one of them.",
               .takes_line_out = true,
               .sources = {kLoaders}},
    FindingRow{
        .id = "removed-key",
        .severity = Severity::warning,
        .summary = "a setting that this kernel no longer has: the line does nothing",
        .meaning = "Nothing is set: systemd-sysctl and TuneD log such a line and go on; `sysctl -p` fails over it "
                   "(exit 1; 255 before procps 4). That stops scripts and configuration management that check it.",
        .advice = "Delete the line.",
        .takes_line_out = true,
        .sources = {"Linux commit 4396e46187ca5070219b81773c4e65088dac50cc (removal of tcp_tw_recycle)", kLoaders}},
    FindingRow{
        .id = "missing-key",
        .severity = Severity::warning,
        .summary = "a setting that this kernel or this network namespace does not have: the line does nothing",
        .meaning = "Nothing is set: systemd-sysctl and TuneD log such a line and go on, `sysctl -p` complains. A "
                   "kernel that is older, another vendor's or built otherwise lacks a setting, and a container's "
                   "namespace does not show what belongs to the host.",
        .advice = "Set it where it exists, or put a '-' before the key so that systemd-sysctl is silent about it.",
        .sources = {"sysctl.d(5)", "network_namespaces(7)", kMeasured}},
    FindingRow{.id = "container-not-started",
               .severity = Severity::error,
               .summary = "a value that a container's runtime cannot write (--container): the container does not start",
               .meaning = "The runtime writes each value before it starts the program, and ends with an error at the "
                          "first one that the kernel or the container's namespace does not have, or refuses. A port "
                          "range below ip_unprivileged_port_start is a warning: Docker sets that to 0 (since 20.10), "
                          "but not necessarily before the range.",
               .advice = "Take it out of what the container is given.",
               .sources = {"runc libcontainer/standard_init_linux.go, writeSystemProperty()",
                           "moby daemon/oci_linux.go, WithCommonOptions()"}},
    FindingRow{.id = "no-op-key",
               .severity = Severity::info,
               .summary = "a setting that exists and has no effect any more",
               .meaning = "The kernel keeps the file for old configurations and reads it nowhere.",
               .advice = "Delete the line.",
               .takes_line_out = true,
               .sources = {"Linux Documentation/networking/ip-sysctl.rst, tcp_fack, tcp_low_latency"}},
    FindingRow{.id = "sysctl-dump",
               .severity = Severity::info,
               .summary = "this looks like the output of `sysctl -a`, not like a set of decisions",
               .meaning = "It lists what one host had, values that depend on its memory among them, and keys that "
                          "cannot be written. Its lines are not judged one by one.",
               .advice = "Keep the lines that somebody decided on; `twctl snapshot` saves a host's state better.",
               .sources = {"sysctl(8), -a"}},
    FindingRow{.id = "myth-comment",
               .severity = Severity::info,
               .summary = "the comment says that tcp_fin_timeout is about TIME_WAIT; it is not",
               .meaning = "tcp_fin_timeout limits orphaned FIN_WAIT_2 sockets. TIME_WAIT lasts 60 seconds on Linux, a "
                          "constant of the kernel.",
               .advice = "Correct the comment. `twctl explain fin-timeout-shortens-time-wait` has the evidence.",
               .sources = {"Linux 6.18 include/net/tcp.h, TCP_TIMEWAIT_LEN", kMeasured}},
    FindingRow{.id = "ignore-invalid",
               .severity = Severity::warning,
               .summary = "a `twctl: ignore` comment without a reason, or for a finding that does not exist",
               .meaning = "It suppresses nothing: whoever reads the report must be able to see why something was left "
                          "out.",
               .advice = "Write `# twctl: ignore ID reason`; `twctl explain` lists the ids.",
               .sources = {"twctl's own rule"}},

    // What the values mean, alone and together.
    FindingRow{.id = "recycle-on",
               .severity = Severity::error,
               .summary = "tcp_tw_recycle is on, on a kernel that has it: clients behind NAT cannot connect, at random",
               .meaning = "Clients behind one NAT or load balancer cannot connect, at random: the kernel drops SYNs "
                          "whose timestamp is older than the last one from that address, and clients that share an "
                          "address do not share a clock.",
               .advice = "Set it to 0. For outgoing connections tcp_tw_reuse does what people wanted from it.",
               .sources = {"Linux commit 4396e46187ca5070219b81773c4e65088dac50cc (removal of tcp_tw_recycle)",
                           "tcp(7), tcp_tw_recycle"}},
    FindingRow{.id = "recycle-inert",
               .severity = Severity::warning,
               .summary = "tcp_tw_recycle is on and does nothing: it needs the timestamps, which are off",
               .meaning = "The kernel recycles only connections whose timestamps it has seen. Whoever turns timestamps "
                          "on again, as they should be, locks out clients behind NAT.",
               .advice = "Set tcp_tw_recycle to 0, then tcp_timestamps to 1.",
               .sources = {"Linux 3.10 net/ipv4/tcp_minisocks.c, tcp_time_wait()", "tcp(7), tcp_tw_recycle"}},
    FindingRow{.id = "reuse-2-before-4-19",
               .severity = Severity::warning,
               .summary = "tcp_tw_reuse is 2 on a kernel that does not know \"loopback only\": it is on for all",
               .meaning = "Before Linux 4.19 (RHEL 8's 4.18 is newer in this) any number but 0 switches reuse on, for "
                          "every outgoing connection.",
               .advice = "Write 1 if that is meant, else 0, the default of that kernel.",
               .sources = {"Linux commit 79e9fed460385a3d8ba0b5782e9e74405cb199b1 (values 0, 1 and 2, default 2)"}},
    FindingRow{.id = "timestamps-off",
               .severity = Severity::warning,
               .summary = "TCP timestamps are off",
               .meaning = "Old segments are not told from new ones (PAWS), round trips are measured worse, SYN cookies "
                          "lose window scaling and SACK, and tcp_tw_reuse does nothing. It hides no uptime since 4.10: "
                          "the clock has a random offset.",
               .advice = "Set tcp_timestamps to 1, its default.",
               .sources = {"RFC 7323", "Linux 6.18 net/core/secure_seq.c", kIpSysctl}},
    FindingRow{
        .id = "dev-sec-timestamps",
        .severity = Severity::info,
        .summary = "tcp_timestamps = 0 is what the dev-sec os-hardening baseline writes",
        .meaning = "The role writes it, and the InSpec profile fails a host without it, so that nobody can tell the "
                   "uptime. Kernels since 4.10 do not show it, so the price is paid for nothing.",
        .advice = "Set net.ipv4.tcp_timestamps to 1 in the role's sysctl_overwrite, or the next run brings the "
                  "0 back.",
        .sources = {"dev-sec/ansible-collection-hardening, roles/os_hardening/defaults/main.yml, sysctl_config",
                    "dev-sec/linux-baseline, controls/sysctl_spec.rb, sysctl-07", "Linux 6.18 net/core/secure_seq.c"}},
    FindingRow{.id = "syncookies-off",
               .severity = Severity::warning,
               .summary = "SYN cookies are off",
               .meaning = "A SYN flood fills the queue of half-open connections, and real clients are dropped. CIS "
                          "benchmarks fail the host.",
               .advice = "Set tcp_syncookies to 1, its default.",
               .sources = {"RFC 4987", kIpSysctl, kCisSyncookies}},
    FindingRow{.id = "cis-syncookies",
               .severity = Severity::info,
               .summary = "tcp_syncookies is not 1, which CIS benchmarks ask for",
               .meaning =
                   "2 sends a cookie for every SYN; it is there for tests. A scan by a CIS benchmark reports it, "
                   "and one by dev-sec's linux-baseline too.",
               .advice = "Set it to 1 unless this host is a test.",
               .sources = {kCisSyncookies, "dev-sec/linux-baseline, controls/sysctl_spec.rb, sysctl-11", kIpSysctl}},
    FindingRow{.id = "fin-timeout-61-to-119",
               .severity = Severity::warning,
               .summary = "tcp_fin_timeout of 61 to 119 lasts shorter than the number says",
               .meaning = "Above 60 an orphaned FIN_WAIT_2 lives 2 x (v - 60) seconds: 61 gives 2 s, 75 gives 30 s, 90 "
                          "gives 60 s.",
               .advice = "Use 60 or less, or 120.",
               .sources = {"Linux 6.18 net/ipv4/tcp.c, __tcp_close()",
                           "Linux 6.18 net/ipv4/tcp_timer.c, tcp_keepalive_timer()", kMeasured}},
    FindingRow{.id = "fin-timeout-very-low",
               .severity = Severity::info,
               .summary = "tcp_fin_timeout is very low, which helps nobody",
               .meaning = "A peer that closes later than that many seconds after us has its FIN answered with a reset, "
                          "and TIME_WAIT gets no shorter. It is never less than 3.5 times the retransmission timeout, "
                          "which is what 0 comes to. What "
                          "a peer sends after our close is reset at once whatever "
                          "the number is, and a connection that its program has only shut down for sending waits "
                          "without limit.",
               .advice = "Take the line out: the default of 60 costs nothing but FIN_WAIT_2 sockets of 256 to 512 "
                         "bytes.",
               .takes_line_out = true,
               .sources = {"Linux 6.18 net/ipv4/tcp_minisocks.c, tcp_timewait_state_process(); net/ipv4/tcp.c, "
                           "__tcp_close()",
                           kMeasured}},
    FindingRow{.id = "fin-timeout-not-time-wait",
               .severity = Severity::info,
               .summary = "tcp_fin_timeout is below 60: it does not shorten TIME_WAIT",
               .meaning =
                   "TIME_WAIT stays 60 s, a constant of the kernel. What ends sooner is orphaned FIN_WAIT_2, and "
                   "a peer that closes later than that has its FIN answered with a reset.",
               .advice = "Keep it if fewer FIN_WAIT_2 sockets were wanted. Of TIME_WAIT it frees nothing: `twctl "
                         "explain port-exhaustion`.",
               .sources = {"Linux 6.18 include/net/tcp.h, TCP_TIMEWAIT_LEN", kMeasured}},
    FindingRow{.id = "fin-timeout-long",
               .severity = Severity::info,
               .summary = "tcp_fin_timeout is longer than its default of 60",
               .meaning = "Orphaned FIN_WAIT_2 sockets stay longer and count against tcp_max_tw_buckets.",
               .advice = "Take the line out unless peers really need so long to close.",
               .takes_line_out = true,
               .sources = {kIpSysctl, kMeasured}},
    FindingRow{.id = "tw-buckets-few",
               .severity = Severity::warning,
               .summary = "tcp_max_tw_buckets is low: connections end without TIME_WAIT",
               .meaning = "Above it connections end without TIME_WAIT, and a late segment can reach the next one on "
                          "the same addresses and ports; the default is half of the hash table, 65536 with 16 GiB. "
                          "Lowering it frees nothing. Up to 10000 is a warning, up to 65535 info, for that may be "
                          "the default of a small host.",
               .advice = "Take the line out.",
               .takes_line_out = true,
               .sources = {"Linux Documentation/networking/ip-sysctl.rst, tcp_max_tw_buckets", "RFC 1337", kMeasured}},
    FindingRow{.id = "tw-buckets-many",
               .severity = Severity::info,
               .summary = "tcp_max_tw_buckets of a million or more: harmless and pointless",
               .meaning =
                   "What is above the number of connections that end within 60 seconds is never reached. An entry "
                   "takes 256 to 512 bytes while it is there, and nothing before.",
               .advice = "Take the line out; TcpExt TCPTimeWaitOverflow tells whether the default is too low.",
               .takes_line_out = true,
               .sources = {kIpSysctl, kMeasured}},
    FindingRow{
        .id = "limit-low",
        .severity = Severity::warning,
        .summary = "a limit is below what the kernel gives a host with 512 MiB of memory by itself",
        .meaning =
            "Where low begins is twctl's own choice: the default of a host that is smaller than nearly all. Beyond it "
            "the kernel resets orphans (tcp_max_orphans, 2048), drops packets of new connections "
            "(nf_conntrack_max, 4096) or of any (netdev_max_backlog, 1000), or drops SYNs (tcp_max_syn_backlog, 128, "
            "from three quarters of it on, and with SYN cookies off only: info while they are on).",
        .advice = "Take the line out.",
        .takes_line_out = true,
        .sources = {"Linux 6.18 net/ipv4/tcp.c, tcp_init()", "Linux 6.18 net/ipv4/tcp_ipv4.c, tcp_sk_init()",
                    "Linux 6.18 net/netfilter/nf_conntrack_core.c, nf_conntrack_init_start()",
                    "Linux 6.18 net/core/dev.c, enqueue_to_backlog()"}},
    FindingRow{.id = "tcp-mem-low",
               .severity = Severity::warning,
               .summary = "tcp_mem leaves all TCP sockets of the host together less than 8192 pages",
               .meaning = "Above the third number the kernel drops data that comes in, and resets connections that "
                          "their program has closed and that still hold data. The numbers are pages of memory, for the "
                          "whole host. That 8192 is "
                          "where low begins is twctl's own choice: with 512 MiB of memory the kernel takes about "
                          "12000 by itself.",
               .advice = "Take the line out: the kernel's own numbers are made for the host's memory.",
               .takes_line_out = true,
               .sources = {"Linux 6.18 net/core/sock.c, __sk_mem_raise_allocated()",
                           "Linux 6.18 net/ipv4/tcp.c, tcp_init_mem()", kIpSysctl}},
    FindingRow{.id = "tcp-mem-in-bytes",
               .severity = Severity::warning,
               .summary = "tcp_mem looks like bytes, as tcp_rmem and tcp_wmem have them; it is counted in pages",
               .meaning =
                   "The kernel's own numbers are as 3 to 4 to 6. Three that lie far apart are those of one socket's "
                   "buffer, three equal ones a size of memory, and a third above 64 GiB is more than nearly any host "
                   "can give to TCP; where these begin is twctl's own choice. As pages the third one is a limit that "
                   "TCP may never meet before the memory of the host is gone.",
               .advice = "Take the line out: the kernel's own numbers are made for the host's memory.",
               .takes_line_out = true,
               .sources = {"Linux Documentation/networking/ip-sysctl.rst, tcp_mem",
                           "Linux 6.18 net/ipv4/tcp.c, tcp_init_mem()"}},
    FindingRow{.id = "orphans-many",
               .severity = Severity::info,
               .summary = "tcp_max_orphans of a million or more: it limits nothing",
               .meaning = "Each orphan may hold up to 64 KB of memory that cannot be swapped out. The kernel's own "
                          "limit is half of the hash table, at most 262144. That a million is too many is twctl's own "
                          "choice.",
               .advice = "Take the line out: the kernel's own number is made for the host's memory.",
               .takes_line_out = true,
               .sources = {"Linux Documentation/networking/ip-sysctl.rst, tcp_max_orphans",
                           "Linux 6.18 net/ipv4/tcp.c, tcp_init()"}},
    FindingRow{
        .id = "retries2-few",
        .severity = Severity::warning,
        .summary = "tcp_retries2 is below 8: a connection does not survive the 100 seconds that RFC 1122 asks for",
        .meaning = "Data that is not acknowledged for so long ends the connection with ETIMEDOUT, of every "
                   "program on the host: a short outage or a failover is enough. Below 5 is a warning, 5 to 7 "
                   "info, for manuals of clusters ask for 5.",
        .advice = "Write 8 or more, and set TCP_USER_TIMEOUT in the program that must notice a dead peer sooner.",
        .sources = {"RFC 1122, section 4.2.3.5", "Linux Documentation/networking/ip-sysctl.rst, tcp_retries2"}},
    FindingRow{
        .id = "orphan-retries-few",
        .severity = Severity::warning,
        .summary = "tcp_orphan_retries is 1 to 3: a short outage loses what a program had still to send when it closed",
        .meaning =
            "The peer is not told and waits, and the program has ended or looks elsewhere. It is the kernel that goes "
            "on sending after close(), for every program on the host, what is not acknowledged yet. To a dead peer "
            "FIN_WAIT_1 lasted 1.8 s with 1, 3.3 s with 2, 6.8 s with 3, and 107 s with the default. It does "
            "nothing for TIME_WAIT.",
        .advice = "Take the line out: 0, the default, acts as 8. tcp_max_orphans limits how many there may be.",
        .takes_line_out = true,
        .sources = {"Linux 6.18 net/ipv4/tcp_timer.c, tcp_orphan_retries(), tcp_write_timeout()", kIpSysctl,
                    kMeasured}},
    FindingRow{
        .id = "synack-retries-none",
        .severity = Severity::warning,
        .summary = "tcp_synack_retries is 0: one lost packet leaves a client with a connection that the server forgot",
        .meaning =
            "Where the ACK that ends a handshake is lost, the client counts itself connected and the server has "
            "forgotten it after 1 second: a greeting that the client waits for does not come, and what it sends is "
            "answered with a reset. With 1 the kernel sends its SYN-ACK once more, and gets the ACK again.",
        .advice = "Take the line out; 5 is the default. It is SYN cookies that stop a SYN flood.",
        .takes_line_out = true,
        .sources = {"Linux 6.18 net/ipv4/inet_connection_sock.c, reqsk_timer_handler()", kIpSysctl, kMeasured}},
    FindingRow{
        .id = "handshake-retries-one",
        .severity = Severity::info,
        .summary = "tcp_syn_retries or tcp_synack_retries is 1: a short loss ends a handshake",
        .meaning =
            "Of tcp_syn_retries: a short loss or a failover is enough for connect() to fail, in every program of "
            "the host. Of tcp_synack_retries: the host's servers forget a half-open connection after 3 s, and "
            "the client has to begin anew.",
        .advice = "Take the line out, and give the program that must not wait a timeout of its own. Against a "
                  "SYN flood there are SYN cookies.",
        .takes_line_out = true,
        .sources = {"Linux Documentation/networking/ip-sysctl.rst, tcp_syn_retries, tcp_synack_retries", kMeasured}},
    FindingRow{.id = "flow-timeout-short",
               .severity = Severity::warning,
               .summary = "connection tracking forgets closing connections while their last segments may come",
               .meaning =
                   "A FIN that comes later counts as INVALID: a firewall drops it, or sends it on without address "
                   "translation. A later ACK or data is taken for a new flow, unless nf_conntrack_tcp_loose is 0. "
                   "Below 10 seconds is a warning; nf_conntrack_tcp_timeout_time_wait below 60 is "
                   "info.",
               .advice = "Take the line out. Where the table of flows is full, raise nf_conntrack_max.",
               .takes_line_out = true,
               .sources = {"Linux 6.18 net/netfilter/nf_conntrack_proto_tcp.c, nf_conntrack_tcp_packet()",
                           "Linux Documentation/networking/nf_conntrack-sysctl.rst", kMeasured}},
    FindingRow{
        .id = "reuse-delay-short",
        .severity = Severity::warning,
        .summary = "tcp_tw_reuse_delay is shorter than the tick of some peers' timestamp clocks",
        .meaning = "A connection that takes the port over within one tick of the peer's clock cannot be told "
                   "from the one before it. RFC 7323 allows ticks of 1 ms to 1 s; that below 10 ms is a warning "
                   "is twctl's own choice, for Linux before 4.13 ticked so.",
        .advice = "Write 1000, the default, unless every peer is known to tick faster.",
        .sources = {"Linux Documentation/networking/ip-sysctl.rst, tcp_tw_reuse_delay", "RFC 7323, section 5.4"}},
    FindingRow{.id = "somaxconn-small",
               .severity = Severity::warning,
               .summary = "net.core.somaxconn is lower than this kernel's default",
               .meaning = "Listeners get a shorter accept queue than with the default. Recipes from before 5.4 raised "
                          "128 to 1024 or 2048; since then the default is 4096.",
               .advice = "Take the line out, or set 4096 or more.",
               .takes_line_out = true,
               .sources = {"Linux commit 19f92a030ca6d772ab44b22ee6a01378a8cb32d4 (default 4096)"}},
    FindingRow{
        .id = "syn-backlog-unused",
        .severity = Severity::info,
        .summary = "tcp_max_syn_backlog is higher than somaxconn lets any queue become: the rest of it does nothing",
        .meaning = "Since 4.4 the queue of half-open connections is bounded by the listener's backlog, which "
                   "somaxconn caps. tcp_max_syn_backlog is read with SYN cookies off only, and counts up to 4/3 of "
                   "somaxconn then.",
        .advice = "Raise net.core.somaxconn and the program's backlog instead.",
        .sources = {"Linux 6.18 net/ipv4/tcp_input.c, tcp_conn_request()", "Linux commit ef547f2ac16b", kMeasured}},
    FindingRow{.id = "port-range-all-reserved",
               .severity = Severity::error,
               .summary = "ip_local_reserved_ports has all of the range of local ports: no connection can be opened",
               .meaning = "connect() without a port of its own fails at once, whatever the destination "
                          "(EADDRNOTAVAIL), and bind() to port 0 too (EADDRINUSE).",
               .advice = "Reserve only the ports that servers here need, and leave the rest of the range free.",
               .sources = {"Linux 6.18 net/ipv4/inet_hashtables.c, __inet_hash_connect()", kMeasured}},
    FindingRow{.id = "port-range-services",
               .severity = Severity::info,
               .summary = "the range of local ports covers well-known service ports that are not reserved",
               .meaning = "An outgoing connection may hold such a port when its service wants to start.",
               .advice = "Reserve the ports that this host serves in ip_local_reserved_ports, or begin the range above "
                         "them.",
               .sources = {"IANA Service Name and Transport Protocol Port Number Registry",
                           "Linux Documentation/networking/ip-sysctl.rst, ip_local_reserved_ports"}},
    FindingRow{.id = "port-range-listeners",
               .severity = Severity::info,
               .summary = "the range of local ports covers ports on which this host listens",
               .meaning = "When such a service restarts, an outgoing connection may have taken its port.",
               .advice = "Put the ports into ip_local_reserved_ports.",
               .sources = {"Linux Documentation/networking/ip-sysctl.rst, ip_local_reserved_ports"}},
    FindingRow{.id = "port-range-nodeports",
               .severity = Severity::warning,
               .summary = "the range of local ports covers a Kubernetes node's NodePorts, which are not reserved",
               .meaning = "An outgoing connection that holds one of them keeps the service of that NodePort from being "
                          "reached, or takes its connections. Where Cilium runs it is info, for Cilium reserves them.",
               .advice =
                   "Add 30000-32767 to net.ipv4.ip_local_reserved_ports (or what --service-node-port-range of the "
                   "API server says).",
               .sources = {"https://kubernetes.io/docs/concepts/services-networking/service/ (type NodePort)",
                           "Linux Documentation/networking/ip-sysctl.rst, ip_local_reserved_ports"}},
    FindingRow{.id = "port-range-parity",
               .severity = Severity::info,
               .summary = "both ends of the port range are even, or both odd",
               .meaning = "Since Linux 4.2 connect() prefers one parity and bind(0) the other; the kernel's "
                          "documentation asks for one even and one odd end, and the kernel logs a warning "
                          "(\"ip_local_port_range: prefer different parity\").",
               .advice = "Change one end by one.",
               .sources = {"Linux Documentation/networking/ip-sysctl.rst, ip_local_port_range", kMeasured}},
    FindingRow{.id = "anssi-port-range",
               .severity = Severity::info,
               .summary = "the port range is not the 32768-65535 that ANSSI's hardening guide asks for",
               .meaning =
                   "A scan by that guide reports it. It would report the kernel's own default of 32768 60999 too, "
                   "which leaves 61000 and above to others (NAT, for one), and which is not reported here.",
               .advice = "Nothing need be done unless this host is held to that guide.",
               .sources = {"ANSSI-BP-028-EN 2.0, R12 (IPv4 network configuration options)",
                           "ComplianceAsCode, rule sysctl_net_ipv4_ip_local_port_range"}},
    FindingRow{
        .id = "abort-on-overflow",
        .severity = Severity::warning,
        .summary = "tcp_abort_on_overflow is on: a full accept queue resets clients instead of letting them retry",
        .meaning = "Without it the kernel drops the last ACK of the handshake, the client repeats it, and a short "
                   "burst passes unseen. With it every such client gets a reset.",
        .advice = "Set it to 0, its default; raise somaxconn and the program's backlog instead.",
        .sources = {"Linux Documentation/networking/ip-sysctl.rst, tcp_abort_on_overflow"}},
    FindingRow{.id = "keepalive-short",
               .severity = Severity::info,
               .summary = "keepalive probes after 30 seconds or less",
               .meaning = "Every idle connection that asks for keepalive sends a packet that often, for every program "
                          "of the host.",
               .advice = "Set TCP_KEEPIDLE in the program that needs it.",
               .sources = {"tcp(7), TCP_KEEPIDLE"}},
    FindingRow{.id = "keepalive-without-wait",
               .severity = Severity::warning,
               .summary = "keepalive that ends connections with a peer that is well",
               .meaning =
                   "An idle connection that asks for keepalive fails with ETIMEDOUT after tcp_keepalive_time: with "
                   "tcp_keepalive_probes 0 no probe is sent, and with tcp_keepalive_intvl 0 they follow each other at "
                   "once, so that a peer is dead whose answer takes longer than they do.",
               .advice = "Delete the line, or write what the kernel has by itself: 9 probes, 75 s between them.",
               .takes_line_out = true,
               .sources = {"Linux 6.18 net/ipv4/tcp_timer.c, tcp_keepalive_timer()", "measured on Linux 6.18"}},
    FindingRow{.id = "keepalive-milliseconds",
               .severity = Severity::warning,
               .summary = "a keepalive time so long that milliseconds may have been meant",
               .meaning =
                   "The kernel counts seconds; Windows and many libraries count milliseconds. More than a day of "
                   "tcp_keepalive_time or an hour of tcp_keepalive_intvl is a warning, full thousands of seconds "
                   "below that are info.",
               .advice = "Write seconds.",
               .sources = {"tcp(7), tcp_keepalive_time"}},
    FindingRow{.id = "unprivileged-ports",
               .severity = Severity::info,
               .summary = "ip_unprivileged_port_start is below 1024",
               .meaning = "Every user may listen on the ports from there on, which were for root alone. Rootless "
                          "containers are set up so.",
               .advice = "Keep it if that is wanted.",
               .sources = {"Linux Documentation/networking/ip-sysctl.rst, ip_unprivileged_port_start"}},
    FindingRow{.id = "kubernetes-unsafe",
               .severity = Severity::info,
               .summary = "Kubernetes counts this setting as unsafe",
               .meaning = "A pod that asks for it is refused (SysctlForbidden) unless the kubelet allows it: "
                          "`twctl explain namespaces` says how.",
               .advice = "Start the kubelet with --allowed-unsafe-sysctls for it.",
               .sources = {"https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/"}},

    // What is true of a host.
    FindingRow{.id = "drift",
               .severity = Severity::warning,
               .summary = "the live value is not what the next boot would set",
               .meaning = "Somebody changed it by hand, a boot file was changed and not applied, or another program "
                          "writes it. The next boot decides otherwise.",
               .advice = "Decide which of the two is meant, and plan that one.",
               .sources = {"sysctl.d(5)", "sysctl(8)"}},
    FindingRow{.id = "line-shadowed",
               .severity = Severity::info,
               .summary = "a line in one boot file that a later file overrides",
               .meaning = "Of several lines about one setting the last one that is read counts.",
               .advice = "Nothing need be done if the line that counts is the one that is meant.",
               .sources = {"sysctl.d(5)"}},
    FindingRow{.id = "file-not-read",
               .severity = Severity::warning,
               .summary = "a boot file sets settings, and no loader of this host reads it",
               .meaning = "A loader reads names that end in .conf, and systemd-sysctl /etc/sysctl.conf only through a "
                          "link in /etc/sysctl.d, which Debian 13 no longer has; in a container none may run at all.",
               .advice = "Move the lines to a file in /etc/sysctl.d.",
               .sources = {"Debian 13 release notes: systemd-sysctl no longer reads /etc/sysctl.conf", "sysctl.d(5)"}},
    FindingRow{.id = "file-unreadable",
               .severity = Severity::warning,
               .summary = "a boot file cannot be read: what it sets is not known",
               .meaning = "It masks the same name in later directories all the same.",
               .advice = "Look at it as root, or remove it.",
               .sources = {"sysctl.d(5)"}},
    FindingRow{
        .id = "line-too-early",
        .severity = Severity::warning,
        .summary = "a boot line for a setting whose module loads only later",
        .meaning = "The setting does not exist yet when the loader tries to write it, so the line is passed over.",
        .advice = "Name the module in a file of /etc/modules-load.d.",
        .sources = {"sysctl.d(5), the example with br_netfilter", "modules-load.d(5)"}},
    FindingRow{.id = "later-writer-wins",
               .severity = Severity::info,
               .summary = "another program writes this setting after the boot files have been read",
               .meaning = "What it writes replaces what the boot files said.",
               .advice = "Set it in the file that is named, or take it out there.",
               .sources = {"ufw-framework(8), IPT_SYSCTL", "tuned.conf(5)", "systemd.service(5)", "crontab(5)",
                           "tmpfiles.d(5)", "udev(7)"},
               .writers = all_writers},
    FindingRow{
        .id = "script-ends",
        .severity = Severity::warning,
        .summary = "a script or unit stops at a command that fails on this kernel: what follows does not run",
        .meaning = "A shell with -e, as Debian's rc.local has it, ends at the first command that fails, and a "
                   "unit runs no command behind one that failed without '-' in front. Whatever else stood "
                   "there is not done either.",
        .advice = "Take the failing command out, or put `|| true` behind it (in a unit: '-' before it).",
        .sources = {"POSIX.1-2017, Shell Command Language, set -e", "systemd.service(5), ExecStart=", kMeasured}},
    FindingRow{.id = "boot-parameter",
               .severity = Severity::info,
               .summary = "a boot loader is told to set this setting on the kernel's command line",
               .meaning = "The kernel writes it before the boot files are read, at every boot with that command line: "
                          "it counts where no boot file sets the setting.",
               .advice = "Set it in a boot file, or take it out there.",
               .sources = {"Linux Documentation/admin-guide/kernel-parameters.txt, sysctl.*=",
                           "Linux 6.18 fs/proc/proc_sysctl.c, do_sysctl_args()"}},
    FindingRow{.id = "command-line-prefix",
               .severity = Severity::warning,
               .summary = "the kernel's command line names a setting without \"sysctl.\" in front",
               .meaning =
                   "A name with dots is to the kernel a parameter of a module that it does not have, and it says "
                   "nothing of it; one with slashes goes to the first process, which does nothing with it. The setting "
                   "stays as it is.",
               .advice = "Write sysctl.KEY=VALUE, which Linux 5.8 and later take; or use a boot file.",
               .sources = {"Linux Documentation/admin-guide/kernel-parameters.txt, sysctl.*=",
                           "Linux 6.18 init/main.c, unknown_bootoption()"}},
    FindingRow{.id = "profile-unmet",
               .severity = Severity::warning,
               .summary = "a setting is not as the profile of --against wants it",
               .meaning = "`twctl plan` with the same profile shows what apply would change.",
               .advice = "Apply the profile, or change it.",
               .sources = {"the profile"}},

    // Files of other kinds.
    FindingRow{.id = "tuned-refuses",
               .severity = Severity::error,
               .summary = "TuneD refuses the profile, and sets nothing of it",
               .meaning = "It loads a profile only if every line is a section, a comment or KEY=VALUE below a section, "
                          "and if every profile that it includes is there.",
               .advice = "Mend the line, or the name behind include=.",
               .sources = {"tuned/profiles/loader.py"}},
    FindingRow{.id = "reg-refused",
               .severity = Severity::error,
               .summary = "regedit refuses the file: it does not begin as a registry file does",
               .meaning =
                   "The first line has to be \"Windows Registry Editor Version 5.00\" or \"REGEDIT4\". Nothing of "
                   "the file gets into the registry.",
               .advice = "Write that line first, and an empty one after it.",
               .sources = {kRegFiles}},
    FindingRow{
        .id = "reg-key-deleted",
        .severity = Severity::error,
        .summary = "the file deletes a key with parameters of TCP/IP in it: theirs, one above it, or an interface's",
        .meaning = "In [-HKEY_...] the minus takes the key away with everything in it: the host's name, its "
                   "domain, its name servers, and the addresses of every interface.",
        .advice = "Take the minus out. One value is deleted by \"Name\"=- below its key.",
        .sources = {kRegFiles}},
    FindingRow{.id = "reg-no-effect",
               .severity = Severity::error,
               .summary = "a registry value that Windows does not read there, or not of that type",
               .meaning =
                   "The setting belongs in Tcpip\\Parameters itself, as a REG_DWORD of four bytes. 3 of 25 files "
                   "found in public put it under Parameters\\Interfaces.",
               .advice = "Move it, or write it as dword:.",
               .sources = {kXp, kRegFiles}},
    FindingRow{.id = "reg-misspelt",
               .severity = Severity::warning,
               .summary = "a registry value whose name is nearly that of a setting",
               .meaning = "Windows looks for the exact name, without regard to case, and passes over any other.",
               .advice = "Write the name that is given.",
               .sources = {kXp}},
    FindingRow{.id = "reg-obsolete",
               .severity = Severity::warning,
               .summary = "a registry value that current versions of Windows do not use, or use to harm",
               .meaning = "It stood in old guides; `twctl explain` on its name says what took its place.",
               .advice = "Delete it.",
               .sources = {"Microsoft: TCP/IP registry values", "netsh int ipv4 set dynamicport"}},
    FindingRow{
        .id = "reg-out-of-range",
        .severity = Severity::warning,
        .summary = "a registry value outside its documented range",
        .meaning = "What Windows makes of it is not documented: it may ignore it, or take the nearest value that "
                   "it allows.",
        .advice = "Keep to the range that is named.",
        .sources = {kXp, "http://technet.microsoft.com/library/cc938217 (Windows 2000: 30 to 300)"}},
    FindingRow{.id = "reg-time-wait-short",
               .severity = Severity::warning,
               .summary = "TcpTimedWaitDelay below 30 seconds",
               .meaning = "Late segments of an old connection can reach the next one on the same addresses and ports, "
                          "and a peer whose last ACK was lost gets a reset. Before build 9600 the documented range "
                          "begins at 30.",
               .advice = "Use 30 or more; see `twctl explain windows-port-range` for what gives more connections.",
               .sources = {"RFC 9293, section 3.4.2", "RFC 1337"}},
    FindingRow{.id = "reg-hexadecimal",
               .severity = Severity::info,
               .summary = "a dword is hexadecimal: it is not the number that it looks like",
               .meaning = "dword:00000020 is 32, dword:0000001e is 30. It is a warning where the digits look like a "
                          "round number of seconds: 4 of 25 files found in public have that mistake.",
               .advice = "Check that the decimal number is the one that is meant.",
               .sources = {kRegFiles}},
    FindingRow{.id = "reg-overridden",
               .severity = Severity::warning,
               .summary = "the same file sets the registry value again, or deletes it: this line does nothing",
               .meaning = "regedit works through the file from top to bottom, so the last line about a value stays.",
               .advice = "Delete the line that is not meant.",
               .takes_line_out = true,
               .sources = {kRegFiles}},
    FindingRow{.id = "reg-repeated",
               .severity = Severity::info,
               .summary = "the same file sets the registry value twice to the same number",
               .meaning = "Harmless until one of the two is changed.",
               .advice = "Delete one of them.",
               .takes_line_out = true,
               .sources = {kRegFiles}},
    FindingRow{
        .id = "reg-unreadable",
        .severity = Severity::warning,
        .summary = "registry values that may not be read: what they are is not known",
        .meaning = "The permissions of their key let this account read none of them, so nothing is said of them.",
        .advice = "Run the audit from an elevated prompt, or have the key's permissions looked at.",
        .sources = {"Microsoft: registry key security and access rights (KEY_QUERY_VALUE)"}},
};

}  // namespace

std::span<const FindingRow> audit_findings() { return kAuditFindings; }

std::uint32_t checksum_of_audit() {
  constexpr std::uint32_t kSum = checksum(kAuditFindings);
  return kSum;
}

}  // namespace twctl
