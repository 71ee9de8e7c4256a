// Bytes -> a datagram of sock_diag. What must hold for any bytes: no more sockets than fit into them, and a malformed
// datagram has a reason.
#include <cstdint>
#include <cstdlib>

#include "platform/linux/sock_diag.hpp"

using namespace twctl;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kSmallestMessage = 88;  // a netlink header and an inet_diag_msg
  std::vector<Socket> sockets;
  const auto answer = decode_diag({reinterpret_cast<const char*>(data), size}, sockets);
  if (!answer && answer.error().empty()) std::abort();
  if (sockets.size() > size / kSmallestMessage) std::abort();
  return 0;
}
