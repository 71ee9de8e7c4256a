#include "profile/set_option.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "formats/text_lines.hpp"
#include "profile/written_key.hpp"

namespace twctl {
namespace {

Error in_option(std::string_view text, std::size_t offset, Error error) {
  return invalid_line(kSetOption, {0, text, text, {}}, offset, std::move(error.message), std::move(error.hint));
}

Result<void> check_bytes(std::string_view text) {
  const std::size_t line_end = text.find('\n');
  Result<void> checked = check_text(kSetOption, text);
  if (!checked) checked.error().where.line = 0;
  if (!checked || line_end == std::string_view::npos) return checked;
  return fail(in_option(text, line_end, {.message = "line break"}));
}

}  // namespace

Result<Entry> parse_set_option(Os os, std::string_view text) {
  TRY_VOID(check_bytes(text));
  const std::size_t sign = text.find('=');
  if (sign == std::string_view::npos) return fail(in_option(text, 0, {.message = "no '='", .hint = "--set KEY=VALUE"}));
  const std::string_view key = trim(text.substr(0, sign));
  const std::size_t key_offset = offset_in(text, key);
  if (key.empty()) return fail(in_option(text, 0, {.message = "no key before '='", .hint = "--set KEY=VALUE"}));
  const auto [setting, optional] = find_written_key(os, key);
  if (setting == nullptr) return fail(in_option(text, key_offset, unknown_setting(os, key)));
  if (!setting->writable) return fail(in_option(text, key_offset, never_written(*setting)));
  Result<Wanted> wanted = parse_wanted(*setting, text.substr(sign + 1));
  if (!wanted) {
    const std::size_t offset = sign + static_cast<std::size_t>(wanted.error().column);
    return fail(in_option(text, offset, std::move(wanted).error()));
  }
  return Entry{setting, *std::move(wanted), optional, {}, {std::string(kSetOption), 0}};
}

}  // namespace twctl
