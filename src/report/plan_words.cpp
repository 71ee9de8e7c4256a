#include "report/plan_words.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "plan/refusal.hpp"
#include "plan/saved_plan.hpp"
#include "report/layout.hpp"

namespace twctl {
namespace {

std::string_view when(Scope scope) {
  switch (scope) {
    case Scope::live:
      return "now";
    case Scope::boot:
      return "at the next boot";
    case Scope::both:
      return "now and at the next boot";
  }
  return "";
}

// "nothing is blocked", "blocked by shadowed and module-late"; what apply would refuse it for, in apply's words.
std::string blocked_clause(const PlanSummary& summary, const Plan& plan) {
  const std::optional<Error> refusal = refusal_of(plan, true);
  if (refusal && is_one_of("unfinished", refusal->reasons)) return refusal->message + ", which apply does by itself";
  if (refusal && !refused_for_hazards(plan)) return "apply would refuse: " + refusal->message;
  if (summary.blocked_by.empty()) return summary.stuck == 0 ? "nothing is blocked" : "not everything can be had";
  std::string clause = "blocked by ";
  for (std::size_t i = 0; i < summary.blocked_by.size(); ++i) {
    if (i > 0) clause += i + 1 == summary.blocked_by.size() ? " and " : ", ";
    clause += summary.blocked_by[i];
  }
  return clause;
}

std::string nothing_to_do(const PlanSummary& summary, Scope scope) {
  if (summary.settings == 0) return "Nothing to do: no setting is wanted.";
  std::string sentence = "Nothing to do";
  if (summary.ok > 0) {
    sentence += fmt::format(": {} {} as wanted, {}", counted(summary.ok, "setting"), summary.ok == 1 ? "is" : "are",
                            when(scope));
  }
  if (summary.skipped > 0) sentence += fmt::format("; {} skipped", summary.skipped);
  return sentence + ".";
}

// What changes is only whose value it is.
bool only_taken_over(const Plan& plan) {
  const auto is_written = [](const PlannedSetting& planned) { return !planned.writes.empty(); };
  return changes_anything(plan) && std::none_of(plan.settings.begin(), plan.settings.end(), is_written);
}

// Where only a line is written that another one wins over, the setting stays what it is.
bool would_change(const PlannedSetting& planned) {
  const bool is_set_now = planned.taken_over || planned.write_in(Layer::live) != nullptr;
  return is_set_now || (planned.is_changed() && !loses_at_boot(planned));
}

// ", 1 of them until the next boot only"; "" where what changes stays.
std::string short_lived_clause(std::size_t changes, std::size_t lost) {
  if (lost == 0) return "";
  return lost == changes ? ", until the next boot only" : fmt::format(", {} of them until the next boot only", lost);
}

// What is written all the same where nothing refuses it: "; 1 line would be written that another one wins over".
std::string idle_lines_clause(const Plan& plan) {
  const auto is_idle = [](const PlannedSetting& planned) { return planned.is_changed() && !would_change(planned); };
  const auto lines = static_cast<std::size_t>(std::count_if(plan.settings.begin(), plan.settings.end(), is_idle));
  if (lines == 0 || refusal_of(plan, true)) return "";
  return fmt::format("; {} would be written that another one wins over", counted(lines, "line"));
}

std::string sentence_for(const PlanSummary& summary, const Plan& plan) {
  const bool nothing = summary.changes == 0 && summary.stuck == 0 && summary.blocked_by.empty();
  if (nothing && !refusal_of(plan, true)) return nothing_to_do(summary, plan.scope);
  const std::string total = counted(summary.settings, "setting");
  const std::string what =
      summary.changes == summary.settings ? total : fmt::format("{} of {}", summary.changes, total);
  const std::string_view fate = only_taken_over(plan) ? "would be taken over as it is" : "would change";
  return fmt::format("{} {}{}{}; {}.", what, fate, short_lived_clause(summary.changes, lost_at_boot(plan).size()),
                     idle_lines_clause(plan), blocked_clause(summary, plan));
}

// Each id once.
std::vector<std::string> blocking_hazards(const Plan& plan) {
  std::vector<std::string> ids;
  for (const Finding& hazard : plan.hazards) {
    const bool named = std::find(ids.begin(), ids.end(), hazard.row->id) != ids.end();
    if (hazard.blocks() && !named) ids.emplace_back(hazard.row->id);
  }
  return ids;
}

}  // namespace

std::string name_of_host(std::string_view hostname, std::string_view tree) {
  std::string name = escape(hostname);
  if (tree.empty()) return name.empty() ? "this host" : name;
  return fmt::format("{}the tree {}", name.empty() ? "" : name + ", ", escape(tree));
}

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return "ok";
    case Verdict::removed:
      return "removed";
    case Verdict::change:
      return "change";
    case Verdict::read_only:
      return "read-only";
    case Verdict::unsupported:
      return "unsupported";
    case Verdict::shadowed:
      return "shadowed";
  }
  return "";
}

std::string_view name_of(Layer layer) { return word_for(kLayerWords, layer); }
std::string_view name_of(Scope scope) { return word_for(kScopeWords, scope); }

std::string_view name_of(TakesEffect effect) {
  switch (effect) {
    case TakesEffect::now:
      return "now";
    case TakesEffect::new_sockets:
      return "new sockets";
    case TakesEffect::next_listen:
      return "next listen()";
    case TakesEffect::restart:
      return "restart";
  }
  return "";
}

std::string effect_text(const Setting& setting) {
  std::string text(name_of(setting.takes_effect));
  if (!setting.effect_note.empty()) text.append(": ").append(setting.effect_note);
  return text;
}

std::string value_text(const std::optional<Value>& value, std::string_view absent) {
  return value ? shown(value) : std::string(absent);
}

bool is_stuck(Verdict verdict) {
  return verdict == Verdict::read_only || verdict == Verdict::unsupported || verdict == Verdict::shadowed;
}

bool loses_at_boot(const PlannedSetting& planned) {
  return !planned.skipped && planned.boot_verdict && planned.boot_verdict->verdict == Verdict::shadowed;
}

std::vector<std::string> lost_at_boot(const Plan& plan) {
  std::vector<std::string> keys;
  for (const PlannedSetting& planned : plan.settings) {
    if (loses_at_boot(planned) && planned.write_in(Layer::live) != nullptr) keys.emplace_back(planned.setting->key);
  }
  return keys;
}

std::string edits_text(const Plan& plan) {
  if (plan.boot_file == kOwnBootFile) return {};
  std::vector<std::string> edits;
  std::size_t added = 0;
  for (const PlannedSetting& planned : plan.settings) {
    const Write* write = planned.write_in(Layer::boot);
    if (write == nullptr) continue;
    if (!write->before) ++added;
    if (write->before)
      edits.push_back(fmt::format("{} = {} -> {}", planned.setting->key, value_text(write->before, ""),
                                  value_text(write->after, "no line")));
  }
  if (added > 0) edits.push_back(counted(added, "new line"));
  return edits.empty() ? "" : fmt::format(" ({})", join(edits, "; "));
}

std::string reason_for(const PlannedSetting& planned) {
  const std::string& why = planned.entry.reason.why;
  return why.empty() ? std::string(planned.setting->does) : why;
}

std::string source_for(const PlannedSetting& planned) {
  const std::string& source = planned.entry.reason.source;
  return source.empty() ? std::string(planned.setting->sources.first()) : source;
}

std::string boot_origin_text(const PlannedSetting& planned) {
  if (planned.boot_origin) return place_text(*planned.boot_origin);
  return planned.boot ? "default" : "";
}

PlanSummary summary_of(const Plan& plan) {
  PlanSummary summary;
  summary.settings = plan.settings.size();
  for (const PlannedSetting& planned : plan.settings) {
    summary.ok += !planned.skipped && planned.verdict() == Verdict::ok ? 1U : 0U;
    summary.changes += would_change(planned) ? 1U : 0U;
    summary.stuck += !planned.skipped && is_stuck(planned.verdict()) ? 1U : 0U;
    summary.skipped += planned.skipped ? 1U : 0U;
  }
  summary.blocked_by = blocking_hazards(plan);
  summary.sentence = sentence_for(summary, plan);
  return summary;
}

}  // namespace twctl
