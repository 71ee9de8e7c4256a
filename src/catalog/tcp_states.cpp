#include <algorithm>
#include <array>
#include <string>

#include "catalog/tcp_state.hpp"

namespace twctl {
namespace {

// One behind the other, as one text.
template <const std::string_view& kFirst, const std::string_view& kSecond>
struct Both {
  static constexpr auto kCharacters = [] {
    std::array<char, kFirst.size() + kSecond.size()> all{};
    std::copy(kSecond.begin(), kSecond.end(), std::copy(kFirst.begin(), kFirst.end(), all.begin()));
    return all;
  }();
  static constexpr std::string_view kText{kCharacters.data(), kCharacters.size()};
};

// In each state in which the FIN is not acknowledged yet. Measured on Linux 6.18, alike in all three, with a peer that
// answers and has closed its window: 340 s with tcp_orphan_retries 0 (which means 8) and 4, 580 s with 12.
constexpr std::string_view kOrphan =
    "An orphan (closed, no process holds it) gives up after tcp_orphan_retries: about 107 seconds with the default on "
    "a "
    "fast path. If the peer answers and only reads no more, it lasts 4 to 6 minutes with the defaults.";
constexpr std::string_view kFinWait1Left =
    "To FIN_WAIT_2 when the FIN is acknowledged, to CLOSING when the peer's FIN comes first, to TIME_WAIT when both "
    "come "
    "in one segment. ";
constexpr std::string_view kClosingLeft = "To TIME_WAIT when the FIN is acknowledged. ";
constexpr std::string_view kLastAckLeft =
    "To CLOSED when that acknowledgement comes. Without it the FIN is sent again. ";

constexpr std::array kStates{
    TcpStateRow{.name = "LISTEN",
                .linux_number = 10,
                .summary = "A server's socket that waits for connections.",
                .entered = "By listen().",
                .left = "When the application closes it or ends. There is no timer.",
                .pile_up =
                    "Nothing: there is one for each address and port that is served, or one for each worker that "
                    "shares a port with SO_REUSEPORT.",
                .who_acts = "Nobody.",
                .settings = "somaxconn, tcp_max_syn_backlog, tcp_syncookies, tcp_abort_on_overflow",
                .sources = {"RFC 9293, section 3.3.2", "Linux include/net/tcp_states.h"}},
    TcpStateRow{
        .name = "SYN_SENT",
        .linux_number = 2,
        .summary = "This side has asked for a connection and has no answer yet.",
        .entered = "By connect(), which sends a SYN.",
        .left = "To ESTABLISHED when the peer's SYN-ACK comes; to CLOSED when it answers with a reset (connection "
                "refused) or when the SYNs run out (timed out): about 131 seconds with the defaults, 127 before "
                "Linux 6.5.",
        .pile_up = "Nobody answers: a firewall drops the SYN, the host or the route is dead, or the peer's accept "
                   "queue is full.",
        .who_acts = "Whoever looks after the network or the peer. The application should set its own connect "
                    "timeout.",
        .settings = "tcp_syn_retries",
        .sources = {"RFC 9293, section 3.3.2", "Linux Documentation/networking/ip-sysctl.rst, tcp_syn_retries",
                    "measured on Linux 6.18"}},
    TcpStateRow{
        .name = "SYN_RECV",
        .linux_number = 3,
        .summary =
            "A half-open connection: a SYN came, the SYN-ACK was sent, the final ACK is awaited. RFC 9293 calls it "
            "SYN-RECEIVED. Inside the kernel a request is in NEW_SYN_RECV (12, since 4.1), which /proc and ss "
            "show as this state.",
        .entered = "When a SYN reaches a listener, or when both sides send a SYN at the same time.",
        .left = "To ESTABLISHED on the final ACK; it is dropped on a reset or after the last SYN-ACK went unanswered: "
                "about 63 seconds with the default of 5 retries, sooner while the queue is more than half full.",
        .pile_up =
            "A SYN flood, clients whose final ACK is lost on the way, or a full accept queue: then the final ACK is "
            "ignored and the request stays half-open.",
        .who_acts = "The application if it does not accept fast enough; else the settings: a longer backlog with "
                    "somaxconn, SYN cookies.",
        .settings = "tcp_syncookies, somaxconn, tcp_synack_retries, tcp_max_syn_backlog, tcp_abort_on_overflow",
        .sources = {"RFC 9293, section 3.3.2", "Linux include/net/tcp_states.h, TCP_NEW_SYN_RECV", "RFC 4987",
                    "measured on Linux 6.18"}},
    TcpStateRow{
        .name = "ESTABLISHED",
        .linux_number = 1,
        .summary = "An open connection; both sides can send.",
        .entered = "When the handshake is complete, whether or not the application has accepted the connection.",
        .left = "To FIN_WAIT_1 when this side closes, to CLOSE_WAIT when the peer does, to CLOSED on a reset or "
                "when data stays unacknowledged too long. An idle connection without SO_KEEPALIVE has no timer.",
        .pile_up = "Load, a pool that is too large, or peers that vanished without a word while nothing was being "
                   "sent.",
        .who_acts = "The application: idle timeouts, or SO_KEEPALIVE to notice vanished peers.",
        .settings = "tcp_keepalive_time, tcp_keepalive_intvl, tcp_keepalive_probes, tcp_retries2",
        .sources = {"RFC 9293, section 3.3.2", "tcp(7)"}},
    TcpStateRow{
        .name = "FIN_WAIT_1",
        .linux_number = 4,
        .summary = "This side has closed; its FIN, or data in front of it, is not acknowledged yet.",
        .entered = "From ESTABLISHED by close() or shutdown() on this side.",
        .left = Both<kFinWait1Left, kOrphan>::kText,
        .pile_up = "Peers that vanished, or that have closed their receive window and read no more. Orphans keep their "
                   "unsent data in kernel memory.",
        .who_acts =
            "The peer or the network. tcp_orphan_retries and tcp_max_orphans limit the damage; tcp_fin_timeout does "
            "not apply.",
        .settings = "tcp_orphan_retries, tcp_max_orphans",
        .sources = {"RFC 9293, section 3.6", "Linux 6.18 net/ipv4/tcp_timer.c, tcp_orphan_retries(), tcp_probe_timer()",
                    "measured on Linux 6.18"}},
    TcpStateRow{
        .name = "FIN_WAIT_2",
        .linux_number = 5,
        .summary = "This side has closed and the peer has acknowledged it, but the peer has not closed yet.",
        .entered = "From FIN_WAIT_1 when the peer acknowledges the FIN.",
        .left =
            "To TIME_WAIT when the peer's FIN comes. An orphan (the application has called close()) ends after "
            "tcp_fin_timeout, 60 seconds by default. While the application still holds the socket, after shutdown(), "
            "there is no timer at all.",
        .pile_up = "Peers that do not close. The kernel keeps an orphan as a small time-wait object, so it counts in "
                   "sockstat `tw` and against tcp_max_tw_buckets although it is not in TIME_WAIT.",
        .who_acts =
            "The peer's application (it sits in CLOSE_WAIT there). Here tcp_fin_timeout ends orphans; a socket with "
            "an owner is the local application's to close.",
        .settings = "tcp_fin_timeout, tcp_max_tw_buckets",
        .sources = {"RFC 9293, section 3.6", "Linux 6.18 net/ipv4/tcp_minisocks.c, tcp_time_wait()",
                    "tcp(7), TCP_LINGER2", "measured on Linux 6.18"}},
    TcpStateRow{.name = "CLOSE_WAIT",
                .linux_number = 8,
                .summary = "The peer has closed; the application on this side has not called close() yet.",
                .entered = "From ESTABLISHED when the peer's FIN comes.",
                .left = "To LAST_ACK when the application closes. No timer runs as long as nothing is being sent; with "
                        "SO_KEEPALIVE the socket ends once the peer answers a probe with a reset or not at all.",
                .pile_up = "A leak: the local application forgot to close sockets, or hangs. It will run out of file "
                           "descriptors.",
                .who_acts = "The local application. No sysctl helps. `ss -tnp state close-wait` names the process.",
                .settings = "",
                .sources = {"RFC 9293, section 3.6", "measured on Linux 6.18"}},
    TcpStateRow{
        .name = "CLOSING",
        .linux_number = 11,
        .summary = "Both sides closed at the same time; this side's FIN is not acknowledged yet.",
        .entered = "From FIN_WAIT_1 when the peer's FIN comes before the acknowledgement of ours.",
        .left = Both<kClosingLeft, kOrphan>::kText,
        .pile_up = "Rare. A peer or a path that loses the last acknowledgements.",
        .who_acts = "The network, as for FIN_WAIT_1.",
        .settings = "tcp_orphan_retries, tcp_max_orphans",
        .sources = {"RFC 9293, section 3.6", "Linux 6.18 net/ipv4/tcp_timer.c, tcp_orphan_retries(), tcp_probe_timer()",
                    "measured on Linux 6.18"}},
    TcpStateRow{
        .name = "LAST_ACK",
        .linux_number = 9,
        .summary = "The peer closed first, then this side closed too; only the acknowledgement of this side's FIN is "
                   "missing.",
        .entered = "From CLOSE_WAIT by close() on this side.",
        .left = Both<kLastAckLeft, kOrphan>::kText,
        .pile_up =
            "Peers that vanished or that dropped the connection without TIME_WAIT, and firewalls that forgot it too "
            "soon. It is this state that the peer's TIME_WAIT is there to answer.",
        .who_acts = "The peer or the network. tcp_fin_timeout does not apply.",
        .settings = "tcp_orphan_retries, tcp_max_orphans",
        .sources = {"RFC 9293, section 3.6", "Linux 6.18 net/ipv4/tcp_timer.c, tcp_orphan_retries(), tcp_probe_timer()",
                    "measured on Linux 6.18"}},
    TcpStateRow{
        .name = "TIME_WAIT",
        .linux_number = 6,
        .summary =
            "The connection is over. This side closed first and remembers it for 60 seconds, so that late segments "
            "and a lost last acknowledgement do no harm.",
        .entered = "From FIN_WAIT_2 when the peer's FIN comes, or from CLOSING when ours is acknowledged.",
        .left =
            "After 60 seconds, a constant of the kernel; the clock starts again when the peer repeats its FIN. Earlier "
            "by a newer SYN from the same peer, by connect() with tcp_tw_reuse, by a reset that fits exactly (unless "
            "tcp_rfc1337 is set), or, on newer kernels, by `ss -K`.",
        .pile_up =
            "This side closes first, often. That is normal: 256 to 512 bytes each, no process, no file descriptor. "
            "It matters only to a client that has used up its local ports for one destination, and at "
            "tcp_max_tw_buckets.",
        .who_acts =
            "Mostly nobody. A client that runs out of ports: keep connections open, tcp_tw_reuse 1, a wider port "
            "range, more addresses. On a server it costs nothing: a client's next SYN takes the place at once, if its "
            "timestamp is newer or, without timestamps, its sequence number higher. Behind a NAT another host's may be "
            "neither; it then gets an ACK, and tries again after 1 s.",
        .settings = "tcp_tw_reuse, tcp_tw_reuse_delay, tcp_max_tw_buckets, ip_local_port_range, tcp_rfc1337",
        .sources = {"RFC 9293, section 3.6, MUST-13", "Linux 6.18 include/net/tcp.h, TCP_TIMEWAIT_LEN",
                    "Linux 6.18 net/ipv4/tcp_minisocks.c, tcp_timewait_state_process()", "RFC 6191",
                    "measured on Linux 6.18"}},
    TcpStateRow{.name = "CLOSED",
                .linux_number = 7,
                .summary = "No connection. The kernel calls it CLOSE, ss shows UNCONN.",
                .entered = "By socket(), before listen() or connect(); and at the end of every connection.",
                .left = "By listen() or connect().",
                .pile_up = "It appears in no table of connections; `alloc` in /proc/net/sockstat counts such sockets "
                           "among the others.",
                .who_acts = "Nobody.",
                .settings = "",
                .sources = {"RFC 9293, section 3.3.2", "Linux include/net/tcp_states.h"}},
    TcpStateRow{
        .name = "BOUND_INACTIVE",
        .linux_number = 13,
        .summary =
            "Not a state of TCP but a question to sock_diag, since Linux 6.8: sockets that are bound to a port and "
            "neither listen nor are connected. The answer calls them CLOSE (7).",
        .entered = "By bind().",
        .left = "By listen(), connect() or close().",
        .pile_up =
            "Ports are held without a connection. connect() with an automatically chosen port skips them for every "
            "destination.",
        .who_acts = "The application: IP_BIND_ADDRESS_NO_PORT if it only wants a source address.",
        .settings = "ip_local_port_range",
        .sources = {"Linux include/net/tcp_states.h, TCP_BOUND_INACTIVE", "measured on Linux 6.18"}},
};

struct Alias {
  std::string_view other;
  std::string_view name;
};

// The names that the kernel, ss and netstat use for the same states.
constexpr std::array kStateAliases{
    Alias{"ESTAB", "ESTABLISHED"},     Alias{"FIN_WAIT1", "FIN_WAIT_1"},  Alias{"FIN_WAIT2", "FIN_WAIT_2"},
    Alias{"SYN_RECEIVED", "SYN_RECV"}, Alias{"NEW_SYN_RECV", "SYN_RECV"}, Alias{"SYN_RCVD", "SYN_RECV"},
    Alias{"CLOSE", "CLOSED"},          Alias{"UNCONN", "CLOSED"},         Alias{"TIMEWAIT", "TIME_WAIT"},
    Alias{"LISTENING", "LISTEN"},
};

std::string canonical_name(std::string_view name) {
  std::string upper(name);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == '-') c = '_';
  }
  for (const Alias& alias : kStateAliases) {
    if (alias.other == upper) return std::string(alias.name);
  }
  return upper;
}

}  // namespace

std::span<const TcpStateRow> tcp_states() { return kStates; }

std::string_view name_of(TcpState state) {
  const auto* row = std::find_if(kStates.begin(), kStates.end(),
                                 [&](const TcpStateRow& s) { return s.linux_number == static_cast<int>(state); });
  return row == kStates.end() ? "" : row->name;
}

const TcpStateRow* find_tcp_state(std::string_view name) {
  const std::string wanted = canonical_name(name);
  const auto* row =
      std::find_if(kStates.begin(), kStates.end(), [&](const TcpStateRow& s) { return s.name == wanted; });
  return row == kStates.end() ? nullptr : row;
}

}  // namespace twctl
