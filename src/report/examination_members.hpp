// What a snapshot saves of an examination, named once: the writer and the reader visit the same members. The host and
// its settings stand in the snapshot already. Inodes are not saved: by then it is known who holds them.
#pragma once

#include <concepts>
#include <type_traits>

#include "diagnose/examination.hpp"

namespace twctl {

// Whether or not it is const.
template <class Value, class Of>
concept Same = std::same_as<std::remove_const_t<Value>, Of>;

// Of a member that snapshots of the first version lack.
struct Later {};
inline constexpr Later kLater{};

// visit(name, member) for each; visit(name, member, kLater) for one that may be missing.
void visit_members(Same<Listener> auto& listener, const auto& visit) {
  visit("address", listener.address);
  visit("port", listener.port);
  visit("waiting", listener.waiting);
  visit("limit", listener.limit);
  visit("drops", listener.drops);
  visit("half_open", listener.half_open);
  visit("time_wait", listener.time_wait);
  visit("holder", listener.holder);
  visit("waited_before", listener.waited_before, kLater);
}

void visit_members(Same<DestinationUse> auto& use, const auto& visit) {
  visit("from", use.destination.from);
  visit("to", use.destination.to);
  visit("port", use.destination.port);
  visit("open", use.ports.open);
  visit("orphans", use.ports.orphans, kLater);
  visit("time_wait", use.ports.time_wait);
  visit("young", use.ports.young);
  visit("entered", use.ports.entered);
  visit("leaving", use.ports.leaving);
  visit("asked", use.asked);
  visit("unanswered", use.unanswered);
  visit("own_address", use.own_address, kLater);
}

void visit_members(Same<SourceUse> auto& source, const auto& visit) {
  visit("address", source.address);
  visit("ports", source.distinct_ports);
  visit("low_parity", source.low_parity);
  visit("other_parity", source.other_parity);
  visit("destinations", source.destinations);
  visit("out_of_turn", source.out_of_turn, kLater);
  visit("expected_shared", source.expected_shared, kLater);
}

void visit_members(Same<SynSentByPort> auto& asking, const auto& visit) {
  visit("port", asking.port);
  visit("hosts", asking.hosts);
  visit("asked", asking.asked);
  visit("unanswered", asking.unanswered);
}

void visit_members(Same<SynSentByHost> auto& asked, const auto& visit) {
  visit("host", asked.host);
  visit("ports", asked.ports);
  visit("asked", asked.asked);
}

void visit_members(Same<SlowPeer> auto& peer, const auto& visit) {
  visit("address", peer.address);
  visit("close_wait", peer.close_wait);
  visit("fin_wait_2", peer.fin_wait_2);
  visit("unfinished", peer.unfinished);
}

void visit_members(Same<Holder> auto& holder, const auto& visit) {
  visit("name", holder.name);
  visit("sockets", holder.sockets);
}

void visit_members(Same<Holders> auto& holders, const auto& visit) {
  visit("most", holders.most);
  visit("others", holders.others);
}

void visit_members(Same<CloseWaitAges> auto& ages, const auto& visit) {
  visit("held", ages.held);
  visit("oldest_ms", ages.oldest_ms);
}

void visit_members(Same<Obstacles> auto& obstacles, const auto& visit) {
  visit("read_only", obstacles.read_only);
  visit("mortal_init", obstacles.mortal_init);
}

void visit_members(Same<Traffic> auto& traffic, const auto& visit) {
  visit("origin", traffic.origin);
  visit("states", traffic.counts);
  visit("listeners", traffic.listeners);
  visit("destinations", traffic.destinations);
  visit("sources", traffic.sources);
  visit("asking", traffic.asking);
  visit("asked_hosts", traffic.asked_hosts);
  visit("slow_peers", traffic.slow_peers);
  visit("service_ports", traffic.service_ports, kLater);
  visit("time_wait_served", traffic.time_wait_served);
  visit("fin_wait_2_objects", traffic.fin_wait_2_objects);
  visit("retransmitted_unfinished", traffic.retransmitted_unfinished);
  visit("left_out", traffic.left_out);
}

void visit_members(Same<Examination> auto& examination, const auto& visit) {
  visit("counters_before", examination.before);
  visit("counters", examination.after);
  visit_members(examination.traffic, visit);
  visit("close_wait_ages", examination.close_wait_ages);
  visit("close_wait_holders", examination.close_wait_holders);
  visit("syn_sent_holders", examination.syn_sent_holders);
  visit("fin_wait_2_holders", examination.fin_wait_2_holders);
  visit("hidden_processes", examination.hidden_processes);
  visit("obstacles", examination.obstacles, kLater);
}

}  // namespace twctl
