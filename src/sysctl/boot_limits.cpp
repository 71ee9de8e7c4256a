#include "sysctl/boot_limits.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "sysctl/glob.hpp"

namespace twctl {
namespace {

constexpr std::string_view kWildcards = "*?[{";

struct Patterns {
  std::size_t lines = 0;
  std::size_t longest = 0;
  std::size_t alternatives = 0;  // of their braces
};

void count_line(Patterns& all, std::string_view line) {
  const std::string_view key = trim(line.substr(0, line.find('=')));
  if (is_comment(key) || key.find_first_of(kWildcards) == std::string_view::npos) return;
  ++all.lines;
  all.longest = std::max(all.longest, key.size());
  if (all.longest > kLongestPattern || all.alternatives > kMostAlternatives) return;
  all.alternatives += brace_alternatives(key, kMostAlternatives - all.alternatives);
}

// To systemd a carriage return and a NUL end a line too. Nearly no file has a pattern.
void count_lines(Patterns& all, std::string_view bytes) {
  const auto ends_line = [](char c) { return c == '\n' || c == '\r' || c == '\0'; };
  const auto stands_there = [&](char c) { return bytes.find(c) != std::string_view::npos; };
  if (std::none_of(kWildcards.begin(), kWildcards.end(), stands_there)) return;
  for (auto at = bytes.begin(); at < bytes.end();) {
    const auto end = std::find_if(at, bytes.end(), ends_line);
    count_line(all, {at, end});
    at = end == bytes.end() ? end : end + 1;
  }
}

// As the loader has them for whom there are more: to systemd a lone carriage return and a NUL end a line too. A power
// cut leaves files that are nothing but NULs, which are no lines to speak of.
std::size_t count_lines(std::string_view bytes) {
  constexpr std::string_view kEnds("\r\0", 2);
  constexpr std::string_view kNothing("\n\0", 2);
  auto count = static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\n'));
  for (std::size_t at = bytes.find_first_of(kEnds); at != std::string_view::npos; at = bytes.find_first_of(kEnds, at)) {
    ++at;
    if (at == bytes.size() || kNothing.find(bytes[at]) == std::string_view::npos) ++count;
  }
  return count;
}

tl::unexpected<Error> too_many(std::string_view who, std::string_view what, std::string_view limit) {
  return fail(ErrorCode::invalid, fmt::format("{} {}; more than {} are not read", who, what, limit),
              "see which package or person has put them there");
}

// A single file by its name.
tl::unexpected<Error> too_many(std::span<const BootFile> files, std::string_view what, std::string_view limit) {
  return too_many(files.size() == 1 ? escape(files.front().path) + " has" : "the boot files have", what, limit);
}

}  // namespace

Result<void> check_boot_limits(std::span<const BootFile> files) {
  std::size_t bytes = 0;
  std::size_t lines = 0;
  Patterns patterns;
  for (const BootFile& file : files) {
    bytes += file.bytes.size();
    count_lines(patterns, file.bytes);
  }
  if (bytes > kMostBootLines) {  // there are no more lines than bytes
    for (const BootFile& file : files) lines += count_lines(file.bytes);
  }
  if (files.size() > kMostBootFiles) {
    return too_many(files, fmt::format("{} files", files.size()), fmt::format("{} files", kMostBootFiles));
  }
  if (bytes > kMostBootBytes) return too_many(files, fmt::format("{} bytes", bytes), size_text(kMostBootBytes));
  if (lines > kMostBootLines) return too_many(files, fmt::format("{} lines", lines), fmt::format("{}", kMostBootLines));
  if (patterns.lines > kMostWildcardLines) {
    return too_many(files, fmt::format("{} lines with wildcards", patterns.lines),
                    fmt::format("{}", kMostWildcardLines));
  }
  if (patterns.longest > kLongestPattern) {
    return too_many(files, fmt::format("a pattern of {} bytes", patterns.longest),
                    fmt::format("{} bytes", kLongestPattern));
  }
  if (patterns.alternatives > kMostAlternatives) {
    return too_many(files, "too many alternatives in braces", fmt::format("{}", kMostAlternatives));
  }
  return {};
}

Result<void> check_line_limit(std::string_view path, std::string_view bytes) {
  const std::size_t lines = count_lines(bytes);
  if (lines <= kMostBootLines) return {};
  return too_many(escape(path) + " has", fmt::format("{} lines", lines), fmt::format("{}", kMostBootLines));
}

// The order is asked for as if they could be read; on nearly every host there is nothing to ask.
BootFiles files_unread(const BootConfig& config, Loader loader) {
  const auto is_unread = [](const BootConfig::File& file) {
    return state_of({.path = file.path, .problem = file.problem}) == BootFileState::unread;
  };
  if (std::none_of(config.files.begin(), config.files.end(), is_unread)) return {};
  BootFiles unread;
  BootConfig readable;
  for (const BootConfig::File& file : config.files) readable.files.push_back({.path = file.path});
  const BootFiles read = files_in_order(all_files(readable), loader);
  const auto directories = boot_directories();
  for (std::size_t i = 0; i < config.files.size(); ++i) {
    const BootConfig::File& file = config.files[i];
    if (!is_unread(file)) continue;
    const bool directory = std::find(directories.begin(), directories.end(), file.path) != directories.end();
    const bool in_order = std::find(read.begin(), read.end(), &readable.files[i]) != read.end();
    if (directory || in_order) unread.push_back(&file);
  }
  return unread;
}

std::string unread_text(const BootConfig::File& file) {
  return fmt::format("{} cannot be read ({}): what it sets at the next boot is not known", escape(file.path),
                     file.problem);
}

}  // namespace twctl
