// One setting, and the one that the kernel holds it to, while a loader writes to them: text -> what the kernel then
// has. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "sysctl/kernel_value.hpp"

namespace twctl {

class KernelCells {
 public:
  // `initial` is the value before the first write; "" for the default that the catalogue knows. `kernel` as in
  // kernel_takes().
  KernelCells(const Setting& setting, std::string_view initial, KernelVersion kernel = {});

  // The setting's key, then its partner's where it has one.
  [[nodiscard]] const std::vector<std::string_view>& keys() const { return keys_; }

  // What becomes of a write to keys()[key]. A refused one changes nothing.
  KernelOutcome write(std::size_t key, std::string_view text);

  // The same, as if the partner did not matter.
  KernelOutcome write_alone(std::size_t key, std::string_view text);

 private:
  struct Cell {
    const Setting* setting = nullptr;
    Value value;
  };
  void add(const Setting& setting, Value value);
  [[nodiscard]] std::string clash(std::size_t key, const Value& value) const;

  KernelVersion kernel_;
  std::vector<std::string_view> keys_;
  std::vector<Cell> cells_;  // of the same
};

}  // namespace twctl
