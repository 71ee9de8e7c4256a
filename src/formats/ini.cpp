#include "formats/ini.hpp"

#include <fmt/format.h>
#include <ini.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "base/escape.hpp"
#include "base/text.hpp"

namespace twctl {
namespace {

constexpr std::array<std::string_view, 3> kSections{"profile", "linux", "windows"};
constexpr std::string_view kSectionsHint = "the sections are [profile], [linux] and [windows]";
constexpr std::string_view kFormHint = "a line is KEY = VALUE, [SECTION] or a comment; no file includes another";
constexpr std::size_t kLongestKey = 128;      // bytes; far longer than any that exists, short enough for inih's buffer
constexpr std::size_t kLongestReason = 1000;  // bytes; a comment beyond that is a chapter
constexpr char kGuard = '|';                  // ends a piece of a long line, so that inih trims no blank of ours

// What inih's two callbacks share: the text still to read and the items read.
struct Feed {
  std::string_view file;
  std::string_view rest;
  TextLine line;           // being read
  std::string_view unfed;  // the part of line.text that inih has not had yet
  bool in_pieces = false;  // line.text is longer than inih's buffer
  bool first_piece = true;
  std::string comment_above;  // of the comment lines directly above `line`
  bool in_section = false;
  std::vector<IniItem> items;
  std::optional<Error> error;
};

Error objection(const Feed& feed, std::size_t offset, std::string message, std::string_view hint) {
  return invalid_line(feed.file, feed.line, offset, std::move(message), std::string(hint));
}

std::optional<Error> check_section(const Feed& feed) {
  const std::string_view text = feed.line.text;
  const std::size_t start = offset_in(feed.line.raw, text);
  if (text.find(']') != text.size() - 1) return objection(feed, start, "a section is [NAME] alone in its line", "");
  const std::string_view name = text.substr(1, text.size() - 2);
  if (std::find(kSections.begin(), kSections.end(), name) != kSections.end()) return std::nullopt;
  const std::string_view near = nearest(to_lower(trim(name)), kSections);
  const std::string meant = near.empty() ? "" : fmt::format("; did you mean [{}]?", near);
  return objection(feed, start + 1, fmt::format("[{}]: unknown section{}", escape(name), meant), kSectionsHint);
}

std::optional<Error> check_assignment(const Feed& feed) {
  const std::string_view text = feed.line.text;
  const std::size_t start = offset_in(feed.line.raw, text);
  const std::size_t sign = text.substr(0, kLongestKey).find_first_of("=:");  // inih would take either
  if (sign == std::string_view::npos) {
    const bool far = text.find('=') != std::string_view::npos;
    return objection(feed, start, far ? fmt::format("no '=' in the first {} bytes", kLongestKey) : "no '='", kFormHint);
  }
  if (text[sign] == ':') return objection(feed, start + sign, "':' where '=' belongs", kFormHint);
  if (sign == 0) return objection(feed, start, "no key before '='", kFormHint);
  if (!feed.in_section) return objection(feed, start, "a key before the first section", kSectionsHint);
  if (feed.items.size() < kProfileEntries) return std::nullopt;
  return objection(feed, start, fmt::format("more than {} entries", kProfileEntries), "");
}

// Comment lines gather above the next assignment; an empty line or a section cuts them off from it.
void gather_comment(Feed& feed) {
  const bool comment_only = feed.line.text.empty() && !trim(feed.line.raw).empty();
  if (!comment_only) return feed.comment_above.clear();
  if (!feed.comment_above.empty()) feed.comment_above += ' ';
  feed.comment_above += feed.line.comment;
}

// Moves on to the next line with text in it. false: there is none, or it is wrong.
bool next_line(Feed& feed) {
  do {
    if (feed.rest.empty()) return false;
    gather_comment(feed);
    feed.line = take_line(feed.rest, feed.line.number + 1);
  } while (feed.line.text.empty());
  const bool section = feed.line.text.front() == '[';
  feed.error = section ? check_section(feed) : check_assignment(feed);
  feed.in_section |= section;
  feed.unfed = feed.line.text;
  return !feed.error;
}

// inih's fgets: a line that fits as it is, a longer one in pieces that inih takes for continuation lines.
char* give_line(char* buffer, int size, void* user) {
  Feed& feed = *static_cast<Feed*>(user);
  feed.first_piece = feed.unfed.empty();
  if (feed.first_piece && !next_line(feed)) return nullptr;
  const std::size_t room = static_cast<std::size_t>(size) - 8;  // for " |", "|", line end, NUL
  if (feed.first_piece) feed.in_pieces = feed.unfed.size() > room;
  const std::string_view piece = feed.unfed.substr(0, room);
  feed.unfed.remove_prefix(piece.size());
  std::string given = feed.first_piece ? std::string(piece) : fmt::format(" {}{}", kGuard, piece);
  if (feed.in_pieces) given += kGuard;
  std::memcpy(buffer, (given + '\n').c_str(), given.size() + 2);
  return buffer;
}

std::string reason_of(const Feed& feed) {
  std::string reason = single_spaced(feed.comment_above.empty() ? feed.line.comment : feed.comment_above);
  if (reason.size() <= kLongestReason) return reason;
  const std::size_t end = reason.rfind(' ', kLongestReason);
  return end == std::string::npos ? std::string{} : reason.substr(0, end);
}

IniItem item_of(const Feed& feed, const char* section, const char* key) {
  const std::string_view raw = feed.line.raw;
  const std::size_t start = offset_in(raw, feed.line.text);
  const std::size_t after_sign = raw.find('=', start) + 1;
  const std::string_view value = trim(feed.line.text.substr(after_sign - start));
  return {.section = section,
          .key = key,
          .value = {},
          .reason = reason_of(feed),
          .line = feed.line,
          .key_offset = start,
          .value_offset = value.empty() ? after_sign : offset_in(raw, value)};
}

int take_item(void* user, const char* section, const char* key, const char* value) {
  Feed& feed = *static_cast<Feed*>(user);
  std::string_view piece = value;
  if (feed.in_pieces) piece.remove_suffix(1);
  if (feed.first_piece) {
    feed.items.push_back(item_of(feed, section, key));
  } else {
    piece.remove_prefix(1);
  }
  feed.items.back().value += piece;
  return 1;
}

}  // namespace

Result<std::vector<IniItem>> read_ini_text(std::string_view file, std::string_view bytes) {
  TRY_VOID(check_text(file, bytes));
  Feed feed;
  feed.file = file;
  feed.rest = without_bom(bytes);
  const int problem = ini_parse_stream(give_line, &feed, take_item, &feed);
  if (feed.error) return fail(*std::move(feed.error));
  if (problem != 0) return fail(ErrorCode::bug, fmt::format("inih refused what the scan had passed ({})", problem));
  for (IniItem& item : feed.items) item.value = trim(item.value);
  return std::move(feed.items);
}

}  // namespace twctl
