#include "observe/boot_files.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "platform/boot_file_store.hpp"
#include "sysctl/boot_limits.hpp"
#include "sysctl/line_settings.hpp"

namespace twctl {
namespace {

constexpr std::string_view kMask = "/dev/null";
constexpr int kMostLinks = 40;  // as the kernel

bool is_conf(std::string_view name) { return name.ends_with(".conf"); }

// A link of a link of /dev/null masks as well as a direct one.
bool ends_in_mask(HostFiles& files, const std::string& link, std::string target) {
  std::string path = link;
  for (int links = 0; links < kMostLinks; ++links) {
    path = target_path(path, target);
    if (path == kMask) return true;
    const std::optional<std::string> next = files.link_target(path);
    if (!next) return false;
    target = *next;
  }
  return false;
}

// "cannot read /etc/x.conf: Permission denied" -> "Permission denied": the path is known.
std::string reason_of(const Error& error, std::string_view path) {
  const std::string known = escape(path) + ": ";
  const std::size_t at = error.message.find(known);
  return at == std::string::npos ? error.message : error.message.substr(at + known.size());
}

// A directory is listed too, with that as its problem: it masks the same name elsewhere. nullopt: gone meanwhile.
Result<std::optional<BootFile>> read_boot_file(HostFiles& files, const std::string& path) {
  BootFile file{.path = path, .link_target = files.link_target(path).value_or(""), .bytes = {}, .problem = {}};
  const bool is_link = !file.link_target.empty();
  if (is_link && ends_in_mask(files, path, file.link_target)) {
    file.link_target = kMask;
    return std::optional(std::move(file));
  }
  auto bytes = files.read(path, kBootFileLimit);
  if (!bytes && bytes.error().code == ErrorCode::failed) return fail(bytes.error());
  if (!bytes) file.problem = reason_of(bytes.error(), path);
  if (bytes && !*bytes && !is_link) return std::optional<BootFile>();
  if (bytes && !*bytes) file.problem = kDanglingLink;
  if (bytes && *bytes) file.bytes = **std::move(bytes);
  return std::optional(std::move(file));
}

// One that is there and cannot be listed is named like a file that cannot be read: it may set anything.
Result<std::vector<std::string>> list_boot_directory(HostFiles& files, std::string_view directory,
                                                     std::vector<BootFile>& found) {
  auto names = files.list(directory);
  if (names || names.error().code == ErrorCode::failed) return names;
  found.push_back({.path = std::string(directory), .problem = reason_of(names.error(), directory)});
  return std::vector<std::string>();
}

// Where /lib is a link to usr/lib, as on every current distribution, its files have been listed already.
bool listed_already(HostFiles& files, std::string_view directory) {
  return directory.starts_with("/lib/") && files.link_target("/lib").has_value();
}

// A name that no loader reads is of interest only where somebody may think that one does.
void add_unread(HostFiles& files, const std::string& path, std::vector<BootFile>& found) {
  std::string text = text_of(files, path);
  const bool ours = lines_about_settings(read_assignments(text, Loader::procps), Loader::procps) > 0;
  if (ours) found.push_back({.path = path, .bytes = std::move(text)});
}

}  // namespace

// No more than is needed to see that there is too much: check_boot_limits() says so.
Result<std::vector<BootFile>> read_boot_files(HostFiles& files) {
  std::vector<BootFile> found;
  std::size_t bytes = 0;
  const auto add = [&](const std::string& path) -> Result<void> {
    if (found.size() > kMostBootFiles || bytes > kMostBootBytes) return {};
    TRY(std::optional<BootFile> file, read_boot_file(files, path));
    if (!file) return {};
    bytes += file->bytes.size();
    found.push_back(*std::move(file));
    return {};
  };
  for (const std::string_view directory : boot_directories()) {
    if (listed_already(files, directory)) continue;
    TRY(const std::vector<std::string> names, list_boot_directory(files, directory, found));
    for (const std::string& name : names) {
      const std::string path = std::string(directory) + "/" + name;
      if (is_conf(name)) {
        TRY_VOID(add(path));
      } else if (!name.starts_with("README")) {
        add_unread(files, path, found);
      }
    }
  }
  TRY_VOID(add(std::string(kSysctlConf)));
  return found;
}

std::vector<std::string> files_by_name(HostFiles& files, std::span<const std::string_view> directories,
                                       std::string_view ending) {
  std::map<std::string, std::string> first;  // name -> path
  for (const std::string_view directory : directories) {
    if (listed_already(files, directory)) continue;
    for (const std::string& name : files.list(directory).value_or(std::vector<std::string>{})) {
      if (name.ends_with(ending)) first.try_emplace(name, std::string(directory) + "/" + name);
    }
  }
  std::vector<std::string> paths;
  for (const auto& [name, path] : first) paths.push_back(path);
  return paths;
}

}  // namespace twctl
