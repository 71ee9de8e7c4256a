#include "catalog/value.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace twctl;

namespace {

constexpr Meaning kMeanings[] = {{0, "off"}, {1, "on"}};

constexpr Setting kSeconds{.key = "net.a.seconds",
                           .unit = "s",
                           .accepted = {1, 120},
                           .kernel_accepts = {-8589934, 8589934},
                           .summary = "s",
                           .does = "d",
                           .sources = {"test"}};
constexpr Setting kSwitch{.key = "net.a.switch",
                          .type = ValueType::enumeration,
                          .unit = "",
                          .accepted = {0, 1},
                          .kernel_accepts = {0, 1},
                          .meanings = kMeanings,
                          .summary = "s",
                          .does = "d",
                          .sources = {"test"}};
constexpr Setting kPair{.key = "net.a.range",
                        .type = ValueType::integer_pair,
                        .unit = "ports",
                        .accepted = {1, 65535},
                        .kernel_accepts = {1, 65535},
                        .summary = "s",
                        .does = "d",
                        .sources = {"test"}};
constexpr Setting kPorts{.key = "net.a.ports",
                         .type = ValueType::port_set,
                         .unit = "ports",
                         .accepted = {0, 65535},
                         .kernel_accepts = {0, 65535},
                         .summary = "s",
                         .does = "d",
                         .sources = {"test"}};
constexpr Setting kDelayRow{.key = "Delay",
                            .os = Os::windows,
                            .unit = "s",
                            .accepted = {30, 300},
                            .kernel_accepts = {2, 300},
                            .summary = "s",
                            .does = "d",
                            .sources = {"test"}};

// "column: message", or "= value" where the text is a value.
std::string judged(const Setting& setting, std::string_view text) {
  const Result<Value> value = parse_value(setting, text);
  if (value) return "= " + *value;
  CHECK(value.error().code == ErrorCode::invalid);
  return std::to_string(value.error().column) + ": " + value.error().message;
}

std::string hint(const Setting& setting, std::string_view text) { return parse_value(setting, text).error().hint; }

}  // namespace

TEST_CASE("a plain decimal number inside the range is a value, blanks around it or not") {
  CHECK(judged(kSeconds, "30") == "= 30");
  CHECK(judged(kSeconds, "1") == "= 1");
  CHECK(judged(kSeconds, " \t120 \r\n") == "= 120");
  CHECK(judged(kSwitch, "0") == "= 0");
}

TEST_CASE("a number outside the range is told which end it misses, and whether the kernel would have let it pass") {
  CHECK(judged(kSeconds, "0") == "1: net.a.seconds: 0 is less than 1, though the kernel would take it");
  CHECK(judged(kSeconds, " -5") == "2: net.a.seconds: -5 is less than 1, though the kernel would take it");
  CHECK(judged(kSeconds, "121") == "1: net.a.seconds: 121 is more than 120, though the kernel would take it");
  CHECK(judged(kSeconds, "8589935") == "1: net.a.seconds: 8589935 is more than 120");
  CHECK(judged(kSwitch, "2") == "1: net.a.switch: 2 is more than 1");
}

TEST_CASE("a number too large for any integer is out of range, not unreadable") {
  CHECK(judged(kSeconds, "99999999999999999999") == "1: net.a.seconds: 99999999999999999999 is more than 120");
  CHECK(judged(kSeconds, "-99999999999999999999") == "1: net.a.seconds: -99999999999999999999 is less than 1");
  CHECK(parse_value(kSeconds, std::string(4000, '9')).error().message.size() < 320);
}

TEST_CASE("what the kernel would read as another number is refused with the number it would read") {
  CHECK(judged(kSeconds, "0x20") == "1: net.a.seconds: 0x20 is hexadecimal; the kernel would read 32");
  CHECK(judged(kSeconds, "-0X1f") == "1: net.a.seconds: -0X1f is hexadecimal; the kernel would read -31");
  CHECK(judged(kSeconds, "020") ==
        "1: net.a.seconds: 020 has a leading zero: octal to the kernel, which would read 16");
  CHECK(judged(kSeconds, "08") == "1: net.a.seconds: 08 has a leading zero: not plain decimal");
  CHECK(judged(kSeconds, "-0") == "1: net.a.seconds: -0 is not plain decimal");
}

TEST_CASE("text after the number is refused, because the kernel would ignore it") {
  CHECK(judged(kSeconds, "30 40") == "4: net.a.seconds: \"40\" after 30; the kernel would ignore it");
  CHECK(judged(kSeconds, " 30  # note") == "6: net.a.seconds: \"# note\" after 30; the kernel would ignore it");
  CHECK(judged(kSeconds, "10 ; rm") == "4: net.a.seconds: \"; rm\" after 10; the kernel would ignore it");
}

TEST_CASE("each thing that is no number has its own reason, with the column of the first wrong byte") {
  CHECK(judged(kSeconds, "") == "1: net.a.seconds: a value is missing");
  CHECK(judged(kSeconds, "  ") == "1: net.a.seconds: a value is missing");
  CHECK(judged(kSeconds, "+5") == "1: net.a.seconds: +5 has a plus sign; the kernel refuses that");
  CHECK(judged(kSeconds, "\"30\"") == "1: net.a.seconds: \"30\" has quotes; the kernel refuses that");
  CHECK(judged(kSeconds, "30'") == "3: net.a.seconds: 30' has quotes; the kernel refuses that");
  CHECK(judged(kSeconds, "60s") == "3: net.a.seconds: 60s is not a whole number: 's' is not a digit");
  CHECK(judged(kSeconds, "5.") == "2: net.a.seconds: 5. is not a whole number: '.' is not a digit");
  CHECK(judged(kSeconds, "5e3") == "2: net.a.seconds: 5e3 is not a whole number: 'e' is not a digit");
  CHECK(judged(kSeconds, "true") == "1: net.a.seconds: true is not a whole number: 't' is not a digit");
  CHECK(judged(kSeconds, "-") == "1: net.a.seconds: - is not a number");
}

TEST_CASE("characters that look like digits or like nothing are named by their code point") {
  CHECK(judged(kSeconds, "5\uff15") ==
        "2: net.a.seconds: 5\uff15 is not a whole number: U+FF15 is a full-width digit, not one of 0-9");
  CHECK(judged(kSeconds, "30\u00a0") ==
        "3: net.a.seconds: 30\\u00a0 is not a whole number: U+00A0 is a no-break space, not a blank");
  CHECK(judged(kSeconds, "\u202e30") ==
        "1: net.a.seconds: \\u202e30 is not a whole number: U+202E is an invisible character");
  CHECK(judged(kSeconds, "\u22125") ==
        "1: net.a.seconds: \u22125 is not a whole number: U+2212 is a minus sign of typography, not '-'");
  CHECK(judged(kSeconds, "\x1b[2J") == "1: net.a.seconds: \\x1b[2J is not a whole number: U+001B is not a digit");
  CHECK(judged(kSeconds, "3\xff") == "2: net.a.seconds: 3\\xff is not a whole number: the byte \\xff is not UTF-8");
}

TEST_CASE("the hint says what may be written instead") {
  CHECK(hint(kSeconds, "0x20") == "accepted: 1 to 120 s, in plain decimal");
  CHECK(hint(kSwitch, "9") == "accepted: 0 (off), 1 (on)");
  CHECK(hint(kPair, "1024") == "accepted: two numbers from 1 to 65535, the lower one first, as in \"32768 60999\"");
  CHECK(hint(kPorts, "x") == "accepted: ports from 0 to 65535 with commas and no blanks, as in \"1-9,8080\"");
}

TEST_CASE("a pair needs exactly two numbers, the lower one first") {
  CHECK(judged(kPair, " 32768\t60999\n") == "= 32768 60999");
  CHECK(judged(kPair, "5000 5000") == "= 5000 5000");
  CHECK(judged(kPair, "2000") ==
        "5: net.a.range: one number where two belong; the kernel would change the lower end only");
  CHECK(judged(kPair, "1024 2048 x") == "11: net.a.range: \"x\" after the second number; the kernel would ignore it");
  CHECK(judged(kPair, "60999 32768") == "1: net.a.range: 60999 32768 runs backwards");
  CHECK(judged(kPair, "1024 0xffff") == "6: net.a.range: 0xffff is hexadecimal; the kernel would read 65535");
  CHECK(judged(kPair, "1024 65536") == "6: net.a.range: 65536 is more than 65535");
  CHECK(judged(kPair, "1024-65535") == "5: net.a.range: 1024-65535 is not a whole number: '-' is not a digit");
}

TEST_CASE("why three numbers are refused is printable") {
  const Setting* memory = find_setting(Os::linux_kernel, "net.ipv4.tcp_mem");
  REQUIRE(memory != nullptr);
  CHECK(why_refused(*memory, "3\v2\v9") == "3\\x0b2\\x0b9 runs backwards");
  CHECK(why_refused(*memory, "1 2 99999999999999999999999").has_value());
}

TEST_CASE("a list of ports is sorted and merged, and may be empty") {
  CHECK(judged(kPorts, "8080,1-5,3-9") == "= 1-9,8080");
  CHECK(judged(kPorts, "") == "= ");
  CHECK(judged(kPorts, "1,2,3") == "= 1-3");
}

TEST_CASE("a list of ports is judged item by item") {
  CHECK(judged(kPorts, "80, 443") == "5: net.a.ports: a blank inside a list of ports; the kernel refuses that");
  CHECK(judged(kPorts, "80,,443") == "4: net.a.ports: an empty item in the list of ports");
  CHECK(judged(kPorts, "80,") == "4: net.a.ports: an empty item in the list of ports");
  CHECK(judged(kPorts, "80,9-5") == "4: net.a.ports: 9-5 runs backwards");
  CHECK(judged(kPorts, "5-") == "3: net.a.ports: a number is missing");
  CHECK(judged(kPorts, "-5") == "1: net.a.ports: -5 is less than 0");
  CHECK(judged(kPorts, "80,65536") == "4: net.a.ports: 65536 is more than 65535");
  CHECK(judged(kPorts, "80,0x50") == "4: net.a.ports: 0x50 is hexadecimal; the kernel would read 80");
}

TEST_CASE("what is said of a Windows value does not speak of a kernel") {
  CHECK(judged(kDelayRow, "0x1e") == "1: Delay: 0x1e is hexadecimal; in decimal that is 30");
  CHECK(judged(kDelayRow, "020") == "1: Delay: 020 has a leading zero: not plain decimal");
  CHECK(judged(kDelayRow, "+60") == "1: Delay: +60 has a plus sign; that is no number");
  CHECK(judged(kDelayRow, "20") == "1: Delay: 20 is less than 30");
  CHECK(judged(kDelayRow, "60 s") == "4: Delay: \"s\" after 60");
}

TEST_CASE("what the kernel prints becomes canonical text") {
  CHECK(canonical(kSeconds, "60\n") == "60");
  CHECK(canonical(kPair, "32768\t60999\n") == "32768 60999");
  CHECK(canonical(kPorts, "8080,1-5,3-9\n") == "1-9,8080");
  CHECK(canonical(kPorts, "\n").empty());
}

TEST_CASE("text that is not of the type stays text, with single spaces") {
  CHECK(canonical(kSeconds, " cubic \t reno\n") == "cubic reno");
  CHECK(canonical(kPorts, "1-5 x\n") == "1-5 x");
}

TEST_CASE("within asks for the type and for our range") {
  CHECK(within(kSeconds, "120"));
  CHECK_FALSE(within(kSeconds, "121"));
  CHECK_FALSE(within(kSeconds, "-5"));
  CHECK_FALSE(within(kSeconds, ""));
  CHECK_FALSE(within(kSeconds, " "));
  CHECK(within(kPair, "1024 65535"));
  CHECK_FALSE(within(kPair, "1024"));
  CHECK(within(kPorts, ""));
}

TEST_CASE("as_integer and as_pair read canonical text only") {
  CHECK(as_integer("-5") == -5);
  CHECK_FALSE(as_integer("32768 60999").has_value());
  CHECK(as_pair("32768 60999") == std::pair<std::int64_t, std::int64_t>{32768, 60999});
  CHECK_FALSE(as_pair("32768").has_value());
  CHECK_FALSE(as_pair("1 2 3").has_value());
  CHECK_FALSE(as_pair("1  2").has_value());
}

TEST_CASE("sets of ports unite and contain") {
  const PortSet ports = parse_ports("8080,1-5,6-9").value();
  CHECK(ports == PortSet{{1, 9}, {8080, 8080}});
  CHECK(print_ports(unite(ports, parse_ports("10,9000-9001").value())) == "1-10,8080,9000-9001");
  CHECK(contains(ports, 9));
  CHECK_FALSE(contains(ports, 10));
}

TEST_CASE("parse_ports takes plain ports only") {
  CHECK(parse_ports("") == PortSet{});
  for (const char* text : {"65536", "-1", "5-1", "1,", ",1", "1 2", "0x50", "080", "1-2-3", "a"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_ports(text).has_value());
  }
}
