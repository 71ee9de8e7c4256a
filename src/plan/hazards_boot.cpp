#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/finding.hpp"
#include "plan/finders.hpp"
#include "plan/presence.hpp"
#include "sysctl/kernel_value.hpp"

namespace twctl::finders {
namespace {

bool boot_in_scope(const Outlook& outlook) { return outlook.plan.scope != Scope::live; }

bool boot_is(const PlannedSetting& planned, Verdict verdict) {
  return !planned.skipped && planned.boot_verdict && planned.boot_verdict->verdict == verdict;
}

// A line is to be there at the next boot, and is not in force yet.
bool wants_line(const PlannedSetting& planned) {
  return boot_is(planned, Verdict::change) && planned.entry.wanted.op != Operator::unset;
}

bool any_layer_is(const PlannedSetting& planned, Verdict verdict) {
  const auto is = [&](const std::optional<LayerVerdict>& layer) { return layer && layer->verdict == verdict; };
  return is(planned.live_verdict) || is(planned.boot_verdict);
}

// The planned value of the boot layer, whether or not the line is there already.
std::string boot_target_text(const Outlook& outlook, const PlannedSetting& planned) {
  const std::optional<Value> written = outlook.written(Layer::boot, planned.setting->key);
  return escape(written ? *written : own_line(*planned.setting, outlook.side).value_or(""));
}

// "/etc/sysctl.conf:3, /etc/sysctl.d/50-old.conf:1": the lines for this very key, globs left out.
std::vector<std::string> places_of(const Setting& setting, const BootSide& side) {
  std::vector<std::string> places;
  for (const BootLine& line : side.replay.lines_for(setting)) {
    std::string place = fmt::format("{}:{}", escape(line.where.file), line.where.line);
    const bool known = std::find(places.begin(), places.end(), place) != places.end();
    if (line.key == setting.key && !known) places.push_back(std::move(place));
  }
  return places;
}

const PlannedSetting* asked_for(const Outlook& outlook, const Setting& setting) {
  for (const PlannedSetting& planned : outlook.plan.settings) {
    const bool insists = !planned.entry.optional && planned.entry.wanted.op != Operator::unset;
    if (planned.setting == &setting && insists && any_layer_is(planned, Verdict::removed)) return &planned;
  }
  return nullptr;
}

std::string removed_text(const Outlook& outlook, const Setting& setting) {
  const std::vector<std::string> places =
      boot_in_scope(outlook) ? places_of(setting, outlook.side) : std::vector<std::string>{};
  const PlannedSetting* planned = asked_for(outlook, setting);
  if (planned == nullptr && places.empty()) return {};
  std::string text = fmt::format("Gone since Linux {}. {}", to_text(setting.removed), setting.removed_why);
  if (planned != nullptr) text += fmt::format(" The wish for {} is skipped.", to_text(planned->entry.wanted));
  if (!places.empty()) text += fmt::format(" Delete {}: it does nothing.", join(places, ", "));
  return text;
}

bool depends_on_a_file(const PlannedSetting& planned) {
  const bool file_decides = planned.boot_origin && planned.boot_origin->file != kKernelCommandLine;
  return planned.boot_verdict && !planned.skipped && (wants_line(planned) || file_decides);
}

std::optional<Found> no_loader(const Outlook& outlook) {
  const auto& planned = outlook.plan.settings;
  if (outlook.plan.host.loader != Loader::none || !std::any_of(planned.begin(), planned.end(), depends_on_a_file)) {
    return std::nullopt;
  }
  return Found{"",
               "Neither systemd-sysctl nor sysctl --system is known to run at boot here: perhaps nothing reads the "
               "boot files.",
               "sysctl.d(5); sysctl(8), --system"};
}

// Of the catalogue's sources the one about this program; without one, what shows it here.
std::string source_about(const LaterWriter& writer) {
  for (const std::string_view source : find_hazard("later-writer")->sources) {
    if (source.starts_with(to_lower(writer.name))) return std::string(source);
  }
  return writer.evidence;
}

// "" where the writer leaves the key alone or writes a value that is as wanted.
std::string overwrites(const LaterWriter& writer, const PlannedSetting& planned) {
  const auto write = writer.writes.find(std::string(planned.setting->key));
  if (write == writer.writes.end()) return {};
  const std::string who = fmt::format("{} ({})", writer.name, writer.evidence);
  if (write->second.empty()) return fmt::format("{} writes it later than the boot files do.", who);
  const KernelOutcome taken = kernel_takes(*planned.setting, write->second, planned.boot.value_or(""));
  const bool refused = !taken.value;
  if (refused || satisfied(*planned.setting, planned.entry.wanted, taken.value)) return {};
  return fmt::format("{} sets it to {} later than the boot files do.", who, escape(*taken.value));
}

}  // namespace

std::vector<Found> removed(const Outlook& outlook) {
  std::vector<Found> found;
  for (const Setting& setting : settings(Os::linux_kernel)) {
    const std::optional<Lack> lack = lack_of(setting, outlook.side.snapshot);
    if (!lack || lack->verdict != Verdict::removed) continue;
    std::string text = removed_text(outlook, setting);
    if (!text.empty())
      found.push_back({std::string(setting.key), std::move(text), std::string(setting.sources.first())});
  }
  return found;
}

std::vector<Found> unsupported(const Outlook& outlook) {
  std::vector<Found> found;
  for (const PlannedSetting& planned : outlook.plan.settings) {
    if (planned.skipped || !any_layer_is(planned, Verdict::unsupported)) continue;
    const bool live_lacks = planned.live_verdict && planned.live_verdict->verdict == Verdict::unsupported;
    const std::string& note = (live_lacks ? planned.live_verdict : planned.boot_verdict)->note;
    found.push_back({std::string(planned.setting->key),
                     fmt::format("This host lacks it: {}. A '-' before the key in a profile skips it.", note)});
  }
  return found;
}

std::vector<Found> shadowed(const Outlook& outlook) {
  std::vector<Found> found;
  for (const PlannedSetting& planned : outlook.plan.settings) {
    if (!boot_is(planned, Verdict::shadowed)) continue;
    found.push_back({std::string(planned.setting->key),
                     fmt::format("{}: {} would be gone after the next boot.", planned.boot_verdict->note,
                                 boot_target_text(outlook, planned))});
  }
  return found;
}

std::vector<Found> not_read_at_boot(const Outlook& outlook) {
  const auto& planned = outlook.plan.settings;
  if (outlook.side.file_read || std::none_of(planned.begin(), planned.end(), wants_line)) return {};
  const std::string_view loader = outlook.side.loader == Loader::procps ? "sysctl --system" : "systemd-sysctl";
  return {{"", fmt::format("{} does not read {} here: what is written there is gone after the next boot.", loader,
                           escape(outlook.side.file))}};
}

std::vector<Found> module_late(const Outlook& outlook) {
  std::vector<Found> found;
  for (const PlannedSetting& planned : outlook.plan.settings) {
    if (!wants_line(planned) || !loads_late(*planned.setting, outlook.side.snapshot)) continue;
    found.push_back({std::string(planned.setting->key),
                     fmt::format("The module {0} is loaded after the boot files have been read, so a line for it is "
                                 "passed over. Name {0} in a file of /etc/modules-load.d.",
                                 planned.setting->module)});
  }
  return found;
}

std::vector<Found> later_writer(const Outlook& outlook) {
  std::vector<Found> found;
  if (std::optional<Found> none = no_loader(outlook)) found.push_back(*std::move(none));
  for (const PlannedSetting& planned : outlook.plan.settings) {
    if (planned.skipped || planned.entry.wanted.op == Operator::unset) continue;
    for (const LaterWriter& writer : outlook.side.snapshot.later_writers) {
      std::string text = overwrites(writer, planned);
      if (!text.empty()) found.push_back({std::string(planned.setting->key), std::move(text), source_about(writer)});
    }
  }
  return found;
}

std::vector<Found> other_namespaces(const Outlook& outlook) {
  const int count = outlook.side.snapshot.other_namespaces;
  if (count == 0 || !needs_other_namespaces(outlook.plan)) return {};
  const std::string_view at_least = outlook.side.snapshot.more_namespaces ? "At least " : "";
  if (count == 1 && at_least.empty()) {
    return {{"", "Another network namespace has processes in it (a container?): it keeps its own values."}};
  }
  return {{"", fmt::format(
                   "{}{} other network namespace{} {} processes in {} (containers?): they keep their own values.",
                   at_least, count, count == 1 ? "" : "s", count == 1 ? "has" : "have", count == 1 ? "it" : "them")}};
}

}  // namespace twctl::finders
