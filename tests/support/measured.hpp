// One load, measured by the real kernel, and the settings of a test's load.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/load_bench.hpp"

namespace twctl::test {

struct Measured {
  LoadFigures client;
  LoadFigures server;
  std::vector<std::string> not_set;  // "net.core.somaxconn: why"
  std::string problem;               // why nothing was measured; "" if it was
};

[[nodiscard]] std::vector<Measured> measured(const std::vector<Load>& loads);
[[nodiscard]] Measured measured(const Load& load);

// By short name: {"tcp_tw_reuse", "1"}.
[[nodiscard]] SettingValues values(std::initializer_list<std::pair<std::string_view, std::string_view>> named);

[[nodiscard]] std::int64_t witness(const LoadFigures& figures, std::string_view name);  // "TcpExt.TWRecycled"
[[nodiscard]] std::uint32_t peak(const LoadFigures& figures, TcpState state);

}  // namespace twctl::test
