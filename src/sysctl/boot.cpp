#include "sysctl/boot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/text.hpp"
#include "platform/boot_file_store.hpp"

namespace twctl {
namespace {

constexpr std::array<std::string_view, 5> kDirectories{"/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d",
                                                       "/usr/lib/sysctl.d", "/lib/sysctl.d"};

bool has_lines(const BootConfig::File& file) {
  if (!file.problem.empty()) return false;
  const bool perhaps_null = file.link_target.empty() || file.link_target.find("null") != std::string::npos;
  return !perhaps_null || edited_path(file) != "/dev/null";
}

// A file's claim to its name: the first directory that has the name wins.
struct Claim {
  std::string_view name;
  const std::string_view* directory = nullptr;  // in kDirectories
  const BootConfig::File* file = nullptr;
};

bool goes_before(const Claim& a, const Claim& b) {
  return a.name != b.name ? a.name < b.name : a.directory < b.directory;
}

// systemd passes over hidden files; procps does not.
bool name_counts(std::string_view name, Loader loader) {
  return name.ends_with(".conf") && (loader == Loader::procps || !name.starts_with('.'));
}

std::string without_dots(std::string_view path) {
  std::string plain;
  for (const std::string_view component : split(path, '/')) {
    if (component.empty() || component == ".") continue;
    if (component == "..") {
      plain.resize(std::min(plain.find_last_of('/'), plain.size()));
    } else {
      plain.append("/").append(component);
    }
  }
  return plain;
}

std::vector<std::size_t> order_of(const BootConfig& config, Loader loader) {
  std::vector<std::size_t> order;
  for (const BootConfig::File* file : files_in_order(all_files(config), loader)) {
    order.push_back(static_cast<std::size_t>(file - config.files.data()));
  }
  return order;
}

}  // namespace

std::span<const std::string_view> boot_directories() { return kDirectories; }

bool is_boot_file(std::string_view path) {
  const auto is_below = [&](std::string_view folder) {
    return path.starts_with(folder) && path.substr(folder.size()).starts_with('/');
  };
  return path == kSysctlConf ||
         (path.ends_with(".conf") && std::any_of(kDirectories.begin(), kDirectories.end(), is_below));
}

bool is_read_by_name(std::string_view path) { return path == kKernelCommandLine || path.ends_with(".conf"); }

bool is_of_a_package(std::string_view path) { return path.starts_with("/usr/") || path.starts_with("/lib/"); }

BootFileState state_of(const BootFile& file) {
  if (file.problem.empty()) return BootFileState::readable;
  const bool mask = file.problem == kDanglingLink || to_lower(file.problem) == kIsDirectory;
  return mask ? BootFileState::mask : BootFileState::unread;
}

BootConfig parse_boot_files(std::span<const BootFile> files) {
  BootConfig config;
  for (const BootFile& file : files) {
    if (file.path == kKernelCommandLine) {
      const AssignmentFile text = read_command_line(file.bytes);
      config.command_line = text.assignments;
      config.files.push_back({.path = file.path, .procps = text});  // no loader reads it
      continue;
    }
    config.files.push_back({.path = file.path,
                            .link_target = file.link_target,
                            .problem = file.problem,
                            .procps = read_assignments(file.bytes, Loader::procps)});
    if (config.files.back().procps.systemd_may_differ) {
      config.files.back().systemd = read_assignments(file.bytes, Loader::systemd);
    }
  }
  config.systemd_order = order_of(config, Loader::systemd);
  config.procps_order = order_of(config, Loader::procps);
  return config;
}

std::string target_path(std::string_view link, std::string_view target) {
  if (target.starts_with('/')) return without_dots(target);
  return without_dots(fmt::format("{}/{}", directory_of(link), target));
}

std::string edited_path(const BootConfig::File& file) {
  return file.link_target.empty() ? file.path : target_path(file.path, file.link_target);
}

bool leads_to(const BootConfig::File& file, std::string_view path) {
  return file.path == path || (!file.link_target.empty() && edited_path(file) == path);
}

std::vector<BootFile> with_file(std::vector<BootFile> files, const std::string& path,
                                const std::optional<std::string>& bytes) {
  const auto is_it = [&](const BootFile& file) {
    return edited_path({.path = file.path, .link_target = file.link_target}) == path;
  };
  if (!bytes) {
    std::erase_if(files, is_it);
    return files;
  }
  for (BootFile& file : files) {
    if (is_it(file)) file.bytes = *bytes;
  }
  const bool is_new = std::none_of(files.begin(), files.end(), [&](const BootFile& file) { return file.path == path; });
  if (is_new) files.push_back({.path = path, .bytes = *bytes});
  return files;
}

BootFiles all_files(const BootConfig& config) {
  BootFiles files;
  for (const BootConfig::File& file : config.files) files.push_back(&file);
  return files;
}

BootFiles files_in_order(const BootFiles& files, Loader loader) {
  if (loader == Loader::none) return {};
  std::vector<Claim> claims;
  for (const BootConfig::File* file : files) {
    const auto* directory = std::find(kDirectories.begin(), kDirectories.end(), directory_of(file->path));
    const std::string_view name = file_name(file->path);
    if (directory == kDirectories.end() || !name_counts(name, loader)) continue;
    claims.push_back({.name = name, .directory = directory, .file = file});
  }
  std::stable_sort(claims.begin(), claims.end(), goes_before);
  BootFiles order;
  for (const Claim& claim : claims) {
    const bool masked = &claim != claims.data() && (&claim - 1)->name == claim.name;
    if (!masked && has_lines(*claim.file)) order.push_back(claim.file);
  }
  if (loader != Loader::procps) return order;
  std::copy_if(files.begin(), files.end(), std::back_inserter(order),
               [](const BootConfig::File* file) { return file->path == kSysctlConf && has_lines(*file); });
  return order;
}

BootFiles files_read(const BootConfig& config, Loader loader) {
  if (loader == Loader::none) return {};
  BootFiles order;
  for (const std::size_t index : loader == Loader::procps ? config.procps_order : config.systemd_order) {
    order.push_back(&config.files[index]);
  }
  return order;
}

std::vector<std::string> reading_order(const BootConfig& config, Loader loader) {
  std::vector<std::string> paths;
  for (const BootConfig::File* file : files_read(config, loader)) paths.push_back(file->path);
  return paths;
}

// A file that is not there yet is supposed, and then looked for in the order that this gives.
std::vector<std::string> order_of(const BootConfig& config, Loader loader, std::span<const std::string_view> paths) {
  BootFiles files = all_files(config);
  std::vector<BootConfig::File> supposed;
  supposed.reserve(paths.size());
  for (const std::string_view path : paths) {
    if (std::any_of(files.begin(), files.end(), [path](const auto* file) { return file->path == path; })) continue;
    files.push_back(&supposed.emplace_back(BootConfig::File{.path = std::string(path)}));
  }
  std::vector<std::string> order;
  for (const BootConfig::File* file : files_in_order(files, loader)) {
    for (const std::string_view path : paths) {
      if (!leads_to(*file, path)) continue;
      std::erase(order, path);
      order.emplace_back(path);
    }
  }
  return order;
}

bool reads_file(const BootConfig& config, Loader loader, std::string_view path) {
  return !order_of(config, loader, {&path, 1}).empty();
}

}  // namespace twctl
