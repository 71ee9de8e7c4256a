// Small text helpers that the standard library lacks. Pure; ASCII only, whatever the locale.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace twctl {

[[nodiscard]] constexpr bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }  // also LF, VT, FF, CR
// Whether the line begins one, in any of the kinds of file with lines; blanks before it are the caller's to take off.
[[nodiscard]] constexpr bool is_comment(std::string_view line) {
  return line.starts_with('#') || line.starts_with(';');
}
[[nodiscard]] std::string_view trim(std::string_view text);                                // of blanks
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);  // keeps empty fields

// The lines of a text, each with its line end; joined again they are the text.
[[nodiscard]] std::vector<std::string_view> lines_with_ends(std::string_view text);
[[nodiscard]] std::vector<std::string_view> words(std::string_view text);  // fields between blanks
[[nodiscard]] std::string_view take_word(std::string_view& text);  // off the front of `text`; "" if none is left
[[nodiscard]] std::string single_spaced(std::string_view text);    // its words, one blank between them
[[nodiscard]] std::string join(std::span<const std::string> parts, std::string_view separator);

// "a, b and 3 more": the first `most` of them by name. `further`: how many there are that are not in `all`.
[[nodiscard]] std::string listed(std::span<const std::string> all, std::size_t most, std::size_t further = 0);

[[nodiscard]] bool is_one_of(std::string_view text, const auto& names) {
  return std::find(std::begin(names), std::end(names), text) != std::end(names);
}

[[nodiscard]] std::string to_lower(std::string_view text);
[[nodiscard]] std::string replaced(std::string_view text, char from, char to);  // each of it

// The two halves of a path at its last '/': "/etc" and "hosts". Without one the whole is both.
[[nodiscard]] inline std::string_view directory_of(std::string_view path) { return path.substr(0, path.rfind('/')); }
[[nodiscard]] inline std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

[[nodiscard]] std::string size_text(std::size_t bytes);  // "256 KiB", "1000 bytes"

// At least one, and nothing else.
[[nodiscard]] inline bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// The whole of `text` as a number: digits, with zeros in front or without; '-' only where Number has a sign.
template <class Number>
[[nodiscard]] std::optional<Number> parse_whole(std::string_view text, int base = 10) {
  Number number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return problem == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

// The whole of `text` as plain decimal: an optional '-', digits, no leading zero but "0" itself, within int64.
[[nodiscard]] std::optional<std::int64_t> parse_decimal(std::string_view text);

// The candidate nearest to `word` by edit distance, if it is near enough to be a slip of the fingers, of at most `most`
// letters; else "".
[[nodiscard]] std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates,
                                       std::size_t most = 1000);

}  // namespace twctl
