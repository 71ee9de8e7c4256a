#include "sysctl/boot_limits.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/size_text.hpp"
#include "base/text.hpp"

namespace twctl {
namespace {

bool has_wildcard(std::string_view line) {
  const std::string_view key = trim(line.substr(0, line.find('=')));
  const bool comment = key.starts_with('#') || key.starts_with(';');
  return !comment && key.find_first_of("*?[{") != std::string_view::npos;
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

tl::unexpected<Error> too_many(std::string_view what, std::string_view limit) {
  return fail(ErrorCode::invalid, fmt::format("the boot files have {}; more than {} are not read", what, limit),
              "see which package or person has put them there");
}

}  // namespace

Result<void> check_boot_limits(std::span<const BootFile> files) {
  std::size_t bytes = 0;
  std::size_t wildcards = 0;
  for (const BootFile& file : files) {
    bytes += file.bytes.size();
    wildcards += wildcard_lines(file.bytes);
  }
  if (files.size() > kMostBootFiles) {
    return too_many(fmt::format("{} files", files.size()), fmt::format("{} files", kMostBootFiles));
  }
  if (bytes > kMostBootBytes) return too_many(fmt::format("{} bytes", bytes), size_text(kMostBootBytes));
  if (wildcards > kMostWildcardLines) {
    return too_many(fmt::format("{} lines with wildcards", wildcards), fmt::format("{}", kMostWildcardLines));
  }
  return {};
}

}  // namespace twctl
