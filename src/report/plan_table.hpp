// Plan -> the table of its settings, one row each, what explains a row below it. Pure.
#pragma once

#include <string>

#include "plan/plan.hpp"
#include "report/layout.hpp"

namespace twctl {

// quiet: without a heading, without explanations, and only rows that have a mark. "" for no row.
[[nodiscard]] std::string plan_table(const Plan& plan, const Screen& screen, Detail detail, bool sources = true);

// "    label     text", the text wrapped beside its label.
[[nodiscard]] std::string labelled(std::string_view label, std::string_view text, const Screen& screen);

}  // namespace twctl
