// Path and bytes of a file -> what it is, judged by what the readers of each kind would take. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "profile/profile.hpp"

namespace twctl {

struct FileKind {
  std::optional<ProfileKind> kind;  // nullopt: none that twctl reads
  std::string_view name;            // for people: "YAML", "sysctl.conf style", "text of no kind that twctl knows"
  bool is_template = false;         // of that kind, but with places that another program fills in: {{ x }}, <%= x %>
};

// The content decides: a kind's own marks (sections, the header of a registry file), else whether its lines are mostly
// assignments of sysctl keys. The name's ending counts for `.ini` and `.reg` (docs/contract.md, "Profiles"), and where
// the content says nothing. Text without a line of any kind is in the style of sysctl.conf: a comment, nothing at all.
[[nodiscard]] FileKind file_kind(std::string_view path, std::string_view bytes);

// file_kind(), for who can use only a file that twctl reads. Error: invalid, with the name of what it is.
[[nodiscard]] Result<ProfileKind> readable_kind(std::string_view path, std::string_view bytes);

// What a text that no reader of ours takes is, by the marks of its lines; "" for none that is known. `path`: for its
// ending, which decides where several would do.
[[nodiscard]] std::string_view foreign_kind(std::string_view path, std::string_view bytes);

// Marks that no sysctl file has in any line: here-documents, fences of Markdown, blocks of Terraform. "" for none.
[[nodiscard]] std::string_view unmistakable_kind(std::string_view bytes);

// Whether the bytes are no text. The name says what they are where that is known; "" for text.
[[nodiscard]] std::string_view binary_kind(std::string_view bytes);

}  // namespace twctl
