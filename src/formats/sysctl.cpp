#include "formats/sysctl.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace twctl {
namespace {

// What each loader strips: systemd its own four, procps what isspace() has in the C locale.
constexpr std::string_view kSystemdBlanks = " \t\n\r";
constexpr std::string_view kProcpsBlanks = " \t\n\v\f\r";
constexpr std::string_view kReadOtherwise("\v\f\r\0", 4);  // a blank to one of them only, or the end of a line

std::string_view strip_front(std::string_view text, std::string_view blanks) {
  return text.substr(std::min(text.find_first_not_of(blanks), text.size()));
}

std::string_view strip(std::string_view text, std::string_view blanks) {
  const std::size_t last = text.find_last_not_of(blanks);
  return last == std::string_view::npos ? std::string_view{} : strip_front(text.substr(0, last + 1), blanks);
}

// What ends a line for systemd beside LF.
std::size_t end_for_systemd(std::string_view text) { return text.find_first_of(std::string_view("\r\0", 2)); }

// Files name thousands of keys.
constexpr auto kNameCharacters = [] {
  std::array<bool, 256> is_one{};
  for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")) {
    is_one[static_cast<unsigned char>(c)] = true;
  }
  return is_one;
}();

bool is_name_character(char c) { return kNameCharacters[static_cast<unsigned char>(c)]; }

std::string odd_code_point(std::string_view text) {
  while (!text.empty()) {
    const CodePoint point = decode_utf8(text);
    if (!point.valid) return "a byte that is not UTF-8";
    if (point.value > 0x7E || point.value < 0x20) return code_point_name(point.value);
    text.remove_prefix(point.bytes);
  }
  return {};
}

// Of a separator at the end procps makes a path into a file, as if that were a directory. glob(3) takes one off, unless
// the pattern's last part has a wildcard itself: that then finds directories only.
bool leads_into_a_file(std::string_view path) {
  const std::size_t end = path.find_last_not_of('/');
  const std::string_view pattern = path.substr(0, end + 1);
  const std::string_view last = file_name(pattern);
  return last == "." || (path.ends_with('/') && (!is_glob(pattern) || is_glob(last)));
}

constexpr std::string_view kBlankInKey = "a blank in the key";

// Why no kernel has a file of that name; "" if one may.
std::string impossible_key(std::string_view key, Loader loader) {
  const std::string path = swap_separators(dotted_key(key));
  if (key.empty()) return "no key before '='";
  if (const std::string odd = odd_code_point(strip(key, kProcpsBlanks)); !odd.empty()) return odd + " in the key";
  if (key.find_first_of(kProcpsBlanks) != std::string_view::npos) return std::string(kBlankInKey);
  if (key.starts_with('-')) return "a '-' too many";
  if (simplified_path(path).starts_with(kSettingFiles)) return "a key is written without /proc/sys/";
  if (loader == Loader::procps && leads_into_a_file(path)) return "a separator at the end of the key";
  if (loader != Loader::procps && is_one_of("..", split(path, '/'))) return "'..' in the key";
  return {};
}

bool has_any(std::string_view text, std::string_view characters) {
  return std::any_of(characters.begin(), characters.end(),
                     [&](char c) { return text.find(c) != std::string_view::npos; });
}

bool says_nothing(std::string_view line) {
  line = strip_front(line, kProcpsBlanks);
  return line.empty() || is_comment(line);
}

// The parts of one line; nullopt for a comment or a blank line.
struct Parts {
  std::string_view key = {};
  std::string_view value = {};
  bool dash = false;
  bool assigns = false;
};

std::optional<Parts> parts_of_systemd_line(std::string_view line) {
  line = strip_front(line, kSystemdBlanks);
  if (line.empty() || is_comment(line)) return std::nullopt;
  line = strip(line, kSystemdBlanks);
  const std::size_t equals = line.find('=');
  Parts parts{.dash = line[0] == '-', .assigns = equals != std::string_view::npos};
  if (parts.assigns) parts.value = strip(line.substr(equals + 1), kSystemdBlanks);
  parts.key = strip(line.substr(0, equals).substr(parts.dash ? 1 : 0), kSystemdBlanks);
  return parts;
}

std::optional<Parts> parts_of_procps_line(std::string_view line) {
  line = strip_front(line, kProcpsBlanks);
  if (line.empty() || is_comment(line)) return std::nullopt;
  line = line.substr(0, line.find('\0'));
  if (line.size() < 2) return std::nullopt;
  const std::size_t equals = line.find('=');
  Parts parts{.dash = line[0] == '-', .assigns = equals != std::string_view::npos};
  if (parts.assigns) parts.value = strip(line.substr(equals + 1), kProcpsBlanks);
  parts.key = line.substr(0, equals).substr(parts.dash ? 1 : 0);
  parts.key = parts.key.substr(0, parts.key.find_last_not_of(kProcpsBlanks) + 1);
  if (parts.key.starts_with('-')) parts.key.remove_prefix(1);  // it takes a second one off too
  return parts;
}

std::string canonical_key(std::string_view key, Loader loader) {
  std::string as_dotted = dotted_key(key);
  if (loader == Loader::procps) return as_dotted;  // it compares keys as they are spelt
  return swap_separators(simplified_path(swap_separators(as_dotted)));
}

void read_line(AssignmentFile& file, std::string_view text, int line, Loader loader) {
  const auto parts = loader == Loader::procps ? parts_of_procps_line(text) : parts_of_systemd_line(text);
  const bool ordinary = parts && is_ordinary_key(parts->key);
  const bool plain = parts ? ordinary && parts->assigns && !parts->dash : says_nothing(text);
  if (!plain && loader == Loader::procps) file.systemd_may_differ = true;
  if (!parts) return;
  std::string problem = ordinary ? "" : impossible_key(parts->key, loader);
  if (!parts->assigns && !parts->dash)
    problem = problem.empty() || problem == kBlankInKey ? "no '='" : "no '=', and " + problem;
  if (!problem.empty()) {
    file.bad_lines.push_back({.line = line, .text = std::string(text), .problem = std::move(problem)});
    return;
  }
  file.assignments.push_back({.key = ordinary ? std::string(parts->key) : canonical_key(parts->key, loader),
                              .value = std::string(parts->value),
                              .line = line,
                              .ignore_errors = parts->dash && parts->assigns,
                              .exclusion = !parts->assigns});
}

}  // namespace

// systemd ends a line at CR and NUL too. Lines are counted as an editor counts them, by LF alone.
AssignmentFile read_assignments(std::string_view text, Loader loader) {
  AssignmentFile file;
  const bool lines_are_whole = loader == Loader::procps || end_for_systemd(text) == std::string_view::npos;
  file.systemd_may_differ = loader == Loader::procps && has_any(text, kReadOtherwise);
  int number = 0;
  for (std::size_t length = 0; !text.empty(); text.remove_prefix(std::min(length + 1, text.size()))) {
    length = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, length);
    ++number;
    if (lines_are_whole) {
      read_line(file, line, number, loader);
      continue;
    }
    for (std::string_view rest = line; !rest.empty();) {
      const std::string_view piece = rest.substr(0, end_for_systemd(rest));
      read_line(file, piece, number, loader);
      rest.remove_prefix(std::min(piece.size() + 1, rest.size()));
    }
  }
  return file;
}

bool is_ordinary_key(std::string_view key) {
  char before = '.';
  for (const char c : key) {
    if (!is_name_character(c) && (c != '.' || before == '.')) return false;
    before = c;
  }
  return before != '.' && key[0] != '-' && !key.starts_with("proc.sys.");
}

bool is_glob(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c == '*' || c == '?' || c == '['; });
}

bool has_glob(const Assignment& assignment) { return is_glob(assignment.key); }

std::string swap_separators(std::string_view text) {
  std::string swapped(text);
  for (char& c : swapped) {
    if (c == '.' || c == '/') c = c == '.' ? '/' : '.';
  }
  return swapped;
}

std::string dotted_key(std::string_view written) {
  const std::size_t first = written.find_first_of("./");
  const bool slashes = first != std::string_view::npos && written[first] == '/';
  return slashes ? swap_separators(written) : std::string(written);
}

std::string key_of_file(std::string_view path) {
  if (!path.starts_with('/') || !path.substr(1).starts_with(kSettingFiles)) return {};
  return replaced(path.substr(1 + kSettingFiles.size()), '/', '.');
}

std::string simplified_path(std::string_view path) {
  std::vector<std::string_view> kept;
  for (const std::string_view component : split(path, '/')) {
    if (component.empty() || component == ".") continue;
    if (component == ".." && !kept.empty()) {
      kept.pop_back();
    } else {
      kept.push_back(component);
    }
  }
  std::string joined;
  for (const std::string_view component : kept) joined.append(joined.empty() ? "" : "/").append(component);
  return joined;
}

}  // namespace twctl
