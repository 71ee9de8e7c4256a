// The text of /proc/net/tcp and /proc/net/tcp6 -> sockets, piece by piece: with a million sockets it is 150 MB. Pure;
// believes nothing of what it is given.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "platform/socket_source.hpp"

namespace twctl {

class TcpTableReader {
 public:
  // Appends the sockets of every line that is complete by now. Error: the line and what is wrong with it.
  [[nodiscard]] tl::expected<void, std::string> take(std::string_view piece, std::vector<Socket>& sockets);

  // The end of the text. Error: there was no heading, or the last line is cut short.
  [[nodiscard]] tl::expected<void, std::string> finish() const;

 private:
  [[nodiscard]] tl::expected<void, std::string> take_line(std::string_view line, std::vector<Socket>& sockets);

  std::string rest_;  // of a line whose end has not come yet
  int line_ = 0;
};

}  // namespace twctl
