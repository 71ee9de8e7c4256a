// Socket summary -> one JSON document (docs/schema/states.schema.json). Pure.
#pragma once

#include <string>

#include "diagnose/socket_summary.hpp"
#include "platform/host_facts.hpp"

namespace twctl {

[[nodiscard]] std::string states_json(const SocketSummary& summary, const HostFacts& host);

}  // namespace twctl
