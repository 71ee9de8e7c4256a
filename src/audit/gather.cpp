#include "audit/gather.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace twctl {
namespace {

struct Follows {
  std::string_view id;
  std::string_view cause;
  bool same_key;  // only where both are about one setting
};
constexpr auto kFollows = std::to_array<Follows>({
    {"reuse-inert", "timestamps-off", false},
    {"dev-sec-timestamps", "timestamps-off", false},
    {"loaders-differ", "value-refused", true},
    {"loaders-differ", "odd-character", true},
    {"loaders-differ", "ports-below-privileged", true},
    {"loaders-differ", "lone-cr", false},
    {"port-range-listeners", "port-range-nodeports", true},
    {"port-range-services", "port-range-nodeports", true},
});

// Of alarms alike the one about tcp_tw_recycle comes first: it locks clients out, or a next step would.
bool locks_out(const Finding& finding) { return finding.row->id.starts_with("recycle-"); }

bool is_same_slip(const Finding& a, const Finding& b) {
  return a.row == b.row && a.severity == b.severity && a.meaning == b.meaning && a.advice == b.advice;
}

}  // namespace

const Finding* cause_of(const Finding& finding, const Findings& findings) {
  for (const Follows& one : kFollows) {
    if (one.id != finding.row->id) continue;
    const auto cause = std::find_if(findings.begin(), findings.end(), [&](const Finding& other) {
      return other.row->id == one.cause && (!one.same_key || other.key == finding.key);
    });
    if (cause != findings.end()) return &*cause;
  }
  return nullptr;
}

std::vector<Gathered> gather(const Findings& findings) {
  std::vector<Gathered> gathered;
  const auto group_of = [&](const Finding& finding) {
    return std::find_if(gathered.begin(), gathered.end(),
                        [&](const Gathered& one) { return is_same_slip(*one.finding, finding); });
  };
  for (const Finding& finding : findings) {
    if (cause_of(finding, findings) != nullptr) continue;
    if (const auto group = group_of(finding); group != gathered.end()) {
      group->again.push_back(&finding);
    } else {
      gathered.push_back({&finding, {}, {}});
    }
  }
  for (const Finding& finding : findings) {
    if (const Finding* cause = cause_of(finding, findings)) group_of(*cause)->consequences.push_back(&finding);
  }
  std::stable_sort(gathered.begin(), gathered.end(), [](const Gathered& a, const Gathered& b) {
    const auto weight = [](const Gathered& one) { return std::pair(one.finding->severity, locks_out(*one.finding)); };
    return weight(a) > weight(b);
  });
  return gathered;
}

}  // namespace twctl
