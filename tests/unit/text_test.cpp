#include "base/text.hpp"

#include <doctest/doctest.h>

#include <array>
#include <limits>

using namespace twctl;

TEST_CASE("trim takes blanks off both ends only") {
  CHECK(trim(" \t a b\r\n") == "a b");
  CHECK(trim(" \t ").empty());
}

TEST_CASE("split keeps empty fields, words drops them") {
  CHECK(split("a,,b", ',') == std::vector<std::string_view>{"a", "", "b"});
  CHECK(split("", ',') == std::vector<std::string_view>{""});
  CHECK(words(" 32768\t 60999 ") == std::vector<std::string_view>{"32768", "60999"});
  CHECK(words("  ").empty());
}

TEST_CASE("join puts the separator between parts, also between empty ones") {
  CHECK(join(std::vector<std::string>{"a", "", "b"}, ", ") == "a, , b");
  CHECK(join(std::vector<std::string>{"", "b"}, ",") == ",b");
  CHECK(join({}, ",").empty());
}

TEST_CASE("listed names the first and counts the others") {
  const std::vector<std::string> all{"a", "b", "c"};
  CHECK(listed(all, 3) == "a, b, c");
  CHECK(listed(all, 2) == "a, b and 1 more");
  CHECK(listed(all, 1, 4) == "a and 6 more");
  CHECK(listed({}, 3).empty());
}

TEST_CASE("parse_decimal takes plain decimal only") {
  CHECK(parse_decimal("0") == 0);
  CHECK(parse_decimal("-5") == -5);
  CHECK(parse_decimal("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  for (const char* text : {"", "-", "+5", "020", "0x20", "5.", "5e3", " 5", "5 ", "-0", "9223372036854775808"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_decimal(text).has_value());
  }
}

TEST_CASE("nearest finds a slip of the fingers and nothing far away") {
  constexpr std::array<std::string_view, 3> kNames{"tcp_fin_timeout", "tcp_tw_reuse", "tcp_syncookies"};
  CHECK(nearest("tcp_fin_timout", kNames) == "tcp_fin_timeout");
  CHECK(nearest("tcp_wt_reuse", kNames) == "tcp_tw_reuse");
  CHECK(nearest("core_pattern", kNames).empty());
  CHECK(nearest(std::string(5000, 'a'), kNames).empty());
}
