// Text -> text laid out for a screen: width, wrapping, columns, colour. Pure; knows nothing of what it lays out.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace twctl {

// What the text is laid out for.
struct Screen {
  std::size_t columns = 100;
  bool colour = false;
};

// How much is said: -q, nothing, -v.
enum class Detail { quiet, normal, verbose };

// Roles, not colours: what a piece of text is. A role never carries meaning that the text itself lacks.
enum class Ink { plain, faint, strong, change, good, danger };

// `text` in the escape sequences of its role, or unchanged on a screen without colour.
[[nodiscard]] std::string inked(const Screen& screen, Ink ink, std::string_view text);

// `text` and blanks up to `width` columns; longer text stays whole.
[[nodiscard]] std::string padded(std::string_view text, std::size_t width);

// `text` broken at blanks into lines of at most `columns`, each ending in a newline. The first starts with `label`,
// the others with as many blanks. A word that is longer than a line stays whole. "" for text without a word.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t columns, std::string_view label = "");

// "1 change", "2 changes"; of a noun with another plural, "1 process", "2 processes".
[[nodiscard]] std::string counted(std::size_t count, std::string_view noun);
[[nodiscard]] std::string counted(std::size_t count, std::string_view noun, std::string_view plural);

}  // namespace twctl
