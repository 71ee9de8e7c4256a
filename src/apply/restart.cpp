#include "apply/restart.hpp"

#include <algorithm>

#include "catalog/setting.hpp"
#include "journal/journal.hpp"

namespace twctl {
namespace {

bool takes_effect_at_restart(const SettingChange& setting) {
  return find_setting(setting.key)->takes_effect == TakesEffect::restart;
}

bool is_of_boot(const Intent& intent, const std::string& boot_id) {
  return boot_id.empty() || intent.origin.boot_id.empty() || intent.origin.boot_id == boot_id;
}

// From what the boot took to what is left now.
void put(std::vector<SettingChange>& spans, const SettingChange& change) {
  const auto span =
      std::find_if(spans.begin(), spans.end(), [&](const SettingChange& other) { return other.key == change.key; });
  if (span == spans.end()) {
    spans.push_back(change);
  } else {
    span->after = change.after;
  }
}

}  // namespace

std::vector<std::string> awaiting_restart(const std::vector<Change>& journal, const std::string& boot_id) {
  std::vector<SettingChange> spans;
  for (const Change& change : journal) {
    if (!is_committed(change) || !is_of_boot(change.intent, boot_id)) continue;
    for (const SettingChange& setting : change.intent.settings) {
      if (takes_effect_at_restart(setting)) put(spans, setting);
    }
  }
  std::vector<std::string> keys;
  for (const SettingChange& span : spans) {
    if (span.before != span.after) keys.push_back(span.key);
  }
  return keys;
}

std::vector<std::string> restart_awaited(StateStore& store, const HostFacts& facts) {
  const std::span<const Setting> rows = settings(facts.os);
  const auto waits = [](const Setting& setting) { return setting.takes_effect == TakesEffect::restart; };
  if (std::none_of(rows.begin(), rows.end(), waits)) return {};
  const Result<std::vector<Change>> journal = load_changes(store);
  return journal ? awaiting_restart(*journal, facts.boot_id) : std::vector<std::string>();
}

}  // namespace twctl
