// A real loader of sysctl files, run to its end: within namespaces that the test has made, nowhere else.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/host_facts.hpp"

namespace twctl::test {

struct RealLoader {
  Loader loader = Loader::none;
  const char* program = nullptr;
  std::vector<std::string> arguments;
};

// Its output is thrown away. `file`: one more argument; "" for none.
void run_loader(const RealLoader& real, const std::string& file = "");

// A count or a seed of a long run, from the environment; `otherwise` where it is not set.
[[nodiscard]] std::uint64_t count_from(const char* variable, std::uint64_t otherwise);

// What scripts/long reads of such a run, a line of its own.
[[nodiscard]] std::string tally_line(int tried, int found);

}  // namespace twctl::test
