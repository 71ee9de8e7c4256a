// Bytes of one of our own profiles -> lines without comments, or the place of the first byte that is not allowed.
// Pure. INI only: files of other kinds are read as their own loaders read them, whatever bytes they hold.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace twctl {

// Of a profile of any kind.
inline constexpr std::size_t kProfileLimit = 256 * 1024;  // bytes
inline constexpr std::size_t kProfileEntries = 1024;
inline constexpr std::size_t kProfileLine = 4096;  // bytes, without the line end

// All views are parts of the text that was read.
struct TextLine {
  int number = 0;            // from 1
  std::string_view raw;      // without its line end
  std::string_view text;     // without comment, blanks taken off both ends
  std::string_view comment;  // without its mark, blanks taken off both ends
};

// Error: invalid, at the first of: more than kProfileLimit bytes, a line over kProfileLine, NUL and other control
// characters, bytes that are not UTF-8, characters that hide or reorder text, a CR without LF.
[[nodiscard]] Result<void> check_text(std::string_view file, std::string_view bytes);

// The bytes without a UTF-8 byte order mark at their very beginning.
[[nodiscard]] std::string_view without_bom(std::string_view bytes);

// Takes the next line off `rest`, which must not be empty. A comment begins with ';' or '#' at the start of the line
// or after a blank.
[[nodiscard]] TextLine take_line(std::string_view& rest, int number);

// Where `part` begins in `whole`, in bytes from 0. `part` must be a part of `whole` (or empty: then 0).
[[nodiscard]] std::size_t offset_in(std::string_view whole, std::string_view part);

// An `invalid` error with its place, the line itself and the caret under byte `offset` (from 0) of it.
[[nodiscard]] Error invalid_line(std::string_view file, const TextLine& line, std::size_t offset, std::string message,
                                 std::string hint = {});

}  // namespace twctl
