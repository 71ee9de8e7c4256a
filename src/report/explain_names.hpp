// What explain knows a page of: every name, the row behind it, and what to answer for an unknown name. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "catalog/finding.hpp"
#include "catalog/setting.hpp"
#include "catalog/tcp_state.hpp"
#include "catalog/topic.hpp"

namespace twctl {

// The row of a name: one of these, or none.
struct Explained {
  const Setting* setting = nullptr;
  const TcpStateRow* state = nullptr;
  const FindingRow* hazard = nullptr;
  const FindingRow* finding = nullptr;
  const TopicRow* topic = nullptr;
  const MythRow* myth = nullptr;
  [[nodiscard]] bool any() const { return setting || state || hazard || finding || topic || myth; }
};
// By its name, or by a word of catalog/aliases.hpp; of several counters the first that is known.
[[nodiscard]] Explained find_explained(std::string_view asked);

// What a line gives to the key that it sets, as it stands there; "" for no such line.
[[nodiscard]] std::string value_in_line(std::string_view asked);

struct ListLine {
  std::string_view name;
  std::string_view text;  // what it is about, one line
};
struct ListGroup {
  std::string_view heading;  // "TCP states"
  std::string_view kind;     // "state", as JSON calls it
  std::vector<ListLine> lines;
};
[[nodiscard]] std::vector<ListGroup> everything_explained();  // in the order in which people read it

// Error: usage, with the nearest names as the hint.
[[nodiscard]] tl::unexpected<Error> unknown_name(std::string_view name);

[[nodiscard]] std::string_view short_name(const Setting& setting);  // "tcp_fin_timeout"

}  // namespace twctl
