#include "report/error_text.hpp"

#include <doctest/doctest.h>

#include <string>

#include "base/escape.hpp"

using namespace twctl;

TEST_CASE("an error in a file names file and line and puts a caret under the offending word") {
  const Error error{.code = ErrorCode::invalid,
                    .message = "tcp_fin_timout: unknown setting; did you mean tcp_fin_timeout?",
                    .where = {"profiles/busy.ini", 12},
                    .excerpt = "net.ipv4.tcp_fin_timout = 30",
                    .column = 10,
                    .hint = "`twctl explain` lists the settings"};
  CHECK(error_text(error) ==
        "twctl: profiles/busy.ini:12: tcp_fin_timout: unknown setting; did you mean tcp_fin_timeout?\n"
        "    net.ipv4.tcp_fin_timout = 30\n"
        "             ^\n"
        "  hint: `twctl explain` lists the settings\n");
}

TEST_CASE("an error about nothing but itself is one line") {
  CHECK(error_text(Error{.message = "no command given"}) == "twctl: no command given\n");
}

TEST_CASE("X1: a caret stands under its byte behind wide letters and marks, which are shown as they are") {
  const Error error{.code = ErrorCode::invalid,
                    .message = "no such key",
                    .where = {"\u914d\u7f6e.ini", 1},
                    .excerpt = "\u7aef\u53e3 e\u0301 x",
                    .column = 12};
  CHECK(error_text(error) ==
        "twctl: \u914d\u7f6e.ini:1: no such key\n"
        "    \u7aef\u53e3 e\u0301 x\n"
        "           ^\n");
}

TEST_CASE("foreign bytes in a file's name and its line are escaped, and the caret stays under its byte") {
  const Error error{.code = ErrorCode::invalid,
                    .message = "control character \\x1b",
                    .where = {"a\x1b[2J\n.ini", 3},
                    .excerpt = "\xe2\x80\xae\tx\x1b = 1",
                    .column = 6};
  CHECK(error_text(error) ==
        "twctl: a\\x1b[2J\\x0a.ini:3: control character \\x1b\n"
        "    \\u202e x\\x1b = 1\n"
        "            ^\n");
}

TEST_CASE("a caret may stand right behind the end of the line") {
  const Excerpt excerpt = excerpt_around("net.ipv4.tcp_tw_reuse", 22);
  CHECK(excerpt.text == "net.ipv4.tcp_tw_reuse");
  CHECK(excerpt.column == 22);
}

TEST_CASE("a long line is cut to what surrounds the caret") {
  const std::string line = std::string(3000, 'a') + "HERE" + std::string(3000, 'b');
  const Excerpt excerpt = excerpt_around(line, 3001);
  CHECK(excerpt.text.substr(excerpt.column - 1 + 2, 4) == "HERE");  // "…" is three bytes in one column
  CHECK(excerpt.text.starts_with("\u2026"));
  CHECK(excerpt.text.ends_with("\u2026"));
  CHECK(excerpt.text.size() <= kEchoLimit);
}

TEST_CASE("no cut goes through an escape sequence") {
  std::string line;
  for (int i = 0; i < 500; ++i) line += '\x1b';
  for (std::size_t byte = 0; byte <= 501; ++byte) {
    const Excerpt excerpt = excerpt_around(line, byte);
    std::string inside = excerpt.text;
    while (inside.find("\u2026") != std::string::npos) inside.erase(inside.find("\u2026"), 3);
    CAPTURE(byte);
    CHECK(inside.size() % 4 == 0);
    CHECK(inside.size() <= kEchoLimit);
  }
}
