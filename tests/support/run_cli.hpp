// run() in this process on a host in memory -> what it said and how it ended.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/run.hpp"
#include "memory_host.hpp"

namespace twctl::test {

struct Ran {
  int status = -1;
  std::string results;   // standard output
  std::string messages;  // standard error
};

using Furnish = std::function<void(MemoryHost&)>;

// Each run has a host of its own, furnished anew.
[[nodiscard]] Ran run_cli(const std::vector<std::string_view>& args, const Furnish& furnish = {});

// On a host that is there before and after: one command after another.
[[nodiscard]] Ran run_on(MemoryHost& host, const std::vector<std::string_view>& args, Streams streams = {});

[[nodiscard]] Ran run_cli_with(const std::vector<std::string_view>& args, const PlatformFactory& factory,
                               Streams streams = {});

// A Debian 12 machine with the kernel's defaults, no boot file and all settings of `baseline` live.
void stock_host(MemoryHost& host);

}  // namespace twctl::test
