#include <algorithm>
#include <array>

#include "catalog/topic.hpp"

namespace twctl {
namespace {

constexpr std::array kMyths{
    MythRow{.id = "fin-timeout-shortens-time-wait",
            .claim = "tcp_fin_timeout = 15 shortens TIME_WAIT",
            .truth =
                "It ends orphaned FIN_WAIT_2 sockets. TIME_WAIT lasts 60 seconds, a constant of the kernel. The myth "
                "lives because sockstat's `tw` counts both, so the number does fall a little.",
            .key = "net.ipv4.tcp_fin_timeout",
            .evidence = "TIME_WAIT measured with 5, 60 and 120: 60.95, 60.99 and 60.96 seconds.",
            .sources = {"Linux 6.18 include/net/tcp.h, TCP_TIMEWAIT_LEN", "measured on Linux 6.18"}},
    MythRow{.id = "reuse-helps-servers",
            .claim = "tcp_tw_reuse frees sockets on a busy server",
            .truth =
                "It works in connect() only, so for outgoing connections. A server needs no help, whatever the "
                "setting: a client's next SYN takes the place of its TIME_WAIT at once, for its timestamp is newer or, "
                "without timestamps, its sequence number higher. Two hosts behind one port of a NAT may miss that: "
                "the answer is an ACK, which the client resets, and its SYN comes again after 1 s.",
            .key = "net.ipv4.tcp_tw_reuse",
            .evidence =
                "With tcp_tw_reuse 0 the same client came back from the same port without waiting, with timestamps "
                "on and off.",
            .sources = {"Linux 6.18 net/ipv4/tcp_ipv4.c, tcp_twsk_unique()",
                        "Linux 6.18 net/ipv4/tcp_minisocks.c, tcp_timewait_state_process()", "measured on Linux 6.18"}},
    MythRow{
        .id = "reuse-is-dangerous",
        .claim = "tcp_tw_reuse is as dangerous as tcp_tw_recycle",
        .truth = "tcp_tw_reuse looks at one pair of addresses and ports and asks for timestamps, so NAT clients are "
                 "safe. tcp_tw_recycle compared timestamps for each address, which is what broke NAT. What remains is "
                 "a device in the path that strips timestamps or keeps a TIME_WAIT of its own.",
        .key = "net.ipv4.tcp_tw_reuse",
        .evidence = "Without timestamps on either end reuse is refused: connect() fails with EADDRNOTAVAIL instead.",
        .sources = {"RFC 6191", "Linux 6.18 net/ipv4/tcp_ipv4.c, tcp_twsk_unique()", "measured on Linux 6.18"}},
    MythRow{.id = "recycle-is-safe",
            .claim = "tcp_tw_recycle = 1 speeds up the recycling of sockets",
            .truth =
                "It dropped connections of clients behind NAT, at random, and was removed in Linux 4.12. The line does "
                "nothing there, but `sysctl -p` fails because of it (exit 1; 255 before procps 4).",
            .key = "net.ipv4.tcp_tw_recycle",
            .evidence = "On Linux 6.18 the file does not exist.",
            .sources = {"Linux commit 4396e46187ca5070219b81773c4e65088dac50cc (removal of tcp_tw_recycle)", "tcp(7)"}},
    MythRow{.id = "syncookies-off-by-default",
            .claim = "SYN cookies are off unless tcp_syncookies = 1 is set",
            .truth = "They are on by default since 2.6.33 (2010).",
            .key = "net.ipv4.tcp_syncookies",
            .evidence = "A new network namespace on Linux 6.18 reads 1, and a server there whose queue of half-open "
                        "connections was full sent cookies and dropped no SYN; with 0 it dropped them.",
            .sources = {"Linux commit e994b7c901ded7200b525a707c6da71f2cf6d4bb (default 1)",
                        "twctl trial --myths on Linux 6.18"}},
    MythRow{.id = "time-wait-is-minutes",
            .claim = "TIME_WAIT lasts 2 or 4 minutes on Linux",
            .truth = "60 seconds. 4 minutes is what RFC 9293 asks for (2 MSL); 2 or 4 minutes is Windows.",
            .key = "",
            .evidence = "Measured: 61 seconds, of which up to one is the timer's granularity.",
            .sources = {"Linux 6.18 include/net/tcp.h, TCP_TIMEWAIT_LEN", "RFC 9293, section 3.6 (MUST-13)",
                        "measured on Linux 6.18"}},
    MythRow{.id = "fewer-buckets-clean-up",
            .claim = "a lower tcp_max_tw_buckets cleans up TIME_WAIT sockets",
            .truth =
                "Lowering it removes nothing that exists. From then on connections beyond the limit skip TIME_WAIT and "
                "lose its protection.",
            .key = "net.ipv4.tcp_max_tw_buckets",
            .evidence = "With 10 in TIME_WAIT and the limit lowered to 2, 10 stayed. With a limit of 5, of 12 closed "
                        "connections 5 were kept and TCPTimeWaitOverflow rose by 7.",
            .sources = {"Linux Documentation/networking/ip-sysctl.rst, tcp_max_tw_buckets", "measured on Linux 6.18"}},
    MythRow{.id = "rfc1337-zero-protects",
            .claim = "tcp_rfc1337 = 0 prevents TIME_WAIT assassination (as the kernel's documentation has it)",
            .truth =
                "The documentation has it the wrong way round. 1 ignores a reset in TIME_WAIT, as RFC 1337 advises; 0, "
                "the default, lets a reset with exactly the right sequence number end it.",
            .key = "net.ipv4.tcp_rfc1337",
            .evidence = "Such a reset at each of 50 TIME_WAIT: with 0 none was left, with 1 all 50.",
            .sources = {"RFC 1337", "Linux 6.18 net/ipv4/tcp_minisocks.c, tcp_timewait_state_process()",
                        "twctl trial --myths on Linux 6.18"}},
    MythRow{.id = "raise-syn-backlog",
            .claim = "a larger tcp_max_syn_backlog lets a server take more SYNs",
            .truth =
                "Since 4.4 it is read only while tcp_syncookies is 0. The queue is bounded by the backlog of listen(), "
                "capped by net.core.somaxconn.",
            .key = "net.ipv4.tcp_max_syn_backlog",
            .evidence =
                "listen(64), tcp_max_syn_backlog 16, 40 SYNs: with cookies on all 40 were kept, with cookies off "
                "13.",
            .sources = {"Linux 6.18 net/ipv4/tcp_input.c, tcp_conn_request()",
                        "Linux commit ef547f2ac16b (remove max_qlen_log)", "measured on Linux 6.18"}},
    MythRow{.id = "somaxconn-acts-at-once",
            .claim = "raising net.core.somaxconn helps the servers that are running",
            .truth =
                "It is read when a program calls listen(). A running server has to be restarted (or to call listen() "
                "again), and must ask for the longer backlog itself.",
            .key = "net.core.somaxconn",
            .evidence = "A listener's limit, as ss shows it in Send-Q, changed only after another listen().",
            .sources = {"listen(2)", "Linux 6.18 net/socket.c, __sys_listen_socket()", "measured on Linux 6.18"}},
    MythRow{.id = "twrecycled-means-recycle",
            .claim = "a rising TWRecycled means that tcp_tw_recycle is at work",
            .truth =
                "It counts TIME_WAIT sockets that connect() took over, so tcp_tw_reuse at work. (netstat -s calls it "
                "\"time wait sockets recycled by time stamp\".)",
            .key = "net.ipv4.tcp_tw_reuse",
            .evidence = "On a kernel without tcp_tw_recycle it rises by one for each reuse.",
            .sources = {"Linux 6.18 net/ipv4/inet_hashtables.c, __inet_check_established()", "measured on Linux 6.18"}},
    MythRow{.id = "time-wait-costs",
            .claim = "TIME_WAIT sockets use up file descriptors and memory",
            .truth =
                "They have no file descriptor, no process and no buffers: 256 to 512 bytes each, so 25 to 50 MB for "
                "100000. What they can use up is local ports towards one destination.",
            .key = "",
            .evidence = "In /proc/net/tcp they have inode 0 and uid 0; the kernel's object is 248 bytes.",
            .sources = {"Linux 6.18 include/net/inet_timewait_sock.h", "measured on Linux 6.18"}},
    MythRow{.id = "conntrack-time-wait-is-the-same",
            .claim = "nf_conntrack_tcp_timeout_time_wait shortens TIME_WAIT",
            .truth = "It ages the firewall's record of a flow. Sockets know nothing of it.",
            .key = "net.netfilter.nf_conntrack_tcp_timeout_time_wait",
            .evidence =
                "With a timeout of 1 s and a record of each flow, 50 TIME_WAIT lasted 61 s as ever; the two share no "
                "code and no timer.",
            .sources = {"Linux 6.18 net/netfilter/nf_conntrack_proto_tcp.c",
                        "Linux Documentation/networking/nf_conntrack-sysctl.rst", "twctl trial --myths on Linux 6.18"}},
    MythRow{.id = "keepalive-cures-close-wait",
            .claim = "shorter keepalive times cure a pile of CLOSE_WAIT",
            .truth =
                "CLOSE_WAIT means that the local application has not closed. Keepalive works only with SO_KEEPALIVE, "
                "and even then it removes the kernel's socket while the descriptor stays open in the process. The "
                "leak goes on.",
            .key = "net.ipv4.tcp_keepalive_time",
            .evidence = "With SO_KEEPALIVE and a peer that was gone the state went to CLOSE; the descriptor stayed.",
            .sources = {"tcp(7)", "measured on Linux 6.18"}},
    MythRow{
        .id = "abort-on-overflow-rejects",
        .claim = "tcp_abort_on_overflow = 1 tells clients at once that the server is full",
        .truth = "A reset is sent only where the accept queue is full when the last ACK of the handshake comes, and no "
                 "SYN cookie was sent for it. A SYN that finds it full is dropped in silence all the same. And clients "
                 "that a short burst would have delayed now fail.",
        .key = "net.ipv4.tcp_abort_on_overflow",
        .evidence = "Three final ACKs at a full queue made EmbryonicRsts 3; SYNs at a full queue got no answer with 0 "
                    "or 1.",
        .sources = {"Linux 6.18 net/ipv4/tcp_minisocks.c, tcp_check_req()",
                    "Linux Documentation/networking/ip-sysctl.rst, tcp_abort_on_overflow", "measured on Linux 6.18"}},
    MythRow{.id = "longer-fin-timeout",
            .claim = "a tcp_fin_timeout of 75 lasts longer than one of 60",
            .truth =
                "Between 61 and 119 an orphaned FIN_WAIT_2 lives 2 x (v - 60) seconds: 30 seconds with 75, 2 seconds "
                "with 61.",
            .key = "net.ipv4.tcp_fin_timeout",
            .evidence = "Measured: 61 gave 2.0 s, 65 10.4 s, 75 30.4 s, 90 61.0 s, 120 122.8 s.",
            .sources = {"Linux 6.18 net/ipv4/tcp.c, __tcp_close()",
                        "Linux 6.18 net/ipv4/tcp_timer.c, tcp_keepalive_timer()", "measured on Linux 6.18"}},
    MythRow{.id = "65535-connections",
            .claim = "a host can have 65535 connections at most",
            .truth =
                "The limit is one connection for each set of both addresses and both ports. A server on port 443 can "
                "have as many as memory and descriptors allow. Only a client is limited by ports, and that for each "
                "destination address and port.",
            .key = "net.ipv4.ip_local_port_range",
            .evidence = "With a range of 10 ports one client had 10 connections to each of three destinations.",
            .sources = {"RFC 9293, section 3.4.1", "measured on Linux 6.18"}},
    MythRow{.id = "reuse-needs-nothing",
            .claim = "tcp_tw_reuse = 1 is enough for a port in TIME_WAIT to be used again",
            .truth = "It asks for timestamps on both ends. With tcp_timestamps 0 on either it does nothing: connect() "
                     "fails with EADDRNOTAVAIL once the ports are used.",
            .key = "net.ipv4.tcp_tw_reuse",
            .evidence = "100 ports in 4 s, tcp_tw_reuse 1: 400 connections with timestamps, 100 without.",
            .sources = {"Linux 6.18 net/ipv4/tcp_ipv4.c, tcp_twsk_unique()", "twctl trial --myths on Linux 6.18"}},
    MythRow{.id = "reuse-is-on-by-default",
            .claim = "tcp_tw_reuse is on by default since Linux 4.19",
            .truth = "The default is 2: for loopback only, 127.0.0.0/8 and ::1. To another host nothing is used again; "
                     "that takes 1.",
            .key = "net.ipv4.tcp_tw_reuse",
            .evidence = "100 ports in 4 s, tcp_tw_reuse 2: 400 connections on lo, 100 between two hosts.",
            .sources = {"Linux 6.18 net/ipv4/tcp_ipv4.c, tcp_twsk_unique()", "twctl trial --myths on Linux 6.18"}},
    MythRow{.id = "fewer-buckets-cure",
            .claim = "a low tcp_max_tw_buckets cures a client that runs out of ports",
            .truth = "Connections beyond the limit end at once, and their ports are free. But what the peer sends then "
                     "finds nobody: the end of its stream, or a segment that was late, is answered with a reset, and a "
                     "new connection on that port may take an old segment for its own.",
            .key = "net.ipv4.tcp_max_tw_buckets",
            .evidence =
                "A limit of 10, and a server that closes 200 ms after the client: nearly every connection above "
                "the limit had its FIN answered with a reset.",
            .sources = {"RFC 1337", "Linux 6.18 net/ipv4/inet_timewait_sock.c, inet_twsk_alloc()",
                        "twctl trial --myths on Linux 6.18"}},
    MythRow{.id = "linger-zero-cures",
            .claim = "SO_LINGER 0 gets rid of TIME_WAIT",
            .truth = "It ends the connection with a reset. There is no TIME_WAIT, and the peer sees ECONNRESET instead "
                     "of the end of the stream; what was on its way, either way, is lost.",
            .key = "",
            .evidence = "50 connections closed so: no TIME_WAIT, and 50 times ECONNRESET at the server.",
            .sources = {"socket(7)", "RFC 9293, section 3.10.5", "twctl trial --myths on Linux 6.18"}},
    MythRow{.id = "servers-need-a-wide-range",
            .claim = "a busy server needs a wide ip_local_port_range",
            .truth = "All connections to a server share its one port. The range is for connections that a host opens.",
            .key = "net.ipv4.ip_local_port_range",
            .evidence = "With 10 ports in its range a server took as many connections as with 28232.",
            .sources = {"RFC 9293, section 3.4.1", "twctl trial --myths on Linux 6.18"}},
    MythRow{.id = "sockstat-tw-is-time-wait",
            .claim = "`tw` in /proc/net/sockstat is the number of TIME_WAIT sockets",
            .truth =
                "It is TIME_WAIT plus orphaned FIN_WAIT_2, which the kernel keeps in the same small objects. `ss -tan "
                "state time-wait` tells them apart.",
            .key = "",
            .evidence = "One orphaned FIN_WAIT_2 and nothing else: `tw 1`, while /proc/net/tcp shows state 05.",
            .sources = {"Linux 6.18 net/ipv4/tcp_minisocks.c, tcp_time_wait()", "measured on Linux 6.18"}},
    MythRow{.id = "timestamps-off-for-nat",
            .claim = "tcp_timestamps = 0 is needed for clients behind NAT",
            .truth = "That was a way around tcp_tw_recycle, which is gone. Without timestamps old segments are not "
                     "recognised (PAWS), and tcp_tw_reuse does nothing.",
            .key = "net.ipv4.tcp_timestamps",
            .evidence = "With timestamps off at either end, connect() never reused a port in TIME_WAIT.",
            .sources = {"RFC 7323, section 5",
                        "Linux commit 4396e46187ca5070219b81773c4e65088dac50cc (removal of tcp_tw_recycle)",
                        "measured on Linux 6.18"}},
    MythRow{
        .id = "host-sysctl-reaches-containers",
        .claim = "what is set on the host holds in its containers",
        .truth = "Each network namespace has its own values and a new one starts from the kernel's defaults. Only with "
                 "the host's network (--network=host) does a container share them.",
        .key = "",
        .evidence = "A namespace made from one with tcp_fin_timeout 7 and another port range read 60 and the default "
                    "range.",
        .sources = {"network_namespaces(7)", "measured on Linux 6.18"}},
    MythRow{.id = "strict-time-wait-seq-check",
            .claim = "StrictTimeWaitSeqCheck = 1 is needed, or TcpTimedWaitDelay is ignored (Windows)",
            .truth = "No document of Microsoft's that we found describes it. It travels with TcpTimedWaitDelay from "
                     "one tuning guide to the next. twctl does not write it.",
            .key = "StrictTimeWaitSeqCheck",
            .evidence = "Not in Microsoft's lists of TCP/IP registry values; not tried on a real Windows.",
            .sources = {"Microsoft: TCP/IP Configuration Parameters (Windows Server 2003), which has no such value"}},
    MythRow{.id = "max-user-port",
            .claim = "MaxUserPort = 65534 gives a Windows client more ports",
            .truth =
                "It does, and was seen to on Windows 11: all ports from 1024 up, across those of services, and the "
                "network of WSL2 breaks. Documented it is up to Server 2003. Since Vista the range is by default 49152 "
                "with 16384 ports, and `netsh int ipv4 set dynamicport tcp` sets it.",
            .key = "MaxUserPort",
            .evidence = "Not tried on a real Windows.",
            .sources = {"Microsoft KB 929851: the default dynamic port range has changed", "nmap pull request 3499"}},
    MythRow{.id = "tcp-num-connections",
            .claim = "TcpNumConnections = 16777214 allows more connections (Windows)",
            .truth = "16777214 (0xfffffe) is its default and its maximum. Setting it changes nothing.",
            .key = "TcpNumConnections",
            .evidence = "Not tried on a real Windows.",
            .sources = {"Microsoft: TCP/IP Configuration Parameters (Windows Server 2003), TcpNumConnections"}},
    MythRow{.id = "timed-wait-delay-dword",
            .claim = "TcpTimedWaitDelay=dword:00000030 in a .reg file means 30 seconds (Windows)",
            .truth =
                "The digits after dword: are hexadecimal: 00000030 is 48 seconds. 30 seconds is dword:0000001e. The "
                "value belongs under Tcpip\\Parameters; under Parameters\\Interfaces it has no effect.",
            .key = "TcpTimedWaitDelay",
            .evidence = "4 of 25 files found in public had the number wrong, 3 the place.",
            .sources = {"Microsoft: how to add, modify or delete registry subkeys and values by using a .reg file"}},
    MythRow{
        .id = "windows-table-sizes",
        .claim = "MaxHashTableSize, NumTcbTablePartitions and TcpWindowSize tune TCP (Windows)",
        .truth = "Later versions of Windows no longer support them and ignore them. SynAttackProtect and the "
                 "TcpMaxHalfOpen values are no longer needed either: the protection is always on since Vista.",
        .key = "MaxHashTableSize",
        .evidence = "Not tried on a real Windows.",
        .sources = {"Microsoft: performance tuning guidelines for network subsystems, unsupported registry values"}},
};

}  // namespace

std::span<const MythRow> myths() { return kMyths; }

const MythRow* find_myth(std::string_view id) {
  const auto* row = std::find_if(kMyths.begin(), kMyths.end(), [&](const MythRow& m) { return m.id == id; });
  return row == kMyths.end() ? nullptr : row;
}

}  // namespace twctl
