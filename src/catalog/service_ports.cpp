#include "catalog/service_ports.hpp"

#include <array>

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

}  // namespace

std::span<const ServicePorts> service_ports() { return kServices; }

}  // namespace twctl
