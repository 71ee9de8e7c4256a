#include "formats/text_lines.hpp"

#include <fmt/format.h>

#include <optional>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"

namespace twctl {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_space_or_tab(char c) { return c == ' ' || c == '\t'; }

bool is_control(char32_t value) { return value < 0x20 || (value >= 0x7F && value < 0xA0); }

// Why this character may not stand in a line; "" if it may.
std::string objection(std::string_view text, const CodePoint& point) {
  if (!point.valid) return fmt::format("byte {}, which is not UTF-8", escape(text.substr(0, 1)));
  if (point.value == '\t') return {};
  if (point.value == '\r') return "carriage return without line feed";
  if (is_control(point.value)) return fmt::format("control character {}", escape(text.substr(0, point.bytes)));
  if (is_invisible_or_bidi(point.value)) {
    return fmt::format("{}, a character that hides or reorders text", code_point_name(point.value));
  }
  return {};
}

Result<void> check_line(std::string_view file, const TextLine& line) {
  if (line.raw.size() > kProfileLine) {
    return fail(Error{.code = ErrorCode::invalid,
                      .message = fmt::format("line of {} bytes; the most is {}", line.raw.size(), kProfileLine),
                      .where = {std::string(file), line.number}});
  }
  for (std::string_view rest = line.raw; !rest.empty();) {
    if (rest.front() >= ' ' && rest.front() <= '~') {  // nearly all of a profile, and never objected to
      rest.remove_prefix(1);
      continue;
    }
    const CodePoint point = decode_utf8(rest);
    if (std::string why = objection(rest, point); !why.empty()) {
      return fail(invalid_line(file, line, offset_in(line.raw, rest), std::move(why)));
    }
    rest.remove_prefix(point.bytes);
  }
  return {};
}

std::size_t comment_start(std::string_view raw) {
  for (std::size_t at = raw.find_first_of(";#"); at < raw.size(); at = raw.find_first_of(";#", at + 1)) {
    if (at == 0 || is_space_or_tab(raw[at - 1])) return at;
  }
  return raw.size();
}

}  // namespace

Result<void> check_text(std::string_view file, std::string_view bytes) {
  if (bytes.size() > kProfileLimit) {
    return fail(Error{.code = ErrorCode::invalid,
                      .message = fmt::format("larger than {} KiB", kProfileLimit / 1024),
                      .where = {std::string(file), 0}});
  }
  std::string_view rest = without_bom(bytes);
  for (int number = 1; !rest.empty(); ++number) TRY_VOID(check_line(file, take_line(rest, number)));
  return {};
}

std::string_view without_bom(std::string_view bytes) {
  return bytes.starts_with(kByteOrderMark) ? bytes.substr(kByteOrderMark.size()) : bytes;
}

TextLine take_line(std::string_view& rest, int number) {
  const std::size_t end = rest.find('\n');
  std::string_view raw = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  if (end != std::string_view::npos && raw.ends_with('\r')) raw.remove_suffix(1);
  const std::size_t mark = comment_start(raw);
  const std::string_view comment = mark < raw.size() ? raw.substr(mark + 1) : std::string_view{};
  return {number, raw, trim(raw.substr(0, mark)), trim(comment)};
}

std::size_t offset_in(std::string_view whole, std::string_view part) {
  return part.empty() ? 0 : static_cast<std::size_t>(part.data() - whole.data());
}

Error invalid_line(std::string_view file, const TextLine& line, std::size_t offset, std::string message,
                   std::string hint) {
  return Error{.code = ErrorCode::invalid,
               .message = std::move(message),
               .where = {std::string(file), line.number},
               .excerpt = std::string(line.raw),
               .column = static_cast<int>(offset + 1),
               .hint = std::move(hint)};
}

}  // namespace twctl
