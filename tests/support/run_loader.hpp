// A real loader of sysctl files, run to its end: within namespaces that the test has made, nowhere else.
#pragma once

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

}  // namespace twctl::test
