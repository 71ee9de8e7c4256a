// The catalogue's settings that the calling process's network namespace has, and their values.
#pragma once

#include <string>
#include <vector>

#include "catalog/setting.hpp"
#include "catalog/value.hpp"

namespace twctl::test {

[[nodiscard]] std::string file_of(const Setting& setting);  // below /proc/sys

[[nodiscard]] std::vector<const Setting*> namespaced_settings();

[[nodiscard]] Value value_of(const Setting& setting);
[[nodiscard]] std::vector<Value> values_of(const std::vector<const Setting*>& all);

}  // namespace twctl::test
