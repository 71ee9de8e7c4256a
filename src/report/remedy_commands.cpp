#include "report/remedy_commands.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "base/shell_word.hpp"
#include "catalog/keys.hpp"
#include "rules/doctor_rules.hpp"
#include "rules/host_view.hpp"

namespace twctl {

namespace {

// A trial's client connects to another host. tcp_tw_reuse 2 is for loopback.
bool shows_in_trial(const Remedy& remedy) {
  return remedy.key == keys::kTimestamps || remedy.key == keys::kPortRange ||
         (remedy.key == keys::kTwReuse && remedy.value == "1");
}

std::string obstacle_of(const Obstacles& obstacles, const std::string& docker_options) {
  if (obstacles.read_only) {
    return fmt::format(
        "The settings are read-only here, as in a container: change them where it is started (docker "
        "run{}), or on its host with `--netns PID`.",
        docker_options);
  }
  if (!obstacles.mortal_init) return "";
  const std::string& init = *obstacles.mortal_init;
  return fmt::format(
      "It does not go back by itself: process 1 here {} is no init, and a timer would end with it. On the "
      "container's host `--netns PID --confirm-within {}m` has one.",
      init.empty() ? "cannot be seen or" : fmt::format("({})", escape(init)), kRemedyMinutes);
}

}  // namespace

std::optional<RemedyCommands> remedy_commands(const Diagnosed& host) {
  const std::vector<Remedy> remedies = remedies_of(host.diagnosis);
  if (remedies.empty()) return std::nullopt;
  const std::string& netns = host.examination.host.netns;
  const std::string where = where_words("", netns);
  std::string sets;
  std::string docker_options;
  for (const auto& [key, value] : remedies) {
    sets += fmt::format(" --set {}={}", key, value);
    docker_options += fmt::format(" --sysctl {}={}", key, value);
  }
  const Obstacles& obstacles = host.examination.obstacles;
  const bool goes_back = !obstacles.mortal_init;
  const std::string timer = goes_back ? fmt::format(" --confirm-within {}m", kRemedyMinutes) : "";
  const HostFacts& facts = host.examination.host;
  const bool has_boot_files = netns.empty() && facts.container.empty() && !is_other_namespace(facts);
  return RemedyCommands{
      .apply = fmt::format("twctl apply{} --scope live{}{}", sets, timer, where),
      .keep = goes_back ? "twctl confirm" + where : "",
      .undo = "twctl rollback" + where,
      .trial = std::any_of(remedies.begin(), remedies.end(), shows_in_trial) ? "twctl trial" + sets + where : "",
      .lasting = has_boot_files ? "twctl apply" + sets : "",
      .later = helps_later(remedies),
      .obstacle = obstacle_of(obstacles, docker_options)};
}

}  // namespace twctl
