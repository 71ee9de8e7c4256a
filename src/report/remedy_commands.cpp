#include "report/remedy_commands.hpp"

#include <fmt/format.h>

#include "base/shell_word.hpp"

namespace twctl {

std::optional<RemedyCommands> remedy_commands(const Diagnosed& host) {
  const std::vector<Remedy> remedies = remedies_of(host.diagnosis);
  if (remedies.empty()) return std::nullopt;
  const std::string& netns = host.examination.host.netns;
  const std::string where = netns.empty() ? "" : " --netns " + shell_word(netns);
  std::string sets;
  for (const auto& [key, value] : remedies) sets += fmt::format(" --set {}={}", key, value);
  return RemedyCommands{
      .apply = fmt::format("twctl apply{} --scope live --confirm-within {}m{}", sets, kRemedyMinutes, where),
      .keep = "twctl confirm" + where,
      .undo = "twctl rollback" + where};
}

}  // namespace twctl
