#include "report/plan_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "report/error_text.hpp"
#include "report/plan_words.hpp"

namespace twctl {
namespace {

constexpr std::size_t kWidestCell = 28;  // a longer value (a port set) goes below its row
constexpr std::string_view kIndent = "    ";
constexpr std::size_t kLabelWidth = 10;

struct Labelled {
  std::string label;
  std::string text;
};

struct Row {
  char mark = ' ';
  std::string key;
  std::string verdict;
  std::string live;
  std::string boot;
  std::string origin;
  std::vector<Labelled> below = {};
};

struct Widths {
  std::size_t key = 0;
  std::size_t verdict = 0;
  std::size_t live = 0;
  std::size_t boot = 0;
};

std::string shown(const std::optional<Value>& value) {
  if (!value) return "-";
  return value->empty() ? "(empty)" : escape(*value);
}

const Write* write_to(const PlannedSetting& planned, Layer layer) {
  const auto found = std::find_if(planned.writes.begin(), planned.writes.end(),
                                  [&](const Write& write) { return write.layer == layer; });
  return found == planned.writes.end() ? nullptr : &*found;
}

// "60", "60 -> 30", "60 (want 30)"; "" for a layer that is out of scope.
std::string layer_cell(const PlannedSetting& planned, Layer layer) {
  const auto& verdict = layer == Layer::live ? planned.live_verdict : planned.boot_verdict;
  const auto& now = layer == Layer::live ? planned.live : planned.boot;
  if (!verdict) return "";
  if (is_stuck(verdict->verdict) && planned.desired)
    return fmt::format("{} (want {})", shown(now), shown(planned.desired));
  const Write* write = write_to(planned, layer);
  if (write == nullptr) return shown(now);
  return fmt::format("{} -> {}", shown(now), write->after ? shown(write->after) : "no line");
}

char mark_of(const PlannedSetting& planned) {
  if (planned.skipped) return ' ';
  if (is_stuck(planned.verdict())) return '!';
  if (write_to(planned, Layer::live) != nullptr) return '~';
  const Write* boot = write_to(planned, Layer::boot);
  if (boot == nullptr) return ' ';
  return boot->after ? '+' : '-';
}

std::string effect_text(const Setting& setting) {
  std::string text(name_of(setting.takes_effect));
  if (!setting.effect_note.empty()) text.append(": ").append(setting.effect_note);
  return text;
}

void add_notes(std::vector<Labelled>& below, const PlannedSetting& planned) {
  for (const auto* verdict : {&planned.live_verdict, &planned.boot_verdict}) {
    if (!*verdict || (*verdict)->note.empty()) continue;
    const bool said = !below.empty() && below.back().text == (*verdict)->note;
    if (!said) below.push_back({"note", (*verdict)->note});
  }
}

void add_loaders(std::vector<Labelled>& below, const PlannedSetting& planned, Detail detail) {
  if (!planned.boot_verdict) return;
  if (planned.boot_procps) {
    below.push_back({"loaders", fmt::format("systemd-sysctl sets {}, sysctl --system sets {}", shown(planned.boot),
                                            shown(planned.boot_procps))});
  } else if (detail == Detail::verbose && planned.boot) {
    below.push_back({"loaders", "systemd-sysctl and sysctl --system agree"});
  }
}

// What stands below a row: why it changes and who says so; all of it with -v.
std::vector<Labelled> details_of(const PlannedSetting& planned, Detail detail) {
  std::vector<Labelled> below = {};
  const bool plain = mark_of(planned) == ' ';
  add_notes(below, planned);
  if (!plain || detail == Detail::verbose) below.push_back({"why", reason_for(planned)});
  if (!planned.writes.empty()) below.push_back({"effect", effect_text(*planned.setting)});
  add_loaders(below, planned, detail);
  if (detail == Detail::verbose) {
    below.push_back({"wanted", fmt::format("{} ({})", to_text(planned.entry.wanted), place_text(planned.entry.where))});
  }
  if (!plain || detail == Detail::verbose) below.push_back({"source", std::string(planned.setting->sources.first())});
  return below;
}

// A cell that is too wide for the table goes below its row.
void sink(Row& row, std::string& cell, std::string_view label) {
  if (width_of(cell) <= kWidestCell) return;
  row.below.insert(row.below.begin(), {std::string(label), std::exchange(cell, "")});
}

Row row_of(const PlannedSetting& planned, Detail detail) {
  Row row{.mark = mark_of(planned),
          .key = std::string(planned.setting->key),
          .verdict = planned.skipped && planned.verdict() != Verdict::removed ? "skipped"
                                                                              : std::string(name_of(planned.verdict())),
          .live = layer_cell(planned, Layer::live),
          .boot = layer_cell(planned, Layer::boot),
          .origin = planned.boot_verdict ? boot_origin_text(planned) : "",
          .below = details_of(planned, detail)};
  sink(row, row.boot, "next boot");
  sink(row, row.live, "live");
  return row;
}

Row heading_for(const Plan& plan) {
  return {.key = "setting",
          .verdict = "verdict",
          .live = plan.scope == Scope::boot || !plan.host.live ? "" : "live",
          .boot = plan.scope == Scope::live ? "" : "next boot",
          .origin = plan.scope == Scope::live ? "" : "set by"};
}

Widths widths_of(const std::vector<Row>& rows) {
  Widths widths;
  for (const Row& row : rows) {
    widths.key = std::max(widths.key, width_of(row.key));
    widths.verdict = std::max(widths.verdict, width_of(row.verdict));
    widths.live = std::max(widths.live, width_of(row.live));
    widths.boot = std::max(widths.boot, width_of(row.boot));
  }
  return widths;
}

Ink ink_of(char mark) {
  switch (mark) {
    case '!':
      return Ink::danger;
    case ' ':
      return Ink::plain;
    default:
      return Ink::change;
  }
}

std::string_view without_blanks_at_end(std::string_view line) { return line.substr(0, line.find_last_not_of(' ') + 1); }

std::string labelled_text(const Labelled& item, const Screen& screen) {
  const std::string label = padded(std::string(kIndent) + item.label, kIndent.size() + kLabelWidth);
  const std::string text = wrapped(item.text, screen.columns, label);
  return text.empty() ? "" : inked(screen, Ink::faint, label) + text.substr(label.size());
}

std::string row_text(Row row, const Widths& widths, const Screen& screen) {
  std::string cells = padded(row.verdict, widths.verdict) + "  ";
  if (widths.live > 0) cells += padded(row.live, widths.live) + "  ";
  if (widths.boot > 0) cells += padded(row.boot, widths.boot) + "  ";
  const std::string head = std::string(1, row.mark) + " " + row.key;
  const std::string gap(widths.key - width_of(row.key) + 2, ' ');
  if (width_of(head) + gap.size() + width_of(cells) + width_of(row.origin) > screen.columns) {
    row.below.insert(row.below.begin(), {"set by", std::exchange(row.origin, "")});
  }
  const std::string tail = gap + cells + row.origin;
  std::string text = inked(screen, ink_of(row.mark), head).append(without_blanks_at_end(tail)) + "\n";
  for (const Labelled& item : row.below) text += labelled_text(item, screen);
  return text;
}

std::string table_text(const Plan& plan, const Screen& screen, Detail detail) {
  std::vector<Row> rows;
  if (detail != Detail::quiet) rows.push_back(heading_for(plan));
  for (const PlannedSetting& planned : plan.settings) {
    const bool wanted = detail != Detail::quiet || mark_of(planned) != ' ';
    if (wanted) rows.push_back(row_of(planned, detail));
    if (wanted && detail == Detail::quiet) rows.back().below.clear();
  }
  std::string text;
  for (const Row& row : rows) text += row_text(row, widths_of(rows), screen);
  return text;
}

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
  if (!host.kernel_release.empty()) facts.push_back("Linux " + escape(host.kernel_release));
  if (!host.container.empty()) facts.push_back("in a container (" + escape(host.container) + ")");
  if (!host.netns.empty()) facts.push_back("network namespace " + escape(host.netns));
  if (host.netns.empty()) facts.emplace_back(loader_text(host.loader));
  if (!host.live) facts.emplace_back("not running: files only");
  const std::string name = host.hostname.empty() ? "this host" : escape(host.hostname);
  const std::string what = plan.profiles.empty() ? "settings given" : escape(join(plan.profiles, ", "));
  return inked(screen, Ink::strong, fmt::format("Plan for {}: {}", name, what)) + "\n" +
         wrapped(join(facts, ", "), screen.columns) + "\n";
}

std::string accept_option(const Hazard& hazard) {
  return hazard.key.empty() ? "--accept " + hazard.id : fmt::format("--accept {}:{}", hazard.id, hazard.key);
}

std::string hazard_title(const Hazard& hazard, const Screen& screen) {
  const bool blocks = hazard.blocking && !hazard.accepted;
  const std::string_view status = blocks ? "! blocked  " : hazard.accepted ? "  accepted " : "  warning  ";
  std::string title = inked(screen, blocks ? Ink::danger : Ink::strong, std::string(status) + hazard.id);
  if (!hazard.key.empty()) title += "  " + hazard.key;
  return title + "\n";
}

std::string hazard_text(const Hazard& hazard, const Screen& screen) {
  std::string text = hazard_title(hazard, screen) + wrapped(hazard.text, screen.columns, kIndent);
  if (!hazard.source.empty()) text += labelled_text({"source", hazard.source}, screen);
  if (hazard.blocking && !hazard.accepted) text += labelled_text({"accept", accept_option(hazard)}, screen);
  return text;
}

std::string hazards_text(const Plan& plan, const Screen& screen) {
  std::string blocking;
  std::string others;
  for (const Hazard& hazard : plan.hazards) {
    (hazard.blocking && !hazard.accepted ? blocking : others) += hazard_text(hazard, screen);
  }
  return blocking.empty() && others.empty() ? "" : "\n" + blocking + others;
}

std::string notes_text(const Plan& plan, const Screen& screen) {
  std::string text;
  for (const std::string& note : plan.notes) text += wrapped(note, screen.columns, "note: ");
  return text.empty() ? "" : "\n" + text;
}

// What to do next; never a command that this version lacks.
std::string next_steps(const Plan& plan) {
  const auto changed = std::find_if(plan.settings.begin(), plan.settings.end(),
                                    [](const PlannedSetting& planned) { return mark_of(planned) != ' '; });
  if (changed == plan.settings.end()) return "";
  std::string steps;
  const bool writes_file = std::any_of(plan.settings.begin(), plan.settings.end(), [](const PlannedSetting& planned) {
    return write_to(planned, Layer::boot) != nullptr;
  });
  if (writes_file) steps += "Boot values would go to " + escape(plan.boot_file) + ". ";
  const std::string_view key = changed->setting->key;
  steps += "Nothing was changed: this version only plans. ";
  return steps + fmt::format("`twctl explain {}` says more.", key.substr(key.rfind('.') + 1));
}

std::string quiet_text(const Plan& plan, const Screen& screen) {
  std::string text = table_text(plan, screen, Detail::quiet);
  for (const Hazard& hazard : plan.hazards) {
    if (hazard.blocking && !hazard.accepted) text += hazard_title(hazard, screen);
  }
  return text;
}

}  // namespace

std::string plan_text(const Plan& plan, const Screen& screen, Detail detail) {
  if (detail == Detail::quiet) return quiet_text(plan, screen);
  std::string text = header_text(plan, screen);
  if (!plan.settings.empty()) text += "\n" + table_text(plan, screen, detail);
  text += hazards_text(plan, screen) + notes_text(plan, screen) + "\n";
  return text + wrapped(summary_of(plan).sentence, screen.columns) + wrapped(next_steps(plan), screen.columns);
}

}  // namespace twctl
