// The ports that connect() may choose from, and what people run on ports that a widened range covers. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/value.hpp"

namespace twctl {

struct ServicePorts {
  PortRange ports;
  std::string_view name;  // "MySQL"
};

struct LocalPorts {
  PortRange range{.first = 1, .last = 0};  // ip_local_port_range; empty: not known
  PortSet reserved;                        // ip_local_reserved_ports

  [[nodiscard]] bool may_choose(int port) const;  // connect() may, by itself
  [[nodiscard]] int usable() const;               // how many it may choose

  [[nodiscard]] bool covers(const PortRange& ports) const;  // it may choose one of them

  // How many of those have the parity of the first of the range. connect() takes these first, and the others only when
  // its destination has used these up; bind() to port 0 does the opposite (Linux net/ipv4/inet_hashtables.c,
  // __inet_hash_connect(); since 4.2).
  [[nodiscard]] int first_half() const;

  // The well-known services with a port among them.
  [[nodiscard]] std::vector<ServicePorts> services() const;
  // Those of `ports` that are among them, as text.
  [[nodiscard]] std::vector<std::string> among(std::span<const int> ports) const;
};

// nullopt: no range, or none that the kernel could have.
[[nodiscard]] std::optional<LocalPorts> local_ports(const std::optional<Value>& range,
                                                    const std::optional<Value>& reserved);

// "32768-60999"
[[nodiscard]] std::string to_text(const PortRange& range);
[[nodiscard]] std::string to_text(const ServicePorts& service);  // "3306 (MySQL)"

}  // namespace twctl
