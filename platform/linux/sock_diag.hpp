// One datagram of sock_diag's answer (netlink(7), sock_diag(7)) -> sockets. Pure; checks all that it is given.
#pragma once

#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "platform/socket_source.hpp"

namespace twctl {

struct DiagAnswer {
  bool complete = false;     // the end of the dump
  bool interrupted = false;  // the table changed under the dump: it may have missed sockets
  int error = 0;             // the kernel's refusal, an errno
};

// Appends to `sockets`. The error says what is malformed.
[[nodiscard]] tl::expected<DiagAnswer, std::string> decode_diag(std::span<const char> datagram,
                                                                std::vector<Socket>& sockets);

}  // namespace twctl
