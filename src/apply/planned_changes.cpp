#include "apply/planned_changes.hpp"

#include "sysctl/boot_edit.hpp"

namespace twctl {

std::vector<SettingChange> setting_changes(const Plan& plan) {
  std::vector<SettingChange> changes;
  for (const PlannedSetting* setting : write_order(plan, Layer::live)) {
    const Write& write = *setting->write_in(Layer::live);
    changes.push_back({std::string(setting->setting->key), write.before, write.after});
  }
  return changes;
}

Result<std::vector<FileChange>> file_changes(const Plan& plan, const std::optional<std::string>& before) {
  const std::vector<LineChange> lines = boot_lines(plan);
  if (lines.empty()) return std::vector<FileChange>();
  TRY(std::optional<std::string> after, render_boot_file(plan.boot_file, before, lines));
  if (after == before) return std::vector<FileChange>();
  return std::vector<FileChange>{{plan.boot_file, before, std::move(after)}};
}

}  // namespace twctl
