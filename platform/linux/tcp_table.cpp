#include "platform/linux/tcp_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "base/text.hpp"

namespace twctl {
namespace {

using Problem = tl::unexpected<std::string>;

constexpr std::size_t kLongestLine = 1024;  // the kernel's are under 200
constexpr std::size_t kColumns = 10;        // up to the inode
constexpr std::uint32_t kTick = 10;         // ms; the table counts in USER_HZ, 100 a second on every architecture

// "a:b" -> both halves as hexadecimal numbers.
struct HexPair {
  std::uint32_t left = 0;
  std::uint32_t right = 0;
};
std::optional<HexPair> hex_pair(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto left = parse_whole<std::uint32_t>(text.substr(0, colon), 16);
  const auto right = parse_whole<std::uint32_t>(text.substr(colon + 1), 16);
  if (!left || !right) return std::nullopt;
  return HexPair{*left, *right};
}

// One or four words of eight digits, each in this machine's byte order (Linux net/ipv4/tcp_ipv4.c, get_tcp4_sock()).
std::optional<IpAddress> address_of(std::string_view digits) {
  constexpr std::size_t kWord = 8;
  if (digits.size() != kWord && digits.size() != 4 * kWord) return std::nullopt;
  IpAddress address = ipv4_address(0, 0, 0, 0);
  std::uint8_t* at = address.bytes.data() + (digits.size() == kWord ? 12 : 0);
  for (; !digits.empty(); digits.remove_prefix(kWord), at += 4) {
    const auto word = parse_whole<std::uint32_t>(digits.substr(0, kWord), 16);
    if (!word) return std::nullopt;
    std::memcpy(at, &*word, sizeof *word);
  }
  return address;
}

bool take_end(std::string_view text, IpAddress& address, std::uint16_t& port) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const auto found = address_of(text.substr(0, colon));
  const auto number_of_port = parse_whole<std::uint16_t>(text.substr(colon + 1), 16);
  if (!found || !number_of_port) return false;
  address = *found;
  port = *number_of_port;
  return true;
}

SocketTimer timer_of(std::uint32_t number) {
  constexpr std::array kTimers{SocketTimer::none, SocketTimer::retransmit, SocketTimer::keepalive,
                               SocketTimer::time_wait, SocketTimer::probe};
  return number < kTimers.size() ? kTimers.at(number) : SocketTimer::none;
}

// Fields between blanks, into an array: a vector a line would cost more than all the rest.
using Columns = std::array<std::string_view, kColumns>;
bool split_columns(std::string_view line, Columns& columns) {
  for (std::string_view& column : columns) {
    const std::size_t start = line.find_first_not_of(' ');
    if (start == std::string_view::npos) return false;
    line.remove_prefix(start);
    column = line.substr(0, line.find(' '));
    line.remove_prefix(column.size());
  }
  return true;
}

// "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 12345 ..."
std::optional<Socket> socket_of(const Columns& columns) {
  Socket socket;
  const auto state = parse_whole<unsigned>(columns[3], 16);
  const auto queues = hex_pair(columns[4]);
  const auto timer = hex_pair(columns[5]);
  const auto retransmits = parse_whole<std::uint32_t>(columns[6], 16);
  const auto inode = parse_whole<std::uint32_t>(columns[9], 10);
  if (!take_end(columns[1], socket.local, socket.local_port)) return std::nullopt;
  if (!take_end(columns[2], socket.remote, socket.remote_port)) return std::nullopt;
  if (!state || !queues || !timer || !retransmits || !inode) return std::nullopt;
  socket.state = *state > 0 && *state < kTcpStates ? static_cast<TcpState>(*state) : TcpState::closed;
  socket.send_queue = queues->left;
  socket.receive_queue = queues->right;
  socket.timer = timer_of(timer->left);
  socket.retransmits = static_cast<std::uint8_t>(std::min<std::uint32_t>(*retransmits, UINT8_MAX));
  socket.timer_ms = timer->right > UINT32_MAX / kTick ? UINT32_MAX : timer->right * kTick;
  socket.inode = *inode;
  return socket;
}

}  // namespace

tl::expected<void, std::string> TcpTableReader::take_line(std::string_view line, std::vector<Socket>& sockets) {
  ++line_;
  if (line_ == 1) {
    if (line.find("local_address") == std::string_view::npos) return Problem("it does not begin with the headings");
    return {};
  }
  Columns columns;
  std::optional<Socket> socket;
  if (split_columns(line, columns)) socket = socket_of(columns);
  if (!socket) return Problem(fmt::format("line {} is not one of a table of sockets", line_));
  sockets.push_back(*socket);
  return {};
}

tl::expected<void, std::string> TcpTableReader::take(std::string_view piece, std::vector<Socket>& sockets) {
  while (true) {
    const std::size_t end = piece.find('\n');
    if (rest_.size() + std::min(end, piece.size()) > kLongestLine) {
      return Problem(fmt::format("line {} is too long", line_ + 1));
    }
    if (end == std::string_view::npos) break;
    rest_.append(piece.substr(0, end));
    if (auto done = take_line(rest_, sockets); !done) return done;
    rest_.clear();
    piece.remove_prefix(end + 1);
  }
  rest_.append(piece);
  return {};
}

tl::expected<void, std::string> TcpTableReader::finish() const {
  if (line_ == 0) return Problem("it is empty");
  if (!rest_.empty()) return Problem(fmt::format("line {} is cut short", line_ + 1));
  return {};
}

}  // namespace twctl
