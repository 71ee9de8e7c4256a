#include "observe/writers/tuned_profiles.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "observe/writers/script_writes.hpp"

namespace twctl {
namespace {

// An administrator's profile goes before the package's; "profiles" since 2.25.
constexpr std::array<std::string_view, 4> kProfileDirectories = {"/etc/tuned/profiles", "/etc/tuned",
                                                                 "/usr/lib/tuned/profiles", "/usr/lib/tuned"};
constexpr std::size_t kMostProfiles = 64;

// Names between commas or semicolons.
std::vector<std::string> included_by(const TunedProfile& profile) {
  std::vector<std::string> names;
  for (const TunedOption& option : profile.main) {
    if (option.key != "include") continue;
    std::string list = option.value;
    std::replace(list.begin(), list.end(), ';', ',');
    for (const std::string_view name : split(list, ',')) names.emplace_back(trim(name));
  }
  return names;
}

}  // namespace

bool is_known_to_tuned_only(std::string_view text) { return text.find("${") != std::string_view::npos; }

TunedLoader::TunedLoader(HostFiles& files, std::string beside) : files_(files) {
  if (!beside.empty()) directories_.push_back(std::move(beside));
  directories_.insert(directories_.end(), kProfileDirectories.begin(), kProfileDirectories.end());
}

void TunedLoader::add(std::string_view name) {
  ++lines_;
  if (!limit_passed().empty()) return;
  const bool if_there = name.starts_with('-');
  if (if_there) name.remove_prefix(1);
  if (is_known_to_tuned_only(name)) {
    return doubt(fmt::format("which profile {} is, only TuneD knows", escape(name)));
  }
  const std::string path = find(name);
  if (!path.empty()) {
    const auto text = files_.read(path, kMostScript);
    if (!text && text.error().code == ErrorCode::denied) doubt(not_read(path));
    return add(path, text && *text ? **text : "");
  }
  if (!if_there && !passed_) refuse(fmt::format("it finds no profile {}", escape(name)));
}

void TunedLoader::add(const std::string& path, std::string_view text) {
  lines_ += static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  bytes_ += text.size();
  if (!limit_passed().empty()) return;
  done_.push_back(path);
  if (done_.size() > kMostProfiles) return doubt("it includes more profiles than are followed");
  const TunedText parsed = read_tuned_text(text);
  if (parsed.bad_line != 0) return refuse("it refuses " + place_text({path, parsed.bad_line}));
  TunedProfile profile = tuned_profile_of(parsed, path);
  for (const std::string& include : included_by(profile)) add(include);
  merge_into(profile_, std::move(profile));
}

std::string TunedLoader::limit_passed() const {
  if (lines_ > kMostTunedLines) return fmt::format("{} lines", kMostTunedLines);
  return bytes_ > kMostTunedBytes ? size_text(kMostTunedBytes) : "";
}

// The name's last component below the first directory that has it, files that were read already left out.
std::string TunedLoader::find(std::string_view name) {
  passed_ = false;
  name = file_name(name);
  if (name.empty() || name == "." || name == "..") return {};
  for (const std::string& directory : directories_) {
    std::string path = fmt::format("{}/{}/tuned.conf", directory, name);
    const bool read = std::find(done_.begin(), done_.end(), path) != done_.end();
    passed_ = passed_ || read;
    if (!read && files_.exists(path)) return path;
  }
  return {};
}

void TunedLoader::refuse(std::string why) {
  if (!refused_) remark_ = std::move(why) + ", so it sets nothing";
  refused_ = true;
}

void TunedLoader::doubt(std::string what) {
  if (remark_.empty()) remark_ = std::move(what);
}

}  // namespace twctl
