// A JSON document against a schema of docs/schema, closed: a member that the schema does not name is wrong.
#pragma once

#include <string>

namespace twctl::test {

// "" if it fits, else the first thing that is wrong: "host.live: not of type boolean". Knows the keywords that our
// schemas use, and fails on any other.
[[nodiscard]] std::string against_schema(const std::string& document, const std::string& schema_name);

}  // namespace twctl::test
