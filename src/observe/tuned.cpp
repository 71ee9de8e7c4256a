// TuneD's active profile with the profiles it includes, as its own loader merges them (tuned/profiles/loader.py).
#include <array>
#include <set>
#include <string>
#include <string_view>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "observe/boot_files.hpp"
#include "observe/later_writers.hpp"

namespace twctl {
namespace {

// An administrator's profile goes before the package's; "profiles" since 2.25.
constexpr std::array<std::string_view, 4> kProfileDirectories = {"/etc/tuned/profiles", "/etc/tuned",
                                                                 "/usr/lib/tuned/profiles", "/usr/lib/tuned"};
constexpr int kMostProfiles = 64;

using Writes = std::map<std::string, std::string>;

bool is_safe_name(std::string_view name) {
  constexpr std::string_view kSafe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  return !name.empty() && name.find_first_not_of(kSafe) == std::string_view::npos && name != "." && name != "..";
}

std::string profile_text(HostFiles& files, std::string_view name) {
  for (const std::string_view directory : kProfileDirectories) {
    const std::string path = std::string(directory) + "/" + std::string(name) + "/tuned.conf";
    if (files.exists(path)) return text_of(files, path);
  }
  return {};
}

// '#' begins a comment at the start of a line or after a blank.
std::string_view without_comment(std::string_view line) {
  line = trim(line);
  if (line.starts_with('#') || line.starts_with(';')) return {};
  for (const std::string_view mark : {" #", "\t#"}) line = line.substr(0, line.find(mark));
  return trim(line);
}

std::string_view unquoted(std::string_view value) {
  const bool quoted = value.size() > 1 && value.front() == '"' && value.back() == '"';
  return quoted ? value.substr(1, value.size() - 2) : value;
}

struct ProfileFile {
  std::vector<std::string> includes;
  Writes writes;
};

void take_include(std::string_view value, ProfileFile& file) {
  std::string names(value);
  for (char& c : names) c = c == ',' || c == ';' ? ' ' : c;
  for (const std::string_view name : words(names)) file.includes.emplace_back(name);
}

// What a variable stands for is known to TuneD only: the value is then not known.
void take_setting(std::string_view key, std::string_view value, ProfileFile& file) {
  if (find_setting(Os::linux_kernel, key) == nullptr) return;
  const bool expands = value.find("${") != std::string_view::npos;
  file.writes[std::string(key)] = expands ? "" : std::string(unquoted(value));
}

ProfileFile read_profile_file(std::string_view text) {
  ProfileFile file;
  std::string_view section;
  for (const std::string_view raw : split(text, '\n')) {
    const std::string_view line = without_comment(raw);
    if (line.starts_with('[')) section = line;
    const std::size_t sign = line.find('=');
    if (sign == std::string_view::npos || line.starts_with('[')) continue;
    const std::string_view key = trim(line.substr(0, sign));
    const std::string_view value = trim(line.substr(sign + 1));
    if (section == "[main]" && key == "include") take_include(value, file);
    if (section == "[sysctl]") take_setting(key, value, file);
  }
  return file;
}

// Each profile once, an included one before the one that includes it, so that the latter wins.
class Merge {
 public:
  explicit Merge(HostFiles& files) : files_(files) {}

  void add(std::string_view name) {
    if (name.starts_with('-')) name.remove_prefix(1);  // "load it if it is there"
    const bool first_time = is_safe_name(name) && seen_.emplace(name).second;
    if (!first_time || seen_.size() > kMostProfiles) return;
    const ProfileFile file = read_profile_file(profile_text(files_, name));
    for (const std::string& include : file.includes) add(include);  // as deep as kMostProfiles
    for (const auto& [key, value] : file.writes) writes_[key] = value;
  }

  [[nodiscard]] const Writes& writes() const { return writes_; }

 private:
  HostFiles& files_;
  std::set<std::string, std::less<>> seen_;
  Writes writes_;
};

bool is_in_use(HostFiles& files) {
  return files.exists("/run/tuned/tuned.pid") ||
         files.link_target("/etc/systemd/system/multi-user.target.wants/tuned.service").has_value();
}

// tuned-main.conf: reapply_sysctl, on unless it is switched off.
bool reapplies_boot_files(std::string_view main_config) {
  bool reapplies = true;
  for (const std::string_view raw : split(main_config, '\n')) {
    const std::string_view line = without_comment(raw);
    const std::size_t sign = line.find('=');
    if (sign == std::string_view::npos || trim(line.substr(0, sign)) != "reapply_sysctl") continue;
    const std::string value = to_lower(trim(line.substr(sign + 1)));
    reapplies = value != "0" && value != "false" && value != "no" && value != "off";
  }
  return reapplies;
}

}  // namespace

std::optional<LaterWriter> find_tuned(HostFiles& files) {
  constexpr std::string_view kActive = "/etc/tuned/active_profile";
  const std::string active = text_of(files, kActive);
  const auto names = words(active);
  if (names.empty() || !is_in_use(files)) return std::nullopt;
  Merge merge(files);
  for (const std::string_view name : names) merge.add(name);
  return LaterWriter{.name = "TuneD",
                     .evidence = std::string(kActive) + ": " + escape(trim(active)),
                     .writes = merge.writes(),
                     .boot_files_win = reapplies_boot_files(text_of(files, "/etc/tuned/tuned-main.conf"))};
}

}  // namespace twctl
