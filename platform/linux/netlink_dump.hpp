// Asks the kernel's socket monitoring for the TCP sockets of this network namespace.
#pragma once

#include "platform/posix/system_error.hpp"
#include "platform/socket_source.hpp"

namespace twctl {

// Whole, or an error: a dump that lost messages or was changed under way is read again, a few times.
// Error: an errno. ENOBUFS or EINTR: it never came whole. EPROTO: the answer makes no sense. Any other: netlink is not
// allowed here or the kernel has no tcp_diag.
[[nodiscard]] OrErrno<void> dump_by_netlink(const SocketQuery& query, const SocketSink& sink);

// How one attempt ends is a question of the datagrams alone, so that it can be put to the test without a kernel.
// `receive`: the next datagram, or the errno of recv(2).
using ReceiveDatagram = std::function<OrErrno<std::span<const char>>()>;
enum class DumpEnd { whole, lost, interrupted };
[[nodiscard]] OrErrno<DumpEnd> read_dump(const ReceiveDatagram& receive, const SocketSink& sink);

// Attempt after attempt until one is whole. The errors of dump_by_netlink().
using AttemptDump = std::function<OrErrno<DumpEnd>()>;
inline constexpr int kDumpAttempts = 4;
[[nodiscard]] OrErrno<void> dump_whole(const AttemptDump& attempt, const SocketSink& sink);

}  // namespace twctl
