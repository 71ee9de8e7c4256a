// Loads in private network namespaces, each with two processes of its own.
#pragma once

#include <memory>

#include "platform/load_bench.hpp"

namespace twctl {

[[nodiscard]] std::unique_ptr<LoadBench> make_load_bench();

}  // namespace twctl
