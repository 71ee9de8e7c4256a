#include "plan/refusal.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "base/text.hpp"

namespace twctl {

bool refused_for_hazards(const Plan& plan) { return blocked(plan) && !plan.state_refusal && !plan.boot_refusal; }

std::optional<Error> refusal_of(const Plan& plan, bool elevated) {
  if (!refused_for_hazards(plan)) return denial_of(plan, elevated);
  std::vector<std::string> blocking;
  for (const Finding& hazard : plan.hazards) {
    if (hazard.blocks()) blocking.push_back(fmt::format("{}: {}", hazard.row->id, hazard.evidence));
  }
  return Error{.code = ErrorCode::refused,
               .message = join(blocking, "; "),
               .hint = "mend the cause, or accept the risk with --accept ID[:KEY]"};
}

void forgive_want_of_rights(Plan& plan) {
  if (plan.boot_refusal && plan.boot_refusal->code == ErrorCode::denied) plan.boot_refusal.reset();
}

}  // namespace twctl
