// measure ROUNDS BATCH COMMAND... -- COMMAND...: runs both commands in turn, BATCH times each a round, and prints for
// each "wall-us cpu-us peak-kib" a run (medians over the rounds; the peak over all runs), then the medians of the
// rounds' ratios "wall cpu". "%d" in a command is 0 and 1 in turn, for what does something only the first time. A small
// static program on purpose: a child is charged with its parent's pages until it calls exec.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

struct Cost {
  double wall_us = 0;
  double cpu_us = 0;
  long peak_kib = 0;
};

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "measure: %s\n", what);
  std::exit(1);
}

// A command line, once for even and once for odd runs.
class Command {
 public:
  explicit Command(char* const* words) {
    for (; *words != nullptr; ++words) {
      for (int turn = 0; turn < 2; ++turn) words_[turn].push_back(with_turn(*words, turn));
    }
    for (int turn = 0; turn < 2; ++turn) {
      for (std::string& word : words_[turn]) pointers_[turn].push_back(word.data());
      pointers_[turn].push_back(nullptr);
    }
  }
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;
  [[nodiscard]] char* const* of(int run) const { return pointers_[run % 2].data(); }

 private:
  static std::string with_turn(std::string word, int turn) {
    const std::size_t at = word.find("%d");
    return at == std::string::npos ? word : word.replace(at, 2, std::to_string(turn));
  }

  std::vector<std::string> words_[2];
  std::vector<char*> pointers_[2];
};

double microseconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
}

// One run with its output thrown away. A plan exits 0, 2 or 3; anything else would measure an error message.
rusage run(char* const* command, const posix_spawn_file_actions_t* silence) {
  pid_t child = 0;
  if (posix_spawnp(&child, command[0], silence, nullptr, command, environ) != 0) give_up("cannot start a command");
  int status = 0;
  rusage usage{};
  if (wait4(child, &status, 0, &usage) != child || !WIFEXITED(status)) give_up("a command was killed");
  const int code = WEXITSTATUS(status);
  if (code != 0 && code != 2 && code != 3) give_up("a command failed: run it by hand");
  return usage;
}

Cost run_batch(const Command& command, int batch, const posix_spawn_file_actions_t* silence) {
  Cost cost;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < batch; ++i) {
    const rusage usage = run(command.of(i), silence);
    cost.cpu_us += (microseconds(usage.ru_utime) + microseconds(usage.ru_stime)) / batch;
    cost.peak_kib = std::max(cost.peak_kib, usage.ru_maxrss);
  }
  const std::chrono::duration<double, std::micro> wall = std::chrono::steady_clock::now() - start;
  cost.wall_us = wall.count() / batch;
  return cost;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

template <class Pick>
double median_of(const std::vector<Cost>& costs, Pick pick) {
  std::vector<double> values;
  for (const Cost& cost : costs) values.push_back(pick(cost));
  return median(values);
}

void print_costs(const std::vector<Cost>& costs) {
  long peak = 0;
  for (const Cost& cost : costs) peak = std::max(peak, cost.peak_kib);
  std::printf("%.0f %.0f %ld\n", median_of(costs, [](const Cost& cost) { return cost.wall_us; }),
              median_of(costs, [](const Cost& cost) { return cost.cpu_us; }), peak);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) give_up("usage: measure ROUNDS BATCH COMMAND... -- COMMAND...");
  const int rounds = std::atoi(argv[1]);
  const int batch = std::atoi(argv[2]);
  char** separator = std::find_if(argv + 3, argv + argc, [](const char* word) { return std::strcmp(word, "--") == 0; });
  if (rounds < 1 || batch < 1 || separator == argv + argc || separator + 1 == argv + argc) give_up("bad arguments");
  *separator = nullptr;

  posix_spawn_file_actions_t silence;
  posix_spawn_file_actions_init(&silence);
  posix_spawn_file_actions_addopen(&silence, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&silence, STDERR_FILENO, "/dev/null", O_WRONLY, 0);

  const Command one(argv + 3);
  const Command other(separator + 1);
  std::vector<Cost> first;
  std::vector<Cost> second;
  std::vector<double> wall_ratios;
  std::vector<double> cpu_ratios;
  for (int round = 0; round < rounds; ++round) {
    first.push_back(run_batch(one, batch, &silence));
    second.push_back(run_batch(other, batch, &silence));
    wall_ratios.push_back(first.back().wall_us / second.back().wall_us);
    cpu_ratios.push_back(first.back().cpu_us / second.back().cpu_us);
  }
  print_costs(first);
  print_costs(second);
  std::printf("%.2f %.2f\n", median(wall_ratios), median(cpu_ratios));
}
