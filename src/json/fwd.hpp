// The types of JSON that we build and read, for headers that only name them.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace twctl {

using Json = nlohmann::ordered_json;  // what we write: members stay in the order in which they were added
using SavedJson = nlohmann::json;     // what we read: a member is found fast, however many somebody put there

}  // namespace twctl
