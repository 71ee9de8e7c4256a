#include "support/run_loader.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
namespace twctl::test {

void run_loader(const RealLoader& real, const std::string& file) {
  std::vector<std::string> words{real.program};
  words.insert(words.end(), real.arguments.begin(), real.arguments.end());
  if (!file.empty()) words.push_back(file);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t child = 0;
  if (::posix_spawn(&child, real.program, &actions, nullptr, arguments.data(), environ) == 0) {
    ::waitpid(child, nullptr, 0);
  }
  ::posix_spawn_file_actions_destroy(&actions);
}

std::uint64_t count_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string tally_line(int tried, int found) {
  return "\ntried " + std::to_string(tried) + ", held " + std::to_string(tried - found) + ", found " +
         std::to_string(found) + "\n";
}

}  // namespace twctl::test
