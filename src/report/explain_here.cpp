#include "report/explain_here.hpp"

#include <fmt/format.h>

#include "base/escape.hpp"

namespace twctl {
namespace {

bool version_known(const HostFacts& host) { return host.kernel != KernelVersion{}; }

std::string kernel_name(const HostFacts& host) {
  return host.kernel_release.empty() ? to_text(host.kernel) : escape(host.kernel_release);
}

// Why the host lacks the setting, as far as the catalogue knows.
std::string why_absent(const Setting& setting, const HostFacts& host) {
  if (setting.os == Os::windows) return "not set";
  if (setting.removed != KernelVersion{} && !(version_known(host) && host.kernel < setting.removed)) {
    return fmt::format("gone since Linux {}", to_text(setting.removed));
  }
  if (!setting.vendor.empty()) return fmt::format("only {} has it", setting.vendor);
  if (version_known(host) && newer_than(setting, host.kernel)) {
    return fmt::format("needs Linux {} (this is {})", to_text(setting.since), kernel_name(host));
  }
  if (!setting.module.empty()) return fmt::format("the module {} is not loaded", setting.module);
  if (!host.initial_network_namespace && setting.reach == Reach::host_wide) return "only the host has it";
  return "this host does not have it";
}

void read_live(SettingHere& facts, const Setting& setting, const Snapshot& here) {
  const auto found = here.live.find(setting.key);
  const LiveValue live = found == here.live.end() ? LiveValue{} : found->second;
  facts.read_only = live.read_only;
  if (live.state == LiveValue::State::present) {
    facts.live = live.value;
  } else if (live.state == LiveValue::State::absent) {
    facts.live_problem = why_absent(setting, here.host);
  } else {
    facts.live_problem = fmt::format("cannot be read: {}", escape(live.problem));
  }
}

// The boot files are those of the host's own namespace; a setting that is not there has no next value either.
bool has_next_boot(const SettingHere& facts, const HostFacts& host) {
  const bool there = facts.live.has_value() || !host.live;
  return there && host.os == Os::linux_kernel && host.netns.empty() && host.loader != Loader::none;
}

void resolve_boot(SettingHere& facts, const Setting& setting, const Snapshot& here) {
  const std::string initial = facts.default_value.value_or("");
  const BootOutcome outcome = boot_outcome(setting, parse_boot_files(here.boot_files), here.host.loader, initial);
  facts.boot = outcome.value ? outcome.value : facts.default_value;
  facts.boot_origin = outcome.decided_by;
}

std::string live_text(const Setting& setting, const SettingHere& facts) {
  if (!facts.live) return facts.live_problem;
  return value_text(setting, *facts.live) + (facts.read_only ? ", read-only here" : "");
}

std::string boot_text(const Setting& setting, const SettingHere& facts) {
  if (!facts.boot) return "";
  const std::string value = value_text(setting, *facts.boot);
  if (!facts.boot_origin) return value + ", the kernel's default: no boot file sets it";
  return fmt::format("{}, from {}:{}", value, escape(facts.boot_origin->file), facts.boot_origin->line);
}

}  // namespace

SettingHere setting_here(const Setting& setting, const Snapshot& here) {
  SettingHere facts;
  if (here.host.live) read_live(facts, setting, here);
  const DefaultValue found = version_known(here.host) ? default_on(setting, here.host.kernel) : DefaultValue{};
  if (found.known) facts.default_value = Value(found.value);
  if (has_next_boot(facts, here.host)) resolve_boot(facts, setting, here);
  return facts;
}

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
  const SettingHere facts = setting_here(setting, here);
  add_fact(page, "live here", live_text(setting, facts));
  add_fact(page, "next boot", boot_text(setting, facts));
  if (!facts.default_value || setting.defaults.size() < 2) return;  // with one default it is the same everywhere
  add_fact(page, "default here",
           fmt::format("{} on Linux {}", value_text(setting, *facts.default_value), to_text(here.host.kernel)));
}

}  // namespace twctl
