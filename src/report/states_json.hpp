// Socket summary -> one JSON document (docs/schema/states.schema.json). Pure.
#pragma once

#include <string>

#include "diagnose/in_namespace.hpp"
#include "diagnose/socket_summary.hpp"
#include "platform/host_facts.hpp"

namespace twctl {

[[nodiscard]] std::string states_json(const SocketSummary& summary, const HostFacts& host);

// For every network namespace (docs/schema/states-namespaces.schema.json), each with its report as by itself.
[[nodiscard]] std::string states_all_json(const InNamespaces<CountedHost>& spaces);

}  // namespace twctl
