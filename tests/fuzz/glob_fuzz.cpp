// The first line is a pattern, the rest a path. Component by component it matches what fnmatch(3) says, which glob(3)
// asks; with braces, what one of their alternatives matches.
#include <fnmatch.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "sysctl/glob.hpp"

using namespace twctl;

namespace {

constexpr std::size_t kLongest = 48;  // bytes: fnmatch() tries each '*' again, which takes time without end

// What keys are never written with, or what glob(3) itself treats before it asks fnmatch(): classes by other names,
// empty components, an escaped slash.
bool is_beyond(std::string_view pattern, std::string_view path) {
  for (const std::string_view odd : {"[:", "[.", "[=", "\\/", "//"}) {
    if (pattern.find(odd) != std::string_view::npos) return true;
  }
  const auto ends = [](std::string_view text) { return text.empty() || text.front() == '/' || text.back() == '/'; };
  return pattern.size() > kLongest || path.size() > kLongest || pattern.ends_with('\\') || ends(pattern) ||
         ends(path) || path.find("//") != std::string_view::npos || path.find("/.") != std::string_view::npos ||
         path.front() == '.' || (std::string(pattern) + std::string(path)).find('\0') != std::string::npos;
}

bool as_the_library_says(std::string_view pattern, std::string_view path) {
  const std::vector<std::string_view> patterns = split(pattern, '/');
  const std::vector<std::string_view> names = split(path, '/');
  if (patterns.size() != names.size()) return false;
  for (std::size_t at = 0; at < names.size(); ++at) {
    if (::fnmatch(std::string(patterns[at]).c_str(), std::string(names[at]).c_str(), FNM_PERIOD) != 0) return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string_view pattern = bytes.substr(0, bytes.find('\n'));
  const std::string_view path = pattern.size() < size ? bytes.substr(pattern.size() + 1) : std::string_view();
  const bool matches = glob_matches(pattern, path);
  const bool has_braces = pattern.find_first_of("{}") != std::string_view::npos;
  if (!has_braces && glob_with_braces_matches(pattern, path) != matches) std::abort();
  if (brace_alternatives(pattern, 20) > 21) std::abort();
  if (!is_beyond(pattern, path) && matches != as_the_library_says(pattern, path)) std::abort();
  return 0;
}
