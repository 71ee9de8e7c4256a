#include "profile/profile_search.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "profile/file_kind.hpp"
#include "profile/readers.hpp"
#include "profile/written_key.hpp"

namespace twctl {
namespace {

constexpr std::string_view kEnding = ".ini";

const BuiltinProfile* find_builtin(std::string_view name) {
  for (const BuiltinProfile& builtin : builtin_profiles()) {
    if (builtin.name == name) return &builtin;
  }
  return nullptr;
}

Result<FoundProfile> read_builtin(const BuiltinProfile& builtin) {
  TRY(Profile profile, read_profile_text(builtin_path(builtin.name), builtin.text));
  return FoundProfile{std::move(profile), std::string(builtin.text), {}, {}};
}

tl::unexpected<Error> no_such_profile(std::string_view name, const std::vector<ProfileSearch::Candidate>& candidates) {
  std::vector<std::string_view> names;
  for (const ProfileSearch::Candidate& candidate : candidates) names.push_back(candidate.name);
  const std::string_view near = nearest(name, names);
  return fail(ErrorCode::no_input,
              fmt::format("{}: no profile of that name{}", escape(name),
                          near.empty() ? "" : fmt::format("; did you mean {}?", escape(near))),
              fmt::format("twctl profile list shows them all; a file in this directory is written ./{}", escape(name)));
}

// A copy elsewhere would not be found: by a name, what is found first counts, and of TuneD all have one name.
std::string mend_in_place(const TrustedBytes& file) { return file.closing.empty() ? file.mend : file.closing; }

}  // namespace

std::string builtin_path(std::string_view name) { return fmt::format("built-in/{}{}", name, kEnding); }

ProfileSearch::ProfileSearch(std::string_view profile_dir, HostFiles& files)
    : profile_dir_(profile_dir), files_(files) {
  if (!profile_dir.empty()) directories_.emplace_back(profile_dir);
  const std::vector<std::string> usual = profile_directories();
  directories_.insert(directories_.end(), usual.begin(), usual.end());
}

Result<void> ProfileSearch::check_directory() {
  if (profile_dir_.empty()) return {};
  TRY_VOID(files_.list(profile_dir_));
  if (files_.exists(profile_dir_ + "/.")) return {};
  return fail(ErrorCode::no_input, fmt::format("--profile-dir {}: no such directory", escape(profile_dir_)));
}

// What a directory lists is there, though it may be a link that leads nowhere: that is an error, and no reason to take
// the profile of that name from elsewhere.
Result<FoundProfile> ProfileSearch::find(const std::string& name_or_path) {
  if (!is_profile_name(name_or_path)) return read_file(name_or_path);
  const std::string file = name_or_path + std::string(kEnding);
  for (const std::string& directory : directories_) {
    const Result<std::vector<std::string>>& names = listed(directory);
    if (!names) return fail(names.error());
    const std::string path = fmt::format("{}/{}", directory, file);
    if (std::find(names->begin(), names->end(), file) != names->end() || files_.exists(path)) {
      return read_file(path, true);
    }
  }
  if (const BuiltinProfile* builtin = find_builtin(name_or_path)) return read_builtin(*builtin);
  return no_such_profile(name_or_path, candidates());
}

const Result<std::vector<std::string>>& ProfileSearch::listed(const std::string& directory) {
  const auto known = listed_.find(directory);
  return known != listed_.end() ? known->second : listed_.emplace(directory, files_.list(directory)).first->second;
}

std::vector<ProfileSearch::Candidate> ProfileSearch::candidates() {
  std::vector<Candidate> found;
  for (const std::string& directory : directories_) {
    const Result<std::vector<std::string>>& files = listed(directory);
    if (!files) continue;  // a profile of it that is asked for by name says why it cannot be read
    for (const std::string& file : *files) {
      if (!file.ends_with(kEnding)) continue;
      found.push_back({file.substr(0, file.size() - kEnding.size()), fmt::format("{}/{}", directory, file)});
    }
  }
  for (const BuiltinProfile& builtin : builtin_profiles()) found.push_back({std::string(builtin.name), {}});
  return found;
}

// A profile of TuneD with what it includes: beside it, and where TuneD looks. Somebody else's file among them makes the
// whole one that could be changed.
Result<FoundProfile> ProfileSearch::read_tuned(const std::string& path, TrustedBytes file) {
  TunedLoader loader(files_, std::string(directory_of(directory_of(path))));
  loader.add(path, file.bytes);
  for (const std::string& included : loader.read_files()) {
    if (included == path || !file.distrust.empty()) continue;
    TRY(const TrustedBytes other, files_.read_profile(included, kProfileLimit));
    file.distrust = other.distrust;
    file.mend = mend_in_place(other);
  }
  const LoadedTuned loaded = loader.loaded();
  if (!loaded.too_long.empty()) {
    return fail(ErrorCode::invalid, fmt::format("{} and what it includes have more than {}, which is not read",
                                                escape(path), loaded.too_long));
  }
  return FoundProfile{merged_tuned_profile(path, loaded), std::move(file.bytes), std::move(file.distrust),
                      std::move(file.mend)};
}

Result<FoundProfile> ProfileSearch::read_file(const std::string& path, bool by_name) {
  Result<TrustedBytes> read = files_.read_profile(path, kProfileLimit);
  const bool may_be_a_value = path.find('=') != std::string::npos;
  if (!read && read.error().code == ErrorCode::no_input && may_be_a_value) {
    read.error().hint = "a single value is given with --set " + shell_word(path);
  }
  TRY(TrustedBytes file, std::move(read));
  const bool includes = path.starts_with('/') && file_kind(path, file.bytes).kind == ProfileKind::tuned &&
                        file.bytes.find("include") != std::string::npos;
  if (by_name || includes) file.mend = mend_in_place(file);
  if (includes) return read_tuned(path, std::move(file));
  TRY(Profile profile, read_profile_text(path == "-" ? "standard input" : path, file.bytes));
  return FoundProfile{std::move(profile), std::move(file.bytes), std::move(file.distrust), std::move(file.mend)};
}

}  // namespace twctl
