// Plan -> why apply would refuse it before it changes anything. Pure.
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "plan/plan.hpp"

namespace twctl {

[[nodiscard]] bool blocked(const Plan& plan);  // a blocking hazard that was not accepted: 3
// Boot files alone are written: of a captured tree the live values are copies.
[[nodiscard]] bool writes_only_boot(const Plan& plan);
// What blocks it is a line that would not decide at the next boot, and that is all that would be written of the
// setting: to accept it would bring nothing about. nullptr: it is not so.
[[nodiscard]] const Finding* futile_hazard(const Plan& plan);
// "mend /etc/ufw/sysctl.conf:1 first": what a futile hazard asks for.
[[nodiscard]] std::string mend_text(const Finding& hazard);
// What accepts all that blocks it, or that blocks the part of it in `scope`: " --accept ID:KEY --accept ..."; "" where
// nothing does.
[[nodiscard]] std::string accept_options(const Plan& plan, Scope scope = Scope::both);
[[nodiscard]] bool read_only(const Plan& plan);  // a needed write that this host's mounts forbid: 77

// Why nothing of the plan can be applied, with its exit code, where some needed write is not possible; nullopt: all
// are. `elevated`: the user has full rights already.
[[nodiscard]] std::optional<Error> denial_of(const Plan& plan, bool elevated);

// With its exit code. Where no change could be recorded or no boot file written no --accept would help, so that comes
// first; then blocking hazards; then any other denial. nullopt: apply would not refuse. `elevated`: as denial_of().
[[nodiscard]] std::optional<Error> refusal_of(const Plan& plan, bool elevated);

// Whether that is for blocking hazards.
[[nodiscard]] bool refused_for_hazards(const Plan& plan);

// What could not be read for want of rights is no reason to refuse to whoever applies with more of them.
void forgive_want_of_rights(Plan& plan);

}  // namespace twctl
