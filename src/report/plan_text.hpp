// Plan -> the page that a person reads, like a good diff. Pure.
#pragma once

#include <string>

#include "plan/plan.hpp"
#include "report/layout.hpp"

namespace twctl {

// Marks: '~' changes, '+' only the boot file gains a line, '-' a line goes, '!' cannot be had as things stand.
// quiet: only what would change and what blocks it; "" if that is nothing.
// to_read: by `plan`, which changes nothing and says what would. of_another_host: the same, of a snapshot;
// of_a_captured_tree: of a --root whose live values are copies; of_a_namespace: of another network namespace than the
// initial one, of which the command sets the live values alone. to_apply: by `apply`, before or after it does.
enum class PlanPage { to_read, of_another_host, of_a_captured_tree, of_a_namespace, to_apply };

// `command`: what makes the plan true, to be copied; "" for none.
[[nodiscard]] std::string plan_text(const Plan& plan, const Screen& screen, Detail detail, PlanPage page,
                                    const std::string& command = "");

}  // namespace twctl
