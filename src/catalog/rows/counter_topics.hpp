// Topics about counters that more than one cause moves, as people paste them from `netstat -s` and `nstat`.
#pragma once

#include "catalog/topic.hpp"

namespace twctl::rows {

inline constexpr TopicRow kCounterTopics[] = {
    {.id = "listen-drops",
     .title = "SYNs to LISTEN sockets dropped (ListenDrops): whatever the cause",
     .text = R"(
ListenDrops counts what listeners have dropped since boot: SYNs, and last ACKs of a handshake that met a full accept
queue. Each overflow of an accept queue is counted here and in ListenOverflows, so compare the two:

  nstat -az TcpExtListenDrops TcpExtListenOverflows TcpExtTCPReqQFullDrop

  equal to ListenOverflows  accept queue full: twctl explain listen-overflow
  more by TCPReqQFullDrop   SYN cookies off: twctl explain syn-queue-full
  more than both together   another cause: twctl explain syn-dropped

`twctl doctor` does that sum, and names the listener while its queue is full.
)",
     .sources = {"Linux 6.18 net/ipv4/tcp_ipv4.c, tcp_v4_syn_recv_sock()",
                 "Linux 6.18 net/ipv4/tcp_input.c, tcp_conn_request()", "measured on Linux 6.18"}},
    {.id = "aborted-on-timeout",
     .title = "Connections aborted due to timeout, Connection timed out: nobody answered",
     .text = R"(
The kernel gave a connection up because the peer was silent: its program is told ETIMEDOUT (110, Connection timed
out). Four limits end so, and in one counter, TCPAbortOnTimeout:

  a SYN without an answer      tcp_syn_retries; AttemptFails rises as well
  data not acknowledged        tcp_retries2, 15 minutes and more by default
  a closed connection's rest   tcp_orphan_retries; FIN_WAIT_1 and LAST_ACK
  probes without an answer     tcp_keepalive_time; TCPKeepAlive rises

  nstat -az TcpExtTCPAbortOnTimeout TcpAttemptFails TcpExtTCPKeepAlive

From connect(), or "while connecting", it is the first: `twctl explain SYN_SENT`. From read() or write() on an open
connection it is the second (the socket option TCP_USER_TIMEOUT shortens it) or the last. No limit is the cause; the
silence is.

A program's own time limit may have the same name, and moves no counter: nginx says "upstream timed out (110:
Connection timed out) while reading" after its proxy_read_timeout, though the peer's kernel may have answered.
)",
     .sources = {"Linux 6.18 net/ipv4/tcp_timer.c, tcp_write_err(), tcp_write_timeout(), tcp_keepalive_timer()",
                 "Linux Documentation/networking/ip-sysctl.rst, tcp_retries2", "tcp(7), TCP_USER_TIMEOUT",
                 "nginx documentation, ngx_http_proxy_module, proxy_read_timeout", "measured on Linux 6.18"}},
    {.id = "failed-connection-attempts",
     .title = "Failed connection attempts (AttemptFails): refused, or never answered",
     .text = R"(
Connections that ended before they were established: connect() was refused (a reset answers the SYN: nobody listens
there, or a firewall says so), or gave up because no answer came; and half-open connections of listeners that a reset
ended. Which of them it is, other counters tell:

  TCPAbortOnTimeout rises as well  no answer: twctl explain SYN_SENT
  it does not                      refused: twctl explain connection-reset

  nstat -az TcpAttemptFails TcpExtTCPAbortOnTimeout

TCPSynRetrans does not tell them apart: it counts SYN-ACKs that a listener repeats, too.
)",
     .sources = {"RFC 4022, tcpAttemptFails", "Linux 6.18 net/ipv4/tcp.c, tcp_done()", "measured on Linux 6.18"}},
    {.id = "resets-sent",
     .title = "Resets sent (OutRsts): mostly answers where nobody listens",
     .text = R"(
OutRsts counts every reset that this host sends, whatever for. Most answer a SYN to a port on which nobody listens (a
scan, a service that is down), or a segment of a connection that is gone. Which other counter rises tells more:

  none of them      nobody listens, or the connection is gone: nothing to tune
  TCPAbortOnData    programs close while data still comes, or with SO_LINGER 0
  TCPAbortOnClose   programs close with data unread
  EmbryonicRsts     half-open connections: twctl explain embryonic-resets

  nstat -az TcpOutRsts TcpExtTCPAbort* TcpExtEmbryonicRsts

What programs do that close early: `twctl explain aborted-connections`.
)",
     .sources = {"Linux 6.18 net/ipv4/tcp_ipv4.c, tcp_v4_send_reset()",
                 "Linux 6.18 net/ipv4/tcp_output.c, tcp_send_active_reset()", "RFC 9293, section 3.10.7.1",
                 "measured on Linux 6.18: 50 SYNs to a closed port made OutRsts 50, and no TCPAbort counter moved"}},
    {.id = "embryonic-resets",
     .title = "Resets received for embryonic SYN_RECV sockets (EmbryonicRsts)",
     .text = R"(
EmbryonicRsts counts half-open connections that a reset ended. Two other counters tell who sent it:

  AttemptFails      the client: it gave up, or never asked (a forged SYN)
  ListenOverflows   this host: a full accept queue and tcp_abort_on_overflow 1

  nstat -az TcpExtEmbryonicRsts TcpAttemptFails TcpExtListenOverflows

The first needs nothing done. The second: `twctl explain abort-on-overflow`. The state itself: `twctl explain SYN_RECV`.
)",
     .sources = {"Linux 6.18 net/ipv4/tcp_minisocks.c, tcp_check_req()", "measured on Linux 6.18"}},
    {.id = "aborted-on-memory",
     .title = "Connections aborted due to memory pressure (TCPAbortOnMemory)",
     .text = R"(
The kernel reset a connection that its program had closed, because there were too many of these or TCP was out of
memory. Its log says which, and so does what is open now:

  "too many orphaned sockets"  tcp_max_orphans: twctl explain orphans-near-limit
  "out of memory"              tcp_mem: twctl explain tcp-memory

  grep TCP: /proc/net/sockstat
  sysctl net.ipv4.tcp_max_orphans net.ipv4.tcp_mem

In sockstat "orphan" is held against the first (some count up to four times), "mem", in pages, against the last number
of tcp_mem. Both limits are the host's, containers included.
)",
     .sources = {"Linux 6.18 net/ipv4/tcp.c, tcp_check_oom()",
                 "Linux 6.18 net/ipv4/tcp_timer.c, tcp_out_of_resources()",
                 "Linux Documentation/networking/ip-sysctl.rst, tcp_max_orphans, tcp_mem"}},
    {.id = "time-wait-counters",
     .title = "Finished time wait in fast or slow timer (TW, TWKilled)",
     .text = R"(
Both count entries of TIME_WAIT and orphaned FIN_WAIT_2 whose time has run out since boot, in the ordinary way: no
sign of trouble, and no connection was killed. TW ("fast timer" to netstat) has those that lasted more than 4 s,
TWKilled ("slow timer") those with 4 s or less: of a very low tcp_fin_timeout, and up to 4.11 of tcp_tw_recycle.

How many there are now: tw in /proc/net/sockstat. What they are for: `twctl explain time-wait-purpose`.
)",
     .sources = {"Linux 6.18 net/ipv4/inet_timewait_sock.c, tw_timer_handler(), __inet_twsk_schedule()",
                 "net-tools statistics.c", "measured on Linux 6.18"}},
};

}  // namespace twctl::rows
