// Cases that end in every way in which the process of a suite can end, to be run one by one: see
// tests/unit/CMakeLists.txt.
#include <doctest/doctest.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <vector>

#include "support/skip.hpp"

TEST_CASE("a case that passes") { CHECK(true); }
TEST_CASE("a case that fails") { CHECK(false); }
TEST_CASE("a case that skips itself") { SKIP_TEST("to show it"); }
TEST_CASE("a case that crashes") { std::raise(SIGSEGV); }
TEST_CASE("a case that aborts") { std::abort(); }
TEST_CASE("a case that exits") { std::exit(0); }
TEST_CASE("a case that hangs") {
  for (;;) ::pause();
}
TEST_CASE("a case that reads out of bounds") {
  const std::vector<int> one(1);
  volatile std::size_t beyond = 1;
  CHECK(one.data()[beyond] != one[0]);  // only a sanitizer sees it
}
