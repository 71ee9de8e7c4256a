// What was found in each of several network namespaces, or why one could not be looked into.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "platform/platform.hpp"

namespace twctl {

// "3 other network namespaces have processes and were not counted: `twctl states --all-netns`." `done`: "counted",
// `command`: what does it for all. "" where there are none.
[[nodiscard]] std::string others_text(const OtherNamespaces& others, std::string_view done, std::string_view command);

template <class Found>
struct InNamespace {
  InhabitedNamespace where;
  Result<Found> found;
};

template <class Found>
struct InNamespaces {
  std::vector<InNamespace<Found>> all;  // the caller's own first
  int hidden = 0;                       // processes that could not be looked into: there may be more namespaces
};

}  // namespace twctl
