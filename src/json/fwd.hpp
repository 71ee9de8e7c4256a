// The type of JSON that we build, for headers that only name it.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace twctl {

using Json = nlohmann::ordered_json;  // what we write: members stay in the order in which they were added

}  // namespace twctl
