#include "report/explain_here.hpp"

#include <fmt/format.h>

#include "base/escape.hpp"
#include "catalog/value.hpp"

namespace twctl {
namespace {

const LiveValue& live_value(const Setting& setting, const Snapshot& here) {
  static const LiveValue kAbsent;
  const auto found = here.live.find(setting.key);
  return found == here.live.end() ? kAbsent : found->second;
}

std::string live_text(const Setting& setting, const Snapshot& here) {
  const LiveValue& live = live_value(setting, here);
  switch (live.state) {
    case LiveValue::State::present:
      return value_text(setting, live.value) + (live.read_only ? ", read-only here" : "");
    case LiveValue::State::absent:
      return "not on this host";
    case LiveValue::State::denied:
    case LiveValue::State::unreadable:
      break;
  }
  return fmt::format("cannot be read: {}", escape(live.problem));
}

std::string default_text(const Setting& setting, const HostFacts& host) {
  if (host.kernel == KernelVersion{} || setting.defaults.size() < 2) return "";  // one default: the same everywhere
  const DefaultValue found = default_on(setting, host.kernel);
  if (!found.known) return "";
  return fmt::format("{} on Linux {}", value_text(setting, Value(found.value)), to_text(host.kernel));
}

}  // namespace

std::string value_text(const Setting& setting, const Value& value) {
  if (value.empty()) return "empty";
  std::string text = escape(value);
  for (const Meaning& meaning : setting.meanings) {
    if (as_integer(value) == meaning.value) return fmt::format("{} ({})", text, meaning.text);
  }
  return setting.unit.empty() ? text : fmt::format("{} {}", text, setting.unit);
}

void add_facts_here(Page& page, const Setting& setting, const Snapshot& here) {
  if (here.host.os != setting.os) return;
  if (here.host.live) add_fact(page, "live here", live_text(setting, here));
  add_fact(page, "default here", default_text(setting, here.host));
}

}  // namespace twctl
