#include "catalog/local_ports.hpp"

#include <doctest/doctest.h>

#include <array>

#include "catalog/keys.hpp"

using namespace twctl;

namespace {

std::vector<std::string_view> services_in(std::string range, std::string reserved = "") {
  std::vector<std::string_view> names;
  for (const ServicePorts& service : local_ports(std::move(range), std::move(reserved))->services()) {
    names.push_back(service.name);
  }
  return names;
}

}  // namespace

TEST_CASE("connect() may choose what the range has and nobody has reserved") {
  const LocalPorts ports = *local_ports("1000 1009", "1005-1100,999");
  CHECK(ports.usable() == 5);
  CHECK(ports.may_choose(1000));
  CHECK(ports.may_choose(1004));
  CHECK_FALSE(ports.may_choose(1005));
  CHECK_FALSE(ports.may_choose(999));
  CHECK_FALSE(ports.may_choose(1010));
  CHECK(ports.among(std::array{22, 1003, 1007}) == std::vector<std::string>{"1003"});
  CHECK(to_text(ports.range) == "1000-1009");
}

TEST_CASE("a range that the kernel cannot have is none") {
  for (const char* range : {"", "32768", "0 65535", "60999 32768", "1 65536"}) {
    CAPTURE(range);
    CHECK_FALSE(local_ports(range, std::nullopt));
  }
  CHECK_FALSE(local_ports(std::nullopt, "22"));
  CHECK(LocalPorts{}.usable() == 0);
}

TEST_CASE("a service is in the range with any port that is not reserved") {
  CHECK(services_in("5000 5100") == std::vector<std::string_view>{"SIP"});
  CHECK(services_in("5000 5100", "5060").size() == 1);
  CHECK(services_in("5000 5100", "5060-5061").empty());
  CHECK(services_in("32768 60999").empty());
}

TEST_CASE("every key that rules name is one of the catalogue") {
  using namespace keys;
  for (const std::string_view key :
       {kFinTimeout,   kKeepaliveInterval, kKeepaliveProbes,   kKeepaliveTime, kMaxOrphans,    kMaxSynBacklog,
        kMaxTwBuckets, kOrphanRetries,     kPortRange,         kPrivilegedEnd, kReservedPorts, kRfc1337,
        kSomaxconn,    kSyncookies,        kSynRetries,        kTimestamps,    kTwRecycle,     kTwReuse,
        kTwReuseDelay, kConntrackMax,      kConntrackTimeWait, kTimedWaitDelay}) {
    CAPTURE(key);
    REQUIRE(find_setting(key) != nullptr);
    CHECK(find_setting(key)->key == key);
  }
}
