#include "rules/doctor_rules.hpp"

#include <array>

namespace twctl {
namespace {

constexpr std::array kDoctorRules{
    Rule<Examination>{"no-port-to-choose", rules::no_port_to_choose},
    Rule<Examination>{"ports-low", rules::ports_low},
    Rule<Examination>{"reuse-inert", rules::reuse_inert},
    Rule<Examination>{"time-wait-overflow", rules::time_wait_overflow},
    Rule<Examination>{"close-wait-held", rules::close_wait_held},
    Rule<Examination>{"tcp-memory", rules::tcp_memory},
    Rule<Examination>{"orphans-near-limit", rules::orphans_near_limit},
    Rule<Examination>{"listen-overflow", rules::listen_overflow},
    Rule<Examination>{"accept-stalled", rules::accept_stalled},
    Rule<Examination>{"syn-queue-full", rules::syn_queue_full},
    Rule<Examination>{"syn-dropped", rules::syn_dropped},
    Rule<Examination>{"syn-recv-pile-up", rules::syn_recv_pile_up},
    Rule<Examination>{"syncookies-sent", rules::syncookies_sent},
    Rule<Examination>{"syn-sent-fan-out", rules::syn_sent_fan_out},
    Rule<Examination>{"syn-sent-unanswered", rules::syn_sent_unanswered},
    Rule<Examination>{"fin-wait-2-pile-up", rules::fin_wait_2_pile_up},
    Rule<Examination>{"last-ack-pile-up", rules::last_ack_pile_up},
    Rule<Examination>{"conntrack-near-full", rules::conntrack_near_full},
    Rule<Examination>{"paws-rejects", rules::paws_rejects},
    Rule<Examination>{"aborted-connections", rules::aborted_connections},
    Rule<Examination>{"server-port-in-range", rules::server_port_in_range},
    Rule<Examination>{"time-wait-server", rules::time_wait_server},
    Rule<Examination>{"time-wait-client", rules::time_wait_client},
};

}  // namespace

std::span<const Rule<Examination>> doctor_rules() { return kDoctorRules; }

}  // namespace twctl
