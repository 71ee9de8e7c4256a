#include "report/plan_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "plan/accept.hpp"
#include "plan/refusal.hpp"
#include "report/explain_names.hpp"
#include "report/plan_row.hpp"
#include "report/plan_table.hpp"
#include "report/plan_words.hpp"

namespace twctl {
namespace {

std::string_view loader_text(Loader loader) {
  switch (loader) {
    case Loader::systemd:
      return "boot files read by systemd-sysctl";
    case Loader::procps:
      return "boot files read by sysctl --system";
    case Loader::none:
      return "no known loader of boot files";
  }
  return "";
}

std::string header_text(const Plan& plan, const Screen& screen) {
  std::vector<std::string> facts;
  const HostFacts& host = plan.host;
  if (!host.distribution.empty()) facts.push_back(escape(host.distribution));
  const bool on_windows = host.os == Os::windows;
  if (!host.kernel_release.empty()) facts.push_back((on_windows ? "Windows " : "Linux ") + escape(host.kernel_release));
  if (!host.container.empty()) facts.push_back("in a container (" + escape(host.container) + ")");
  if (!host.netns.empty()) facts.push_back("network namespace " + escape(host.netns));
  if (host.netns.empty()) facts.emplace_back(on_windows ? "values of the registry" : loader_text(host.loader));
  if (!host.live) facts.emplace_back("not running: files only");
  const std::string name = name_of_host(host.hostname, plan.tree);
  const std::string what = plan.profiles.empty() ? "the settings given" : escape(join(plan.profiles, ", "));
  return inked(screen, Ink::strong, fmt::format("Plan for {}: {}", name, what)) + "\n" +
         wrapped(join(facts, ", "), screen.columns);
}

// Both loaders' answers, where no row has said that they differ.
std::string loaders_text(const Plan& plan, const Screen& screen) {
  const bool differ = std::any_of(plan.settings.begin(), plan.settings.end(),
                                  [](const PlannedSetting& planned) { return planned.boot_procps.has_value(); });
  const bool nobody_reads = plan.host.loader == Loader::none;
  if (differ || nobody_reads || plan.scope == Scope::live || plan.settings.empty()) return "";
  return "\n" + wrapped("At the next boot systemd-sysctl and sysctl --system set the same.", screen.columns);
}

std::string hazard_title(const Finding& hazard, const Screen& screen) {
  const bool blocks = hazard.blocks();
  const std::string_view unblocked = hazard.severity == Severity::info ? "  note     " : "  warning  ";
  const std::string_view status = blocks ? "! blocked  " : hazard.accepted ? "  accepted " : unblocked;
  std::string title = inked(screen, blocks ? Ink::danger : Ink::strong, fmt::format("{}{}", status, hazard.row->id));
  if (!hazard.key.empty()) title += "  " + hazard.key;
  return title + "\n";
}

std::string hazard_text(const Finding& hazard, const Screen& screen, bool sources, bool may_be_accepted) {
  std::string text = hazard_title(hazard, screen) + wrapped(hazard.evidence, screen.columns, "    ");
  if (sources) text += labelled("source", hazard.source, screen);
  if (hazard.blocks() && may_be_accepted)
    text += labelled("accept", "--accept " + accept_text(hazard.row->id, hazard.key), screen);
  return text;
}

std::string hazards_text(const Plan& plan, const Screen& screen, bool sources) {
  std::string blocking;
  std::string others;
  const bool helps = futile_hazard(plan) == nullptr;
  for (const Finding& hazard : plan.hazards) {
    (hazard.blocks() ? blocking : others) += hazard_text(hazard, screen, sources, helps);
  }
  return blocking.empty() && others.empty() ? "" : "\n" + blocking + others;
}

std::string notes_text(const Plan& plan, const Screen& screen) {
  std::string text;
  for (const Note& note : plan.notes) {
    const bool in_the_table = note.skipped != nullptr;  // its row says why
    if (!in_the_table) text += wrapped(note.text, screen.columns, "note: ");
  }
  return text.empty() ? "" : "\n" + text;
}

std::string_view where_text(PlanPage page) {
  if (page == PlanPage::of_another_host) return ", on that host:";
  if (page == PlanPage::of_a_namespace) return " in this network namespace alone:";
  return page == PlanPage::of_a_captured_tree ? " to the boot files below the root; live values are copies there:"
                                              : ":";
}

// ", KEY until the next boot only": what does not last although it would be set. "" where that is nothing.
std::string short_lived_text(const Plan& plan) {
  const std::vector<std::string> keys = lost_at_boot(plan);
  return keys.empty() ? "" : fmt::format(", {} until the next boot only", join(keys, ", "));
}

// Behind the command that leaves the boot files alone.
std::string own_boot_text(const Plan& plan, const Screen& screen) {
  return wrapped(fmt::format("{} sets the values of the host's own network namespace: --scope both, or boot, if that "
                             "is meant.",
                             escape(plan.boot_file)),
                 screen.columns);
}

// Of a network namespace: what would set its live values, which no hazard of a boot file concerns.
std::string namespace_steps(const Plan& plan, const Screen& screen, const std::string& command) {
  const bool writes_live = std::any_of(plan.settings.begin(), plan.settings.end(), [](const PlannedSetting& planned) {
    return planned.write_in(Layer::live) != nullptr || planned.taken_over;
  });
  if (!writes_live || command.empty()) {
    return wrapped("Nothing was changed, and nothing is to change in this network namespace.", screen.columns) +
           own_boot_text(plan, screen);
  }
  const std::string accepts = accept_options(plan, Scope::live);
  const std::string_view lead = accepts.empty() ? "Nothing was changed. This does it"
                                                : "Nothing was changed. Mend the cause, or accept the risk; "
                                                  "then this does it";
  return wrapped(std::string(lead) + std::string(where_text(PlanPage::of_a_namespace)), screen.columns) + "  " +
         command + accepts + "\n" + own_boot_text(plan, screen);
}

// The command, with what accepts all that blocks it; or the one that writes where nothing does.
std::string way_out(const Plan& plan, const Screen& screen, PlanPage page, const std::string& command) {
  if (const std::optional<Error> denial = denial_of(plan, true)) {
    return wrapped(fmt::format("Nothing was changed, and accepting the risk would not do: {}.", denial->message),
                   screen.columns);
  }
  if (std::all_of(plan.settings.begin(), plan.settings.end(),
                  [](const PlannedSetting& planned) { return planned.writes.empty(); })) {
    return wrapped("Nothing was changed, and accepting the risk would change nothing either: nothing is left to write.",
                   screen.columns);
  }
  const std::string accepts = accept_options(plan);
  const std::string steps = "Nothing was changed. Mend the cause, or accept the risk";
  const bool wins = !plan.winning_file.empty();
  const Finding* futile = futile_hazard(plan);
  if (futile != nullptr && !wins) {
    return wrapped(fmt::format("Nothing was changed: {}, then plan again.", mend_text(*futile)), screen.columns);
  }
  if (command.empty()) return wrapped(steps + " with" + accepts + ".", screen.columns);
  const std::string lead = wins ? fmt::format("Nothing was changed. Lines in {} would win; this writes them there{}",
                                              plan.winning_file, plan.winning_edits)
                                : steps + "; then this does it" + short_lived_text(plan);
  const bool copies = wins && page == PlanPage::of_a_captured_tree;
  const std::string_view where = copies ? "; live values below the root are copies:" : where_text(page);
  return wrapped(lead + std::string(where), screen.columns) + "  " + command + (wins ? "" : accepts) + "\n";
}

std::string blocked_steps(const Plan& plan, const Screen& screen, PlanPage page, const std::string& command) {
  const auto first =
      std::find_if(plan.hazards.begin(), plan.hazards.end(), [](const Finding& hazard) { return hazard.blocks(); });
  return way_out(plan, screen, page, command) + fmt::format("`twctl explain {}` says more.\n", first->row->id);
}

// What to do next.
std::string next_steps(const Plan& plan, const Screen& screen, PlanPage page, const std::string& command) {
  const auto changed = std::find_if(plan.settings.begin(), plan.settings.end(),
                                    [&](const PlannedSetting& planned) { return mark_of(planned, plan) != ' '; });
  if (changed == plan.settings.end()) return "";
  const bool can_be_written = !denial_of(plan, true);
  if (page == PlanPage::of_a_namespace && can_be_written) {
    return namespace_steps(plan, screen, command) +
           fmt::format("`twctl explain {}` says more.\n", short_name(*changed->setting));
  }
  if (refused_for_hazards(plan)) return blocked_steps(plan, screen, page, command);
  std::string steps;
  if (std::any_of(plan.settings.begin(), plan.settings.end(),
                  [](const PlannedSetting& planned) { return planned.write_in(Layer::boot) != nullptr; })) {
    steps += "Boot values would go to " + escape(plan.boot_file) + edits_text(plan) + ". ";
  }
  const bool can_be_done = !refusal_of(plan, true) && !command.empty();
  const bool copies = page == PlanPage::of_a_captured_tree && steps.empty();  // nothing but live values would change
  if (copies) {
    steps += "Nothing was changed: live values below the root are copies";
    steps += plan.scope == Scope::live ? "." : ", and nothing is to be written to the boot files there.";
    if (can_be_done) steps += " On the host itself:";
  } else {
    steps += can_be_done ? "Nothing was changed. This does it" : "Nothing was changed.";
    if (can_be_done) steps += where_text(page);
  }
  return wrapped(steps, screen.columns) + (can_be_done ? "  " + command + "\n" : "") +
         fmt::format("`twctl explain {}` says more.\n", short_name(*changed->setting));
}

std::string quiet_text(const Plan& plan, const Screen& screen) {
  std::string text = plan_table(plan, screen, Detail::quiet);
  for (const Finding& hazard : plan.hazards) {
    if (hazard.blocks()) text += hazard_title(hazard, screen);
  }
  return text;
}

}  // namespace

std::string plan_text(const Plan& plan, const Screen& screen, Detail detail, PlanPage page,
                      const std::string& command) {
  if (detail == Detail::quiet) return quiet_text(plan, screen);
  std::string text = header_text(plan, screen);
  const bool sources = page != PlanPage::to_apply || detail == Detail::verbose;  // who is about to apply has read them
  if (!plan.settings.empty()) text += "\n" + plan_table(plan, screen, detail, sources);
  if (detail == Detail::verbose) text += loaders_text(plan, screen);
  text += hazards_text(plan, screen, sources) + notes_text(plan, screen) + "\n";
  if (page == PlanPage::to_apply) return text;
  return text + wrapped(summary_of(plan).sentence, screen.columns) + next_steps(plan, screen, page, command);
}

}  // namespace twctl
