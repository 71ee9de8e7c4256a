// A trial as a document: docs/schema/trial.schema.json.
#pragma once

#include <string>

#include "trial/trial.hpp"

namespace twctl {

[[nodiscard]] std::string trial_json(const Trial& trial);

}  // namespace twctl
