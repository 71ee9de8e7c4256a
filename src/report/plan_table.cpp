#include "report/plan_table.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/cells.hpp"
#include "report/plan_row.hpp"
#include "rules/host_view.hpp"

namespace twctl {
namespace {

// One long key or value must not push every other row off the screen: a longer key only pushes its own row to the
// right, a longer value goes below its row.
constexpr std::size_t kKeyColumn = 34;
constexpr std::size_t kValueColumn = 20;
constexpr std::string_view kGap = "  ";

struct Widths {
  std::size_t key = 0;
  std::size_t verdict = 0;
  std::size_t wanted = 0;
  std::size_t live = 0;
  std::size_t boot = 0;
};

PlanRow heading_for(const Plan& plan) {
  return {.mark = ' ',
          .key = "setting",
          .verdict = "verdict",
          .wanted = "wanted",
          .live = plan.scope == Scope::boot     ? ""
                  : plan.host.os == Os::windows ? "registry"
                                                : "live",
          .boot = plan.scope == Scope::live       ? ""
                  : is_other_namespace(plan.host) ? "host's boot"
                                                  : "next boot",
          .origin = plan.scope == Scope::live ? "" : "set by"};
}

Widths widths_of(const std::vector<PlanRow>& rows) {
  Widths widths;
  for (const PlanRow& row : rows) {
    if (cells_of(row.key) <= kKeyColumn) widths.key = std::max(widths.key, cells_of(row.key));
    widths.verdict = std::max(widths.verdict, cells_of(row.verdict));
    if (cells_of(row.wanted) <= kValueColumn) widths.wanted = std::max(widths.wanted, cells_of(row.wanted));
    if (cells_of(row.live) <= kValueColumn) widths.live = std::max(widths.live, cells_of(row.live));
    if (cells_of(row.boot) <= kValueColumn) widths.boot = std::max(widths.boot, cells_of(row.boot));
  }
  return widths;
}

Ink ink_of(char mark) {
  if (mark == ' ') return Ink::plain;
  return mark == '!' ? Ink::danger : Ink::change;
}

std::string head_of(const PlanRow& row) { return std::string(1, row.mark) + " " + row.key; }

std::string shown_columns(const PlanRow& row, const Widths& widths) {
  const std::size_t key = cells_of(row.key);
  std::string cells(key < widths.key ? widths.key - key : 0, ' ');
  cells.append(kGap).append(padded(row.verdict, widths.verdict));
  if (widths.wanted > 0) cells.append(kGap).append(padded(row.wanted, widths.wanted));
  if (widths.live > 0) cells.append(kGap).append(padded(row.live, widths.live));
  if (widths.boot > 0) cells.append(kGap).append(padded(row.boot, widths.boot));
  cells.append(kGap).append(row.origin);
  return cells.substr(0, cells.find_last_not_of(' ') + 1);
}

// A row as it fits: what stands behind its key, and what is shown below it instead.
struct FittedRow {
  std::string columns;
  std::vector<Labelled> below;
};

FittedRow fitted(PlanRow& row, const Widths& widths, const Screen& screen) {
  std::vector<Labelled> below;
  if (cells_of(row.wanted) > kValueColumn) below.push_back({"wanted", std::exchange(row.wanted, "")});
  if (cells_of(row.live) > kValueColumn) below.push_back({"live", std::exchange(row.live, "")});
  if (cells_of(row.boot) > kValueColumn) below.push_back({"next boot", std::exchange(row.boot, "")});
  std::string columns = shown_columns(row, widths);
  const auto take_out = [&](std::string_view label, std::string& cell, std::vector<Labelled>& into) {
    if (cells_of(head_of(row)) + cells_of(columns) <= screen.columns) return;
    into.push_back({std::string(label), std::exchange(cell, "")});
    columns = shown_columns(row, widths);
  };
  std::vector<Labelled> last;
  take_out(row.skipped ? "because" : "set by", row.origin, last);
  take_out("next boot", row.boot, below);
  below.insert(below.end(), last.begin(), last.end());
  return {std::move(columns), std::move(below)};
}

std::string row_text(PlanRow row, const Widths& widths, const Screen& screen) {
  const FittedRow fits = fitted(row, widths, screen);
  std::string text = inked(screen, ink_of(row.mark), head_of(row)) + fits.columns + "\n";
  for (const auto& [label, content] : fits.below) text += labelled(label, content, screen);
  for (const auto& [label, content] : row.below) text += labelled(label, content, screen);
  return text;
}

std::string heading_text(PlanRow row, const Widths& widths, const Screen& screen) {
  const FittedRow fits = fitted(row, widths, screen);
  return inked(screen, Ink::faint, head_of(row) + fits.columns) + "\n";
}

}  // namespace

std::string labelled(std::string_view label, std::string_view text, const Screen& screen) {
  constexpr std::size_t kTextColumn = 15;
  const std::string margin = padded("    " + std::string(label), kTextColumn);
  const std::string lines = wrapped(text, screen.columns, margin);
  return lines.empty() ? "" : inked(screen, Ink::faint, margin) + lines.substr(margin.size());
}

std::string plan_table(const Plan& plan, const Screen& screen, Detail detail, bool sources) {
  const bool quiet = detail == Detail::quiet;
  std::vector<PlanRow> rows;
  for (const PlannedSetting& planned : plan.settings) {
    if (!quiet || mark_of(planned, plan) != ' ') rows.push_back(plan_row(planned, plan, detail));
  }
  for (PlanRow& row : rows) {
    if (!sources) std::erase_if(row.below, [](const Labelled& one) { return one.label == "source"; });
  }
  if (!quiet) rows.insert(rows.begin(), heading_for(plan));
  const Widths widths = widths_of(rows);
  std::string text;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool heading = i == 0 && !quiet;
    text += heading ? heading_text(std::move(rows[i]), widths, screen) : row_text(std::move(rows[i]), widths, screen);
  }
  return text;
}

}  // namespace twctl
