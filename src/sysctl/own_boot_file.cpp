#include <fmt/format.h>

#include <algorithm>

#include "base/crc32.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "sysctl/boot.hpp"
#include "sysctl/boot_edit.hpp"

namespace twctl {
namespace {

constexpr std::string_view kHeading =
    "# Written by twctl, which keeps one line a setting here and takes it out again on rollback.\n"
    "# Do not edit: put settings of your own into another file. See: twctl history\n";
constexpr std::string_view kChecksum = "# checksum ";
constexpr std::size_t kWhyLimit = 200;  // bytes of a comment

tl::unexpected<Error> foreign_edit() {
  return fail(Error{.code = ErrorCode::refused,
                    .message = fmt::format("{} has been changed by somebody else since twctl wrote it", kOwnBootFile),
                    .where = {.file = std::string(kOwnBootFile)},
                    .hint = "move those lines to a file of your own and put this one back as it was, or delete it"});
}

// "# why" and "key = value", the two lines of one setting.
std::optional<OwnLine> parse_pair(std::string_view comment, std::string_view assignment) {
  const std::size_t equals = assignment.find(" = ");
  if (!comment.starts_with("# ") || equals == std::string_view::npos) return std::nullopt;
  return OwnLine{.key = std::string(assignment.substr(0, equals)),
                 .value = std::string(assignment.substr(equals + 3)),
                 .why = std::string(comment.substr(2))};
}

// In place, so that the file's order is the order in which its keys first came.
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

}  // namespace

std::string print_own_file(std::span<const OwnLine> lines) {
  std::string body;
  for (const OwnLine& line : lines) body += fmt::format("\n# {}\n{} = {}\n", line.why, line.key, line.value);
  return fmt::format("{}{}{:08x}\n{}", kHeading, kChecksum, crc32(body), body);
}

Result<std::vector<OwnLine>> parse_own_file(std::string_view bytes) {
  std::vector<OwnLine> lines;
  const std::vector<std::string_view> text = split(bytes, '\n');
  for (std::size_t i = 4; i + 1 < text.size(); i += 3) {
    const std::optional<OwnLine> line = parse_pair(text[i], text[i + 1]);
    if (!line) return foreign_edit();
    lines.push_back(*line);
  }
  if (print_own_file(lines) != bytes) return foreign_edit();
  return lines;
}

Result<std::optional<std::string>> render_own_file(const std::optional<std::string>& before,
                                                   std::span<const LineChange> changes) {
  std::vector<OwnLine> lines;
  if (before) {
    TRY(lines, parse_own_file(*before));
  }
  for (const LineChange& change : changes) put_line(lines, change);
  if (lines.empty()) return std::optional<std::string>();
  return std::optional(print_own_file(lines));
}

}  // namespace twctl
