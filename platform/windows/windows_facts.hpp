// What Windows says of itself.
#pragma once

#include "platform/host_facts.hpp"

namespace twctl {

[[nodiscard]] HostFacts gather_facts();

}  // namespace twctl
