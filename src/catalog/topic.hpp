// Topics and myths that `explain` answers in prose: rows, no logic.
#pragma once

#include <span>
#include <string_view>

#include "catalog/setting.hpp"

namespace twctl {

struct TopicRow {
  std::string_view id;     // "time-wait-purpose"
  std::string_view title;  // one line
  std::string_view text;  // paragraphs separated by an empty line; one that begins with a blank is printed as it stands
  Sources sources;
};

struct MythRow {
  std::string_view id;        // "fin-timeout-shortens-time-wait"
  std::string_view claim;     // as people copy it
  std::string_view truth;     // what is so instead
  std::string_view key;       // the setting it is about; "" for none
  std::string_view evidence;  // what was measured or read
  Sources sources;
};

[[nodiscard]] std::span<const TopicRow> topics();
[[nodiscard]] const TopicRow* find_topic(std::string_view id);
[[nodiscard]] std::span<const MythRow> myths();
[[nodiscard]] const MythRow* find_myth(std::string_view id);

}  // namespace twctl
