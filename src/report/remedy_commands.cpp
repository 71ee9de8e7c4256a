#include "report/remedy_commands.hpp"

#include <fmt/format.h>

#include "base/escape.hpp"

namespace twctl {
namespace {

// As a shell takes it. A name that is no plain word stands in quotes.
std::string shell_word(std::string_view text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+,=";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos) return std::string(text);
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return escape(word + "'");
}

}  // namespace

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
