// Moves the running test into a fresh network namespace, whose settings are the kernel's defaults and nobody else's.
// For good: a test that enters one must have its process to itself. Under CTest it has (doctest_discover_tests starts
// each case by itself); and where all cases run in one process, each case that needs a namespace enters its own.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "support/skip.hpp"

namespace twctl::test {

// As root a network namespace; as a plain user one of a fresh user namespace, in which the user is root. `lo` is up.
// "" when done, else why this system does not let us (then SKIP_TEST).
[[nodiscard]] std::string enter_fresh_network_namespace();

// Whether enter_fresh_network_namespace() has moved this process already.
[[nodiscard]] bool in_own_namespace();

// Ends the test program where that is not so: the machine's own settings are nobody's test ground.
void insist_on_own_namespace();

// What the kernel prints for a setting ("net.ipv4.tcp_fin_timeout") in the present namespace, raw; nullopt: no such
// file.
[[nodiscard]] std::optional<std::string> kernel_text(std::string_view key);

// One write(2) to a setting: 0, or the errno of open or write. Ends the test program rather than write outside of a
// namespace that the test has made.
int write_setting(std::string_view key, std::string_view text);

// Whether the file of a setting opens for writing; 0 or errno. Writes nothing.
[[nodiscard]] int open_for_writing(std::string_view key);

// "/proc/sys/net/ipv4/tcp_fin_timeout"
[[nodiscard]] std::string setting_path(std::string_view key);

}  // namespace twctl::test

#define ENTER_FRESH_NETWORK_NAMESPACE()                                                             \
  do {                                                                                              \
    if (const std::string reason = twctl::test::enter_fresh_network_namespace(); !reason.empty()) { \
      SKIP_TEST(reason);                                                                            \
    }                                                                                               \
  } while (false)
