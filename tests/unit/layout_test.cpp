#include "report/layout.hpp"

#include <doctest/doctest.h>

#include "base/cells.hpp"

using namespace twctl;

TEST_CASE("wrapped breaks at blanks and aligns what follows under the text") {
  CHECK(wrapped("one two three four", 13, "why  ") == "why  one two\n     three\n     four\n");
}

TEST_CASE("wrapped keeps a word that is longer than the line whole") {
  CHECK(wrapped("see /etc/sysctl.d/99-a-very-long-name.conf now", 12) ==
        "see\n/etc/sysctl.d/99-a-very-long-name.conf\nnow\n");
}

TEST_CASE("wrapped makes nothing of nothing") { CHECK(wrapped(" ", 20, "why ").empty()); }

TEST_CASE("X1: a table's cells are those of a terminal: two for a wide letter, none for a mark over another") {
  CHECK(cells_of("\u7f29\u77ed") == 4);  // 缩短
  CHECK(cells_of("\ub2e8\ucd95") == 4);
  CHECK(cells_of("\uff1d\U0001f600") == 4);
  CHECK(cells_of("r\u00e9gl\u00e9") == 5);
  CHECK(cells_of("e\u0301\u0e44\u0e17\u0e31\u0939\u094d") == 4);
  CHECK(cells_of("\u2026\u0627") == 2);
  CHECK(padded("\u7aef\u53e3", 6) + "|" == "\u7aef\u53e3  |");
  CHECK(wrapped("\u7aef\u53e3 \u7aef\u53e3 a", 9) == "\u7aef\u53e3 \u7aef\u53e3\na\n");
}

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
