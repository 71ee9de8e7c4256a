#include "base/escape.hpp"

#include <doctest/doctest.h>

#include <string>

#include "base/unescape.hpp"

using twctl::escape;

TEST_CASE("escape leaves printable ASCII alone, backslashes included") {
  CHECK(escape("net.ipv4.tcp_tw_reuse = 1 \\ ~") == "net.ipv4.tcp_tw_reuse = 1 \\ ~");
}

TEST_CASE("X1: escape leaves printable letters of every script alone") {
  // 缩短 TIME_WAIT, 단축, réglé, то же, ไทย, اختبار, हिन्दी, 😀, and an é of two code points
  for (const char* text :
       {"\u7f29\u77ed TIME_WAIT", "\ub2e8\ucd95", "r\u00e9gl\u00e9", "\u0442\u043e \u0436\u0435", "\u0e44\u0e17\u0e22",
        "\u0627\u062e\u062a\u0628\u0627\u0631", "\u0939\u093f\u0928\u094d\u0926\u0940", "\U0001f600", "e\u0301"}) {
    CHECK(escape(text) == text);
  }
}

TEST_CASE("X1: escape shows by number what hides, reorders, breaks a line or stands over what is ours") {
  CHECK(escape("\u202e\u2066\u061c\u200b\u00ad\ufeff\u2060\ufe0f\U000e0061") ==
        "\\u202e\\u2066\\u061c\\u200b\\u00ad\\ufeff\\u2060\\ufe0f\\U000e0061");
  CHECK(escape("\u00a0\u3000\u2003") == "\\u00a0\\u3000\\u2003");
  CHECK(escape("\u2028\u2029\u0085\u009b") == "\\u2028\\u2029\\u0085\\u009b");
  CHECK(escape("\ue000\uffff") == "\\ue000\\uffff");
  CHECK(escape("\u0301a\u0301") == "\\u0301a\u0301");
}

TEST_CASE("escape shows control bytes and broken UTF-8 by number") {
  CHECK(escape("\x1b[2J\n\t\x7f") == "\\x1b[2J\\x0a\\x09\\x7f");
  CHECK(escape("a\xff\xc0\x80z") == "a\\xff\\xc0\\x80z");
  CHECK(escape("\xed\xa0\x80") == "\\xed\\xa0\\x80");
  CHECK(escape(std::string(1, '\0')) == "\\x00");
}

TEST_CASE("escape stops at the limit without cutting an escape in two") {
  CHECK(escape("abcdef", 3) == "abc\u2026");
  CHECK(escape("ab\x1b", 5) == "ab\u2026");
  CHECK(escape("ab\x1b", 6) == "ab\\x1b");
  CHECK(escape("\u7f29\u77ed", 5) == "\u7f29\u2026");
  CHECK(escape(std::string(10000, 'x')).size() == twctl::kEchoLimit + 3);
}

TEST_CASE("what is escaped can be had again, and what looks like an escape is not taken for one") {
  for (const std::string text :
       {"a\tb", "\xE2\x80\xAE x", "\\x1b", "\\u202e", "C:\\x\\unix", "\xF3\xA0\x81\xA1", "\\\\x1b"}) {
    CAPTURE(text);
    CHECK(twctl::unescaped(escape(text)) == text);
  }
  CHECK(escape("\\x1b") == "\\x5cx1b");
  CHECK(escape("C:\\xyz") == "C:\\xyz");
  CHECK(twctl::unescaped(escape("\xFF")) == "\\xff");
}
