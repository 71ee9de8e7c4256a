#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/slips.hpp"
#include "rules/availability.hpp"
#include "rules/boot_state.hpp"
#include "rules/plan_rules.hpp"

namespace twctl::rules {
namespace {

constexpr std::string_view kKubeProxy = "kube-proxy";

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
std::string boot_target_text(const PlanView& plan, const PlannedSetting& planned) {
  const std::optional<Value> written = plan.written(Layer::boot, planned.setting->key);
  return escape(written ? *written : own_line(*planned.setting, plan.host).value_or(""));
}

// "/etc/sysctl.conf:3, /etc/sysctl.d/50-old.conf:1": the lines for this very key, globs left out.
std::vector<std::string> places_of(const Setting& setting, const HostView& host) {
  std::vector<std::string> places;
  for (const BootLine& line : host.replay.lines_for(setting)) {
    std::string place = place_text(line.where);
    const bool known = std::find(places.begin(), places.end(), place) != places.end();
    if (line.key == setting.key && !known) places.push_back(std::move(place));
  }
  return places;
}

const PlannedSetting* asked_for(const PlanView& plan, const Setting& setting) {
  for (const PlannedSetting& planned : plan.settings) {
    const bool insists = !planned.entry.optional && planned.entry.wanted.op != Operator::unset;
    if (planned.setting == &setting && insists && any_layer_is(planned, Verdict::removed)) return &planned;
  }
  return nullptr;
}

std::string removed_text(const PlanView& plan, const Setting& setting) {
  std::vector<std::string> places;
  if (plan.scope != Scope::live) places = places_of(setting, plan.host);
  const PlannedSetting* planned = asked_for(plan, setting);
  if (planned == nullptr && places.empty()) return {};
  std::string text = fmt::format("Gone since Linux {}. {}", to_text(setting.removed), setting.removed_why);
  if (planned != nullptr) text += " It is skipped: nothing is written for it.";
  if (!places.empty()) text += fmt::format(" Delete {}: it does nothing.", join(places, ", "));
  return text;
}

bool depends_on_a_file(const PlannedSetting& planned) {
  const bool file_decides = planned.boot_origin && planned.boot_origin->file != kKernelCommandLine;
  return planned.boot_verdict && !planned.skipped && (wants_line(planned) || file_decides);
}

bool has_no_loader(const PlanView& plan) {
  return plan.facts().loader == Loader::none &&
         std::any_of(plan.settings.begin(), plan.settings.end(), depends_on_a_file);
}

// What it may do, by whose line; "" where that is as wanted all the same.
std::string may_write(const PossibleValue& possible, const PlannedSetting& planned) {
  if (possible.writer == kKubeProxy) {
    return fmt::format(
        "kube-proxy writes it later than the boot files do, unless the cluster's configuration says 0 "
        "(ConfigMap kube-proxy, conntrack); {} only shows that this is a node.",
        possible.shown_by);
  }
  const std::string who = fmt::format("{} ({})", possible.writer, possible.shown_by);
  if (!possible.value) return fmt::format("{} writes it later than the boot files do; the value is not known.", who);
  if (satisfied(*planned.setting, planned.entry.wanted, possible.value)) return {};
  if (possible.at_a_later_boot) {
    return fmt::format("{} sets it to {} once the kernel is booted with that: no boot file sets it.", who,
                       escape(*possible.value));
  }
  return fmt::format("{} may set it to {} later than the boot files do, at a time that is not known.", who,
                     escape(*possible.value));
}

// What helps against the file that wins, where that is not to be edited, or where the other file that we write would
// win.
std::string way_out(const HostView& host, const PlannedSetting& planned) {
  if (planned.boot_verdict->refused) return {};
  const std::optional<std::string> line = own_line(*planned.setting, host);
  const Write* write = planned.write_in(Layer::boot);
  const std::optional<Value> target = write != nullptr ? write->after : line;
  if (!target) return {};
  const SupposedLine there{.file = kSysctlConf, .value = *target};
  if (reads_file(host.replay.config, host.loader, kSysctlConf) &&
      boot_state_with(*planned.setting, host, there).value == *target) {
    return fmt::format(" A line in {0} would win: --boot-file {0}.", kSysctlConf);
  }
  const std::string winner = shadowed_by(*planned.setting, host, *target).by.file;
  if (winner.starts_with("/etc/") || winner.starts_with("/run/")) return " Change that line, or delete it.";
  if (!is_of_a_package(winner)) return {};
  return fmt::format(
      " That file is a package's, and one of its name in /etc/sysctl.d takes its place: copy it there without that "
      "line, "
      "or mask it with `ln -s /dev/null {}`.",
      escape(fmt::format("/etc/sysctl.d/{}", file_name(winner))));
}

// A value that is set live too is there until the next boot; a boot file's line alone would never come to be.
std::string lost_text(const PlanView& plan, const PlannedSetting& planned) {
  const bool live_too = plan.scope == Scope::both && !plan.facts().captured;
  const std::string_view sooner = live_too && planned.boot_writer == "UFW" ? ", or `ufw reload`" : "";
  return fmt::format("{}: {} would {} after the next boot{}.", planned.boot_verdict->note,
                     boot_target_text(plan, planned), live_too ? "be gone" : "not be in force", sooner);
}

// What helps against the later writer: its own line. A package's is not to be edited.
std::string way_out_of_writer(const PlanView& plan, const PlannedSetting& planned) {
  const Place& by = planned.boot_verdict->by;
  if (by.file.empty()) return {};
  if (is_of_a_package(by.file)) {
    return fmt::format(
        " {} is a package's: put what is wanted into a copy of it below /etc, where the program has one.",
        escape(by.file));
  }
  return fmt::format(" Set {} in {}, or take it out there.", boot_target_text(plan, planned), place_text(by));
}

// The file of another directory that has our file's name and lines to give; nullptr: none has. Of several the one that
// is read where ours is not.
const BootConfig::File* namesake(const HostView& host) {
  BootFiles others;
  for (const BootConfig::File& file : host.replay.config.files) {
    if (file.path != host.file && file_name(file.path) == file_name(host.file)) others.push_back(&file);
  }
  for (const BootConfig::File* file : files_in_order(others, host.loader)) {
    if (!as_read_by(host.loader, *file).assignments.empty()) return file;
  }
  return nullptr;
}

}  // namespace

void removed(const PlanView& plan, FindingSink& found) {
  for (const Setting& setting : settings(Os::linux_kernel)) {
    if (setting.removed == KernelVersion{}) continue;
    const std::optional<Unavailable> why = why_unavailable(setting, plan.host.snapshot);
    if (!why || why->reason != Unavailable::Reason::removed) continue;
    std::string text = removed_text(plan, setting);
    if (!text.empty()) found.add(setting.key, std::move(text)).source = setting.sources.first();
  }
  const KernelVersion kernel = plan.facts().kernel;
  if (kernel == KernelVersion{} || kernel >= kOldConntrackKeysEnd) add_slips(plan, found);
}

void unsupported(const PlanView& plan, FindingSink& found) {
  for (const PlannedSetting& planned : plan.settings) {
    if (planned.skipped || !any_layer_is(planned, Verdict::unsupported)) continue;
    const bool live_lacks = planned.live_verdict && planned.live_verdict->verdict == Verdict::unsupported;
    const std::string& note = (live_lacks ? planned.live_verdict : planned.boot_verdict)->note;
    found.add(planned.setting->key,
              fmt::format("Cannot be set here: {}. A '-' before the key in a profile skips it.", note));
  }
}

void shadowed(const PlanView& plan, FindingSink& found) {
  for (const PlannedSetting& planned : plan.settings) {
    if (!boot_is(planned, Verdict::shadowed) || planned.boot_verdict->by_later_writer) continue;
    found.add(planned.setting->key, lost_text(plan, planned) + way_out(plan.host, planned), planned.boot_verdict->by);
  }
}

void not_read_at_boot(const PlanView& plan, FindingSink& found) {
  const auto& planned = plan.settings;
  if (plan.host.file_read || std::none_of(planned.begin(), planned.end(), wants_line)) return;
  const std::string_view loader = plan.host.loader == Loader::procps ? "sysctl --system" : "systemd-sysctl";
  found.add("", fmt::format("{} does not read {} here: what is written there is gone after the next boot.", loader,
                            escape(plan.host.file)));
}

void masks_file(const PlanView& plan, FindingSink& found) {
  if (plan.file_fate == BootFileFate::stays || plan.host.file == kSysctlConf) return;
  const BootConfig::File* other = namesake(plan.host);
  if (other == nullptr) return;
  const std::size_t lines = as_read_by(plan.host.loader, *other).assignments.size();
  const std::string count = fmt::format("{} line{}", lines, lines == 1 ? "" : "s");
  const std::string ours = escape(plan.host.file);
  const std::string theirs = escape(other->path);
  found.add("",
            plan.file_fate == BootFileFate::appears
                ? fmt::format("{} would take the place of {}: the next boot would lack its {}.", ours, theirs, count)
                : fmt::format("{} goes, and {}, whose place it takes, is read again: {}.", ours, theirs, count));
}

void module_late(const PlanView& plan, FindingSink& found) {
  for (const PlannedSetting& planned : plan.settings) {
    if (!wants_line(planned) || !loads_late(*planned.setting, plan.host.snapshot)) continue;
    found.add(planned.setting->key,
              fmt::format("The module {0} is loaded after the boot files have been read, so a line for it is passed "
                          "over. Name {0} in a file of /etc/modules-load.d.",
                          planned.setting->module));
  }
}

void no_loader(const PlanView& plan, FindingSink& found) {
  if (!has_no_loader(plan)) return;
  found.add("",
            "Neither systemd-sysctl nor sysctl --system is known to run at boot here: perhaps nothing reads the boot "
            "files.");
}

void later_writer(const PlanView& plan, FindingSink& found) {
  for (const PlannedSetting& planned : plan.settings) {
    if (!boot_is(planned, Verdict::shadowed) || !planned.boot_verdict->by_later_writer) continue;
    found
        .add(planned.setting->key, lost_text(plan, planned) + way_out_of_writer(plan, planned),
             planned.boot_verdict->by)
        .source = source_about(planned.boot_writer, found.row(), escape(planned.boot_origin.value_or(Place{}).file));
  }
}

void possible_writer(const PlanView& plan, FindingSink& found) {
  for (const PlannedSetting& planned : plan.settings) {
    if (planned.skipped || planned.entry.wanted.op == Operator::unset) continue;
    for (const PossibleValue& possible : planned.boot_perhaps) {
      std::string text = may_write(possible, planned);
      if (text.empty()) continue;
      found.add(planned.setting->key, std::move(text)).source =
          source_about(possible.writer, found.row(), possible.shown_by);
    }
  }
  if (plan.scope == Scope::live) return;
  for (const LaterWriter& writer : plan.host.later_writers) {
    if (writer.unread.empty()) continue;
    found.add("", unread_text(writer)).source = source_about(writer.name, found.row(), writer.evidence);
  }
}

void other_namespaces(const PlanView& plan, FindingSink& found) {
  const int count = plan.host.snapshot.other_namespaces;
  if (count == 0 || !needs_other_namespaces(plan.settings)) return;
  const bool more = plan.host.snapshot.more_namespaces;
  if (count == 1 && !more) {
    found.add("", "Another network namespace has processes in it (a container?): it keeps its own values.");
    return;
  }
  found.add("",
            fmt::format("{}{} other network namespace{} {} processes in {} (containers?): they keep their own values.",
                        more ? "At least " : "", count, count == 1 ? "" : "s", count == 1 ? "has" : "have",
                        count == 1 ? "it" : "them"));
}

void timer_dies_with_container(const PlanView& plan, FindingSink& found) {
  if (!plan.mortal_init) return;
  constexpr std::string_view kEnd =
      "when it ends, the kernel ends every process here, and with them the watchdog that is "
      "to take the change back.";
  found.add("", plan.mortal_init->empty() ? fmt::format("Process 1 of this pid namespace cannot be seen: {}", kEnd)
                                          : fmt::format("Process 1 of this pid namespace is {}, which is no init: {}",
                                                        escape(*plan.mortal_init), kEnd));
}

}  // namespace twctl::rules
