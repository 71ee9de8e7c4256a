#include "base/escape.hpp"

#include <doctest/doctest.h>

#include <string>

using twctl::escape;

TEST_CASE("escape leaves printable ASCII alone, backslashes included") {
  CHECK(escape("net.ipv4.tcp_tw_reuse = 1 \\ ~") == "net.ipv4.tcp_tw_reuse = 1 \\ ~");
}

TEST_CASE("escape shows control bytes, broken UTF-8 and every other code point by number") {
  CHECK(escape("\x1b[2J\n\t\x7f") == "\\x1b[2J\\x0a\\x09\\x7f");
  CHECK(escape("a\xff\xc0\x80z") == "a\\xff\\xc0\\x80z");
  CHECK(escape("\xe2\x80\xae") == "\\u202e");
  CHECK(escape("\xf0\x9f\x98\x80") == "\\U0001f600");
  CHECK(escape("\xed\xa0\x80") == "\\xed\\xa0\\x80");
  CHECK(escape(std::string(1, '\0')) == "\\x00");
}

TEST_CASE("escape stops at the limit without cutting an escape in two") {
  CHECK(escape("abcdef", 3) == "abc\u2026");
  CHECK(escape("ab\x1b", 5) == "ab\u2026");
  CHECK(escape("ab\x1b", 6) == "ab\\x1b");
  CHECK(escape(std::string(10000, 'x')).size() == twctl::kEchoLimit + 3);
}
