#include "base/base64.hpp"

#include <doctest/doctest.h>

using namespace twctl;

TEST_CASE("bytes become base64 as RFC 4648 shows, and back") {
  const std::pair<const char*, const char*> rows[] = {{"", ""},
                                                      {"f", "Zg=="},
                                                      {"fo", "Zm8="},
                                                      {"foo", "Zm9v"},
                                                      {"foob", "Zm9vYg=="},
                                                      {"fooba", "Zm9vYmE="},
                                                      {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : rows) {
    CHECK(to_base64(bytes) == text);
    CHECK(from_base64(text) == bytes);
  }
}

TEST_CASE("every byte survives base64") {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  CHECK(from_base64(to_base64(bytes)) == bytes);
}

TEST_CASE("what is not base64 is refused") {
  for (const char* text : {"Zg", "Zg=", "Zg===", "=Zg=", "Z===", "Zh==", "Zg==Zg==", "Z g=", "Zm9\xff", "===="}) {
    CAPTURE(text);
    CHECK_FALSE(from_base64(text).has_value());
  }
}
