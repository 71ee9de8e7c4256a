#include "plan/saved_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "json/field.hpp"
#include "plan/accept.hpp"

namespace twctl {
namespace {

Result<void> check_host(const HostFacts& then, const HostFacts& now) {
  if (then.hostname != now.hostname) {
    return fail(ErrorCode::refused,
                fmt::format("the plan was made for {}, and this is {}", escape(then.hostname), escape(now.hostname)),
                kPlanAgain);
  }
  if (then.boot_id != now.boot_id) {
    return fail(ErrorCode::refused, "this host has booted since the plan was made, or only has the same name",
                kPlanAgain);
  }
  if (then.network_namespace != now.network_namespace) {
    const bool same_name = then.netns == now.netns;  // made anew under it
    const std::string_view option = same_name ? "" : "leave out --netns, or ";
    return fail(ErrorCode::refused, "the plan was made in another network namespace",
                then.netns.empty() || same_name ? fmt::format("{}{}", option, kPlanAgain)
                                                : fmt::format("name that one: --netns {}", shell_word(then.netns)));
  }
  return {};
}

// "" if nothing has moved.
std::string what_moved(const SavedSetting& then, const PlannedSetting& now) {
  const std::string_view key = now.setting->key;
  if (then.live != now.live) return fmt::format("{} is {}, no longer {}", key, shown(now.live), shown(then.live));
  if (then.boot != now.boot) {
    return fmt::format("the next boot would set {} to {}, no longer {}", key, shown(now.boot), shown(then.boot));
  }
  return then.writes == now.writes ? "" : fmt::format("{} would be written otherwise", key);
}

Write read_write(const Field& field) {
  return {.layer = field.member("layer").word(kLayerWords),
          .before = field.member("before").value(),
          .after = field.member("after").value()};
}

// The profile's own words; the catalogue's, which a plan has where the profile gives none, need no place in a boot
// file.
Reason read_reason(const Field& field, const Setting& setting) {
  Reason reason{.why = field.member("reason").bytes(), .source = field.member("source").bytes()};
  if (reason.why == setting.does) reason.why.clear();
  if (reason.source == setting.sources.first()) reason.source.clear();
  return reason;
}

// Where the profile, or --set, asks for it. apply takes over what --set has named.
Place read_where(const Field& field) {
  if (!field.has_value("wanted_at")) return {};
  const Field place = field.member("wanted_at");
  const bool has_line = place.has_value("line");
  return {place.member("file").bytes(), has_line ? static_cast<int>(place.member("line").number(0, 1'000'000'000)) : 0};
}

SavedSetting read_saved_setting(const Field& field, Os os) {
  const std::string key = field.member("key").bytes();
  const std::string expression = field.member("wanted").bytes();
  const Setting* setting = find_setting(os, key);
  const auto wanted =
      setting == nullptr ? Result<Wanted>(fail(ErrorCode::invalid, "")) : parse_wanted(*setting, expression);
  if (!wanted) {
    field.member("key").report("a setting or a value that a profile could not name");
    return {};
  }
  SavedSetting saved{.entry = {.setting = setting,
                               .wanted = *wanted,
                               .optional = field.member("optional").flag(),
                               .reason = read_reason(field, *setting),
                               .where = read_where(field)},
                     .live = field.member("live").value(),
                     .boot = field.member("boot").value(),
                     .desired = field.member("desired").value(),
                     .writes = {}};
  field.member("writes").each([&](const Field& write) { saved.writes.push_back(read_write(write)); });
  return saved;
}

SavedPlan read_plan_fields(const Field& document) {
  SavedPlan plan;
  plan.host = read_host(document.member("host"));
  plan.profiles = document.member("profiles").list_of_bytes();
  plan.options.scope = document.member("scope").word(kScopeWords);
  plan.options.boot_file = document.member("boot_file").bytes_or_null();
  document.member("hazards").each([&](const Field& hazard) {
    const std::string key = hazard.member("key").bytes_or_null();
    const std::string id = hazard.member("id").bytes();
    if (hazard.member("accepted").flag()) plan.options.accept.push_back(accept_text(id, key));
  });
  document.member("settings").each([&](const Field& field) {
    SavedSetting saved = read_saved_setting(field, plan.host.os);
    const Setting* setting = saved.entry.setting;
    const auto is_same = [setting](const SavedSetting& other) { return other.entry.setting == setting; };
    if (setting != nullptr && std::any_of(plan.settings.begin(), plan.settings.end(), is_same)) {
      field.member("key").report("a setting that the plan has named before");
    }
    plan.settings.push_back(std::move(saved));
  });
  plan.diff_before = document.member("diff").member("before").bytes();
  plan.diff_after = document.member("diff").member("after").bytes();
  return plan;
}

}  // namespace

Result<SavedPlan> read_plan(std::string_view path, std::string_view bytes) {
  SavedPlan plan;
  TRY_VOID(read_document(path, bytes, "plan", [&](const Field& document) { plan = read_plan_fields(document); }));
  return plan;
}

Desired desired_of(const SavedPlan& saved) {
  Desired desired;
  desired.names = saved.profiles;
  for (const SavedSetting& setting : saved.settings) desired.entries.push_back(setting.entry);
  return desired;
}

Result<void> check_still_holds(const SavedPlan& saved, const Plan& now) {
  TRY_VOID(check_host(saved.host, now.host));
  std::vector<std::string> moved;
  std::vector<std::string> untrue;
  for (const SavedSetting& then : saved.settings) {
    const auto planned = std::find_if(now.settings.begin(), now.settings.end(), [&](const PlannedSetting& setting) {
      return setting.setting == then.entry.setting;
    });
    const std::string what = planned == now.settings.end()
                                 ? fmt::format("{} is not for this host", then.entry.setting->key)
                                 : what_moved(then, *planned);
    if (!what.empty()) {
      moved.push_back(what);
    } else if (then.desired != planned->desired) {
      untrue.push_back(fmt::format("{} is shown as {}, and would be {}", then.entry.setting->key, shown(then.desired),
                                   shown(planned->desired)));
    }
  }
  if (!moved.empty()) {
    return fail(ErrorCode::refused, "the host has moved since the plan was made: " + join(moved, "; "), kPlanAgain);
  }
  if (untrue.empty()) return {};
  return fail(ErrorCode::invalid, "the parts of the plan do not agree: " + join(untrue, "; "), kPlanAgain);
}

}  // namespace twctl
