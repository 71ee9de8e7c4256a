#include "apply/intent.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "journal/origin.hpp"
#include "sysctl/boot_edit.hpp"

namespace twctl {
namespace {

const Write& write_in(const PlannedSetting& setting, Layer layer) {
  return *std::find_if(setting.writes.begin(), setting.writes.end(),
                       [&](const Write& write) { return write.layer == layer; });
}

std::vector<SettingChange> live_changes(const Plan& plan) {
  std::vector<SettingChange> changes;
  for (const PlannedSetting* setting : write_order(plan, Layer::live)) {
    const Write& write = write_in(*setting, Layer::live);
    changes.push_back({std::string(setting->setting->key), write.before, write.after});
  }
  return changes;
}

// The why of a line: the profile's own words, else the catalogue's.
std::string why(const PlannedSetting& setting) {
  const std::string reason = to_text(setting.entry.reason);
  return reason.empty() ? std::string(setting.setting->summary) : reason;
}

std::vector<LineChange> boot_changes(const Plan& plan) {
  std::vector<LineChange> changes;
  for (const PlannedSetting* setting : write_order(plan, Layer::boot)) {
    changes.push_back({std::string(setting->setting->key), write_in(*setting, Layer::boot).after, why(*setting)});
  }
  return changes;
}

std::vector<std::string> accepted_hazards(const Plan& plan) {
  std::vector<std::string> accepted;
  for (const Hazard& hazard : plan.hazards) {
    if (hazard.accepted) accepted.push_back(hazard.key.empty() ? hazard.id : hazard.id + ":" + hazard.key);
  }
  return accepted;
}

}  // namespace

Result<Intent> intent_of(const Plan& plan, const std::optional<std::string>& boot_file, const Envelope& envelope) {
  Intent intent{.id = envelope.id,
                .sequence = envelope.sequence,
                .kind = ChangeKind::apply,
                .undoes = {},
                .author = envelope.author,
                .reason = envelope.reason,
                .profiles = plan.profiles,
                .accepted = accepted_hazards(plan),
                .origin = origin_of(plan.host),
                .settings = live_changes(plan),
                .files = {}};
  if (const std::vector<LineChange> lines = boot_changes(plan); !lines.empty()) {
    TRY(std::optional<std::string> after, render_boot_file(plan.boot_file, boot_file, lines));
    if (after != boot_file) intent.files.push_back({plan.boot_file, boot_file, std::move(after)});
  }
  return intent;
}

}  // namespace twctl
