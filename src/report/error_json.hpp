// What takes the place of a command's own document with --json: an error, or a page that has no fields. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "json/fwd.hpp"

namespace twctl {

// docs/schema/error.schema.json. With status 4 the document says "state": "partial" too.
[[nodiscard]] std::string error_json(const Error& error);

// The members of an error that a document has: `code`, `kind`, `message`, `file`, `line`, `hint`.
[[nodiscard]] Json error_members(const Error& error);

// Help and version, so that --json is JSON for them too.
[[nodiscard]] std::string page_json(std::string_view command, std::string_view text);

}  // namespace twctl
