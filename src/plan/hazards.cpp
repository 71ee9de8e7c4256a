#include "plan/hazards.hpp"

#include <array>

#include "catalog/finding.hpp"
#include "plan/finders.hpp"

namespace twctl {
namespace {

struct Row {
  std::string_view id;
  Finder find;
  Os os = Os::linux_kernel;
};

// In the order of the contract's table, which is the order in which a plan lists them.
constexpr std::array kFinders{
    Row{"tw-recycle", finders::tw_recycle},
    Row{"removed", finders::removed},
    Row{"unsupported", finders::unsupported},
    Row{"shadowed", finders::shadowed},
    Row{"not-read-at-boot", finders::not_read_at_boot},
    Row{"module-late", finders::module_late},
    Row{"later-writer", finders::later_writer},
    Row{"reuse-without-timestamps", finders::reuse_without_timestamps},
    Row{"fin-timeout-trap", finders::fin_timeout_trap},
    Row{"not-time-wait", finders::not_time_wait},
    Row{"buckets-low", finders::buckets_low},
    Row{"ports-privileged", finders::ports_privileged},
    Row{"ports-in-use", finders::ports_in_use},
    Row{"ports-service", finders::ports_service},
    Row{"ports-shrink", finders::ports_shrink},
    Row{"backlog-inert", finders::backlog_inert},
    Row{"somaxconn-lower", finders::somaxconn_lower},
    Row{"protection-lower", finders::protection_lower},
    Row{"other-namespaces", finders::other_namespaces},
    Row{"out-of-range", finders::range_of_build, Os::windows},
    Row{"time-wait-short", finders::time_wait_short, Os::windows},
    Row{"wrong-type", finders::wrong_type, Os::windows},
    Row{"obsolete-value", finders::obsolete_values, Os::windows},
    Row{"without-effect", finders::values_without_effect, Os::windows},
    Row{"hexadecimal", finders::hexadecimal_digits, Os::windows},
    Row{"restart-needed", finders::restart_needed, Os::windows},
    Row{"container", finders::container, Os::windows},
};

Hazard make_hazard(const HazardRow& row, Found found) {
  if (found.source.empty()) found.source = row.sources.first();
  return {.id = std::string(row.id),
          .key = std::move(found.key),
          .blocking = row.blocks,
          .text = std::move(found.text),
          .source = std::move(found.source)};
}

}  // namespace

std::vector<Hazard> find_hazards(const Plan& plan, const BootSide& side, const std::vector<Slip>& slips) {
  const Outlook outlook{plan, side, slips};
  std::vector<Hazard> hazards;
  for (const auto& [id, find, os] : kFinders) {
    if (os != plan.host.os) continue;
    for (Found& found : find(outlook)) hazards.push_back(make_hazard(*find_hazard(id), std::move(found)));
  }
  return hazards;
}

std::vector<std::string_view> findable_hazards() {
  std::vector<std::string_view> ids;
  for (const Row& row : kFinders) ids.push_back(row.id);
  return ids;
}

}  // namespace twctl
