#include "platform/linux/counter_text.hpp"

#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/text.hpp"

namespace twctl {
namespace {

using Problem = tl::unexpected<std::string>;
using Fields = std::vector<std::string_view>;

// Counters are unsigned long; what does not fit is as good as endless.
std::optional<std::int64_t> counter(std::string_view text, int base) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return std::numeric_limits<std::int64_t>::max();
  return error == std::errc{} ? std::optional(value) : std::nullopt;
}

std::string name_of(std::string_view group, std::string_view name) {
  while (group.ends_with(':')) group.remove_suffix(1);
  return std::string(group).append(".").append(name);
}

// Sums cannot overflow: the file may be anything.
void add(std::int64_t& sum, std::int64_t value) {
  const std::int64_t room = std::numeric_limits<std::int64_t>::max() - sum;
  sum = value > room ? std::numeric_limits<std::int64_t>::max() : sum + value;
}

std::vector<Fields> lines_of(std::string_view text) {
  std::vector<Fields> lines;
  for (const std::string_view line : split(text, '\n')) {
    Fields fields = words(line);
    if (!fields.empty()) lines.push_back(std::move(fields));
  }
  return lines;
}

}  // namespace

tl::expected<void, std::string> take_paired_counters(std::string_view text, Counters& counters) {
  const std::vector<Fields> lines = lines_of(text);
  for (std::size_t i = 0; i + 1 < lines.size(); i += 2) {
    const Fields& names = lines[i];
    const Fields& values = lines[i + 1];
    if (names.front() != values.front() || names.size() != values.size()) return Problem("names without their values");
    for (std::size_t at = 1; at < names.size(); ++at) {
      const auto value = counter(values[at], 10);
      if (!value) return Problem("a counter that is no number");
      counters[name_of(names.front(), names[at])] = *value;
    }
  }
  if (lines.size() % 2 != 0) return Problem("names without their values");
  return {};
}

tl::expected<void, std::string> take_sockstat(std::string_view text, Counters& counters) {
  for (const Fields& fields : lines_of(text)) {
    if (fields.size() % 2 != 1) return Problem("a name without its value");
    for (std::size_t at = 1; at < fields.size(); at += 2) {
      const auto value = counter(fields[at + 1], 10);
      if (!value) return Problem("a counter that is no number");
      counters["sockstat." + name_of(fields.front(), fields[at])] = *value;
    }
  }
  return {};
}

tl::expected<void, std::string> take_conntrack(std::string_view text, Counters& counters) {
  const std::vector<Fields> lines = lines_of(text);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::size_t columns = std::min(lines[i].size(), lines.front().size());
    for (std::size_t at = 0; at < columns; ++at) {
      const auto value = counter(lines[i][at], 16);
      if (!value || *value < 0) return Problem("a counter that is no number");
      std::int64_t& sum = counters[name_of("conntrack", lines.front()[at])];
      if (lines.front()[at] == "entries") sum = 0;  // of all processors together, in each line
      add(sum, *value);
    }
  }
  return {};
}

}  // namespace twctl
