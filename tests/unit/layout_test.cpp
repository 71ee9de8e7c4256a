#include "report/layout.hpp"

#include <doctest/doctest.h>

using namespace twctl;

TEST_CASE("wrapped breaks at blanks and aligns what follows under the text") {
  CHECK(wrapped("one two three four", 13, "why  ") == "why  one two\n     three\n     four\n");
}

TEST_CASE("wrapped keeps a word that is longer than the line whole") {
  CHECK(wrapped("see /etc/sysctl.d/99-a-very-long-name.conf now", 12) ==
        "see\n/etc/sysctl.d/99-a-very-long-name.conf\nnow\n");
}

TEST_CASE("wrapped makes nothing of nothing") { CHECK(wrapped(" ", 20, "why ").empty()); }

TEST_CASE("padded counts code points, not bytes") {
  CHECK(padded("ab\u2026", 5) == "ab\u2026  ");
  CHECK(padded("abcdef", 3) == "abcdef");
}

TEST_CASE("inked adds escape sequences on a coloured screen only") {
  CHECK(inked(Screen{80, false}, Ink::danger, "!") == "!");
  CHECK(inked(Screen{80, true}, Ink::danger, "!") == "\x1b[1;31m!\x1b[0m");
  CHECK(inked(Screen{80, true}, Ink::danger, "").empty());
}

TEST_CASE("counted writes one and many") {
  CHECK(counted(1, "change") == "1 change");
  CHECK(counted(0, "change") == "0 changes");
}
