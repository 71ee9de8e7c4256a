#include <array>

#include "catalog/checksum.hpp"
#include "catalog/finding.hpp"

namespace twctl {
namespace {

constexpr std::string_view kOver = "info where it is over";  // counted, but not while doctor looked

constexpr std::array kDoctorFindings{
    FindingRow{
        .id = "ports-low",
        .severity = Severity::warning,
        .otherwise = "error where at most 2 % of them are left, info where only bind() may lack one: the peer is this "
                     "host, and connect() has used ports in TIME_WAIT again before",
        .summary = "outgoing connections have used more than half of the local ports for one destination",
        .meaning =
            "A connection needs a local port that is free for its source address, destination address and destination "
            "port. Ports in TIME_WAIT are not free, unless tcp_tw_reuse lets connect() use them again: both ends must "
            "have had timestamps on. With half of them taken the kernel searches longer for each connect(), for "
            "milliseconds as measured; with none left connect() fails with EADDRNOTAVAIL, and bind() to port 0 with "
            "EADDRINUSE, which no counter shows.",
        .advice = "Of ports in TIME_WAIT: keep connections open (a pool, keep-alive); if that cannot be, tcp_tw_reuse "
                  "1, as in the profile busy-client, which needs tcp_timestamps 1 at both ends. Of ports that open "
                  "connections hold: have fewer of these. Then "
                  "more source or destination addresses; a wider ip_local_port_range. Where the application binds an "
                  "address first, IP_BIND_ADDRESS_NO_PORT.",
        .sources = {"Linux 6.18 net/ipv4/inet_hashtables.c, __inet_hash_connect()",
                    "Linux commit 79e9fed460385a3d8ba0b5782e9e74405cb199b1", "RFC 6056", "measured on Linux 6.18"}},
    FindingRow{
        .id = "no-port-to-choose",
        .severity = Severity::error,
        .summary = "all of ip_local_port_range is reserved: connect() always fails",
        .meaning = "connect() and bind() to port 0 choose among the ports of ip_local_port_range that are not in "
                   "ip_local_reserved_ports. Where there is none, connect() fails with EADDRNOTAVAIL and bind() to "
                   "port 0 with EADDRINUSE, at once and for every destination; only who names a port gets one.",
        .advice = "Take ports out of ip_local_reserved_ports, or widen ip_local_port_range beyond them: `twctl plan "
                  "--set`. The next connect() has them.",
        .sources = {"Linux 6.18 net/ipv4/inet_hashtables.c, __inet_hash_connect()",
                    "Linux Documentation/networking/ip-sysctl.rst, ip_local_reserved_ports", "measured on Linux 6.18"}},
    FindingRow{
        .id = "server-port-in-range",
        .severity = Severity::info,
        .summary = "a server's port is one that connect() may take while the server is stopped",
        .meaning = "connect() chooses its local port from ip_local_port_range and passes over one that a server holds. "
                   "Once the server is stopped, an outgoing connection may take the port. Then bind() says EADDRINUSE, "
                   "with SO_REUSEADDR too, until that connection is over and has spent its 60 s in TIME_WAIT.",
        .advice =
            "Add the port to ip_local_reserved_ports: connect() passes over it, and a server may still bind it by "
            "its number.",
        .sources = {"Linux Documentation/networking/ip-sysctl.rst, ip_local_reserved_ports",
                    "Linux 6.18 net/ipv4/inet_connection_sock.c, inet_csk_get_port()", "measured on Linux 6.18"}},
    FindingRow{
        .id = "time-wait-server",
        .severity = Severity::info,
        .summary = "many TIME_WAIT sockets of connections that this host accepted",
        .meaning =
            "This side closes first, so it keeps the TIME_WAIT. On the served port that costs no local port: every one "
            "of them shares it, and the next SYN from the same client, whose timestamp or sequence number is higher, "
            "takes the place at once. It is 256 to 512 bytes each, no process, no file descriptor.",
        .advice = "Nothing need be done. tcp_tw_reuse does not concern it. `twctl explain who-closes-first` tells "
                  "how to leave it to the clients.",
        .sources = {"Linux 6.18 net/ipv4/tcp_minisocks.c, tcp_timewait_state_process()", "RFC 6191",
                    "measured on Linux 6.18"}},
    FindingRow{
        .id = "time-wait-client",
        .severity = Severity::info,
        .summary = "many TIME_WAIT sockets of connections that this host opened",
        .meaning = "This side opened the connections and closes them first. Each keeps a local port for 60 seconds, "
                   "for this one destination. It matters only when the ports of a destination run low.",
        .advice = "Nothing need be done yet. Kept connections, or a peer that closes first, would take fewer ports.",
        .sources = {"RFC 9293, section 3.6", "Linux 6.18 include/net/tcp.h, TCP_TIMEWAIT_LEN",
                    "measured on Linux 6.18"}},
    FindingRow{
        .id = "time-wait-overflow",
        .severity = Severity::warning,
        .otherwise = kOver,
        .summary = "TIME_WAIT sockets are near their limit, or connections end without TIME_WAIT because it is reached",
        .meaning =
            "At tcp_max_tw_buckets a connection is closed without TIME_WAIT. A late segment may then reach the next "
            "connection on the same addresses and ports, and a peer whose last ACK was lost gets a reset. Orphaned "
            "FIN_WAIT_2 sockets count against the same limit. TCPTimeWaitOverflow counts it; up to 2.6.36 the kernel "
            "logged \"time wait bucket table overflow\" instead.",
        .advice = "Set tcp_max_tw_buckets back to its default, half of tcp_ehash_entries (`twctl explain "
                  "tcp_max_tw_buckets`), or above: 100000 of them are 25 to 50 MB.",
        .sources = {"Linux Documentation/networking/ip-sysctl.rst, tcp_max_tw_buckets", "RFC 1337",
                    "Linux 2.6.36 and 2.6.37 net/ipv4/tcp_minisocks.c, tcp_time_wait()", "measured on Linux 6.18"}},
    FindingRow{.id = "close-wait-held",
               .severity = Severity::warning,
               .otherwise = "info where they are few and none is a minute old",
               .summary = "the peer has closed and a local program does not close: sockets stay in CLOSE_WAIT",
               .meaning = "The program has not called close() yet. For a while that is in order: a peer may close its "
                          "direction and wait for the answer. What stays for minutes, or grows, was forgotten, or the "
                          "program hangs. No timer ends it unless the program asked for SO_KEEPALIVE, and then its "
                          "file descriptor stays all the same, until the program closes it or ends.",
               .advice = "Mend the program; a restart frees them until the next time. No sysctl helps.",
               .sources = {"RFC 9293, section 3.6", "measured on Linux 6.18"}},
    FindingRow{.id = "syn-sent-unanswered",
               .severity = Severity::warning,
               .summary = "connections are asked for and not answered: SYN_SENT to few destinations",
               .meaning =
                   "The destination is down, a firewall drops the SYNs, or its accept queue is full. Each waiting "
                   "connect() takes about two minutes to fail with the defaults.",
               .advice = "See to the destination or the way to it. In the application, a connect timeout of its own; "
                         "tcp_syn_retries shortens the wait of every program.",
               .sources = {"Linux Documentation/networking/ip-sysctl.rst, tcp_syn_retries", "measured on Linux 6.18"}},
    FindingRow{.id = "syn-sent-fan-out",
               .severity = Severity::warning,
               .summary = "SYN_SENT to many different hosts on the same port: it looks like scanning",
               .meaning = "Something on this host tries to reach many addresses on one port and most do not answer: a "
                          "scanner, a worm, a crawler, or peer-to-peer software with a stale list of peers.",
               .advice = "Find the program that is named and ask whether it should do that. No sysctl is the answer.",
               .sources = {"Linux 6.18 net/ipv4/tcp_ipv4.c, tcp_v4_connect()", "measured on Linux 6.18"}},
    FindingRow{
        .id = "syn-recv-pile-up",
        .severity = Severity::warning,
        .summary = "half-open connections pile up at a listener",
        .meaning = "Clients ask and do not finish the handshake: a SYN flood, or a path that loses the answers. Where "
                   "a full accept queue is the cause, listen-overflow is found instead.",
        .advice = "Leave tcp_syncookies at 1, and look where the SYNs come from.",
        .sources = {"RFC 4987", "Linux 6.18 net/ipv4/tcp_input.c, tcp_conn_request()", "measured on Linux 6.18"}},
    FindingRow{
        .id = "listen-overflow",
        .severity = Severity::warning,
        .otherwise = kOver,
        .summary = "a listener's accept queue is full or has overflowed: connections are dropped",
        .meaning = "The program does not accept() as fast as connections come, or its backlog is too short for a "
                   "burst. Clients see slow or failing connects. The queue is as long as the smaller of the backlog "
                   "given to listen() and somaxconn at that time.",
        .advice = "If the queue stays full, the program is too slow: more workers. If only bursts overflow it, raise "
                  "the program's backlog and net.core.somaxconn, then restart it: a new limit counts from the next "
                  "listen() on.",
        .sources = {"listen(2)", "Linux 6.18 net/ipv4/tcp_ipv4.c, tcp_v4_syn_recv_sock()", "measured on Linux 6.18"}},
    FindingRow{
        .id = "accept-stalled",
        .severity = Severity::warning,
        .otherwise = "info where few wait",
        .summary = "connections wait in an accept queue, and the program does not take them",
        .meaning = "The handshakes are done and the clients may have sent their requests, but the program does not "
                   "call accept(): it hangs, its workers are all busy, or it may open no more files. The clients "
                   "wait; nothing is dropped until more wait than the queue is long.",
        .advice = "Look at the program: its log, its workers, its open files (`prlimit --nofile --pid PID`). A longer "
                  "queue only lets more clients wait.",
        .sources = {"Linux 6.18 include/net/sock.h, sk_acceptq_is_full()", "listen(2)", "measured on Linux 6.18"}},
    FindingRow{
        .id = "syn-queue-full",
        .severity = Severity::warning,
        .otherwise = kOver,
        .summary = "SYNs are dropped: a queue of half-open connections is full, and SYN cookies are off",
        .meaning =
            "With tcp_syncookies 0 a SYN that finds the queue full is thrown away, and the client asks again "
            "after a second or more; the kernel logs \"Possible SYN flooding ... Dropping request\" once for each "
            "listener. The accept queue is another one, but while it is full, half-open connections stay "
            "longer and fill this one.",
        .advice = "Set tcp_syncookies to 1, its default: a full queue then answers all the same. Then see where the "
                  "SYNs come from: for an honest burst raise the program's backlog and net.core.somaxconn; of a flood "
                  "a longer queue only holds more.",
        .sources = {"Linux 6.18 net/ipv4/tcp_input.c, tcp_conn_request(), tcp_syn_flood_action()",
                    "Linux 6.18 net/ipv4/tcp_minisocks.c, tcp_check_req()", "RFC 4987, section 3.6",
                    "measured on Linux 6.18"}},
    FindingRow{
        .id = "syn-dropped",
        .severity = Severity::warning,
        .otherwise = "info where it is over, or they are few",
        .summary = "SYNs are dropped, and not because a queue is full",
        .meaning = "ListenDrops counts whatever listeners drop. What neither ListenOverflows nor "
                   "TCPReqQFullDrop accounts for has another cause: no route back to the client, an ICMP error to the "
                   "SYN-ACK, no memory, or, with SYN cookies off, the last quarter of tcp_max_syn_backlog. OutNoRoutes "
                   "counts all packets without a route; beside ListenDrops it is the SYN-ACKs.",
        .advice = "Look at the way back to the clients: `ip route get ADDRESS`, the firewall, source addresses that do "
                  "not exist. A longer accept queue does not help.",
        .sources = {"Linux 6.18 net/ipv4/tcp_input.c, tcp_conn_request()",
                    "Linux 6.18 net/ipv4/tcp_ipv4.c, tcp_v4_err()", "measured on Linux 6.18"}},
    FindingRow{
        .id = "syncookies-sent",
        .severity = Severity::warning,
        .otherwise = "info where it is over, or tcp_syncookies is 2",
        .summary = "SYN cookies are being sent: a queue of half-open connections is full",
        .meaning =
            "More SYNs come than the listener's backlog holds. The connections still succeed, without options "
            "that do not fit into the cookie. It is a SYN flood, or a backlog that is too short for the load. The "
            "kernel logs \"Possible SYN flooding ... Sending cookies\" once for each listener: that it is not "
            "logged again means nothing, SyncookiesSent counts on.",
        .advice = "If the load is honest, raise the program's backlog and net.core.somaxconn. If it is a flood, the "
                  "cookies are doing their work.",
        .sources = {"RFC 4987, section 3.6", "Linux Documentation/networking/ip-sysctl.rst, tcp_syncookies",
                    "Linux 6.18 net/ipv4/tcp_input.c, tcp_syn_flood_action()", "measured on Linux 6.18"}},
    FindingRow{
        .id = "fin-wait-2-pile-up",
        .severity = Severity::warning,
        .summary = "sockets stay in FIN_WAIT_2: this side has closed, the peers do not",
        .meaning = "Those that the application has closed end after tcp_fin_timeout; until then they count against "
                   "tcp_max_tw_buckets. Those that it only shut down have no timer and hold a file descriptor.",
        .advice = "For the closed ones a lower tcp_fin_timeout (at most 60) ends them sooner; the peers' programs sit "
                  "in CLOSE_WAIT. For the others the local program must close them.",
        .sources = {"Linux 6.18 net/ipv4/tcp.c, __tcp_close()", "tcp(7), TCP_LINGER2", "measured on Linux 6.18"}},
    FindingRow{
        .id = "last-ack-pile-up",
        .severity = Severity::warning,
        .summary = "closed connections wait for an acknowledgement that does not come: FIN_WAIT_1, CLOSING, LAST_ACK",
        .meaning = "The peers vanished, read no more, or a firewall forgot the connection too soon. The kernel keeps "
                   "them, with what was not sent yet: if the peer is silent until tcp_orphan_retries runs out, if it "
                   "answers and only reads no more for 4 to 6 minutes, as measured with the defaults, and without end "
                   "in sight with tcp_retries2 8 or less.",
        .advice = "See to the path and its firewalls. A lower tcp_orphan_retries ends those of silent peers sooner, "
                  "and cuts off slow clients too; of a peer that answers only 1 does. There the program can set "
                  "TCP_USER_TIMEOUT, and `ss -K` ends what is left; tcp_fin_timeout does not apply.",
        .sources = {"Linux 6.18 net/ipv4/tcp_timer.c, tcp_orphan_retries(), tcp_probe_timer()",
                    "measured on Linux 6.18"}},
    FindingRow{.id = "orphans-near-limit",
               .severity = Severity::warning,
               .otherwise = kOver,
               .summary = "closed sockets that the kernel still serves are near tcp_max_orphans, or are being reset",
               .meaning =
                   "Above the limit the kernel resets them at once, what was not sent is lost, and it logs \"too many "
                   "orphaned sockets\". It counts one twice "
                   "whose peer has been silent for long, twice after an ICMP error, and four times after both, so "
                   "resets begin at a quarter of the limit. The limit is one for the whole host, containers included.",
               .advice = "Find out whose they are (FIN_WAIT_1, LAST_ACK by peer). Each may hold up to 64 KB: raise "
                         "tcp_max_orphans only if the memory is there.",
               .sources = {"Linux Documentation/networking/ip-sysctl.rst, tcp_max_orphans",
                           "Linux 6.18 net/ipv4/tcp.c, tcp_check_oom()",
                           "Linux 6.18 net/ipv4/tcp_timer.c, tcp_out_of_resources()"}},
    FindingRow{
        .id = "tcp-memory",
        .severity = Severity::warning,
        .otherwise = "error where all of it is used up",
        .summary = "TCP is short of memory on this host",
        .meaning = "tcp_mem has three numbers, in pages: from the second on TCP saves and shrinks its windows, above "
                   "the third it drops data, resets closed connections that cannot be served (TCPAbortOnMemory) and "
                   "logs \"out "
                   "of memory -- consider tuning tcp_mem\". One "
                   "memory for the whole host, containers included.",
        .advice = "Find out whose it is: sockets with long queues (`ss -tnm`), whose program does not read or whose "
                  "peer does not. The kernel sets tcp_mem by the host's memory; twctl explains it and never writes it.",
        .sources = {"Linux Documentation/networking/ip-sysctl.rst, tcp_mem",
                    "Linux 6.18 net/core/sock.c, __sk_mem_raise_allocated()",
                    "Linux 6.18 net/ipv4/tcp.c, tcp_check_oom()"}},
    FindingRow{
        .id = "paws-rejects",
        .severity = Severity::warning,
        .otherwise = kOver,
        .summary = "segments are rejected because their timestamp is older than the last one seen",
        .meaning = "Old duplicates are what PAWS is there for, and a few are harmless. Many PAWSEstab, of open "
                   "connections, mean that something between the ends rewrites timestamps. PAWSTimewait is of "
                   "segments that met a TIME_WAIT with a newer timestamp: several hosts behind one address "
                   "reuse a port that is still in TIME_WAIT here. Before 6.16 PAWSEstab counted those too.",
        .advice = "Look for a load balancer or NAT that changes timestamps or shares one address among hosts. Do not "
                  "turn timestamps off: it hides the symptom and takes the protection away.",
        .sources = {"RFC 7323, section 5", "Linux 6.18 net/ipv4/tcp_input.c, tcp_paws_discard()",
                    "Linux commit c449d5f3a3d70b6223af8df2cadca3ca6eacb613 (PAWSTimewait)", "measured on Linux 6.18"}},
    FindingRow{.id = "reuse-inert",
               .severity = Severity::warning,
               .otherwise = "info where tcp_tw_reuse is 2",
               .summary = "tcp_tw_reuse is 1 and tcp_timestamps is 0: reuse does nothing",
               .meaning = "A port in TIME_WAIT is reused only if the old connection carried timestamps.",
               .advice = "Set tcp_timestamps to 1, its default.",
               .sources = {"Linux 6.18 net/ipv4/tcp_ipv4.c, tcp_twsk_unique()", "measured on Linux 6.18"}},
    FindingRow{.id = "conntrack-near-full",
               .severity = Severity::warning,
               .otherwise = kOver,
               .summary = "the connection tracking table is nearly full, or has dropped packets",
               .meaning = "The firewall keeps an entry for each connection, long after the socket is gone: 120 seconds "
                          "of one that was closed (nf_conntrack_tcp_timeout_time_wait), and 5 days of one whose end "
                          "it never saw (nf_conntrack_tcp_timeout_established, 432000). With the table full, packets "
                          "of new connections are dropped: clients see timeouts, not refusals.",
               .advice = "See what fills it: `conntrack -L -p tcp | awk '{print $4}' | sort | uniq -c`. Raise "
                         "nf_conntrack_max, and nf_conntrack_buckets with it, or exempt traffic that needs no tracking "
                         "(NOTRACK). Of TIME_WAIT, lower nf_conntrack_tcp_timeout_time_wait to 60 at the least; of "
                         "ESTABLISHED that nobody uses, nf_conntrack_tcp_timeout_established, to more than the "
                         "keepalive time of what stays idle (tcp_keepalive_time, 7200).",
               .sources = {"Linux Documentation/networking/nf_conntrack-sysctl.rst",
                           "Linux 6.18 net/netfilter/nf_conntrack_proto_tcp.c, tcp_timeouts[]",
                           "Linux 6.18 net/netfilter/nf_conntrack_core.c, __nf_conntrack_alloc()", "conntrack(8), -L"}},
    FindingRow{
        .id = "aborted-connections",
        .severity = Severity::info,
        .summary = "many connections end by a reset that this host sends",
        .meaning = "Programs close before the peer has sent all, with unread data, or with SO_LINGER set to 0, which "
                   "cannot be seen from outside. A reset skips TIME_WAIT, throws away what was not sent or read yet, "
                   "and the peer sees an error instead of an end. TCPAbortFailed counts resets that could not be sent.",
        .advice = "See whether a program gives up before the answer has come: its timeout may be too short. If one "
                  "does it to avoid TIME_WAIT, let it close in the ordinary way: closing by reset is no cure. `twctl "
                  "explain so-linger-0` says why.",
        .sources = {"RFC 1122, section 4.2.2.13", "socket(7), SO_LINGER", "Linux 6.18 net/ipv4/tcp.c, __tcp_close()",
                    "Linux 6.18 net/ipv4/tcp_input.c, tcp_rcv_state_process()",
                    "Linux 6.18 net/ipv4/tcp_output.c, tcp_send_active_reset()", "measured on Linux 6.18"}},
    FindingRow{.id = "no-change-needed",
               .severity = Severity::info,
               .summary = "nothing wrong was found",
               .meaning = "Nothing that calls for a change was seen while twctl looked.",
               .advice = "No change needed in this network namespace.",
               .sources = {"the numbers shown with it"}},
};

}  // namespace

std::span<const FindingRow> doctor_findings() { return kDoctorFindings; }

std::uint32_t checksum_of_doctor() {
  constexpr std::uint32_t kSum = checksum(kDoctorFindings);
  return kSum;
}

}  // namespace twctl
