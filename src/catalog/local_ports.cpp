#include "catalog/local_ports.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace twctl {
namespace {

// IANA's registry, and each program's own documentation where its port is not registered to it.
constexpr std::array kServices{
    ServicePorts{{1433, 1433}, "SQL Server"},
    ServicePorts{{1521, 1521}, "Oracle"},
    ServicePorts{{1883, 1883}, "MQTT"},
    ServicePorts{{2049, 2049}, "NFS"},
    ServicePorts{{2181, 2181}, "ZooKeeper"},
    ServicePorts{{2375, 2376}, "Docker"},
    ServicePorts{{2379, 2380}, "etcd"},
    ServicePorts{{3128, 3128}, "Squid"},
    ServicePorts{{3260, 3260}, "iSCSI"},
    ServicePorts{{3306, 3306}, "MySQL"},
    ServicePorts{{3389, 3389}, "RDP"},
    ServicePorts{{4369, 4369}, "Erlang"},
    ServicePorts{{5060, 5061}, "SIP"},
    ServicePorts{{5222, 5222}, "XMPP"},
    ServicePorts{{5432, 5432}, "PostgreSQL"},
    ServicePorts{{5671, 5672}, "AMQP"},
    ServicePorts{{5900, 5900}, "VNC"},
    ServicePorts{{5984, 5984}, "CouchDB"},
    ServicePorts{{6379, 6379}, "Redis"},
    ServicePorts{{6443, 6443}, "Kubernetes"},
    ServicePorts{{8000, 8000}, "HTTP"},
    ServicePorts{{8080, 8080}, "HTTP"},
    ServicePorts{{8086, 8086}, "InfluxDB"},
    ServicePorts{{8443, 8443}, "HTTPS"},
    ServicePorts{{8500, 8500}, "Consul"},
    ServicePorts{{9000, 9000}, "MinIO, PHP-FPM"},
    ServicePorts{{9042, 9042}, "Cassandra"},
    ServicePorts{{9090, 9090}, "Prometheus"},
    ServicePorts{{9092, 9092}, "Kafka"},
    ServicePorts{{9100, 9100}, "node exporter"},
    ServicePorts{{9200, 9200}, "Elasticsearch"},
    ServicePorts{{9300, 9300}, "Elasticsearch"},
    ServicePorts{{10250, 10250}, "kubelet"},
    ServicePorts{{11211, 11211}, "memcached"},
    ServicePorts{{26379, 26379}, "Redis Sentinel"},
    ServicePorts{{27017, 27017}, "MongoDB"},
    ServicePorts{{30000, 32767}, "Kubernetes NodePorts"},
};

int size_of(const PortRange& range) { return std::max(0, range.last - range.first + 1); }

// Ports of `ports` with the parity of `like`.
int every_other(const PortRange& ports, int like) {
  const int first = ports.first + (ports.first + like) % 2;
  return first > ports.last ? 0 : (ports.last - first) / 2 + 1;
}

PortRange overlap(const PortRange& a, const PortRange& b) {
  return {std::max(a.first, b.first), std::min(a.last, b.last)};
}

// Ports of `wanted` that connect() may choose.
int free_within(const LocalPorts& ports, const PortRange& wanted) {
  const PortRange covered = overlap(ports.range, wanted);
  int free = size_of(covered);
  for (const PortRange& reserved : ports.reserved) free -= size_of(overlap(covered, reserved));
  return free;
}

}  // namespace

bool LocalPorts::may_choose(int port) const {
  return range.first <= port && port <= range.last && !contains(reserved, port);
}

int LocalPorts::usable() const { return free_within(*this, range); }

int LocalPorts::first_half() const {
  int half = every_other(range, range.first);
  for (const PortRange& taken : reserved) half -= every_other(overlap(range, taken), range.first);
  return half;
}

bool LocalPorts::covers(const PortRange& ports) const { return free_within(*this, ports) > 0; }

std::vector<ServicePorts> LocalPorts::services() const {
  std::vector<ServicePorts> found;
  std::copy_if(kServices.begin(), kServices.end(), std::back_inserter(found),
               [&](const ServicePorts& service) { return free_within(*this, service.ports) > 0; });
  return found;
}

std::vector<std::string> LocalPorts::among(std::span<const int> ports) const {
  std::vector<std::string> found;
  for (const int port : ports) {
    if (may_choose(port)) found.push_back(std::to_string(port));
  }
  return found;
}

std::optional<LocalPorts> local_ports(const std::optional<Value>& range, const std::optional<Value>& reserved) {
  const auto ends = as_pair(range.value_or(""));
  if (!ends || ends->first < 1 || ends->second > 65535 || ends->first > ends->second) return std::nullopt;
  return LocalPorts{{static_cast<int>(ends->first), static_cast<int>(ends->second)},
                    parse_ports(reserved.value_or("")).value_or(PortSet{})};
}

std::string to_text(const PortRange& range) { return fmt::format("{}-{}", range.first, range.last); }

std::string to_text(const ServicePorts& service) {
  const PortRange& ports = service.ports;
  return fmt::format("{} ({})", ports.first == ports.last ? std::to_string(ports.first) : to_text(ports), service.name);
}

}  // namespace twctl
