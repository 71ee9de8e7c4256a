// What the real kernel does with the same values is in tests/kernel/kernel_value_test.cpp.
#include "sysctl/kernel_value.hpp"

#include <doctest/doctest.h>

using namespace twctl;

namespace {

constexpr Setting accepting(ValueType type, Range kernel_accepts) {
  return {.key = "net.x",
          .type = type,
          .unit = "",
          .accepted = kernel_accepts,
          .kernel_accepts = kernel_accepts,
          .summary = "",
          .does = "",
          .sources = {"none"}};
}
constexpr Setting kAnyNumber = accepting(ValueType::integer, {-2147483648LL, 2147483647LL});
constexpr Setting kByte = accepting(ValueType::enumeration, {0, 2});
constexpr Setting kAnyPair = accepting(ValueType::integer_pair, {1, 65535});
constexpr Setting kAnyPorts = accepting(ValueType::port_set, {0, 65535});

std::string taken(const Setting& setting, std::string_view written, const Value& before = "") {
  const KernelOutcome outcome = kernel_takes(setting, written, before);
  return outcome.value.value_or("EINVAL") + (outcome.note.empty() ? "" : " (" + outcome.note + ")");
}

}  // namespace

TEST_CASE("a table of flows without a limit is refused from Linux 6.19 on") {
  const Setting& flows = *find_setting(Os::linux_kernel, "net.netfilter.nf_conntrack_max");
  CHECK(kernel_takes(flows, "0", "", {6, 18}).value == "0");
  CHECK_FALSE(kernel_takes(flows, "0", "", {6, 19}).value);
  CHECK(kernel_takes(flows, "1", "", {7, 3}).value == "1");
}

TEST_CASE("numbers are read in base 0 up to the first blank") {
  CHECK(taken(kAnyNumber, "17") == "17");
  CHECK(taken(kAnyNumber, "0x11") == "17 (0x11 is hexadecimal: 17)");
  CHECK(taken(kAnyNumber, "021") == "17 (021 is octal: 17)");
  CHECK(taken(kAnyNumber, "17 # note") == "17 (\"17 # note\" is read as 17)");
  CHECK(taken(kAnyNumber, "-5") == "-5");
  CHECK(taken(kAnyNumber, "-0x10") == "-16 (-0x10 is hexadecimal: -16)");
}

TEST_CASE("what is no number to the kernel, or outside its range, is refused and says why") {
  CHECK(taken(kAnyNumber, "17s") == "EINVAL (\"17s\" is not a number to the kernel)");
  CHECK(taken(kAnyNumber, "") == "EINVAL (an empty value is refused)");
  CHECK(taken(kAnyNumber, "0000000000000000000017") ==
        "EINVAL (\"0000000000000000000017\" is not a number to the kernel)");
  CHECK(taken(kAnyNumber, "2147483648") == "EINVAL (2147483648 is outside -2147483648 to 2147483647)");
  CHECK(taken(kByte, "3") == "EINVAL (3 is outside 0 to 2)");
  CHECK(taken(kByte, "-0") == "EINVAL (-0 is outside 0 to 2)");
}

TEST_CASE("one number changes the low end of a pair only") {
  CHECK(taken(kAnyPair, "1024\t65535") == "1024 65535");
  CHECK(taken(kAnyPair, "2000", "32768 60999") == "2000 60999 (one number changes the low end only: 2000 60999)");
  CHECK(taken(kAnyPair, "2000") == "EINVAL (one number changes the low end only, and the high end is not known)");
  CHECK(taken(kAnyPair, "1 2 3") == "1 2 (\"1 2 3\" is read as 1 2)");
  CHECK(taken(kAnyPair, "3 2") == "EINVAL (3 is above 2)");
  CHECK(taken(kAnyPair, "1024-65535") == "EINVAL (\"1024-65535\" is not a number to the kernel)");
}

TEST_CASE("a port set is merged and sorted, and empty is a value") {
  CHECK(taken(kAnyPorts, "8080,1-5,3-9") == "1-9,8080");
  CHECK(taken(kAnyPorts, "").empty());
  CHECK(taken(kAnyPorts, "0x50") == "80");
  CHECK(taken(kAnyPorts, "80, 90") == "EINVAL (\"80, 90\" is not a list of ports to the kernel)");
  CHECK(taken(kAnyPorts, "65536") == "EINVAL (\"65536\" is not a list of ports to the kernel)");
  CHECK(taken(kAnyPorts, "9-3") == "EINVAL (\"9-3\" is not a list of ports to the kernel)");
}

TEST_CASE("a port list of a page or more is read as far as whole items go, and that is noted") {
  std::string list = "1";
  for (int port = 10000; list.size() < 5000; port += 2) list += "," + std::to_string(port);
  const KernelOutcome outcome = kernel_takes(kAnyPorts, list, "");
  CHECK(outcome.note == "only the first 4093 bytes of this list are sure to be read");
  CHECK(outcome.value == list.substr(0, 4093));
}
