#include "profile/wanted.hpp"

#include <doctest/doctest.h>

#include <array>

#include "report/error_text.hpp"

using namespace twctl;

namespace {

constexpr std::array<Meaning, 3> kMeaningsRow{{{0, "off"}, {1, "on"}, {2, "on, with more"}}};

constexpr Setting wanted_row(std::string_view key, ValueType type, Range accepted) {
  return {.key = key,
          .type = type,
          .unit = type == ValueType::integer ? "s" : "",
          .accepted = accepted,
          .kernel_accepts = {-1000000, 1000000},
          .meanings = kMeaningsRow,
          .summary = "a row of this test",
          .does = "nothing",
          .sources = {"this test"}};
}

constexpr Setting kTimeout = wanted_row("net.timeout", ValueType::integer, {1, 3600});
constexpr Setting kSwitchRow = wanted_row("net.switch", ValueType::enumeration, {0, 2});
constexpr Setting kRange = wanted_row("net.range", ValueType::integer_pair, {1, 65535});
constexpr Setting kPortsRow = wanted_row("net.ports", ValueType::port_set, {1, 65535});

Wanted wanted(const Setting& of, std::string_view text) {
  const Result<Wanted> parsed = parse_wanted(of, text);
  REQUIRE_MESSAGE(parsed.has_value(), parsed.error().message);
  return *parsed;
}

// The whole error as a person sees it, with its caret under the expression.
std::string problem(const Setting& of, std::string_view text) {
  const Result<Wanted> parsed = parse_wanted(of, text);
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().code == ErrorCode::invalid);
  Error error = parsed.error();
  error.excerpt = text;
  return error_text(error);
}

}  // namespace

TEST_CASE("an expression is a value, a bound, alternatives, a part of a port set, or unset") {
  CHECK(wanted(kTimeout, " 30 ") == Wanted{Operator::exactly, {"30"}});
  CHECK(wanted(kTimeout, "<= 30") == Wanted{Operator::at_most, {"30"}});
  CHECK(wanted(kTimeout, ">=30") == Wanted{Operator::at_least, {"30"}});
  CHECK(wanted(kSwitchRow, "1 | 2") == Wanted{Operator::any_of, {"1", "2"}});
  CHECK(wanted(kSwitchRow, "2|1|0") == Wanted{Operator::any_of, {"2", "1", "0"}});
  CHECK(wanted(kRange, "2000 3000 | 4000\t5000") == Wanted{Operator::any_of, {"2000 3000", "4000 5000"}});
  CHECK(wanted(kPortsRow, "includes 8080,1-5,3-9") == Wanted{Operator::includes, {"1-9,8080"}});
  CHECK(wanted(kPortsRow, "") == Wanted{Operator::exactly, {""}});
  CHECK(wanted(kTimeout, "unset") == Wanted{Operator::unset, {}});
}

TEST_CASE("an expression prints as it would be written, and reads back to the same") {
  constexpr std::array kTexts{"30", "<= 30", ">= 30", "1 | 2", "unset"};
  for (const char* text : kTexts) {
    CAPTURE(text);
    const Setting& of = std::string_view(text) == "1 | 2" ? kSwitchRow : kTimeout;
    CHECK(to_text(wanted(of, text)) == text);
  }
  CHECK(to_text(wanted(kPortsRow, "includes 9,8080")) == "includes 9,8080");
}

TEST_CASE("a bound holds for integers only, and the error says why") {
  CHECK(problem(kSwitchRow, " <= 1") ==
        "twctl: net.switch: <= needs an amount; this setting's values are not ordered as more and less\n"
        "     <= 1\n"
        "     ^\n"
        "  hint: write the value itself, or A | B for any of several\n");
  CHECK(problem(kPortsRow, ">= 1") ==
        "twctl: net.ports: >= needs an amount; this setting's values are not ordered as more and less\n"
        "    >= 1\n"
        "    ^\n"
        "  hint: write the list itself, or includes LIST\n");
  CHECK(problem(kTimeout, "<=") ==
        "twctl: net.timeout: a value is missing\n"
        "    <=\n"
        "      ^\n"
        "  hint: accepted: 1 to 3600 s, in plain decimal\n");
}

TEST_CASE("includes holds for port sets only, and wants a list") {
  CHECK(problem(kTimeout, "includes 5") ==
        "twctl: net.timeout: includes needs a set of ports, and this setting is none\n"
        "    includes 5\n"
        "    ^\n"
        "  hint: write the value itself\n");
  CHECK(problem(kPortsRow, "includes") ==
        "twctl: net.ports: includes names no ports\n"
        "    includes\n"
        "            ^\n"
        "  hint: as in: includes 8080,9000-9010\n");
}

TEST_CASE("operators do not combine, and an unknown one is named") {
  CHECK(problem(kSwitchRow, "1 | <= 2") ==
        "twctl: net.switch: <= cannot stand beside |\n"
        "    1 | <= 2\n"
        "        ^\n"
        "  hint: | separates plain values, as in: 1 | 2\n");
  CHECK(problem(kSwitchRow, "1 | ") ==
        "twctl: net.switch: a value is missing beside |\n"
        "    1 | \n"
        "       ^\n"
        "  hint: write N, <= N, >= N, A | B, includes LIST or unset\n");
  CHECK(problem(kTimeout, "< 30") ==
        "twctl: net.timeout: < is no operator\n"
        "    < 30\n"
        "    ^\n"
        "  hint: write N, <= N, >= N, A | B, includes LIST or unset\n");
  CHECK(problem(kTimeout, "unset 5") ==
        "twctl: net.timeout: unset stands alone\n"
        "    unset 5\n"
        "         ^\n"
        "  hint: write N, <= N, >= N, A | B, includes LIST or unset\n");
  CHECK(problem(kSwitchRow, "0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|1") ==
        "twctl: net.switch: more than 16 alternatives\n"
        "    0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|1\n"
        "                                    ^\n"
        "  hint: write N, <= N, >= N, A | B, includes LIST or unset\n");
}

TEST_CASE("the caret stands under the bad operand, wherever it is") {
  CHECK(parse_wanted(kTimeout, "  <=  0x20").error().column == 7);
  CHECK(parse_wanted(kSwitchRow, "1 |  nine").error().column == 6);
  CHECK(parse_wanted(kPortsRow, "includes  1,x").error().column == 13);
  CHECK(parse_wanted(kTimeout, "30 40").error().column == 4);
}

TEST_CASE("a value satisfies what it equals, what bounds it and what it contains") {
  CHECK(satisfied(kTimeout, wanted(kTimeout, "<= 30"), "30"));
  CHECK_FALSE(satisfied(kTimeout, wanted(kTimeout, "<= 30"), "31"));
  CHECK(satisfied(kTimeout, wanted(kTimeout, ">= 30"), "31"));
  CHECK_FALSE(satisfied(kTimeout, wanted(kTimeout, ">= 30"), "29"));
  CHECK(satisfied(kSwitchRow, wanted(kSwitchRow, "1 | 2"), "2"));
  CHECK_FALSE(satisfied(kSwitchRow, wanted(kSwitchRow, "1 | 2"), "0"));
  CHECK(satisfied(kPortsRow, wanted(kPortsRow, "includes 80"), "1-100,8080"));
  CHECK_FALSE(satisfied(kPortsRow, wanted(kPortsRow, "includes 80-81"), "80,8080"));
  CHECK(satisfied(kPortsRow, wanted(kPortsRow, ""), ""));
}

TEST_CASE("a live value outside the accepted range never satisfies, nor does one of another type") {
  CHECK_FALSE(satisfied(kTimeout, wanted(kTimeout, "<= 30"), "-5"));
  CHECK_FALSE(satisfied(kTimeout, wanted(kTimeout, "<= 30"), "0"));
  CHECK_FALSE(satisfied(kTimeout, wanted(kTimeout, "<= 30"), "12 x"));
  CHECK_FALSE(satisfied(kPortsRow, wanted(kPortsRow, "includes 1"), "1-70000"));
}

TEST_CASE("an absent value satisfies unset alone, and a present one never does") {
  CHECK_FALSE(satisfied(kTimeout, wanted(kTimeout, "30"), std::nullopt));
  CHECK(satisfied(kTimeout, wanted(kTimeout, "unset"), std::nullopt));
  CHECK_FALSE(satisfied(kTimeout, wanted(kTimeout, "unset"), "30"));
}

TEST_CASE("what is written is the bound, the first alternative, the union, or nothing") {
  CHECK(value_to_write(kTimeout, wanted(kTimeout, "<= 30"), "60") == "30");
  CHECK(value_to_write(kSwitchRow, wanted(kSwitchRow, "2 | 1"), "0") == "2");
  CHECK(value_to_write(kPortsRow, wanted(kPortsRow, "includes 80"), "81,8080") == "80-81,8080");
  CHECK(value_to_write(kPortsRow, wanted(kPortsRow, "includes 80"), std::nullopt) == "80");
  CHECK(value_to_write(kPortsRow, wanted(kPortsRow, "includes 80"), "rubbish") == "80");
  CHECK(value_to_write(kTimeout, wanted(kTimeout, "unset"), "60") == std::nullopt);
}
