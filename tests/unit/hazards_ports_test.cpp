// Hazards about the range of local ports.
#include <doctest/doctest.h>

#include "support/plan_host.hpp"

using namespace twctl;
using namespace twctl::test;

TEST_CASE("ports-privileged: a range that starts too low is EINVAL, and blocks") {
  const Plan plan = host().plan({"ip_local_port_range = 1000 65001"});
  CHECK(text_of(plan, "ports-privileged") ==
        "net.ipv4.ip_local_port_range: The range 1000-65001 starts below ip_unprivileged_port_start (1024): the kernel "
        "refuses that (EINVAL) and the old value stays.");
  CHECK(blocked(plan));
  CHECK(text_of(host(), "ports-privileged", {"ip_local_port_range = 1024 65001"}).empty());
}

TEST_CASE("ports-privileged: a planned change of ip_unprivileged_port_start counts") {
  CHECK(text_of(host(), "ports-privileged", {"ip_local_port_range = 1000 65001", "ip_unprivileged_port_start = 1000"})
            .empty());
  CHECK(text_of(host(), "ports-privileged", {"ip_unprivileged_port_start = 40000"}) ==
        "net.ipv4.ip_unprivileged_port_start: The range 32768-60999 starts below ip_unprivileged_port_start (40000): "
        "the kernel refuses that (EINVAL) and the old value stays.");
}

TEST_CASE("ports-privileged: at boot a later file's ip_unprivileged_port_start comes too late for our range") {
  const PlanHost box = host().live("ip_unprivileged_port_start", "500");
  PlanHost late = box;
  late.file("/etc/sysctl.d/70-low.conf", "net.ipv4.ip_unprivileged_port_start = 500\n");
  CHECK_FALSE(text_of(late, "ports-privileged", {"ip_local_port_range = 600 65001"}).empty());
  CHECK(text_of(late, "ports-privileged", {"ip_local_port_range = 600 65001", "ip_unprivileged_port_start = 400"})
            .empty());
  PlanHost early = box;
  early.file("/etc/sysctl.d/50-low.conf", "net.ipv4.ip_unprivileged_port_start = 500\n");
  CHECK(text_of(early, "ports-privileged", {"ip_local_port_range = 600 65001"}).empty());
}

TEST_CASE(
    "N41: without its line ip_unprivileged_port_start is the kernel's again, and refuses the range of another line") {
  PlanHost box = host().live("ip_unprivileged_port_start", "500").live("ip_local_port_range", "600 60999");
  box.file("/etc/sysctl.d/60-twctl.conf",
           "net.ipv4.ip_unprivileged_port_start = 500\nnet.ipv4.ip_local_port_range = 600 60999\n");
  CHECK(text_of(box, "ports-privileged", {"ip_unprivileged_port_start = unset"}) ==
        "net.ipv4.ip_unprivileged_port_start: The range 600-60999 starts below ip_unprivileged_port_start (1024): the "
        "kernel refuses that (EINVAL) and the old value stays.");
  CHECK(
      text_of(box, "ports-privileged", {"ip_unprivileged_port_start = unset", "ip_local_port_range = unset"}).empty());
}

TEST_CASE("a range that the kernel refuses is refused in any boot file: none is offered") {
  const Plan plan = host().plan({"ip_local_port_range = 80 65535"});
  CHECK(text_of(plan, "shadowed").find("--boot-file") == std::string::npos);
  CHECK(blocked(plan));
}

TEST_CASE("ports-privileged: a kernel without ip_unprivileged_port_start does not check") {
  CHECK(text_of(host().kernel("4.9.0"), "ports-privileged", {"ip_local_port_range = 1000 65001"}).empty());
}

TEST_CASE("ports-in-use: names the ports on which this host listens") {
  const PlanHost box = host().listening({22, 22000, 33060, 61000});
  CHECK(text_of(box, "ports-in-use", {"ip_local_port_range = 15000 60999"}) ==
        "net.ipv4.ip_local_port_range: 15000-60999 covers ports on which this host listens: 22000, 33060. A service "
        "that restarts may find its port taken by an outgoing connection.");
  CHECK(text_of(box, "ports-in-use", {"ip_local_port_range = 15000 60999", "ip_local_reserved_ports = 22000,33060"})
            .empty());
  CHECK(text_of(box, "ports-in-use", {"ip_local_port_range = 32768 60999"}).empty());
}

TEST_CASE("ports-in-use: names eight and counts the rest") {
  const PlanHost box = host().listening({20001, 20002, 20003, 20004, 20005, 20006, 20007, 20008, 20009, 20010});
  CHECK(text_of(box, "ports-in-use", {"ip_local_port_range = 15000 60999"})
            .find("20001, 20002, 20003, 20004, 20005, 20006, 20007, 20008 and 2 more.") != std::string::npos);
}

TEST_CASE("ports-service: well-known ports inside the range that are not reserved") {
  CHECK(text_of(host(), "ports-service", {"ip_local_port_range = 11000 60999"}) ==
        "net.ipv4.ip_local_port_range: 11000-60999 covers ports of well-known services that are not reserved: 11211 "
        "(memcached), 26379 (Redis Sentinel), 27017 (MongoDB), 30000-32767 (Kubernetes NodePorts).");
  CHECK(text_of(host(), "ports-service",
                {"ip_local_port_range = 11000 60999", "ip_local_reserved_ports = 11211,26379,27017,30000-32767"})
            .empty());
  CHECK(text_of(host(), "ports-service", {"ip_local_port_range = 32768 65001"}).empty());
  CHECK(text_of(host(), "ports-service", {"ip_local_port_range = 32768 60999"}).empty());
}

TEST_CASE("ports-service: ports that are reserved already count, and part of the NodePorts does not suffice") {
  const PlanHost box = host()
                           .live("ip_local_reserved_ports", "30000-32000")
                           .file("/etc/sysctl.d/50-a.conf", "net.ipv4.ip_local_reserved_ports = 30000-32000\n");
  CHECK_FALSE(text_of(box, "ports-service", {"ip_local_port_range = 30000 60999"}).empty());
  CHECK(text_of(box, "ports-service", {"ip_local_port_range = 32768 65001"}).empty());
}

TEST_CASE("ports-shrink: says how many are left, and what that means a second") {
  CHECK(text_of(host(), "ports-shrink", {"ip_local_port_range = 40000 45999"}) ==
        "net.ipv4.ip_local_port_range: 28232 usable ports become 6000: without reuse that is 100 connections a second "
        "from one address to one service.");
  CHECK(text_of(host(), "ports-shrink", {"ip_local_port_range = 15000 65001"}).empty());
}

TEST_CASE("ports-shrink: reserved ports are not usable") {
  const PlanHost box = host().live("ip_local_reserved_ports", "32768-42767");
  CHECK(text_of(box.plan({"ip_local_port_range = 20000 60999"}, scope(Scope::live)), "ports-shrink").empty());
  CHECK(text_of(box.plan({"ip_local_port_range = 42768 60000"}, scope(Scope::live)), "ports-shrink") ==
        "net.ipv4.ip_local_port_range: 18232 usable ports become 17233: without reuse that is 287 connections a second "
        "from one address to one service.");
}

TEST_CASE("ports-none: a reserved list that has all of the range leaves connect() none, and blocks") {
  const Plan plan = host().plan({"ip_local_reserved_ports = 32000-61000"});
  CHECK(
      text_of(plan, "ports-none") ==
      "net.ipv4.ip_local_reserved_ports: All ports of the range 32768-60999 are reserved: connect() fails for want of "
      "a port.");
  CHECK(blocked(plan));
  CHECK(text_of(host(), "ports-none", {"ip_local_reserved_ports = 32000-60998"}).empty());
  const PlanHost box = host().live("ip_local_reserved_ports", "30000-49999");
  CHECK(text_of(box.plan({"ip_local_port_range = 40000 45999"}, scope(Scope::live)), "ports-none") ==
        "net.ipv4.ip_local_port_range: All ports of the range 40000-45999 are reserved: connect() fails for want of a "
        "port.");
  CHECK(text_of(box.plan({"ip_local_port_range = 40000 50000"}, scope(Scope::live)), "ports-none").empty());
  CHECK(text_of(box.plan({"tcp_fin_timeout = 30"}, scope(Scope::live)), "ports-none").empty());
}
