#include "observe/unit_folders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace twctl {
namespace {

constexpr std::string_view kLast = "/lib";  // which is /usr/lib, where it is a link

// With whose drop-ins a unit is read, the nearest first: "a-b@x.service" with those of "a-b@.service", "a-.service",
// "a-@x.service" and "a-@.service" (as systemd 252 does it).
std::vector<std::string> names_of(const std::string& unit) {
  std::vector<std::string> names{unit};
  const std::size_t dot = std::min(unit.rfind('.'), unit.size());
  const std::size_t at = std::min(unit.find('@'), dot);
  const std::string type = unit.substr(dot);
  const std::string instance = unit.substr(at, dot - at);  // "@x"
  if (!instance.empty()) names.push_back(template_of(unit));
  std::string prefix = unit.substr(0, at);
  while (true) {
    while (prefix.ends_with('-')) prefix.pop_back();
    const std::size_t dash = prefix.rfind('-');
    if (dash == std::string::npos) return names;
    prefix.resize(dash + 1);
    names.push_back(prefix + type);
    if (instance.empty()) continue;
    names.push_back(prefix + instance + type);
    names.push_back(prefix + "@" + type);
  }
}

class DropIns {
 public:
  explicit DropIns(HostFiles& files) : files_(files) {}

  void add_of(const std::string& folder) {
    for (const std::string& name : files_.list(folder).value_or(std::vector<std::string>{})) {
      if (name.ends_with(".conf")) paths_.try_emplace(name, folder + "/" + name);
    }
  }

  [[nodiscard]] std::vector<std::string> paths() const {
    std::vector<std::string> paths;
    for (const auto& [name, path] : paths_) paths.push_back(path);
    return paths;
  }

 private:
  HostFiles& files_;
  std::map<std::string, std::string> paths_;  // by name
};

}  // namespace

std::string template_of(const std::string& unit) {
  const std::size_t at = unit.find('@');
  return at == std::string::npos ? unit : unit.substr(0, at + 1) + unit.substr(std::min(unit.rfind('.'), unit.size()));
}

UnitFolders::UnitFolders(HostFiles& files) : files_(files) {
  const bool lib_is_link = files.link_target(kLast).has_value();
  for (std::size_t i = 0; i < kUnitFolders.size(); ++i) {
    const bool is_again = lib_is_link && kUnitFolders[i].starts_with(kLast);
    auto names = is_again ? std::vector<std::string>{} : files.list(kUnitFolders[i]);
    if (names) names_[i] = *std::move(names);
  }
  if (!names_[0]) names_[0].emplace();
}

bool UnitFolders::may_have(std::size_t folder, const std::string& name) const {
  const auto& names = names_[folder];
  return !names || std::binary_search(names->begin(), names->end(), name);
}

std::vector<std::string> UnitFolders::all_of(const std::string& name) const {
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < kUnitFolders.size(); ++i) {
    if (may_have(i, name)) paths.push_back(fmt::format("{}/{}", kUnitFolders[i], name));
  }
  return paths;
}

std::vector<std::string> UnitFolders::files_of(const std::string& unit) const {
  std::vector<std::string> paths = all_of(unit);
  const std::string of_template = template_of(unit);
  if (of_template == unit) return paths;
  for (std::string& path : all_of(of_template)) paths.push_back(std::move(path));
  return paths;
}

bool UnitFolders::is_masked(const std::string& path) const {
  if (files_.link_target(path) == "/dev/null") return true;
  const auto text = files_.read(path, 1);
  return text && *text && (*text)->empty();
}

// Of all names in one folder, then in the next (systemd 252; one name after the other in newer manual pages).
std::vector<std::string> UnitFolders::drop_ins(const std::string& unit) const {
  DropIns found(files_);
  const std::vector<std::string> names = names_of(unit);
  for (std::size_t i = 0; i < kUnitFolders.size(); ++i) {
    for (const std::string& name : names) {
      const std::string folder = name + ".d";
      if (may_have(i, folder)) found.add_of(fmt::format("{}/{}", kUnitFolders[i], folder));
    }
  }
  return found.paths();
}

std::vector<std::string> UnitFolders::drop_ins_of_type(std::string_view type) const {
  DropIns found(files_);
  for (const std::string& folder : all_of(fmt::format("{}.d", type))) found.add_of(folder);
  return found.paths();
}

}  // namespace twctl
