// The one way to skip a test: it says why, and CTest counts and names it at the end (SKIP_REGULAR_EXPRESSION).
#pragma once

#include <doctest/doctest.h>

#define SKIP_TEST(...)                      \
  do {                                      \
    MESSAGE("TEST SKIPPED: ", __VA_ARGS__); \
    return;                                 \
  } while (false)
