#include "catalog/registry_value.hpp"

#include <doctest/doctest.h>

using namespace twctl;

namespace {

std::string bytes(std::initializer_list<int> numbers) {
  std::string text;
  for (const int number : numbers) text += static_cast<char>(number);
  return text;
}

}  // namespace

TEST_CASE("a REG_DWORD of four bytes is a plain number, whatever base somebody wrote it in") {
  CHECK(to_value({4, bytes({0x20, 0, 0, 0})}) == "32");
  CHECK(to_value({4, bytes({0xFF, 0xFF, 0xFF, 0xFF})}) == "4294967295");
  CHECK((to_registry("32") == RegistryBytes{4, bytes({0x20, 0, 0, 0})}));
  CHECK((to_registry("4294967295") == RegistryBytes{4, bytes({0xFF, 0xFF, 0xFF, 0xFF})}));
}

TEST_CASE("a value of another type or length keeps both, and is never taken for a number") {
  const RegistryBytes text{1, bytes({'3', 0, '0', 0, 0, 0})};
  CHECK(to_value(text) == "hex(1):33,00,30,00,00,00");
  CHECK(to_registry("hex(1):33,00,30,00,00,00") == text);
  CHECK(to_value({4, bytes({30})}) == "hex(4):1e");
  CHECK(to_value({11, bytes({1, 2, 3, 4, 5, 6, 7, 8})}) == "hex(b):01,02,03,04,05,06,07,08");
  CHECK(to_value({3, {}}) == "hex(3):");
  CHECK((to_registry("hex(3):") == RegistryBytes{3, {}}));
  CHECK((to_registry("hex(ffffffff):00") == RegistryBytes{0xFFFFFFFF, bytes({0})}));
}

TEST_CASE("what is neither a number of 32 bits nor a whole spelling is no value of the registry") {
  for (const char* text :
       {"", "-1", "4294967296", "0x20", "020", "hex:00", "hex(1)", "hex(1):3", "hex(1):333", "hex(1):33,", "hex(1):,33",
        "hex():33", "hex(100000000):33", "hex(1):3g", "hex(1):-3", "thirty"}) {
    CAPTURE(text);
    CHECK_FALSE(to_registry(text).has_value());
  }
}
