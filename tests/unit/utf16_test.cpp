#include "base/utf16.hpp"

#include <doctest/doctest.h>

using namespace twctl;

TEST_CASE("text survives the way to UTF-16 and back") {
  for (const char* text :
       {"", "plain", "Prüfung Ω 日本", "\xF0\x9F\x98\x80 astral", "a\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    CHECK(from_utf16(to_utf16(text)) == text);
  }
  CHECK(to_utf16("a\xF0\x9F\x98\x80") == u"a\xD83D\xDE00");
  CHECK(to_utf16(std::string_view("a\0b", 3)) == std::u16string(u"a\0b", 3));
}

TEST_CASE("what is no valid UTF-8 or UTF-16 becomes U+FFFD") {
  CHECK(to_utf16("a\xFF\xC3") == u"a\uFFFD\uFFFD");
  for (const std::u16string_view lone : {u"\xD83D", u"\xDE00"}) CHECK(from_utf16(lone) == "\xEF\xBF\xBD");
  CHECK(from_utf16(u"a\xD83D\x0062") == "a\xEF\xBF\xBD\x62");
  CHECK(from_utf16(u"\xDE00\xD83D") == "\xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(from_utf16(u"\xD83D\xD83D\xDE00") == "\xEF\xBF\xBD\xF0\x9F\x98\x80");
}
