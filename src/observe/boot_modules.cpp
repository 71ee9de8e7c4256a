#include "observe/boot_modules.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.hpp"
#include "observe/boot_files.hpp"

namespace twctl {
namespace {

constexpr std::array<std::string_view, 5> kLoadDirectories = {"/etc/modules-load.d", "/run/modules-load.d",
                                                              "/usr/local/lib/modules-load.d",
                                                              "/usr/lib/modules-load.d", "/lib/modules-load.d"};
constexpr std::array<std::string_view, 5> kConfigDirectories = {
    "/etc/modprobe.d", "/run/modprobe.d", "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d"};
constexpr std::size_t kModuleListLimit = std::size_t{8} * 1024 * 1024;  // modules.dep of a distribution: about 1 MiB

// "kernel/net/netfilter/nf-conntrack.ko.xz:" -> "nf_conntrack": the kernel takes '-' and '_' for the same.
std::string module_name(std::string_view path) {
  std::string name(path.substr(path.rfind('/') + 1));
  name = name.substr(0, name.find(".ko"));
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

std::string module_list(HostFiles& files, std::string_view release, std::string_view name) {
  const std::string path = "/lib/modules/" + std::string(release) + "/" + std::string(name);
  return text_of(files, path, kModuleListLimit);
}

// A module that was loaded has a state; one that is part of the kernel has none.
bool built_in_here(HostFiles& files, const std::string& name) {
  const std::string path = "/sys/module/" + name;
  return files.exists(path) && !files.exists(path + "/initstate");
}

void add_built_in(HostFiles& files, std::string_view release, std::set<std::string>& modules) {
  const std::string text = module_list(files, release, "modules.builtin");
  for (const std::string_view line : split(text, '\n')) modules.insert(module_name(trim(line)));
}

void add_listed(std::string_view text, std::set<std::string>& modules) {
  for (const std::string_view line : split(text, '\n')) {
    const auto fields = words(line);
    if (!fields.empty() && !is_comment(fields[0])) modules.insert(module_name(fields[0]));
  }
}

std::set<std::string> listed_modules(HostFiles& files) {
  std::set<std::string> modules;
  for (const std::string& path : conf_files(files, kLoadDirectories)) add_listed(text_of(files, path), modules);
  add_listed(text_of(files, "/etc/modules"), modules);
  return modules;
}

// A line of modules.dep: "kernel/net/x/a.ko: kernel/net/y/b.ko ...". It lists indirect needs too.
void add_needs(std::string_view line, std::set<std::string>& modules) {
  const auto fields = words(line);
  if (fields.empty() || !modules.contains(module_name(fields[0]))) return;
  for (const std::string_view need : fields) modules.insert(module_name(need));
}

// modprobe.d(5): "softdep a pre: b c post: d" loads b, c and d with a.
void add_soft_needs(std::string_view line, std::set<std::string>& modules) {
  const auto fields = words(line);
  if (fields.size() < 2 || fields[0] != "softdep" || !modules.contains(module_name(fields[1]))) return;
  for (const std::string_view need : fields) {
    if (need != "softdep" && need != "pre:" && need != "post:") modules.insert(module_name(need));
  }
}

// What is loaded along with `modules`, and along with that.
void add_all_needs(HostFiles& files, std::string_view release, std::set<std::string>& modules) {
  const std::string needs = module_list(files, release, "modules.dep");
  std::string config = module_list(files, release, "modules.softdep");
  for (const std::string& path : conf_files(files, kConfigDirectories)) config += "\n" + text_of(files, path);
  for (std::size_t before = 0; before != modules.size();) {
    before = modules.size();
    for (const std::string_view line : split(config, '\n')) add_soft_needs(line, modules);
    for (const std::string_view line : split(needs, '\n')) add_needs(line, modules);
  }
}

}  // namespace

std::vector<std::string> find_boot_modules(HostFiles& files, std::string_view release,
                                           const std::vector<std::string>& wanted) {
  std::set<std::string> modules = listed_modules(files);
  if (!modules.empty()) add_all_needs(files, release, modules);
  add_built_in(files, release, modules);
  std::vector<std::string> found;
  for (const std::string& name : wanted) {
    if (modules.contains(name) || built_in_here(files, name)) found.push_back(name);
  }
  return found;
}

}  // namespace twctl
