// What the program prints fits the schemas that it publishes.
#include <doctest/doctest.h>

#include <string>

#include "support/shell.hpp"
#include "support/skip.hpp"

TEST_CASE("every JSON document fits its published schema, closed") {
  const std::string source = TWCTL_SOURCE_DIR;
  const auto run = twctl::test::shell("python3 " + source + "/tests/cli/validate_json.py " TWCTL_PROGRAM " " + source +
                                      "/docs/schema 2>&1");
  if (run.code == 77) SKIP_TEST(run.output);
  CHECK(run.output == "");
  CHECK(run.code == 0);
}
