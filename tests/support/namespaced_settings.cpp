#include "support/namespaced_settings.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace twctl::test {

std::string file_of(const Setting& setting) {
  std::string path(setting.key);
  std::replace(path.begin(), path.end(), '.', '/');
  return "/proc/sys/" + path;
}

std::vector<const Setting*> namespaced_settings() {
  std::vector<const Setting*> found;
  for (const Setting& setting : settings(Os::linux_kernel)) {
    if (setting.reach == Reach::per_namespace && std::filesystem::exists(file_of(setting))) found.push_back(&setting);
  }
  return found;
}

Value value_of(const Setting& setting) {
  std::ifstream file(file_of(setting));
  return canonical(setting, std::string(std::istreambuf_iterator<char>(file), {}));
}

std::vector<Value> values_of(const std::vector<const Setting*>& all) {
  std::vector<Value> values;
  for (const Setting* setting : all) values.push_back(value_of(*setting));
  return values;
}

}  // namespace twctl::test
