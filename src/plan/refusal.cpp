#include "plan/refusal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "plan/accept.hpp"

namespace twctl {
namespace {

bool writes_live(const Plan& plan, std::string_view key) {
  return std::any_of(plan.settings.begin(), plan.settings.end(), [&](const PlannedSetting& planned) {
    return planned.setting->key == key && planned.write_in(Layer::live) != nullptr;
  });
}

bool stays_as_it_is(const PlannedSetting& planned) {
  return !planned.skipped && planned.live_verdict && planned.live_verdict->verdict == Verdict::read_only;
}

// Of a plan for Windows: each setting with the reason, and what would help.
Error registry_denial(const Plan& plan, bool elevated) {
  std::vector<std::string> reasons;
  bool denied = false;
  for (const PlannedSetting& planned : plan.settings) {
    denied |= planned.denied;
    if (stays_as_it_is(planned))
      reasons.push_back(fmt::format("{}: {}", planned.setting->key, planned.live_verdict->note));
  }
  std::string_view hint = "run it from an elevated prompt (Run as administrator)";
  if (elevated) hint = "the permissions of its key, which regedit shows, or a policy forbid it";
  if (!denied) {
    hint =
        "without its old value it could not be put back: look at it with `reg query`, and delete it if it is a "
        "mistake";
  }
  return {.code = ErrorCode::denied, .message = join(reasons, "; "), .hint = std::string(hint)};
}

Error no_old_value(const PlannedSetting& planned) {
  return {.code = ErrorCode::denied,
          .message = fmt::format("{}: {}", planned.setting->key, planned.live_verdict->note),
          .hint = "without its old value a setting could not be put back, so nothing was changed"};
}

// The file that has to be changed, else the setting: not the line, nor what it says, which differ from host to host.
std::string reason_of(const Finding& hazard) {
  const std::string what = hazard.where.file.empty() ? hazard.key : escape(hazard.where.file);
  return what.empty() ? std::string(hazard.row->id) : fmt::format("{}: {}", hazard.row->id, what);
}

}  // namespace

bool blocked(const Plan& plan) {
  return std::any_of(plan.hazards.begin(), plan.hazards.end(), [](const Finding& hazard) { return hazard.blocks(); });
}

bool writes_only_boot(const Plan& plan) {
  return plan.scope == Scope::boot || (plan.host.captured && !plan.tree.empty());
}

const Finding* futile_hazard(const Plan& plan) {
  const bool only_boot = writes_only_boot(plan);
  const auto found = std::find_if(plan.hazards.begin(), plan.hazards.end(), [&](const Finding& hazard) {
    return hazard.blocks() && hazard.row->line_loses && (only_boot || !writes_live(plan, hazard.key));
  });
  return found == plan.hazards.end() ? nullptr : &*found;
}

std::string mend_text(const Finding& hazard) {
  return hazard.where.file.empty() ? "mend the cause first" : fmt::format("mend {} first", place_text(hazard.where));
}

std::string accept_options(const Plan& plan, Scope scope) {
  std::string options;
  for (const Finding& hazard : plan.hazards) {
    const bool matters = scope != Scope::live || !hazard.row->at_boot;
    if (hazard.blocks() && matters) options += " --accept " + accept_text(hazard.row->id, hazard.key);
  }
  return options;
}

bool read_only(const Plan& plan) { return std::any_of(plan.settings.begin(), plan.settings.end(), stays_as_it_is); }

std::optional<Error> denial_of(const Plan& plan, bool elevated) {
  if (plan.state_refusal) return plan.state_refusal;
  if (plan.boot_refusal) return plan.boot_refusal;
  if (!read_only(plan)) return std::nullopt;
  if (plan.host.os == Os::windows) return registry_denial(plan, elevated);
  std::vector<std::string> keys;
  for (const PlannedSetting& planned : plan.settings) {
    if (stays_as_it_is(planned) && !planned.live) return no_old_value(planned);
    if (stays_as_it_is(planned)) keys.emplace_back(planned.setting->key);
  }
  return Error{.code = ErrorCode::unwritable,
               .message = join(keys, ", ") + " cannot be written: read-only on this host",
               .hint = "in a container, change it where the container is started",
               .reasons = {"read-only"}};
}

bool refused_for_hazards(const Plan& plan) { return blocked(plan) && !plan.state_refusal && !plan.boot_refusal; }

std::optional<Error> refusal_of(const Plan& plan, bool elevated) {
  if (!refused_for_hazards(plan)) return denial_of(plan, elevated);
  std::vector<std::string> blocking;
  std::vector<std::string> reasons;
  for (const Finding& hazard : plan.hazards) {
    if (!hazard.blocks()) continue;
    blocking.push_back(fmt::format("{}: {}", hazard.row->id, hazard.evidence));
    std::string reason = reason_of(hazard);
    if (!is_one_of(reason, reasons)) reasons.push_back(std::move(reason));
  }
  const Finding* futile = futile_hazard(plan);
  return Error{.code = ErrorCode::refused,
               .message = join(blocking, "; "),
               .hint = futile != nullptr
                           ? mend_text(*futile) + ": a line that does not decide at boot does nothing"
                           : "mend the cause, or accept the risk: the same command with" + accept_options(plan),
               .reasons = std::move(reasons)};
}

void forgive_want_of_rights(Plan& plan) {
  if (plan.boot_refusal && plan.boot_refusal->code == ErrorCode::denied) plan.boot_refusal.reset();
}

}  // namespace twctl
