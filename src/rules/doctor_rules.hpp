// The rules of doctor: an examination -> findings. Pure.
// When each one is found is its row in catalog/doctor_findings.cpp; the table that lists the rules is in
// doctor_rules.cpp.
#pragma once

#include "diagnose/examination.hpp"
#include "rules/rule.hpp"

namespace twctl {

// In the order in which doctor tells of them.
[[nodiscard]] std::span<const Rule<Examination>> doctor_rules();

namespace rules {

// doctor_ports.cpp and doctor_bound_ports.cpp: local ports for outgoing connections.
void ports_low(const Examination& examination, FindingSink& found);
void no_port_to_choose(const Examination& examination, FindingSink& found);
void reuse_inert(const Examination& examination, FindingSink& found);

// doctor_time_wait.cpp: on which side TIME_WAIT lies, what it costs there, and whether its limit is reached.
void time_wait_overflow(const Examination& examination, FindingSink& found);
void time_wait_server(const Examination& examination, FindingSink& found);
void time_wait_client(const Examination& examination, FindingSink& found);

// doctor_closing.cpp: connections that do not end.
void close_wait_held(const Examination& examination, FindingSink& found);
void fin_wait_2_pile_up(const Examination& examination, FindingSink& found);
void last_ack_pile_up(const Examination& examination, FindingSink& found);

// doctor_listeners.cpp: connections that a listener does not get.
void listen_overflow(const Examination& examination, FindingSink& found);
void accept_stalled(const Examination& examination, FindingSink& found);
void syn_queue_full(const Examination& examination, FindingSink& found);
void syn_dropped(const Examination& examination, FindingSink& found);
void syn_recv_pile_up(const Examination& examination, FindingSink& found);
void syncookies_sent(const Examination& examination, FindingSink& found);
// Whether they wait for a listener of this host itself, whose accept queue is full: listen-overflow tells of them.
[[nodiscard]] bool asks_full_listener_here(const Traffic& traffic, const SynSentByPort& asking);

// doctor_server_ports.cpp: a server's port that connect() may take.
void server_port_in_range(const Examination& examination, FindingSink& found);

// doctor_handshakes.cpp: connections that this host asks for and that do not come about.
void syn_sent_fan_out(const Examination& examination, FindingSink& found);
void syn_sent_unanswered(const Examination& examination, FindingSink& found);

// doctor_memory.cpp: what ends connections at once for want of memory.
void orphans_near_limit(const Examination& examination, FindingSink& found);
void tcp_memory(const Examination& examination, FindingSink& found);

// doctor_limits.cpp: what only the counters tell.
void conntrack_near_full(const Examination& examination, FindingSink& found);
void paws_rejects(const Examination& examination, FindingSink& found);
void aborted_connections(const Examination& examination, FindingSink& found);

}  // namespace rules

[[nodiscard]] bool is_nearly(std::int64_t count, std::optional<std::int64_t> limit);           // four fifths at least
[[nodiscard]] std::int64_t counter_of(const Examination& examination, std::string_view name);  // 0: absent

// tcp_mem, in pages: below, from where the kernel saves, and what is the most; nullopt: not known here.
struct TcpMemory {
  std::int64_t pressure = 0;
  std::int64_t most = 0;
};
[[nodiscard]] std::optional<TcpMemory> tcp_memory_limits(const Examination& examination);

// Something has grown: a warning if it grows now, else worth knowing.
[[nodiscard]] Severity by_growth(const Growth& growth);

// "nginx (812), redis (90)" most sockets first; "" if nobody could be seen.
[[nodiscard]] std::string holders_text(const Holders& holders);

// The busiest destination's ports: what ports_low() judges and the vitals show. nullptr: no connections.
[[nodiscard]] const DestinationUse* busiest_destination(const Examination& examination);
[[nodiscard]] PortBudget budget_of(const Examination& examination, const DestinationUse& use);
[[nodiscard]] bool is_known(const PortSettings& settings);  // the range could be read
[[nodiscard]] bool any_ports_low(const Examination& examination);
// Of the destination, TIME_WAIT included: only by reuse does connect() find another.
[[nodiscard]] bool all_ports_taken(const Examination& examination, const DestinationUse& use);

// An address whose ports run low for bind() before connect(); nullptr: none. Whether that program is the one that has
// taken those of `from`.
[[nodiscard]] const SourceUse* scarce_source(const Examination& examination);
[[nodiscard]] bool is_bound_first(const Examination& examination, const IpAddress& from);
void add_scarce_source(const Examination& examination, const SourceUse& source, FindingSink& found);

// Whether they help connections that begin from then on, and no port that is in TIME_WAIT now: it has no timestamps.
[[nodiscard]] bool helps_later(const std::vector<Remedy>& remedies);

// " besides 2000 in TIME_WAIT that connect() may use again"; "" where there are none, or it may not.
[[nodiscard]] std::string reusable_text(const PortBudget& budget, const PortUse& use);

[[nodiscard]] bool is_nearly_out(int taken, int usable);                        // at most a fiftieth is left
[[nodiscard]] std::string percent_text(std::int64_t part, std::int64_t whole);  // "60 %"

// "1000", or "?" where it could not be read.
[[nodiscard]] std::string limit_text(std::optional<std::int64_t> limit);

}  // namespace twctl
