#include "report/remedy_commands.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/shell_word.hpp"
#include "catalog/keys.hpp"

namespace twctl {

namespace {

// A trial's client connects to another host. tcp_tw_reuse 2 is for loopback.
bool shows_in_trial(const Remedy& remedy) {
  return remedy.key == keys::kTimestamps || remedy.key == keys::kPortRange ||
         (remedy.key == keys::kTwReuse && remedy.value == "1");
}

}  // namespace

std::optional<RemedyCommands> remedy_commands(const Diagnosed& host) {
  const std::vector<Remedy> remedies = remedies_of(host.diagnosis);
  if (remedies.empty()) return std::nullopt;
  const std::string& netns = host.examination.host.netns;
  const std::string where = where_words("", netns);
  std::string sets;
  for (const auto& [key, value] : remedies) sets += fmt::format(" --set {}={}", key, value);
  return RemedyCommands{
      .apply = fmt::format("twctl apply{} --scope live --confirm-within {}m{}", sets, kRemedyMinutes, where),
      .keep = "twctl confirm" + where,
      .undo = "twctl rollback" + where,
      .trial = std::any_of(remedies.begin(), remedies.end(), shows_in_trial) ? "twctl trial" + sets + where : ""};
}

}  // namespace twctl
