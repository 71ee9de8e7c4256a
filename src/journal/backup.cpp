#include "journal/backup.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "catalog/setting.hpp"
#include "formats/reg.hpp"

namespace twctl {
namespace {

// "/etc/sysctl.conf" -> "before-sysctl.conf"
std::string backup_name(const std::string& path) { return fmt::format("before-{}", file_name(path)); }

std::string file_command(const FileChange& file, const std::string& location) {
  const std::string path = shell_word(std::string(root_of(location)) + file.path);
  if (!file.before) return "rm -f " + path;
  return fmt::format("cp {} {}", shell_word(location + "/" + backup_name(file.path)), path);
}

// sysctl where the values lie: typed as it is, it would set those of the caller's own network namespace.
std::string live_command(const Intent& intent, const std::string& location) {
  const std::string& netns = intent.origin.netns;
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

bool is_on_windows(const Intent& intent) {
  return !intent.settings.empty() && find_setting(intent.settings.front().key)->os == Os::windows;
}

std::string registry_command(std::string location) {
  std::replace(location.begin(), location.end(), '/', '\\');
  return fmt::format("reg import \"{}\\{}\"", location, kRestoreRegistry);
}

std::string registry_data(const std::optional<Value>& value) {
  if (!value) return "-";
  const std::optional<std::int64_t> number = as_integer(*value);
  return number ? fmt::format("dword:{:08x}", *number) : *value;  // what is no REG_DWORD is spelt as it is there
}

// As regedit does: no line longer than 80, cut behind a comma of the bytes.
std::string wrapped(std::string_view line) {
  constexpr std::size_t kMost = 77;  // two blanks before it and "\\" behind
  std::string text;
  for (std::size_t cut = 0; line.size() > kMost; line.remove_prefix(cut)) {
    cut = line.rfind(',', kMost - 1) + 1;
    if (cut == 0) break;
    text += fmt::format("{}\\\r\n  ", line.substr(0, cut));
  }
  return text.append(line);
}

// UTF-16LE with its byte order mark, as regedit writes it; all of the text is ASCII.
std::string as_utf16(std::string_view text) {
  std::string bytes = "\xff\xfe";
  for (const char letter : text) bytes += {letter, '\0'};
  return bytes;
}

std::string registry_restore_text(const Intent& intent) {
  std::string text = fmt::format(
      "{}\r\n\r\n"
      "; The values before change {}. To restore them without twctl: reg import {}\r\n"
      "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters]\r\n",
      kRegistryHeader, intent.id, kRestoreRegistry);
  for (auto setting = intent.settings.rbegin(); setting != intent.settings.rend(); ++setting) {
    text += wrapped(fmt::format("\"{}\"={}", setting->key, registry_data(setting->before))) + "\r\n";
  }
  return as_utf16(text + "\r\n");
}

}  // namespace

std::vector<std::string> restore_commands(const Intent& intent, const std::string& location) {
  if (is_on_windows(intent)) return {registry_command(location)};
  std::vector<std::string> commands;
  if (!intent.settings.empty()) commands.push_back(live_command(intent, location));
  for (const FileChange& file : intent.files) commands.push_back(file_command(file, location));
  return commands;
}

std::vector<NamedBytes> plain_backups(const Intent& intent, const std::string& location) {
  if (is_on_windows(intent)) return {{kRestoreRegistry, registry_restore_text(intent)}};
  std::vector<NamedBytes> backups{{kRestoreLive, live_restore_text(intent, location)}};
  for (const FileChange& file : intent.files) {
    if (file.before) backups.push_back({backup_name(file.path), *file.before});
  }
  return backups;
}

}  // namespace twctl
