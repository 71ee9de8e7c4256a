// The parts of diagnose(), each by what it looks at. A finder adds what it finds and nothing else.
#pragma once

#include "diagnose/diagnosis.hpp"

namespace twctl {

using Findings = std::vector<Finding>;

void find_port_shortage(const Examination& examination, Findings& findings);
void find_inert_reuse(const Examination& examination, Findings& findings);
void find_time_wait(const Examination& examination, Findings& findings);
void find_time_wait_overflow(const Examination& examination, Findings& findings);
void find_close_wait(const Examination& examination, Findings& findings);
void find_fin_wait_2(const Examination& examination, Findings& findings);
void find_unfinished(const Examination& examination, Findings& findings);
void find_unanswered(const Examination& examination, Findings& findings);
void find_half_open(const Examination& examination, Findings& findings);
void find_listen_overflow(const Examination& examination, Findings& findings);
void find_syncookies(const Examination& examination, Findings& findings);
void find_orphans(const Examination& examination, Findings& findings);
void find_paws(const Examination& examination, Findings& findings);
void find_conntrack(const Examination& examination, Findings& findings);
void find_aborts(const Examination& examination, Findings& findings);

// A finding of that row, with the row's severity and advice.
[[nodiscard]] Finding found(std::string_view id);

// Something has grown: a warning if it grows now, else worth knowing.
[[nodiscard]] Severity by_growth(const Growth& growth);

// "nginx (812), redis (90)" most sockets first; "" if nobody could be seen.
[[nodiscard]] std::string holders_text(const Holders& holders);

// "10.0.0.5: 12, 10.0.0.6: 3" of what `count` says of each peer, most first.
[[nodiscard]] std::string peers_text(const std::vector<SlowPeer>& peers, std::uint32_t SlowPeer::*count);

// The busiest destination's ports: what find_port_shortage() judges and the vitals show. nullptr: no connections.
[[nodiscard]] const DestinationUse* busiest_destination(const Examination& examination);
[[nodiscard]] PortBudget budget_of(const Examination& examination, const DestinationUse& use);

}  // namespace twctl
