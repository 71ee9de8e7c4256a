#include "observe/writers/unit_folders.hpp"

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

}  // namespace

std::string template_of(const std::string& unit) {
  const std::size_t at = unit.find('@');
  return at == std::string::npos ? unit : unit.substr(0, at + 1) + unit.substr(std::min(unit.rfind('.'), unit.size()));
}

UnitFolders::UnitFolders(HostFiles& files) : files_(files) {
  const bool lib_is_link = files.link_target(kLast).has_value();
  for (std::size_t i = 0; i < kUnitFolders.size(); ++i) {
    const bool is_again = lib_is_link && kUnitFolders[i].starts_with(kLast);
    auto names = is_again ? Names{} : files.list(kUnitFolders[i]);
    if (!names) continue;
    Folder& folder = folders_[i].emplace();
    for (std::string& name : *names) (name.ends_with(".d") ? folder.drop_ins : folder.units).push_back(std::move(name));
  }
  if (!folders_[0]) folders_[0].emplace();
}

bool UnitFolders::may_have(std::size_t folder, Names Folder::*kind, const std::string& name) const {
  const auto& known = folders_[folder];
  return !known || std::binary_search(((*known).*kind).begin(), ((*known).*kind).end(), name);
}

std::vector<std::string> UnitFolders::all_of(const std::string& name) const {
  Names paths;
  for (std::size_t i = 0; i < kUnitFolders.size(); ++i) {
    if (may_have(i, &Folder::units, name)) paths.push_back(fmt::format("{}/{}", kUnitFolders[i], name));
  }
  return paths;
}

void UnitFolders::add_drop_ins(Paths& found, std::size_t folder, const std::string& of) const {
  const std::string name = of + ".d";
  if (!may_have(folder, &Folder::drop_ins, name)) return;
  const std::string path = fmt::format("{}/{}", kUnitFolders[folder], name);
  for (const std::string& drop_in : files_.list(path).value_or(Names{})) {
    if (drop_in.ends_with(".conf")) found.try_emplace(drop_in, path + "/" + drop_in);
  }
}

std::vector<std::string> UnitFolders::files_of(const std::string& unit) const {
  std::vector<std::string> paths = all_of(unit);
  const std::string of_template = template_of(unit);
  if (of_template == unit) return paths;
  for (std::string& path : all_of(of_template)) paths.push_back(std::move(path));
  return paths;
}

bool UnitFolders::is_masked(const std::string& path, std::string_view text) const {
  if (files_.link_target(path) == "/dev/null") return true;
  if (!text.empty()) return false;
  const auto is_there = files_.read(path, 1);
  return is_there && *is_there && (*is_there)->empty();
}

// Of all names in one folder, then in the next (systemd 252; one name after the other in newer manual pages).
UnitFolders::Paths UnitFolders::drop_ins(const std::string& unit) const {
  Paths found;
  const Names names = names_of(unit);
  for (std::size_t i = 0; i < kUnitFolders.size(); ++i) {
    if (folders_[i] && folders_[i]->drop_ins.empty()) continue;
    for (const std::string& name : names) add_drop_ins(found, i, name);
  }
  return found;
}

UnitFolders::Paths UnitFolders::drop_ins_of_type(std::string_view type) const {
  Paths found;
  for (std::size_t i = 0; i < kUnitFolders.size(); ++i) add_drop_ins(found, i, std::string(type));
  return found;
}

}  // namespace twctl
