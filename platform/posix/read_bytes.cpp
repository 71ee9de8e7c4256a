#include "platform/posix/read_bytes.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace twctl {

OrErrno<std::string> read_bytes(int descriptor, std::size_t limit, std::size_t size) {
  std::string bytes;
  std::array<char, 16384> piece;
  while (bytes.size() <= limit) {
    const ssize_t got = ::read(descriptor, piece.data(), std::min(piece.size(), limit + 1 - bytes.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return tl::unexpected(errno);
    if (got == 0) break;
    bytes.append(piece.data(), static_cast<std::size_t>(got));
    if (bytes.size() == size) break;
  }
  return bytes;
}

}  // namespace twctl
