#include "report/explain_here.hpp"

#include <fmt/format.h>

#include <vector>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "rules/availability.hpp"
#include "rules/boot_state.hpp"
#include "rules/host_view.hpp"
#include "sysctl/kernel_value.hpp"

namespace twctl {
namespace {

void read_live(SettingHere& facts, const Setting& setting, const Snapshot& here) {
  const LiveValue& live = live_value(setting, here);
  facts.read_only = live.read_only;
  if (live.state == LiveValue::State::present) {
    facts.live = live.value;
  } else if (live.state == LiveValue::State::absent) {
    const std::optional<Unavailable> why = why_unavailable(setting, here);
    facts.live_problem = why ? why->text : "absent";
    facts.unavailable = why.has_value();
  } else {
    facts.live_problem = fmt::format("cannot be read: {}", escape(live.problem));
  }
}

// The boot files are those of the host's own namespace; a setting that is not there has no next value either.
bool has_next_boot(const SettingHere& facts, const HostFacts& host) {
  return host.os == Os::linux_kernel && host.netns.empty() && (facts.live.has_value() || !host.live);
}

std::string live_text(const Setting& setting, const SettingHere& facts) {
  if (!facts.live) return (facts.unavailable ? "none: " : "") + facts.live_problem;
  return value_text(setting, *facts.live) + (facts.read_only ? ", read-only here" : "");
}

std::string boot_text(const Setting& setting, const SettingHere& facts) {
  if (!facts.boot) return "";
  std::string text = value_text(setting, *facts.boot);
  if (facts.boot_origin) {
    text += ", from " + place_text(*facts.boot_origin);
  } else {
    text += ", the kernel's default: no boot file sets it";
  }
  for (const PossibleValue& possible : facts.boot_perhaps) {
    text += fmt::format("; {} ({}) ", possible.writer, possible.shown_by);
    text += possible.value ? fmt::format("may set it to {}", value_text(setting, *possible.value))
                           : "writes it later: to what is not known";
  }
  return text;
}

// Of a key that this kernel no longer has: the lines that ask for it all the same, and what to do with them.
std::string useless_lines_text(const Setting& setting, const Snapshot& here) {
  const std::optional<Unavailable> why = why_unavailable(setting, here);
  if (!why || why->reason != Unavailable::Reason::removed) return "";
  std::vector<std::string> places;
  const HostView host = view_of(here);
  for (const BootLine& line : host.replay.lines_for(setting)) {
    if (line.key == setting.key) places.push_back(place_text(line.where));
  }
  constexpr std::size_t kShown = 8;
  if (places.empty()) return "nothing: no boot file of this host names it";
  return fmt::format("delete {}: {}", places.size() == 1 ? "this line" : "these lines", listed(places, kShown));
}

}  // namespace

SettingHere setting_here(const Setting& setting, const Snapshot& here) {
  SettingHere facts;
  if (here.host.live) read_live(facts, setting, here);
  facts.default_value = kernel_default(setting, here.host);
  if (!has_next_boot(facts, here.host)) return facts;
  BootState state = boot_state(setting, view_of(here, std::string(kOwnBootFile)));
  facts.boot = std::move(state.value);
  facts.boot_origin = std::move(state.origin);
  facts.boot_writer = std::move(state.writer);
  facts.boot_perhaps = std::move(state.perhaps);
  return facts;
}

std::string value_text(const Setting& setting, const Value& value) {
  if (value.empty()) return "empty";
  std::string text = escape(value);
  for (const Meaning& meaning : setting.meanings) {
    if (as_integer(value) == meaning.value) return fmt::format("{} ({})", text, meaning.text);
  }
  const bool counts = setting.type == ValueType::integer && !setting.unit.empty();
  return !counts ? text : fmt::format("{} {}", text, setting.unit);
}

std::string line_text(const Setting& setting, std::string_view value, const Snapshot* here) {
  if (here != nullptr && why_unavailable(setting, *here)) return "sets nothing here, for there is no such setting";
  const KernelVersion kernel = here == nullptr ? KernelVersion{} : here->host.kernel;
  const Value before = setting.defaults.empty() ? Value() : Value(setting.defaults.back().value);
  const KernelOutcome taken = kernel_takes(setting, value, before, kernel);
  if (!taken.value) return fmt::format("the kernel refuses {}: {}", escape(value), taken.note);
  return fmt::format("sets it to {}{}{}", value_text(setting, *taken.value), taken.note.empty() ? "" : "; ",
                     taken.note);
}

void add_facts_here(Page& page, const Setting& setting, const Snapshot& here) {
  if (here.host.os != setting.os) return;
  const SettingHere facts = setting_here(setting, here);
  add_fact(page, "live here", live_text(setting, facts));
  add_fact(page, "next boot", boot_text(setting, facts));
  add_fact(page, "what to do", useless_lines_text(setting, here));
  if (!facts.default_value || setting.defaults.size() < 2) return;  // with one default it is the same everywhere
  add_fact(page, "default here",
           fmt::format("{} on Linux {}", value_text(setting, *facts.default_value), to_text(here.host.kernel)));
}

}  // namespace twctl
