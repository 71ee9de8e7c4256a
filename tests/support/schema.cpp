#include "support/schema.hpp"

#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "support/shell.hpp"

namespace twctl::test {
namespace {

using Json = nlohmann::json;

const std::set<std::string> kKnown = {"$schema",    "$defs",    "$ref",  "$id",     "title",   "description",
                                      "type",       "required", "items", "minimum", "maximum", "additionalProperties",
                                      "properties", "enum",     "oneOf", "pattern"};

bool is_of_type(const Json& value, const std::string& type) {
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  return type == std::string(value.is_null() ? "null" : value.type_name());
}

class Check {
 public:
  explicit Check(const Json& schema) : root_(schema) {}

  // Recurses as deep as the document goes.
  std::string check(const Json& value, const Json& schema, const std::string& path) const {
    for (const auto& [keyword, unused] : schema.items()) {
      if (!kKnown.contains(keyword)) return path + ": the test does not know the keyword " + keyword;
    }
    if (schema.contains("$ref")) return check(value, resolve(schema["$ref"]), path);
    std::string wrong = check_value(value, schema, path);
    if (wrong.empty() && value.is_object()) wrong = check_object(value, schema, path);
    if (wrong.empty() && value.is_array()) wrong = check_array(value, schema, path);
    return wrong;
  }

 private:
  const Json& resolve(const std::string& reference) const { return root_.at(Json::json_pointer(reference.substr(1))); }

  std::string check_value(const Json& value, const Json& schema, const std::string& path) const {
    if (schema.contains("type") && !fits_type(value, schema["type"]))
      return path + ": not of type " + schema["type"].dump();
    if (schema.contains("minimum") && value < schema["minimum"]) return path + ": too small";
    if (schema.contains("maximum") && value > schema["maximum"]) return path + ": too large";
    if (schema.contains("pattern") &&
        !std::regex_search(value.get<std::string>(), std::regex(schema["pattern"].get<std::string>())))
      return path + ": not of the pattern";
    if (schema.contains("enum") &&
        std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
      return path + ": not one of " + schema["enum"].dump();
    if (schema.contains("oneOf") && count_fitting(value, schema["oneOf"], path) != 1)
      return path + ": not one of the kinds";
    return {};
  }

  static bool fits_type(const Json& value, const Json& types) {
    if (types.is_string()) return is_of_type(value, types);
    return std::any_of(types.begin(), types.end(), [&](const Json& type) { return is_of_type(value, type); });
  }

  int count_fitting(const Json& value, const Json& kinds, const std::string& path) const {
    int fitting = 0;
    for (const Json& kind : kinds) fitting += check(value, kind, path).empty() ? 1 : 0;
    return fitting;
  }

  std::string check_object(const Json& value, const Json& schema, const std::string& path) const {
    for (const Json& name : schema.value("required", Json::array())) {
      if (!value.contains(name.get<std::string>())) return path + ": lacks " + name.get<std::string>();
    }
    for (const auto& [name, member] : value.items()) {
      const std::string inner = path.empty() ? name : path + "." + name;
      std::string wrong = check_member(name, member, schema, inner);
      if (!wrong.empty()) return wrong;
    }
    return {};
  }

  std::string check_member(const std::string& name, const Json& member, const Json& schema,
                           const std::string& path) const {
    const Json properties = schema.value("properties", Json::object());
    if (properties.contains(name)) return check(member, properties[name], path);
    if (schema.contains("additionalProperties")) return check(member, schema["additionalProperties"], path);
    if (schema.contains("oneOf") || schema.contains("enum")) return {};
    return path + ": the schema does not name it";
  }

  std::string check_array(const Json& value, const Json& schema, const std::string& path) const {
    std::size_t index = 0;
    for (const Json& element : value) {
      const std::string inner = path + "[" + std::to_string(index++) + "]";
      std::string wrong = schema.contains("items") ? check(element, schema["items"], inner) : "";
      if (!wrong.empty()) return wrong;
    }
    return {};
  }

  const Json& root_;
};

}  // namespace

std::string against_schema(const std::string& document, const std::string& schema_name) {
  const Json schema = Json::parse(file_content(TWCTL_SOURCE_DIR "/docs/schema/" + schema_name + ".schema.json"));
  const Json value = Json::parse(document, nullptr, false);
  if (value.is_discarded()) return "no JSON";
  return Check(schema).check(value, schema, "");
}

}  // namespace twctl::test
