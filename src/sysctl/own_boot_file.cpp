#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/cells.hpp"
#include "base/crc32.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/keys.hpp"
#include "catalog/setting.hpp"
#include "sysctl/boot.hpp"
#include "sysctl/boot_edit.hpp"

namespace twctl {
namespace {

constexpr std::string_view kFileHeading =
    "# Written by twctl, which keeps one line a setting here and takes it out again on rollback.\n"
    "# Do not edit: put settings of your own into another file. See: twctl history\n";
constexpr std::string_view kChecksum = "# checksum ";
constexpr std::size_t kWhyLimit = 4096;  // bytes of a comment: all of any reason that is for reading
constexpr std::size_t kColumns = 100;

tl::unexpected<Error> foreign_edit() {
  return fail(Error{.code = ErrorCode::refused,
                    .message = fmt::format("{} has been changed by somebody else since twctl wrote it", kOwnBootFile),
                    .where = {.file = std::string(kOwnBootFile)},
                    .hint = "move it away, and lines of your own into a file of another name; status then has "
                            "the command that writes again what the history has in force of twctl's lines, which the "
                            "next boot lacks until then"});
}

constexpr std::string_view kComment = "# ";

// The reason in lines of comment. Up to version 0.1.0 it was one line, whatever its length.
std::string comment_of(std::string_view why, bool in_one_line) {
  if (in_one_line) return fmt::format("{}{}\n", kComment, why);
  std::string text(kComment);
  std::size_t begin = text.size();  // of the line's words
  std::size_t cells = begin;
  for (const std::string_view word : split(why, ' ')) {
    const std::size_t width = cells_of(word);
    if (text.size() > begin && cells + 1 + width > kColumns) {
      text.append("\n").append(kComment);
      begin = text.size();
      cells = kComment.size();
    }
    const bool first = text.size() == begin;
    text.append(first ? "" : " ").append(word);
    cells += width + (first ? 0 : 1);
  }
  return text + "\n";
}

std::string print(std::span<const OwnLine> lines, bool in_one_line) {
  std::string body;
  for (const OwnLine& line : lines) {
    body += fmt::format("\n{}{} = {}\n", comment_of(line.why, in_one_line), line.key, line.value);
  }
  return fmt::format("{}{}{:08x}\n{}", kFileHeading, kChecksum, crc32(body), body);
}

// "# why", in one line or more, and "key = value": the lines of one setting, off the front of `text`.
std::optional<OwnLine> take_setting(std::span<const std::string_view>& text) {
  OwnLine line;
  std::size_t at = 0;
  for (; at < text.size() && text[at].starts_with(kComment); ++at) {
    line.why.append(at == 0 ? "" : " ").append(text[at].substr(kComment.size()));
  }
  const std::size_t equals = at < text.size() ? text[at].find(" = ") : std::string_view::npos;
  if (at == 0 || equals == std::string_view::npos) return std::nullopt;
  line.key = text[at].substr(0, equals);
  line.value = text[at].substr(equals + 3);
  text = text.subspan(at + 1);
  return line;
}

// In place, so that the file's order is the order in which its keys first came, but for order_for_boot().
void put_line(std::vector<OwnLine>& lines, const LineChange& change) {
  const auto found =
      std::find_if(lines.begin(), lines.end(), [&](const OwnLine& line) { return line.key == change.key; });
  if (!change.value) {
    if (found != lines.end()) lines.erase(found);
    return;
  }
  OwnLine line{.key = change.key, .value = *change.value, .why = escape(change.why, kWhyLimit)};
  if (found != lines.end()) {
    *found = std::move(line);
  } else {
    lines.push_back(std::move(line));
  }
}

// Where the port range starts at a boot until a line sets it.
std::int64_t default_range_start() {
  constexpr std::int64_t kUsual = 32768;
  const Setting* setting = find_setting(Os::linux_kernel, keys::kPortRange);
  const auto range = setting == nullptr ? std::nullopt : as_pair(setting->defaults.back().value);
  return range ? range->first : kUsual;
}

// The kernel takes no port range that starts below ip_unprivileged_port_start, and no such start above the range, at
// any moment of a boot: of the two lines the first is the one that it takes while the other still has its default.
void order_for_boot(std::vector<OwnLine>& lines) {
  const auto line_of = [&](std::string_view key) {
    return std::find_if(lines.begin(), lines.end(), [&](const OwnLine& line) { return line.key == key; });
  };
  const auto range = line_of(keys::kPortRange);
  const auto end = line_of(keys::kPrivilegedEnd);
  if (range == lines.end() || end == lines.end()) return;
  const bool end_comes_first = as_integer(end->value).value_or(0) <= default_range_start();
  if (end_comes_first != (end < range)) std::iter_swap(end, range);
}

}  // namespace

std::string print_own_file(std::span<const OwnLine> lines) { return print(lines, false); }

Result<std::vector<OwnLine>> parse_own_file(std::string_view bytes) {
  std::vector<OwnLine> lines;
  const std::vector<std::string_view> text = split(bytes, '\n');
  std::span<const std::string_view> rest(text);
  rest = rest.subspan(std::min<std::size_t>(rest.size(), 4));  // the heading, and an empty line
  while (rest.size() > 1) {
    const std::optional<OwnLine> line = take_setting(rest);
    if (!line) return foreign_edit();
    lines.push_back(*line);
    rest = rest.subspan(std::min<std::size_t>(rest.size(), 1));  // the empty line between two
  }
  if (print(lines, false) != bytes && print(lines, true) != bytes) return foreign_edit();
  return lines;
}

Result<std::optional<std::string>> render_own_file(const std::optional<std::string>& before,
                                                   std::span<const LineChange> changes) {
  std::vector<OwnLine> lines;
  if (before) {
    TRY(lines, parse_own_file(*before));
  }
  for (const LineChange& change : changes) put_line(lines, change);
  order_for_boot(lines);
  if (lines.empty()) return std::optional<std::string>();
  return std::optional(print_own_file(lines));
}

}  // namespace twctl
