#include <array>

#include "catalog/finding.hpp"

namespace twctl {
namespace {

constexpr std::array kHazards{
    FindingRow{
        .id = "tw-recycle",
        .blocks = true,
        .summary = "tcp_tw_recycle is to become 1 on a kernel that still has it (before 4.12), or is 1 there and gets "
                   "the timestamps without which it does nothing",
        .meaning =
            "The kernel then drops every SYN whose timestamp is older than the last one seen from that address. "
            "Clients "
            "behind one NAT or load balancer share an address but not a clock, so some of them cannot connect, at "
            "random. A single client whose timestamps have an offset for each connection (Linux 4.10, and again since "
            "2026) is hit as well.",
        .advice = "Leave it at 0. For outgoing connections tcp_tw_reuse does what people wanted from it, safely.",
        .sources = {"Linux commit 4396e46187ca5070219b81773c4e65088dac50cc (removal of tcp_tw_recycle)",
                    "Linux commit 165573e41f2f66ef98940cf65f838b2cb575d9d1 (an offset for each connection)",
                    "tcp(7), tcp_tw_recycle"}},
    FindingRow{
        .id = "removed",
        .summary = "a profile or a boot file names a setting that this kernel no longer has",
        .meaning =
            "The line does nothing. systemd-sysctl logs that it could not write it and goes on; `sysctl -p` "
            "fails (exit 1; 255 before procps 4), which stops scripts and configuration management that check it.",
        .advice = "Delete the line. `twctl explain` on the setting says since when it is gone and what replaced it.",
        .sources = {"measured: procps 4.0.2 and systemd 252"}},
    FindingRow{
        .id = "unsupported",
        .blocks = true,
        .summary = "a profile asks for a setting that this host lacks, without a leading '-'",
        .meaning = "The kernel is older than the setting, or the module that brings it is not loaded. The profile "
                   "cannot be made true here.",
        .advice = "Write '-' before the key if the host may lack it; else load the module, or use a newer kernel.",
        .sources = {"sysctl.d(5), on the '-' prefix"}},
    FindingRow{.id = "shadowed",
               .blocks = true,
               .at_boot = true,
               .line_loses = true,
               .summary = "another boot file sets the same key later than ours",
               .meaning = "The last assignment wins. The value would be live now and gone after the next boot.",
               .advice =
                   "Change the line that is named, or delete it; a package's file is masked by one of its name in "
                   "/etc/sysctl.d. Where `sysctl --system` reads /etc/sysctl.conf last, --boot-file /etc/sysctl.conf "
                   "wins: the plan says so. Or accept it, and the value is live until the next boot.",
               .sources = {"sysctl.d(5)", "sysctl(8), --system"}},
    FindingRow{.id = "near-miss",
               .blocks = true,
               .summary = "a profile of another kind names a key that no kernel has and that is nearly one of twctl's",
               .meaning =
                   "Its own loader passes over the line with a complaint, or without one: what was meant to be set is "
                   "not. The rest of the profile would be applied, and its exit 0 would say that all is well.",
               .advice = "Mend the key in the profile. If it is right as it is, accept the hazard.",
               .sources = {"measured: procps 4.0.2 and systemd 252", "sysctl.d(5)"}},
    FindingRow{
        .id = "not-read-at-boot",
        .blocks = true,
        .at_boot = true,
        .summary = "the boot file that was chosen is read by no loader of this host",
        .meaning =
            "The value would be live now and gone after the next boot. systemd-sysctl reads /etc/sysctl.conf only "
            "through a link /etc/sysctl.d/99-sysctl.conf; Debian 13 no longer has that link.",
        .advice = "Use the default /etc/sysctl.d/60-twctl.conf, which every loader reads.",
        .sources = {"Debian 13 release notes: systemd-sysctl no longer reads /etc/sysctl.conf", "sysctl.d(5)"}},
    FindingRow{.id = "masks-file",
               .blocks = true,
               .at_boot = true,
               .summary = "our boot file has the name of a file in another directory, and would take its place or give "
                          "it back",
               .meaning = "Of two files of one name only that in the first directory is read: /etc/sysctl.d, then "
                          "/run/sysctl.d, /usr/local/lib/sysctl.d and /usr/lib/sysctl.d. Every line of the other one "
                          "counts or not with ours, be it about TIME_WAIT or not.",
               .advice = "Give that file another name, or copy its lines into one; or write into another file: "
                         "--boot-file /etc/sysctl.conf.",
               .sources = {"sysctl.d(5)", "sysctl(8), --system"}},
    FindingRow{
        .id = "module-late",
        .blocks = true,
        .at_boot = true,
        .summary = "a boot value belongs to a module that is loaded only after the boot files have been read",
        .meaning =
            "The setting does not exist yet when the loader tries to write it, so the line is skipped. It shows up "
            "later with the kernel's default. This is usual for nf_conntrack, which the first firewall rule loads.",
        .advice = "List the module in a file of /etc/modules-load.d, which is read before the sysctl files.",
        .sources = {"sysctl.d(5), the example with br_netfilter", "modules-load.d(5)"}},
    FindingRow{
        .id = "later-writer",
        .blocks = true,
        .at_boot = true,
        .line_loses = true,
        .summary = "another program sets the key to another value at each boot, after the boot files have been read",
        .meaning =
            "What they write replaces what the boot files said: the value would be live now and gone after the next "
            "boot. UFW writes whenever it starts: at `ufw enable` and `ufw reload` too.",
        .advice = "Set the value in the file and line that is named too, or take it out there.",
        .sources = {"ufw-framework(8), IPT_SYSCTL", "ufw 0.36.2, src/ufw-init-functions and src/frontend.py",
                    "tuned.conf(5)", "systemd.service(5), ExecStart=", "crontab(5)"},
        .writers = sure_writers},
    FindingRow{
        .id = "possible-writer",
        .summary = "another program may set the key to another value, at a time or under conditions that are not known",
        .meaning =
            "A clock, a login, an interface that comes up, a condition, a cluster or a file that only the running "
            "program can name decides when, whether or what it writes. The value may be another one by then.",
        .advice = "Look at the file and line that is named; `twctl plan` shows later whether it has written.",
        .sources = {"crontab(5)", "kube-proxy command line reference, --conntrack-max-per-core", "tuned.conf(5)",
                    "tmpfiles.d(5)", "udev(7)", "modprobe.d(5)"},
        .writers = possible_writers},
    FindingRow{.id = "no-loader",
               .summary = "no known loader reads the boot files of this host",
               .meaning =
                   "Neither systemd-sysctl nor procps' sysctl --system is known to run at boot here. Perhaps another "
                   "program reads the boot files, perhaps nobody does.",
               .advice = "After the next boot look with `twctl plan`, or set the values by a script that does run.",
               .sources = {"sysctl.d(5); sysctl(8), --system"}},
    FindingRow{
        .id = "reuse-without-timestamps",
        .summary = "tcp_tw_reuse is 1 or 2 while tcp_timestamps is 0",
        .meaning =
            "A port in TIME_WAIT is reused only if the old connection carried timestamps, because they tell an old "
            "segment from a new one. Without them tcp_tw_reuse does nothing.",
        .advice = "Set tcp_timestamps to 1, its default. The other end must use them too.",
        .sources = {"Linux 6.18 net/ipv4/tcp_ipv4.c, tcp_twsk_unique()", "measured on Linux 6.18"}},
    FindingRow{.id = "reuse-not-loopback",
               .summary = "tcp_tw_reuse is to become 2 on a kernel before 4.19, where that is as 1",
               .meaning = "\"Loopback only\" came with 4.19 (and is in RHEL 8's 4.18). Before, any number but 0 "
                          "switches reuse on, for every outgoing connection.",
               .advice = "Ask for 1 if that is meant, else for 0, the default of that kernel.",
               .sources = {"Linux commit 79e9fed460385a3d8ba0b5782e9e74405cb199b1 (values 0, 1 and 2, default 2)"}},
    FindingRow{
        .id = "fin-timeout-trap",
        .blocks = true,
        .summary = "tcp_fin_timeout is to become 61 to 119",
        .meaning =
            "Above 60 the kernel arms two timers of v - 60 seconds, one after the other. So an orphaned FIN_WAIT_2 "
            "lives 2 x (v - 60) seconds: 61 gives 2 s, 75 gives 30 s, 90 gives 60 s. Values of 61 to 89 live shorter "
            "than with 60, values of 90 to 119 shorter than the number says.",
        .advice = "Use 60 or less. If it really has to be longer, 120 lasts as long as it says.",
        .sources = {"Linux 6.18 net/ipv4/tcp.c, __tcp_close()",
                    "Linux 6.18 net/ipv4/tcp_timer.c, tcp_keepalive_timer()", "measured on Linux 6.18"}},
    FindingRow{
        .id = "not-time-wait",
        .summary = "tcp_fin_timeout is to become lower, and lower than 60",
        .meaning =
            "That ends orphaned FIN_WAIT_2 sockets sooner. It does not shorten TIME_WAIT, which lasts 60 seconds on "
            "Linux whatever any setting says. A peer that closes later than that has its FIN answered with a reset.",
        .advice = "If you want fewer FIN_WAIT_2 sockets, go on. If you wanted fewer TIME_WAIT sockets, see "
                  "`twctl explain port-exhaustion`.",
        .sources = {"Linux 6.18 include/net/tcp.h, TCP_TIMEWAIT_LEN", "measured on Linux 6.18"}},
    FindingRow{
        .id = "buckets-low",
        .summary = "tcp_max_tw_buckets is to become lower than the kernel's default for this host's memory",
        .meaning =
            "Above the limit a connection skips TIME_WAIT, so a late segment can reach the next connection on the "
            "same addresses and ports, and a peer whose last ACK was lost gets a reset. Lowering it frees nothing "
            "that exists. A TIME_WAIT socket takes about 256 to 512 bytes: 100000 of them are 25 to 50 MB.",
        .advice = "Leave the default. TcpExt TCPTimeWaitOverflow counts connections that hit the limit.",
        .sources = {"Linux Documentation/networking/ip-sysctl.rst, tcp_max_tw_buckets", "RFC 1337",
                    "measured on Linux 6.18"}},
    FindingRow{.id = "ports-privileged",
               .blocks = true,
               .summary = "ip_local_port_range is to start below ip_unprivileged_port_start",
               .meaning = "The kernel refuses it with EINVAL (since 4.11) and the old range stays.",
               .advice = "Start at 1024 or above, or lower ip_unprivileged_port_start first.",
               .sources = {"Linux 6.18 net/ipv4/sysctl_net_ipv4.c, ipv4_local_port_range()", "measured on Linux 6.18"}},
    FindingRow{
        .id = "ports-in-use",
        .summary = "ip_local_port_range covers ports on which this host listens",
        .meaning =
            "While the service runs nothing happens: its port is taken. When it restarts, an outgoing connection "
            "may have got the port first, and the service cannot bind it: address already in use.",
        .advice = "Put the port into ip_local_reserved_ports; reserving keeps automatic choice away and lets services "
                  "bind.",
        .sources = {"Linux Documentation/networking/ip-sysctl.rst, ip_local_reserved_ports"}},
    FindingRow{
        .id = "ports-service",
        .summary = "ip_local_port_range covers well-known service ports that are not reserved",
        .meaning =
            "A service that is started later on such a port (3306, 5432, 6379, 8080 ...) may find it taken by an "
            "outgoing connection.",
        .advice =
            "Reserve the ports that this host may need in ip_local_reserved_ports, or start the range above them.",
        .sources = {"IANA Service Name and Transport Protocol Port Number Registry",
                    "Linux Documentation/networking/ip-sysctl.rst, ip_local_reserved_ports"}},
    FindingRow{.id = "ports-none",
               .blocks = true,
               .summary = "ip_local_reserved_ports is to have all of ip_local_port_range",
               .meaning =
                   "connect() without a port of its own then fails at once, whatever the destination (EADDRNOTAVAIL), "
                   "and bind() to port 0 too (EADDRINUSE): the host opens no connection any more.",
               .advice = "Reserve only the ports that servers here need, and leave the rest of the range free.",
               .sources = {"Linux 6.18 net/ipv4/inet_hashtables.c, __inet_hash_connect()", "measured on Linux 6.18"}},
    FindingRow{
        .id = "ports-shrink",
        .summary = "ip_local_port_range gets smaller",
        .meaning =
            "Fewer outgoing connections to one destination are possible at a time, and connect() fails sooner with "
            "EADDRNOTAVAIL. Without reuse the ports / 60 is what one source address can open each second, for "
            "good, to one address and port.",
        .advice = "Count first what is in use: `ss -tan`. Firewalls that were told the old range need no change.",
        .sources = {"RFC 6056, section 3.2", "measured on Linux 6.18"}},
    FindingRow{.id = "backlog-inert",
               .summary = "tcp_max_syn_backlog is raised while tcp_syncookies is on",
               .meaning =
                   "Since 4.4 the kernel reads it only when SYN cookies are off. The queue of half-open connections is "
                   "bounded by the listener's own backlog, which somaxconn caps.",
               .advice = "Raise net.core.somaxconn and the backlog that the application gives to listen().",
               .sources = {"Linux 6.18 net/ipv4/tcp_input.c, tcp_conn_request()",
                           "Linux commit ef547f2ac16b (remove max_qlen_log)", "measured on Linux 6.18"}},
    FindingRow{
        .id = "somaxconn-lower",
        .summary = "net.core.somaxconn is to become lower than the kernel's default (4096 since 5.4)",
        .meaning =
            "Listeners that ask for a longer queue get a shorter one from their next listen() on, and drop "
            "connections in a burst. Recipes from before 5.4 that say 1024 or 2048 once raised it; now they lower "
            "it.",
        .advice = "Take the line out, or set 4096 or more. TcpExt ListenOverflows counts what was dropped.",
        .sources = {"Linux commit 19f92a030ca6d772ab44b22ee6a01378a8cb32d4 (default 4096)"}},
    FindingRow{
        .id = "protection-lower",
        .blocks = true,
        .summary = "a protection is to be taken away: tcp_syncookies 0, tcp_timestamps 0, tcp_rfc1337 from 1 to 0, "
                   "ip_unprivileged_port_start below 1024",
        .meaning =
            "Without SYN cookies a SYN flood fills the queue of half-open connections and real clients are dropped. "
            "Without timestamps old segments that fall into the window are not recognised (PAWS), round trips "
            "are measured worse, and tcp_tw_reuse does nothing. With tcp_rfc1337 0 a reset can end TIME_WAIT early. "
            "With a lower ip_unprivileged_port_start every user may take ports that were root's.",
        .advice =
            "Keep the default. If a device in the path really cannot stand it, accept the hazard and write down why.",
        .sources = {"RFC 4987", "RFC 7323", "Linux Documentation/networking/ip-sysctl.rst"}},
    FindingRow{.id = "unwise-value",
               .summary =
                   "a value is to be written that audit warns of: tcp_abort_on_overflow 1, tcp_retries2 below 5, a "
                   "limit far below the kernel's own, and others",
               .meaning = "The kernel takes the value, and it harms connections: what it does is said beside it.",
               .advice = "Keep the kernel's default unless you have measured that the value helps.",
               .sources = {"the source of the finding of audit that is named"}},
    FindingRow{
        .id = "other-namespaces",
        .summary = "other network namespaces (containers) with processes in them run on this host",
        .meaning =
            "Each network namespace has its own values and a new one starts from the kernel's defaults, not from "
            "the host's. What is set here does not reach them. plan looks for them among the newest processes only; "
            "`twctl snapshot` counts them all.",
        .advice =
            "Set it where the container is made (docker run --sysctl, a pod's securityContext.sysctls), or look with "
            "`twctl plan --netns`.",
        .sources = {"network_namespaces(7)", "measured on Linux 6.18"}},
    FindingRow{
        .id = "timer-dies-with-container",
        .blocks = true,
        .summary = "apply --confirm-within in a pid namespace whose process 1 is no init that outlives sessions",
        .meaning =
            "When process 1 of a pid namespace ends, the kernel kills all its other processes. In `docker run IMAGE "
            "twctl ...` or `unshare --pid --fork sh` it ends with the command, and the watchdog with it: nothing takes "
            "the values back at the deadline, where the network namespace lives on. As process 1 twctl knows systemd, "
            "OpenRC, s6, runit and sysvinit for such inits.",
        .advice =
            "Run it on the container's host, with --netns for the container's network namespace; or apply without "
            "--confirm-within; or accept it and be ready to run `twctl rollback`.",
        .sources = {"pid_namespaces(7)", "measured on Linux 6.18"}},

    // Hosts that run Windows.
    FindingRow{.id = "out-of-range",
               .blocks = true,
               .summary = "TcpTimedWaitDelay is to become 2 to 29 on a Windows before build 9600",
               .meaning = "Up to Windows 8 and Server 2012 the documented range is 30 to 300 seconds. Whether an older "
                          "Windows ignores a lower value or takes 30 instead is not documented.",
               .advice = "Use 30 or more there.",
               .sources = {"Microsoft KB 314053, TCP/IP and NBT configuration parameters for Windows XP: 30 to 300",
                           "http://technet.microsoft.com/library/cc938217 (Windows 2000: 30 to 300)"}},
    FindingRow{.id = "time-wait-short",
               .summary = "TcpTimedWaitDelay is to be below 30 seconds",
               .meaning =
                   "TIME_WAIT keeps late segments of an old connection away from the next one on the same addresses "
                   "and ports, and answers a peer whose last ACK was lost. With less than 30 seconds it does so for "
                   "less time than a segment may take.",
               .advice = "Use 30 or more; reuse connections, or widen the dynamic port range instead "
                         "(`twctl explain windows-port-range`).",
               .sources = {"RFC 9293, section 3.4.2", "RFC 1337"}},
    FindingRow{.id = "wrong-type",
               .summary = "a registry value that is to change is no REG_DWORD of four bytes",
               .meaning = "Somebody wrote it as text or with another length. It is documented as a REG_DWORD, so the "
                          "time in force is likely Windows' own. twctl shows it as a .reg file spells it, replaces it, "
                          "and puts back the same type and bytes on rollback.",
               .advice = "Go on if the number that was meant is the one that is wanted.",
               .sources = {"Microsoft KB 314053, TCP/IP and NBT configuration parameters for Windows XP"}},
    FindingRow{
        .id = "obsolete-value",
        .summary = "the registry, or a .reg file that is planned, has a value of old guides that twctl never writes",
        .meaning = "Current versions of Windows ignore most of them. MaxUserPort was seen to widen the dynamic "
                   "port range over the ports of services on Windows 11. twctl leaves all of them as they are.",
        .advice = "`twctl explain` on its name says what took its place; delete the value.",
        .sources = {"Microsoft: TCP/IP registry values", "nmap pull request 3499"}},
    FindingRow{
        .id = "without-effect",
        .summary =
            "a setting's value stands under Parameters\\Interfaces, in the registry or in a .reg file, or there in "
            "a numbered control set",
        .meaning = "Windows reads the setting in Tcpip\\Parameters itself, so what stands below it does nothing. "
                   "3 of 25 .reg files found in public put it there.",
        .advice = "Delete it there, or move the line to the right key.",
        .sources = {"Microsoft KB 314053, TCP/IP and NBT configuration parameters for Windows XP"}},
    FindingRow{.id = "hexadecimal",
               .summary = "the digits of a dword in a .reg file look like a decimal number",
               .meaning = "dword:00000030 is 48. 4 of 25 .reg files found in public have that mistake. The number that "
                          "the plan shows is what Windows would take.",
               .advice = "Check that the decimal number is the one that is meant.",
               .sources = {"Microsoft: how to add, modify or delete registry subkeys and values by using a .reg file"}},
    FindingRow{.id = "restart-needed",
               .summary = "a registry value that Windows reads at its start is to change",
               .meaning =
                   "The value is in the registry at once and stays there; TCP/IP takes it when Windows starts the "
                   "next time. So a restart is no rollback, and --confirm-within cannot be had. `twctl status` "
                   "remembers that the restart is due.",
               .advice = "Plan the restart; `twctl rollback` needs one too.",
               .sources = {"Microsoft KB 314053, TCP/IP and NBT configuration parameters for Windows XP: restart the "
                           "computer for the change to take effect"}},
    FindingRow{.id = "container",
               .summary = "a registry value is to change in a Windows container",
               .meaning =
                   "With process isolation a container has a registry of its own and the kernel of its host. Which "
                   "of the two registries TCP/IP reads there is not documented; a driver starts with the host, "
                   "so the host's is the likely one. With Hyper-V isolation it has a kernel of its own.",
               .advice = "Change it on the container's host, and restart that.",
               .sources = {"https://learn.microsoft.com/en-us/virtualization/windowscontainers/manage-containers/"
                           "hyperv-container (isolation modes)"}},
};

}  // namespace

std::span<const FindingRow> hazard_rows() { return kHazards; }

}  // namespace twctl
