#include "report/plan_row.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "report/plan_words.hpp"

namespace twctl {
namespace {

std::string wish_text(const PlannedSetting& planned) { return escape(to_text(planned.entry.wanted)); }

// A registry value that is not there is a state like any other, and can be wanted.
std::string shown_of(const PlannedSetting& planned, const std::optional<Value>& value) {
  return value_text(value, planned.setting->os == Os::windows ? "absent" : "-");
}

std::string written_text(const PlannedSetting& planned, const Write& write) {
  const bool no_line = !write.after && write.layer == Layer::boot;
  return no_line ? "no line" : shown_of(planned, write.after);
}

// "60", "60 -> 30"; "" for a layer that is out of scope. Where no column says what is wanted: "60 (want 30)".
std::string layer_cell(const PlannedSetting& planned, Layer layer, Detail detail) {
  const auto& verdict = layer == Layer::live ? planned.live_verdict : planned.boot_verdict;
  const auto& now = layer == Layer::live ? planned.live : planned.boot;
  if (!verdict) return "";
  std::string now_text = shown_of(planned, now);
  if (planned.skipped) return now_text;
  if (is_stuck(verdict->verdict) && detail == Detail::quiet) {
    return fmt::format("{} (want {})", now_text, wish_text(planned));
  }
  const Write* write = is_stuck(verdict->verdict) ? nullptr : planned.write_in(layer);
  return write == nullptr ? now_text : fmt::format("{} -> {}", now_text, written_text(planned, *write));
}

bool is_blocked(const PlannedSetting& planned, const Plan& plan) {
  return std::any_of(plan.hazards.begin(), plan.hazards.end(),
                     [&](const Finding& hazard) { return hazard.blocks() && hazard.key == planned.setting->key; });
}

void add_notes(std::vector<Labelled>& below, const PlannedSetting& planned) {
  for (const auto* verdict : {&planned.live_verdict, &planned.boot_verdict}) {
    if (!*verdict || (*verdict)->note.empty()) continue;
    const bool said = !below.empty() && below.back().text == (*verdict)->note;
    if (!said) below.push_back({"note", (*verdict)->note});
  }
}

std::string loaders_differ(const PlannedSetting& planned) {
  return fmt::format("systemd-sysctl sets {}, sysctl --system sets {}", value_text(planned.boot, "-"),
                     value_text(planned.boot_procps, "-"));
}

// Without the full stop that ends a comment: nothing else behind these labels is a sentence.
std::string source_text(const PlannedSetting& planned) {
  std::string source = source_for(planned);
  if (source.ends_with('.')) source.pop_back();
  return planned.entry.reason.source.empty() ? source : escape(source);
}

// A line of a boot file does nothing by itself before the next boot, and nothing then if it does not decide.
std::string effect_here(const PlannedSetting& planned) {
  const bool only_boot = planned.setting->os == Os::linux_kernel && planned.write_in(Layer::live) == nullptr;
  if (!only_boot) return effect_text(*planned.setting);
  return loses_at_boot(planned) ? "none: another line decides at the next boot" : "at the next boot";
}

std::vector<Labelled> details_of(const PlannedSetting& planned, const Plan& plan, Detail detail) {
  std::vector<Labelled> below;
  if (detail == Detail::quiet) return below;
  const bool explain = mark_of(planned, plan) != ' ' || detail == Detail::verbose;
  if (!planned.skipped) add_notes(below, planned);
  const Reason& own = planned.entry.reason;  // foreign text, unlike the catalogue's
  if (explain) below.push_back({"why", own.why.empty() ? reason_for(planned) : escape(reason_for(planned))});
  if (!planned.writes.empty()) below.push_back({"effect", effect_here(planned)});
  if (planned.boot_procps && planned.boot_verdict) below.push_back({"loaders", loaders_differ(planned)});
  if (detail == Detail::verbose) {
    below.push_back({"wanted", fmt::format("{} ({})", wish_text(planned), place_text(planned.entry.where))});
  }
  if (explain) below.push_back({"source", source_text(planned)});
  return below;
}

std::string verdict_text(const PlannedSetting& planned) {
  const bool removed = planned.verdict() == Verdict::removed;
  return planned.skipped && !removed ? "skipped" : std::string(name_of(planned.verdict()));
}

std::string origin_text(const PlannedSetting& planned) {
  const auto& layer = planned.boot_verdict ? planned.boot_verdict : planned.live_verdict;
  if (planned.skipped) return layer ? layer->note : "";
  return planned.boot_verdict ? boot_origin_text(planned) : "";
}

}  // namespace

char mark_of(const PlannedSetting& planned, const Plan& plan) {
  if (planned.skipped) return ' ';
  if (is_stuck(planned.verdict()) || is_blocked(planned, plan)) return '!';
  if (planned.write_in(Layer::live) != nullptr || planned.taken_over) return '~';
  const Write* boot = planned.write_in(Layer::boot);
  if (boot == nullptr) return ' ';
  return boot->after ? '+' : '-';
}

PlanRow plan_row(const PlannedSetting& planned, const Plan& plan, Detail detail) {
  return {.mark = mark_of(planned, plan),
          .key = std::string(planned.setting->key),
          .verdict = verdict_text(planned),
          .wanted = detail == Detail::quiet ? "" : wish_text(planned),
          .live = layer_cell(planned, Layer::live, detail),
          .boot = layer_cell(planned, Layer::boot, detail),
          .origin = origin_text(planned),
          .skipped = planned.skipped,
          .below = details_of(planned, plan, detail)};
}

}  // namespace twctl
