// What the kernel makes of text written to a setting's file: numbers in base 0 ("020" is 16), a stop at the first
// blank ("30 # note" is 30), EINVAL for the rest. Computed, not run; tests/kernel holds it to the real kernel.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "catalog/setting.hpp"
#include "catalog/value.hpp"

namespace twctl {

struct KernelOutcome {
  std::optional<Value> value;  // nullopt: refused, the old value stays
  std::string note;            // why refused, or what was read differently from what it looks like ("020 is octal: 16")
  bool clashes = false;        // refused for the value of another setting, which the kernel holds it to
};

// `before` is the value in force until then: a single number for a pair changes its low end only.
// `kernel`: as a kernel of that version takes it; {} is a current one.
[[nodiscard]] KernelOutcome kernel_takes(const Setting& setting, std::string_view written, const Value& before,
                                         KernelVersion kernel = {});

}  // namespace twctl
