// One setting of a plan -> the words of its row in the table and of what stands below it. Pure; lays nothing out.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.hpp"
#include "report/layout.hpp"

namespace twctl {

struct Labelled {
  std::string label;  // "why"
  std::string text;
};

struct PlanRow {
  char mark = ' ';
  std::string key;
  std::string verdict;
  std::string wanted;  // "<= 30"; "" for quiet
  std::string live;    // "60 -> 30"; "" if out of scope
  std::string boot;    // the same at the next boot
  std::string origin;  // who sets the boot value, or why the setting is skipped
  bool skipped = false;
  std::vector<Labelled> below = {};
};

// '~' the live value changes, '+' only the boot file gains a line, '-' a line goes, '!' blocked, or cannot be had as
// things stand, ' ' nothing to do.
[[nodiscard]] char mark_of(const PlannedSetting& planned, const Plan& plan);

// Below it: for normal why it changes and who says so, for verbose the same also where nothing changes.
[[nodiscard]] PlanRow plan_row(const PlannedSetting& planned, const Plan& plan, Detail detail);

}  // namespace twctl
