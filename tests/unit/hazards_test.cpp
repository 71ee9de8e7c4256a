#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "catalog/finding.hpp"

using namespace twctl;

TEST_CASE("the catalogue has every hazard of the contract, and those block that the contract says") {
  struct Expected {
    std::string id;
    bool blocks;
    bool operator==(const Expected&) const = default;
  };
  const std::vector<Expected> contract{
      {"tw-recycle", true},
      {"removed", false},
      {"unsupported", true},
      {"shadowed", true},
      {"near-miss", true},
      {"not-read-at-boot", true},
      {"masks-file", true},
      {"module-late", true},
      {"later-writer", true},
      {"possible-writer", false},
      {"no-loader", false},
      {"reuse-without-timestamps", false},
      {"reuse-not-loopback", false},
      {"fin-timeout-trap", true},
      {"not-time-wait", false},
      {"buckets-low", false},
      {"ports-privileged", true},
      {"ports-in-use", false},
      {"ports-service", false},
      {"ports-none", true},
      {"ports-shrink", false},
      {"backlog-inert", false},
      {"somaxconn-lower", false},
      {"protection-lower", true},
      {"unwise-value", false},
      {"other-namespaces", false},
      {"timer-dies-with-container", true},
      {"out-of-range", true},
      {"time-wait-short", false},
      {"wrong-type", false},
      {"obsolete-value", false},
      {"without-effect", false},
      {"hexadecimal", false},
      {"restart-needed", false},
      {"container", false},
  };
  std::vector<Expected> rows;
  for (const FindingRow& row : hazard_rows()) rows.push_back({std::string(row.id), row.blocks});
  CHECK(rows == contract);
}

TEST_CASE("a hazard is found by its id only") {
  REQUIRE(find_hazard("fin-timeout-trap") != nullptr);
  CHECK(find_hazard("fin-timeout-trap")->blocks);
  CHECK(find_hazard("fin-timeout") == nullptr);
  CHECK(find_hazard("") == nullptr);
}
