// What the kernel does with text written to its settings: docs/safety.md, "What the kernel does with what is written",
// line by line.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "support/namespace.hpp"

using namespace twctl::test;

namespace {

constexpr const char* kFinTimeout = "net.ipv4.tcp_fin_timeout";
constexpr const char* kRange = "net.ipv4.ip_local_port_range";

// Writes and reads back; the errno instead where the write failed.
std::string after_write(std::string_view key, std::string_view text) {
  const int error = write_setting(key, text);
  if (error != 0) return error == EINVAL ? "EINVAL" : std::to_string(error);
  return kernel_text(key).value_or("absent");
}

}  // namespace

TEST_CASE("the kernel takes values that make no sense: our own ranges have to refuse them") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  CHECK(after_write(kFinTimeout, "-5") == "-5\n");
  CHECK(after_write(kFinTimeout, "0") == "0\n");
  CHECK(after_write(kFinTimeout, "100000") == "100000\n");
  CHECK(after_write("net.ipv4.tcp_max_tw_buckets", "-5") == "-5\n");
  CHECK(after_write("net.ipv4.tcp_syncookies", "9") == "9\n");
  CHECK(after_write("net.ipv4.tcp_keepalive_time", "-1") == "-1\n");
}

TEST_CASE("the kernel reads hexadecimal, octal and a number with text after it as another number") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  CHECK(after_write(kFinTimeout, "0x20") == "32\n");
  CHECK(after_write(kFinTimeout, "020") == "16\n");
  CHECK(after_write(kFinTimeout, "30 # note") == "30\n");
  CHECK(after_write(kFinTimeout, "31 garbage") == "31\n");
  CHECK(after_write(kFinTimeout, "32\n40") == "32\n");
}

TEST_CASE("the kernel refuses signs, units, fractions, quotes and an octal number with an 8 in it") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  for (const char* text :
       {"+5", "60s", "5k", "1.5", "5abc", "\"30\"", "'30'", "08", "5e3", "\xef\xbc\x95", "30\xc2\xa0"}) {
    CAPTURE(text);
    CHECK(after_write(kFinTimeout, text) == "EINVAL");
    CHECK(kernel_text(kFinTimeout) == "60\n");
  }
}

TEST_CASE("blanks around a number do no harm") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  CHECK(after_write(kFinTimeout, " \t31\n") == "31\n");
}

TEST_CASE("a value outside the kernel's own range is EINVAL and the old one stays") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  CHECK(after_write("net.ipv4.tcp_tw_reuse", "3") == "EINVAL");
  CHECK(kernel_text("net.ipv4.tcp_tw_reuse") == "2\n");
}

TEST_CASE("one number for a port range changes its lower end only") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  CHECK(after_write(kRange, "2000") == "2000\t60999\n");
  CHECK(after_write(kRange, "3000 4001 extra") == "3000\t4001\n");
  CHECK(after_write(kRange, "5000 x") == "EINVAL");
  CHECK(kernel_text(kRange) == "3000\t4001\n");
}

TEST_CASE("a port range below ip_unprivileged_port_start is refused, so the order of the two writes matters") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  CHECK(after_write(kRange, "1000 60999") == "EINVAL");
  CHECK(after_write("net.ipv4.ip_unprivileged_port_start", "40000") == "EINVAL");
  CHECK(after_write("net.ipv4.ip_unprivileged_port_start", "1000") == "1000\n");
  CHECK(after_write(kRange, "1000 60999") == "1000\t60999\n");
  CHECK(after_write("net.ipv4.ip_unprivileged_port_start", "1024") == "EINVAL");
}

TEST_CASE("a port range that runs backwards is refused") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  CHECK(after_write(kRange, "60999 32768") == "EINVAL");
  CHECK(after_write(kRange, "40000 40000") == "40000\t40000\n");
}

TEST_CASE("a failed write may have changed the first of three numbers already: only reading back tells") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  REQUIRE(write_setting("net.ipv4.tcp_rmem", "4096 131072 6291456") == 0);
  CHECK(after_write("net.ipv4.tcp_rmem", "5000 x 7") == "EINVAL");
  CHECK(kernel_text("net.ipv4.tcp_rmem") == "5000\t131072\t6291456\n");
}

TEST_CASE("a second write through one descriptor succeeds and does nothing") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  const int file = ::open(setting_path(kFinTimeout).c_str(), O_WRONLY | O_CLOEXEC);
  CHECK(::write(file, "31", 2) == 2);
  CHECK(::write(file, "32", 2) == 2);
  ::close(file);
  CHECK(kernel_text(kFinTimeout) == "31\n");
}

TEST_CASE("a short read gets the front of the value and then the end of the file") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  const int file = ::open(setting_path(kRange).c_str(), O_RDONLY | O_CLOEXEC);
  std::array<char, 3> front = {};
  std::array<char, 64> rest = {};
  CHECK(::read(file, front.data(), front.size()) == 3);
  CHECK(::read(file, rest.data(), rest.size()) == 0);
  ::close(file);
  CHECK(std::string(front.data(), 3) == "327");
}

TEST_CASE("reserved ports are merged and sorted, a write replaces them all, and blanks are refused") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  constexpr const char* kReserved = "net.ipv4.ip_local_reserved_ports";
  CHECK(after_write(kReserved, "8080,1-5,3-9") == "1-9,8080\n");
  CHECK(after_write(kReserved, "7000") == "7000\n");
  CHECK(after_write(kReserved, "1, 2") == "EINVAL");
  CHECK(after_write(kReserved, "9-5") == "EINVAL");
  CHECK(after_write(kReserved, "") == "7000\n");
  CHECK(after_write(kReserved, "\n") == "\n");
}

TEST_CASE("two numbers are read back with a tab between them") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  CHECK(after_write(kRange, "20000 30001") == "20000\t30001\n");
}

TEST_CASE("a read-only /proc/sys refuses to open for writing") {
  ENTER_FRESH_NETWORK_NAMESPACE();
  REQUIRE(::unshare(CLONE_NEWNS) == 0);
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) SKIP_TEST("/ is no mount point here");
  REQUIRE(::mount("/proc/sys", "/proc/sys", nullptr, MS_BIND | MS_REC, nullptr) == 0);
  REQUIRE(::mount("none", "/proc/sys", nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) == 0);
  CHECK(open_for_writing(kFinTimeout) == EROFS);
  CHECK(kernel_text(kFinTimeout) == "60\n");
}
