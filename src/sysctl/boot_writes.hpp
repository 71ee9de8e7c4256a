// Boot files in reading order -> what the loader writes to the kernel for a few keys, in its order. Pure.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "sysctl/boot_order.hpp"

namespace twctl {

struct SourceLine {
  const BootConfig::File* file = nullptr;
  const Assignment* said = nullptr;
};

[[nodiscard]] Place place_of(const SourceLine& line);

// Every line about one of `keys`, exclusions too, in reading order.
[[nodiscard]] std::vector<SourceLine> lines_about(std::span<const std::string_view> keys, const BootFiles& order,
                                                  Loader loader);

struct BootWrite {
  SourceLine line;
  std::size_t key = 0;  // which of `keys`
};

[[nodiscard]] std::vector<BootWrite> writes_of(std::span<const std::string_view> keys,
                                               const std::vector<SourceLine>& lines, Loader loader);

}  // namespace twctl
