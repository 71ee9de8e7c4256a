#include "apply/planned_changes.hpp"

#include <fmt/format.h>

#include "base/escape.hpp"

namespace twctl {
namespace {

std::string side_of(const std::vector<SettingChange>& settings, const std::vector<FileChange>& files,
                    std::optional<Value> SettingChange::*value, std::optional<std::string> FileChange::*bytes) {
  std::string text;
  for (const SettingChange& setting : settings) {
    if (setting.*value) text += fmt::format("{} = {}\n", setting.key, *(setting.*value));
  }
  for (const FileChange& file : files) text += fmt::format("# {}\n{}", file.path, (file.*bytes).value_or(""));
  return text;
}

}  // namespace

std::vector<SettingChange> setting_changes(const Plan& plan) {
  std::vector<SettingChange> changes;
  for (const PlannedSetting* setting : write_order(plan, Layer::live)) {
    const Write& write = *setting->write_in(Layer::live);
    changes.push_back({std::string(setting->setting->key), write.before, write.after});
  }
  return changes;
}

Result<std::vector<FileChange>> file_changes(const Plan& plan, const std::optional<std::string>& before) {
  if (boot_lines(plan).empty()) return std::vector<FileChange>();
  TRY(std::optional<std::string> after, boot_file_after(plan, before));
  if (after == before) return std::vector<FileChange>();
  return std::vector<FileChange>{{plan.boot_file, before, std::move(after)}};
}

DiffSides diff_sides(const std::vector<SettingChange>& settings, const std::vector<FileChange>& files) {
  return {.before = side_of(settings, files, &SettingChange::before, &FileChange::before),
          .after = side_of(settings, files, &SettingChange::after, &FileChange::after)};
}

DiffSides diff_sides(const Plan& plan) {
  const Result<std::vector<FileChange>> files = file_changes(plan, plan.boot_bytes);
  return diff_sides(setting_changes(plan), files.value_or(std::vector<FileChange>()));
}

Result<void> check_shown_diff(const SavedPlan& saved, const Plan& now) {
  const DiffSides sides = diff_sides(now);
  if (sides.before != saved.diff_before) {
    return fail(ErrorCode::refused,
                fmt::format("the plan shows another {} than there is now",
                            now.boot_file.empty() ? "registry" : escape(now.boot_file)),
                kPlanAgain);
  }
  if (sides.after == saved.diff_after) return {};
  return fail(ErrorCode::refused, "what the plan shows as the outcome is not what it would write", kPlanAgain);
}

}  // namespace twctl
