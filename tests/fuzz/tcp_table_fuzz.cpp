// Bytes -> the text files that the kernel tells of its sockets in. What must hold for any text: read in two pieces it
// is the same as in one, and what is refused has a reason.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "platform/linux/counter_text.hpp"
#include "platform/linux/tcp_table.hpp"

using namespace twctl;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

struct Outcome {
  std::vector<Socket> sockets;
  std::string problem;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome read_in_pieces(std::string_view text, std::size_t first) {
  TcpTableReader reader;
  Outcome outcome;
  auto done = reader.take(text.substr(0, first), outcome.sockets);
  if (done) done = reader.take(text.substr(first), outcome.sockets);
  if (done) done = reader.finish();
  if (!done) outcome.problem = done.error();
  require(done.has_value() == outcome.problem.empty());
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  require(read_in_pieces(text, 0) == read_in_pieces(text, size / 2));
  for (const auto take : {take_paired_counters, take_sockstat, take_conntrack}) {
    Counters counters;
    const auto done = take(text, counters);
    require(done || !done.error().empty());
  }
  return 0;
}
