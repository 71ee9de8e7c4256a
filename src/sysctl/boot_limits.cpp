#include "sysctl/boot_limits.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "base/text.hpp"

namespace twctl {
namespace {

bool has_wildcard(std::string_view line) {
  const std::string_view key = trim(line.substr(0, line.find('=')));
  return !is_comment(key) && key.find_first_of("*?[{") != std::string_view::npos;
}

std::size_t wildcard_lines(std::string_view bytes) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    if (has_wildcard(bytes.substr(at, end - at))) ++count;
    at = end + 1;
  }
  return count;
}

// As the loader has them for whom there are more: to systemd a lone carriage return ends a line too.
std::size_t lines_in(std::string_view bytes) {
  auto count = static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\n'));
  for (std::size_t at = bytes.find('\r'); at != std::string_view::npos; at = bytes.find('\r', at + 1)) {
    if (!bytes.substr(at + 1).starts_with('\n')) ++count;
  }
  return count;
}

// A single file by its name.
tl::unexpected<Error> too_many(std::span<const BootFile> files, std::string_view what, std::string_view limit) {
  const std::string who = files.size() == 1 ? escape(files.front().path) + " has" : "the boot files have";
  return fail(ErrorCode::invalid, fmt::format("{} {}; more than {} are not read", who, what, limit),
              "see which package or person has put them there");
}

}  // namespace

Result<void> check_boot_limits(std::span<const BootFile> files) {
  std::size_t bytes = 0;
  std::size_t lines = 0;
  std::size_t wildcards = 0;
  for (const BootFile& file : files) {
    bytes += file.bytes.size();
    lines += lines_in(file.bytes);
    wildcards += wildcard_lines(file.bytes);
  }
  if (files.size() > kMostBootFiles) {
    return too_many(files, fmt::format("{} files", files.size()), fmt::format("{} files", kMostBootFiles));
  }
  if (bytes > kMostBootBytes) return too_many(files, fmt::format("{} bytes", bytes), size_text(kMostBootBytes));
  if (lines > kMostBootLines) return too_many(files, fmt::format("{} lines", lines), fmt::format("{}", kMostBootLines));
  if (wildcards > kMostWildcardLines) {
    return too_many(files, fmt::format("{} lines with wildcards", wildcards), fmt::format("{}", kMostWildcardLines));
  }
  return {};
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
