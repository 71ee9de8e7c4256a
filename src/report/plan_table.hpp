// Plan -> the table of its settings, one row each, what explains a row below it. Pure.
#pragma once

#include <string>

#include "plan/plan.hpp"
#include "report/layout.hpp"

namespace twctl {

// '~' the live value changes, '+' only the boot file gains a line, '-' a line goes, '!' cannot be had as things stand,
// ' ' nothing to do.
[[nodiscard]] char mark_of(const PlannedSetting& planned);

// quiet: without a heading, without explanations, and only rows that have a mark. "" for no row.
[[nodiscard]] std::string plan_table(const Plan& plan, const Screen& screen, Detail detail);

// "    label     text", the text wrapped beside its label.
[[nodiscard]] std::string labelled(std::string_view label, std::string_view text, const Screen& screen);

}  // namespace twctl
