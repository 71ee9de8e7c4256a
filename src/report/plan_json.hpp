// Plan -> one JSON document (docs/schema/plan.schema.json). Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "json/fwd.hpp"
#include "plan/plan.hpp"
#include "rules/boot_state.hpp"

namespace twctl {

[[nodiscard]] std::string plan_json(const Plan& plan);
// For several hosts: {"plans": [...]}, each as by itself.
[[nodiscard]] std::string plan_list_json(std::span<const Plan> plans);

[[nodiscard]] Json possible_json(const PossibleValue& possible);

// A plan's members, for a document of `command`.
[[nodiscard]] Json plan_document(const Plan& plan, std::string_view command);

}  // namespace twctl
