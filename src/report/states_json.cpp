#include "report/states_json.hpp"

#include <nlohmann/json.hpp>

#include "report/json.hpp"
#include "report/snapshot_words.hpp"
#include "report/version.hpp"

namespace twctl {
namespace {

using Json = nlohmann::ordered_json;

Json counts_json(const StateCounts& counts, bool all) {
  Json states = Json::object();
  for (const TcpState state : counted_states()) {
    if (all || count_of(counts, state) > 0) states[std::string(name_of(state))] = count_of(counts, state);
  }
  return states;
}

Json group_json(const SocketGroup& group) {
  return {{"name", group.name},
          {"number", group.number ? Json(*group.number) : Json(nullptr)},
          {"total", total_of(group.counts)},
          {"states", counts_json(group.counts, false)}};
}

Json other_json(const SocketSummary& summary) {
  if (total_of(summary.other.counts) == 0) return nullptr;
  return {{"groups", summary.other_groups > 0 ? Json(summary.other_groups) : Json(nullptr)},
          {"total", total_of(summary.other.counts)},
          {"states", counts_json(summary.other.counts, false)}};
}

}  // namespace

std::string states_json(const SocketSummary& summary, const HostFacts& host) {
  Json document{{"format_version", kFormatVersion}, {"command", "states"}};
  document["host"] = Json::parse(host_json_text(host));
  document["origin"] = word_for(kOriginWords, summary.origin);
  document["total"] = total_of(summary.counts);
  document["states"] = counts_json(summary.counts, true);
  document["grouped_by"] = summary.by ? Json(name_of(*summary.by)) : Json(nullptr);
  document["by"] = Json::array();
  for (const SocketGroup& group : summary.groups) document["by"].push_back(group_json(group));
  document["by_other"] = other_json(summary);
  document["hidden_processes"] = summary.processes_known ? Json(summary.hidden_processes) : Json(nullptr);
  return document.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace twctl
