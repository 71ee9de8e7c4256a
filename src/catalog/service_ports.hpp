// What people run on ports that a widened range of local ports covers. Rows, no logic.
#pragma once

#include <span>
#include <string_view>

#include "catalog/value.hpp"

namespace twctl {

struct ServicePorts {
  PortRange ports;
  std::string_view name;  // "MySQL"
};

[[nodiscard]] std::span<const ServicePorts> service_ports();

}  // namespace twctl
