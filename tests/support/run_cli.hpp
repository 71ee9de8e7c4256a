// run() in this process on a host in memory -> what it said and how it ended.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cli/run.hpp"
#include "memory_host.hpp"
#include "support/names.hpp"

namespace twctl::test {

using Args = std::vector<std::string_view>;

struct Ran {
  int status = -1;
  std::string results;   // standard output
  std::string messages;  // standard error
};

using Furnish = std::function<void(MemoryHost&)>;

// Each run has a host of its own, furnished anew.
[[nodiscard]] Ran run_cli(const Args& args, const Furnish& furnish = {});

// On a host that is there before and after: one command after another.
[[nodiscard]] Ran run_on(MemoryHost& host, const Args& args, Streams streams = {});

[[nodiscard]] Ran run_cli_with(const Args& args, const PlatformFactory& factory, Streams streams = {});

// A Debian 12 machine with the kernel's defaults, no boot file and all settings of `baseline` live.
void stock_host(MemoryHost& host);

struct StockHost : MemoryHost {
  explicit StockHost(const std::string& root = "") : MemoryHost(root) { stock_host(*this); }
  [[nodiscard]] std::string fin() { return store.live.at(kFin).value; }
  [[nodiscard]] bool has_boot_file() const { return disk.files.contains(kBootFile); }
};

[[nodiscard]] nlohmann::json json_of(const Ran& ran);
[[nodiscard]] std::string first_line(const std::string& text);
[[nodiscard]] std::string newest_id(MemoryHost& host);  // of the changes in its journal

}  // namespace twctl::test
