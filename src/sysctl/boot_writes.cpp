#include "sysctl/boot_writes.hpp"

#include <algorithm>
#include <numeric>

namespace twctl {
namespace {

// systemd keeps one entry for each key or pattern as spelt. A line that says the same again leaves the entry where it
// is; one that says otherwise (an exclusion does, too) takes its place, at the end.
std::vector<SourceLine> systemd_entries(const std::vector<SourceLine>& lines) {
  std::vector<SourceLine> entries;
  for (const SourceLine& line : lines) {
    const auto same_key = [&](const SourceLine& entry) { return entry.said->key == line.said->key; };
    const auto found = std::find_if(entries.begin(), entries.end(), same_key);
    if (found != entries.end() && found->said->exclusion == line.said->exclusion &&
        found->said->value == line.said->value) {
      *found = line;
      continue;
    }
    if (found != entries.end()) entries.erase(found);
    entries.push_back(line);
  }
  return entries;
}

// A pattern writes its keys by their names, whatever the order in which we were asked about them: glob(3) sorts them,
// and so does the kernel's directory.
std::vector<std::size_t> by_name(std::span<const std::string_view> keys) {
  std::vector<std::size_t> order(keys.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return keys[a] < keys[b]; });
  return order;
}

void add_writes(std::vector<BootWrite>& writes, const SourceLine& line, std::span<const std::string_view> keys,
                const std::vector<SourceLine>& lines, Loader loader) {
  for (const std::size_t k : by_name(keys)) {
    if (line.said->exclusion || !concerns(*line.said, keys[k], loader)) continue;
    // A line that names what the glob comes to, be it to assign or to exclude, keeps the glob off it.
    const std::string result = has_glob(*line.said) ? glob_result(*line.said, keys[k]) : std::string();
    const auto names_result = [&](const SourceLine& other) { return other.said->key == result; };
    if (!result.empty() && std::any_of(lines.begin(), lines.end(), names_result)) continue;
    writes.push_back({.line = line, .key = k});
  }
}

bool concerns_any(const Assignment& said, std::span<const std::string_view> keys, Loader loader) {
  return std::any_of(keys.begin(), keys.end(), [&](std::string_view key) { return concerns(said, key, loader); });
}

}  // namespace

Place place_of(const SourceLine& line) { return {.file = edited_path(*line.file), .line = line.said->line}; }

std::vector<SourceLine> lines_about(std::span<const std::string_view> keys, const BootFiles& order, Loader loader) {
  std::vector<SourceLine> lines;
  for (const BootConfig::File* file : order) {
    for (const Assignment& said : as_read_by(loader, *file).assignments) {
      if (concerns_any(said, keys, loader)) lines.push_back({.file = file, .said = &said});
    }
  }
  return lines;
}

std::vector<BootWrite> writes_of(std::span<const std::string_view> keys, const std::vector<SourceLine>& lines,
                                 Loader loader) {
  const std::vector<SourceLine> entries = loader == Loader::procps ? lines : systemd_entries(lines);
  std::vector<BootWrite> writes;
  for (const SourceLine& entry : entries) add_writes(writes, entry, keys, entries, loader);
  return writes;
}

}  // namespace twctl
