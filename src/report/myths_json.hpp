// The myths as they were tried, as a document: docs/schema/trial-myths.schema.json.
#pragma once

#include <string>

#include "trial/myths.hpp"

namespace twctl {

[[nodiscard]] std::string myths_json(const MythTrial& trial);

}  // namespace twctl
