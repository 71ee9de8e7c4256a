#include "apply/backup.hpp"

#include <fmt/format.h>

#include "base/shell_word.hpp"

namespace twctl {
namespace {

// "/etc/sysctl.conf" -> "before-sysctl.conf"
std::string backup_name(const std::string& path) { return "before-" + path.substr(path.rfind('/') + 1); }

// "/srv/img/var/lib/twctl/changes/x" -> "/srv/img", below which the boot files lie too; "" for the running system.
std::string root_of(const std::string& location) { return location.substr(0, location.rfind("/var/lib/twctl/")); }

std::string file_command(const FileChange& file, const std::string& location) {
  const std::string path = shell_word(root_of(location) + file.path);
  if (!file.before) return "rm -f " + path;
  return fmt::format("cp {} {}", shell_word(location + "/" + backup_name(file.path)), path);
}

// sysctl where the values lie: typed as it is, it would set those of the caller's own network namespace.
std::string live_command(const Intent& intent, const std::string& location) {
  const std::string& netns = intent.habitat.netns;
  const std::string path = netns.find('/') == std::string::npos ? "/run/netns/" + netns : netns;
  const std::string where = netns.empty() ? "" : fmt::format("nsenter --net={} ", shell_word(path));
  return fmt::format("{}sysctl -p {}", where, shell_word(location + "/" + kRestoreLive));
}

// Newest first, so that a value that another one depends on goes back last.
std::string live_restore_text(const Intent& intent, const std::string& location) {
  std::string text = fmt::format("# The values before change {}. To restore them without twctl:\n", intent.id);
  for (const std::string& command : restore_commands(intent, location)) text += fmt::format("#   {}\n", command);
  for (auto setting = intent.settings.rbegin(); setting != intent.settings.rend(); ++setting) {
    if (setting->before) text += fmt::format("{} = {}\n", setting->key, *setting->before);
  }
  return text;
}

}  // namespace

std::vector<std::string> restore_commands(const Intent& intent, const std::string& location) {
  std::vector<std::string> commands;
  if (!intent.settings.empty()) commands.push_back(live_command(intent, location));
  for (const FileChange& file : intent.files) commands.push_back(file_command(file, location));
  return commands;
}

std::vector<NamedBytes> plain_backups(const Intent& intent, const std::string& location) {
  std::vector<NamedBytes> backups{{kRestoreLive, live_restore_text(intent, location)}};
  for (const FileChange& file : intent.files) {
    if (file.before) backups.push_back({backup_name(file.path), *file.before});
  }
  return backups;
}

}  // namespace twctl
