// Name + rows of the catalogue + what is true here -> the page that `explain` prints. Pure; never reads the host.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "observe/snapshot.hpp"

namespace twctl {

struct ExplainContext {
  const Snapshot* here = nullptr;  // live values, kernel, boot files; nullptr: nothing is known of a host
  int width = 80;                  // of the text, in columns; less than 40 counts as 40
};

// The page of a setting (short name, full key, Windows name), a TCP state (any case, '-' for '_'), a hazard, a
// finding, a topic or a myth; "" lists them all, one line each. Plain ASCII apart from values of this host, no line
// longer than `width` unless one word is. Error: usage, an unknown name, with the nearest ones as the hint.
[[nodiscard]] Result<std::string> explain(std::string_view name, const ExplainContext& context);

// The same as one JSON document (docs/schema/explain.schema.json).
[[nodiscard]] Result<std::string> explain_json(std::string_view name, const ExplainContext& context);

}  // namespace twctl
