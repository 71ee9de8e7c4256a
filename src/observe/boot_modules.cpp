#include "observe/boot_modules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <utility>

#include "base/text.hpp"
#include "observe/boot_files.hpp"

namespace twctl {
namespace {

constexpr std::array<std::string_view, 5> kLoadDirectories = {"/etc/modules-load.d", "/run/modules-load.d",
                                                              "/usr/local/lib/modules-load.d",
                                                              "/usr/lib/modules-load.d", "/lib/modules-load.d"};
constexpr std::array<std::string_view, 5> kConfigDirectories = {
    "/etc/modprobe.d", "/run/modprobe.d", "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d"};
constexpr std::size_t kModuleListLimit = std::size_t{4} * 1024 * 1024;  // modules.dep of a distribution: about 1 MiB

// The kernel takes '-' and '_' for the same.
std::string with_underscores(std::string text) {
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

// "kernel/net/netfilter/nf_conntrack.ko.xz:" -> "nf_conntrack".
std::string_view module_name(std::string_view path) {
  const std::string_view name = file_name(path);
  return name.substr(0, name.find(".ko"));
}

std::string module_list(HostFiles& files, std::string_view release, std::string_view name) {
  std::string list;
  for (std::size_t i = 0; i < kModuleFolders.size() && list.empty(); ++i) {
    list = text_of(files, fmt::format("{}/{}/{}", kModuleFolders[i], release, name), kModuleListLimit);
  }
  return with_underscores(std::move(list));
}

void each_line(std::string_view text, const auto& use) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    use(line);
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
}

// A module that was loaded has a state; one that is part of the kernel has none.
bool built_in_here(HostFiles& files, const std::string& name) {
  const std::string path = "/sys/module/" + name;
  return files.exists(path) && !files.exists(path + "/initstate");
}

using Modules = std::set<std::string, std::less<>>;

void add_built_in(HostFiles& files, std::string_view release, std::span<const std::string> wanted, Modules& modules) {
  each_line(module_list(files, release, "modules.builtin"), [&](std::string_view line) {
    const std::string_view name = module_name(trim(line));
    if (is_one_of(name, wanted)) modules.emplace(name);
  });
}

void add_listed(const std::string& text, Modules& modules) {
  each_line(with_underscores(text), [&](std::string_view line) {
    const std::string_view name = take_word(line);
    if (!name.empty() && !is_comment(name)) modules.emplace(module_name(name));
  });
}

Modules listed_modules(HostFiles& files) {
  Modules modules;
  for (const std::string& path : files_by_name(files, kLoadDirectories)) add_listed(text_of(files, path), modules);
  add_listed(text_of(files, "/etc/modules"), modules);
  return modules;
}

// A line that says what is loaded along with a module.
struct Needs {
  std::string_view module;
  std::string_view line;
};

// Of modules.dep: "kernel/net/x/a.ko: kernel/net/y/b.ko ...".
void add_needs(std::string_view text, std::vector<Needs>& all) {
  each_line(text, [&](std::string_view line) {
    std::string_view rest = line;
    const std::string_view name = module_name(take_word(rest));
    if (!trim(rest).empty()) all.push_back({name, rest});
  });
}

// modprobe.d(5): "softdep a pre: b c post: d" loads b, c and d with a.
void add_soft_needs(std::string_view text, std::vector<Needs>& all) {
  each_line(text, [&](std::string_view line) {
    if (take_word(line) != "softdep") return;
    const std::string_view name = module_name(take_word(line));
    all.push_back({name, line});
  });
}

// What is loaded along with `modules`, and along with that.
void add_all_needs(HostFiles& files, std::string_view release, Modules& modules) {
  const std::string hard = module_list(files, release, "modules.dep");
  std::string soft = module_list(files, release, "modules.softdep");
  for (const std::string& path : files_by_name(files, kConfigDirectories)) {
    soft += "\n" + with_underscores(text_of(files, path));
  }
  std::vector<Needs> all;
  add_needs(hard, all);
  add_soft_needs(soft, all);
  std::ranges::sort(all, {}, &Needs::module);
  std::vector<std::string> added(modules.begin(), modules.end());
  while (!added.empty()) {
    const std::string module = std::move(added.back());
    added.pop_back();
    for (auto needs = std::ranges::lower_bound(all, std::string_view(module), {}, &Needs::module);
         needs != all.end() && needs->module == module; ++needs) {
      for (const std::string_view word : words(needs->line)) {
        if (word == "pre:" || word == "post:") continue;
        const auto [name, is_new] = modules.emplace(module_name(word));
        if (is_new) added.push_back(*name);
      }
    }
  }
}

}  // namespace

std::vector<std::string> find_boot_modules(HostFiles& files, std::string_view release,
                                           const std::vector<std::string>& wanted) {
  Modules modules = listed_modules(files);
  if (!modules.empty()) add_all_needs(files, release, modules);
  add_built_in(files, release, wanted, modules);
  std::vector<std::string> found;
  for (const std::string& name : wanted) {
    if (modules.contains(name) || built_in_here(files, name)) found.push_back(name);
  }
  return found;
}

}  // namespace twctl
