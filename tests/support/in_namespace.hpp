// Runs a piece of a test where it can hurt nobody: in a child process within network and mount namespaces of its own
// (as root of a user namespace where the caller is a plain user), with the kernel's default settings.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace twctl::test {

// What `body` returned; nullopt where this system lets us make no namespaces (then SKIP_TEST). doctest's checks do
// not reach out of the child: return what is to be checked. A child that a signal ended returns "signal N".
[[nodiscard]] std::optional<std::string> in_namespace(const std::function<std::string()>& body);

// The same in a child process only, for what would change this process for good.
[[nodiscard]] std::string in_child(const std::function<std::string()>& body);

// From now on this process's `call` (its number) fails with `error`: as in a sandbox, or an old kernel.
void forbid_system_call(int call, int error);
// The same of those calls alone whose argument, counted from 0, is that.
void forbid_system_call(int call, int error, unsigned argument, std::uint32_t is);

// A TCP socket that listens on that port of every address, IPv6 and IPv4; below 0 if it cannot.
[[nodiscard]] int listen_on(int port);

// write(2) of text to a file, as the kernel's settings want it; "" or what the system says.
std::string put(const std::string& path, const std::string& text);

}  // namespace twctl::test
