// TuneD's active profile with the profiles it includes, as its own loader merges them (tuned/profiles/loader.py).
#include "formats/tuned.hpp"

#include <fmt/format.h>

#include <array>
#include <set>
#include <string>
#include <string_view>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "formats/sysctl.hpp"
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

// Where the profile lies; "" if it lies nowhere.
std::string path_of_profile(HostFiles& files, std::string_view name) {
  for (const std::string_view directory : kProfileDirectories) {
    std::string path = std::string(directory) + "/" + std::string(name) + "/tuned.conf";
    if (files.exists(path)) return path;
  }
  return {};
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
void take_setting(const TunedOption& option, ProfileFile& file) {
  const std::string key = dotted_key(option.key);
  if (find_setting(Os::linux_kernel, key) == nullptr) return;
  const bool expands = option.value.find("${") != std::string::npos;
  file.writes[key] = expands ? "" : std::string(unquoted_by_tuned(option.value));
}

ProfileFile file_of(const TunedText& text) {
  ProfileFile file;
  for (const TunedOption& option : text.options) {
    if (option.section == "main" && option.key == "include") take_include(option.value, file);
    if (option.section == "sysctl") take_setting(option, file);
  }
  return file;
}

// Each profile once, an included one before the one that includes it, so that the latter wins. Where TuneD refuses one
// of the files it loads none of the profiles (loader.py: InvalidProfileException ends load()).
class Merge {
 public:
  explicit Merge(HostFiles& files) : files_(files) {}

  void add(std::string_view name) {
    if (name.starts_with('-')) name.remove_prefix(1);  // "load it if it is there"
    const bool first_time = is_safe_name(name) && seen_.emplace(name).second;
    if (!first_time || seen_.size() > kMostProfiles) return;
    const std::string path = path_of_profile(files_, name);
    const TunedText text = read_tuned_text(path.empty() ? std::string() : text_of(files_, path));
    if (text.bad_line != 0 && !refused_) refused_ = Place{path, text.bad_line};
    const ProfileFile file = file_of(text);
    for (const std::string& include : file.includes) add(include);  // as deep as kMostProfiles
    for (const auto& [key, value] : file.writes) writes_[key] = value;
  }

  [[nodiscard]] Writes writes() const { return refused_ ? Writes{} : writes_; }

  // The first line that makes TuneD refuse a file.
  [[nodiscard]] const std::optional<Place>& refused() const { return refused_; }

 private:
  HostFiles& files_;
  std::set<std::string, std::less<>> seen_;
  Writes writes_;
  std::optional<Place> refused_;
};

bool is_in_use(HostFiles& files) {
  return files.exists("/run/tuned/tuned.pid") ||
         files.link_target("/etc/systemd/system/multi-user.target.wants/tuned.service").has_value();
}

// tuned-main.conf: reapply_sysctl, on unless it is switched off. TuneD puts a section over that file, which has none.
bool reapplies_boot_files(std::string_view main_config) {
  bool reapplies = true;
  for (const TunedOption& option : read_tuned_text("[main]\n" + std::string(main_config)).options) {
    if (option.key != "reapply_sysctl") continue;
    const std::string value = to_lower(option.value);
    reapplies = value != "0" && value != "false" && value != "no" && value != "off";
  }
  return reapplies;
}

std::string evidence_of(std::string_view path, std::string_view active, const Merge& merge) {
  std::string evidence = fmt::format("{}: {}", path, escape(trim(active)));
  if (const std::optional<Place>& refused = merge.refused()) {
    evidence += fmt::format("; it refuses {}:{}, so it sets nothing", escape(refused->file), refused->line);
  }
  return evidence;
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
                     .evidence = evidence_of(kActive, active, merge),
                     .writes = merge.writes(),
                     .boot_files_win = reapplies_boot_files(text_of(files, "/etc/tuned/tuned-main.conf"))};
}

}  // namespace twctl
