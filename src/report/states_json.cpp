#include "report/states_json.hpp"

#include "json/json.hpp"
#include "json/words.hpp"
#include "report/namespaces.hpp"

namespace twctl {
namespace {

Json counts_json(const StateCounts& counts, bool all) {
  Json states = Json::object();
  for (const TcpState state : counted_states()) {
    if (all || count_of(counts, state) > 0) states[std::string(name_of(state))] = count_of(counts, state);
  }
  return states;
}

Json group_json(const SocketGroup& group) {
  return {{"name", bytes_json(group.name)},
          {"number", number_or_null(group.number)},
          {"total", total_of(group.counts)},
          {"states", counts_json(group.counts, false)}};
}

Json other_json(const SocketSummary& summary) {
  if (total_of(summary.other.counts) == 0) return nullptr;
  return {{"groups", summary.other_groups > 0 ? Json(summary.other_groups) : Json(nullptr)},
          {"total", total_of(summary.other.counts)},
          {"states", counts_json(summary.other.counts, false)}};
}

Json document_for(const SocketSummary& summary, const HostFacts& host) {
  Json document = document_of("states");
  document["host"] = host_json(host);
  document["origin"] = word_for(kOriginWords, summary.origin);
  document["total"] = total_of(summary.counts);
  document["states"] = counts_json(summary.counts, true);
  document["grouped_by"] = summary.by ? Json(name_of(*summary.by)) : Json(nullptr);
  document["by"] = list_json(summary.groups, group_json);
  document["by_other"] = other_json(summary);
  document["hidden_processes"] = summary.processes_known ? Json(summary.hidden_processes) : Json(nullptr);
  document["other_namespaces"] = summary.other_namespaces.count;
  return document;
}

}  // namespace

std::string states_json(const SocketSummary& summary, const HostFacts& host) {
  return document_text(document_for(summary, host));
}

std::string states_all_json(const InNamespaces<CountedHost>& spaces) {
  Json document = document_of("states");
  document["namespaces"] = list_json(spaces.all, [](const InNamespace<CountedHost>& one) {
    Json entry = namespace_json(one.where, one.found ? nullptr : &one.found.error());
    entry["report"] = one.found ? document_for(one.found->summary, one.found->facts) : Json(nullptr);
    return entry;
  });
  document["hidden_processes"] = spaces.hidden;
  return document_text(document);
}

}  // namespace twctl
