#include "report/plan_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/escape.hpp"
#include "report/error_text.hpp"
#include "report/plan_words.hpp"

namespace twctl {
namespace {

constexpr std::size_t kWidestCell = 28;  // a longer value (a port set) goes below its row

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

std::string loaders_differ(const PlannedSetting& planned) {
  return fmt::format("systemd-sysctl sets {}, sysctl --system sets {}", shown(planned.boot),
                     shown(planned.boot_procps));
}

// What stands below a row: why it changes and who says so; all of it with -v.
std::vector<Labelled> details_of(const PlannedSetting& planned, Detail detail) {
  std::vector<Labelled> below;
  const bool explain = mark_of(planned) != ' ' || detail == Detail::verbose;
  if (!planned.skipped) add_notes(below, planned);
  if (explain) below.push_back({"why", reason_for(planned)});
  if (!planned.writes.empty()) below.push_back({"effect", effect_text(*planned.setting)});
  if (planned.boot_procps && planned.boot_verdict) below.push_back({"loaders", loaders_differ(planned)});
  if (detail == Detail::verbose) {
    below.push_back({"wanted", fmt::format("{} ({})", to_text(planned.entry.wanted), place_text(planned.entry.where))});
  }
  if (explain) below.push_back({"source", source_for(planned)});
  return below;
}

std::string verdict_text(const PlannedSetting& planned) {
  const bool removed = planned.verdict() == Verdict::removed;
  return planned.skipped && !removed ? "skipped" : std::string(name_of(planned.verdict()));
}

// Who sets the boot value; for a skipped setting, which has none, why it is skipped.
std::string origin_cell(const PlannedSetting& planned) {
  const auto& layer = planned.boot_verdict ? planned.boot_verdict : planned.live_verdict;
  if (planned.skipped) return layer ? layer->note : "";
  return planned.boot_verdict ? boot_origin_text(planned) : "";
}

// A cell that is too wide for the table goes below its row.
void sink(Row& row, std::string& cell, std::string_view label) {
  if (width_of(cell) <= kWidestCell) return;
  row.below.insert(row.below.begin(), {std::string(label), std::exchange(cell, "")});
}

Row row_of(const PlannedSetting& planned, Detail detail) {
  Row row{.mark = mark_of(planned),
          .key = std::string(planned.setting->key),
          .verdict = verdict_text(planned),
          .live = layer_cell(planned, Layer::live),
          .boot = layer_cell(planned, Layer::boot),
          .origin = origin_cell(planned),
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

std::string row_text(Row row, const Widths& widths, const Screen& screen) {
  std::string cells = padded(row.verdict, widths.verdict) + "  ";
  if (widths.live > 0) cells += padded(row.live, widths.live) + "  ";
  if (widths.boot > 0) cells += padded(row.boot, widths.boot) + "  ";
  const std::string head = std::string(1, row.mark) + " " + row.key;
  const std::string gap(widths.key - width_of(row.key) + 2, ' ');
  if (width_of(head) + gap.size() + width_of(cells) + width_of(row.origin) > screen.columns) {
    const std::string_view label = row.verdict == "removed" || row.verdict == "skipped" ? "because" : "set by";
    row.below.insert(row.below.begin(), {std::string(label), std::exchange(row.origin, "")});
  }
  const std::string tail = gap + cells + row.origin;
  std::string text = inked(screen, ink_of(row.mark), head).append(without_blanks_at_end(tail)) + "\n";
  for (const Labelled& item : row.below) text += labelled(item.label, item.text, screen);
  return text;
}

}  // namespace

char mark_of(const PlannedSetting& planned) {
  if (planned.skipped) return ' ';
  if (is_stuck(planned.verdict())) return '!';
  if (write_to(planned, Layer::live) != nullptr) return '~';
  const Write* boot = write_to(planned, Layer::boot);
  if (boot == nullptr) return ' ';
  return boot->after ? '+' : '-';
}

std::string labelled(std::string_view label, std::string_view text, const Screen& screen) {
  constexpr std::size_t kTextColumn = 14;
  const std::string margin = padded("    " + std::string(label), kTextColumn);
  const std::string lines = wrapped(text, screen.columns, margin);
  return lines.empty() ? "" : inked(screen, Ink::faint, margin) + lines.substr(margin.size());
}

std::string plan_table(const Plan& plan, const Screen& screen, Detail detail) {
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

}  // namespace twctl
