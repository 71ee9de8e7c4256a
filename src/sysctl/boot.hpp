// Boot files -> the lines of each, and the files that a loader reads, in its order. Pure.
// Order and masking by name are those of systemd-sysctl(8) and `sysctl --system`.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "catalog/setting.hpp"
#include "formats/sysctl.hpp"
#include "platform/boot_file_store.hpp"
#include "platform/host_facts.hpp"
#include "sysctl/command_line.hpp"

namespace twctl {

// A name in a boot directory that some loader may read (it ends in ".conf"; a hidden one is read by procps), or
// /etc/sysctl.conf; and one that none reads, where it has a line about a setting of ours. Whatever it is, it masks the
// same name in later directories: a directory, a dangling link and an unreadable file are listed too, with `problem`;
// so is a boot directory that cannot be listed. A symbolic link is listed under its own name and place with the bytes
// of what it leads to in the end; that is a BootFile of its own only if it has such a name too. The kernel's command
// line is one as well, under the name kKernelCommandLine, where the kernel reads settings from it.
struct BootFile {
  std::string path;              // "/etc/sysctl.d/99-sysctl.conf"
  std::string link_target = {};  // as written in the link ("../sysctl.conf"); "" if it is no link. "/dev/null" masks
  std::string bytes = {};        // of the file, or of the link's final target; "" for a mask
  std::string problem = {};      // why there are no bytes ("Permission denied"); "" if they could be read
  friend bool operator==(const BootFile&, const BootFile&) = default;
};

// What merely masks a name, and sets nothing, is told from what could not be read by these two words for `problem`,
// which snapshots carry as well.
inline constexpr std::string_view kDanglingLink = "dangling link";
inline constexpr std::string_view kIsDirectory = "is a directory";

// Whether a loader would look at a file of that name in its place.
[[nodiscard]] bool is_read_by_name(std::string_view path);

// In a directory that packages fill; the administrator's file of that name in /etc takes its place.
[[nodiscard]] bool is_of_a_package(std::string_view path);

// Who reads the boot files; where nobody was found, systemd, as on most hosts.
[[nodiscard]] inline Loader loader_or_systemd(const HostFacts& host) {
  return host.loader == Loader::none ? Loader::systemd : host.loader;
}

enum class BootFileState { readable, mask, unread };
[[nodiscard]] BootFileState state_of(const BootFile& file);

// The directories in the order in which a file's name in one masks the same name in the later ones.
[[nodiscard]] std::span<const std::string_view> boot_directories();
[[nodiscard]] bool is_boot_file(std::string_view path);  // of those that a loader reads

// The boot files with each one's text read as either loader reads it. Made once, asked for many keys.
struct BootConfig {
  struct File {
    std::string path;
    std::string link_target = {};
    std::string problem = {};
    AssignmentFile procps = {};
    std::optional<AssignmentFile> systemd = {};  // nullopt: it reads the same
  };
  std::vector<File> files;                    // one for each BootFile, in their order
  std::vector<Assignment> command_line = {};  // what the kernel itself writes before any file is read
  // Which of `files` a loader reads, in its order.
  std::vector<std::size_t> systemd_order = {};
  std::vector<std::size_t> procps_order = {};
};
[[nodiscard]] BootConfig parse_boot_files(std::span<const BootFile> files);

using BootFiles = std::vector<const BootConfig::File*>;

[[nodiscard]] BootFiles all_files(const BootConfig& config);

// Those of `files` that `loader` reads, in its order: without masked ones, and without those that have no lines to give
// (a mask, an unreadable file).
[[nodiscard]] BootFiles files_in_order(const BootFiles& files, Loader loader);

// The same for all files of `config`, whose order is worked out once.
[[nodiscard]] BootFiles files_read(const BootConfig& config, Loader loader);

// The paths of files_read().
[[nodiscard]] std::vector<std::string> reading_order(const BootConfig& config, Loader loader);

// Which of `paths` `loader` reads, or would if they were there, and in which order; by the last place of each.
[[nodiscard]] std::vector<std::string> order_of(const BootConfig& config, Loader loader,
                                                std::span<const std::string_view> paths);

// Whether `loader` reads that path, or would if it were there (Debian 13 no longer reads /etc/sysctl.conf).
[[nodiscard]] bool reads_file(const BootConfig& config, Loader loader, std::string_view path);

// "/etc/sysctl.d/a.conf", "../sysctl.conf" -> "/etc/sysctl.conf". By the text alone.
[[nodiscard]] std::string target_path(std::string_view link, std::string_view target);

// The file that an editor would change: what a link points to, else the file itself. Works on the text alone.
[[nodiscard]] std::string edited_path(const BootConfig::File& file);
[[nodiscard]] bool leads_to(const BootConfig::File& file, std::string_view path);  // by its name or through its link

// The boot files once that one holds `bytes`: the file itself, and each link to it. nullopt: it goes.
[[nodiscard]] std::vector<BootFile> with_file(std::vector<BootFile> files, const std::string& path,
                                              const std::optional<std::string>& bytes);

[[nodiscard]] inline const AssignmentFile& as_read_by(Loader loader, const BootConfig::File& file) {
  return loader != Loader::procps && file.systemd ? *file.systemd : file.procps;
}

}  // namespace twctl
