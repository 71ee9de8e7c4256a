// Text as our tables and docs/*.md have it -> mdoc(7), what manual pages are written in. Pure.
#pragma once

#include <string>
#include <string_view>

namespace twctl {

// A paragraph, a sentence a line. `code` and **strong** words are shown bold; of a [link](target) the text stays.
[[nodiscard]] std::string mdoc_prose(std::string_view text);

// One argument of a macro, to be shown as it is typed ("--set", "KEY=VALUE").
[[nodiscard]] std::string mdoc_argument(std::string_view text);

// A block that is shown as it stands.
[[nodiscard]] std::string mdoc_literal(std::string_view lines);

// Headings of level 2, paragraphs, lists, tables and code, as docs/*.md have them. A table becomes a list whose tags
// are its first column; with more than two columns each text has the name of its column before it.
[[nodiscard]] std::string mdoc_of_markdown(std::string_view markdown);

}  // namespace twctl
