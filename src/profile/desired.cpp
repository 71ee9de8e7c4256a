#include "profile/desired.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/escape.hpp"
#include "profile/inheritance.hpp"
#include "profile/profile_search.hpp"
#include "profile/set_option.hpp"
#include "profile/written_key.hpp"

namespace twctl {
namespace {

// What somebody asks for: the profile as the user named it, or "" for --set.
struct Wish {
  Entry entry;
  std::string profile;
};

// One a setting, in the catalogue's order: its rows lie in one array.
using Wishes = std::map<const Setting*, Wish>;

// "busy-client wants 1 | 2 (built-in/baseline.ini:9)": the line may be a parent's.
std::string text_of(const Wish& wish) {
  return fmt::format("{} wants {} ({})", escape(wish.profile), to_text(wish.entry.wanted),
                     place_text(wish.entry.where));
}

tl::unexpected<Error> disagreement(const Wish& first, const Wish& second) {
  const std::string_view key = first.entry.setting->key;
  return fail(ErrorCode::invalid, fmt::format("{}: {}, {}", key, text_of(first), text_of(second)),
              fmt::format("name one of the two profiles, or decide with --set {}=VALUE", key));
}

Result<Wishes> read_set_options(const ProfileRequest& request) {
  Wishes wishes;
  for (const std::string& assignment : request.assignments) {
    TRY(Entry entry, parse_set_option(request.os, assignment));
    const auto [seen, is_new] = wishes.emplace(entry.setting, Wish{entry, {}});
    const Wanted& first = seen->second.entry.wanted;
    if (is_new || first == entry.wanted) continue;
    return fail(ErrorCode::invalid, fmt::format("{}: two --set options disagree: {} and {}", entry.setting->key,
                                                to_text(first), to_text(entry.wanted)));
  }
  return wishes;
}

// Several profiles: the same wish from two is one wish, which only both together make optional.
Result<void> add(Wishes& wishes, const Wish& wish, const Wishes& decided) {
  const Setting* setting = wish.entry.setting;
  const auto [seen, is_new] = wishes.emplace(setting, wish);
  if (is_new || decided.contains(setting)) return {};
  Entry& first = seen->second.entry;
  if (first.wanted != wish.entry.wanted) return disagreement(seen->second, wish);
  first.optional = first.optional && wish.entry.optional;
  return {};
}

void add_distrust(Desired& desired, const MergedProfile& merged) {
  if (desired.mend.empty()) desired.mend = merged.mend;
  for (const std::string& distrusted : merged.distrusted) {
    const auto known = std::find(desired.distrusted.begin(), desired.distrusted.end(), distrusted);
    if (known == desired.distrusted.end()) desired.distrusted.push_back(distrusted);
  }
}

void add_notes(Desired& desired, const Profile& profile, Os os) {
  const auto ours = [os](const Entry& entry) { return entry.setting->os == os; };
  if (!profile.entries.empty() && std::none_of(profile.entries.begin(), profile.entries.end(), ours)) {
    desired.notes.push_back(fmt::format("{}: nothing for this operating system", escape(profile.name)));
  }
  desired.notes.insert(desired.notes.end(), profile.notes.begin(), profile.notes.end());
  desired.out_of_scope += profile.out_of_scope;
  desired.slips.insert(desired.slips.end(), profile.slips.begin(), profile.slips.end());
}

// What is known of removed keys without knowing the kernel; a plan knows it, and warns by itself.
void add_notes_on_removed(Profile& profile) {
  for (const Entry& entry : profile.entries) {
    if (entry.setting->removed == KernelVersion{} || entry.optional) continue;
    profile.notes.push_back(fmt::format("{}: {} was removed in Linux {}: {}", place_text(entry.where),
                                        entry.setting->key, to_text(entry.setting->removed),
                                        entry.setting->removed_why));
  }
}

// What a plan has among its hazards.
void add_notes_on_slips(Profile& profile) {
  for (const Slip& slip : profile.slips) {
    profile.notes.push_back(fmt::format("{}: {}: {}", place_text(slip.where), slip.setting->key, slip.text));
  }
}

std::string problem_text(const Error& error) {
  const bool placed = error.where.line > 0;
  return placed ? fmt::format("line {}: {}", error.where.line, error.message) : error.message;
}

ProfileListing listing_of(ProfileSearch& search, const ProfileSearch::Candidate& candidate) {
  ProfileListing listing{candidate.name, candidate.path.empty() ? "built in" : candidate.path, {}, {}};
  if (!is_profile_name(candidate.name)) {
    listing.problem = "a name has letters, digits, '-' and '_' only; the file can be used by its path";
    return listing;
  }
  const auto merged = find_with_parents(search, candidate.name);
  if (merged) listing.summary = merged->profile.summary;
  if (!merged) listing.problem = problem_text(merged.error());
  return listing;
}

// A package brings the built-in profiles as files, too, for people to read: nothing is hidden by these.
bool is_copy_of_builtin(ProfileSearch& search, const std::string& name) {
  const auto found = search.find(name);
  const auto profiles = builtin_profiles();
  return found && std::any_of(profiles.begin(), profiles.end(),
                              [&](const BuiltinProfile& one) { return one.name == name && one.text == found->text; });
}

Result<void> add_entries(Wishes& wishes, const Profile& profile, const std::string& name, Os os,
                         const Wishes& decided) {
  for (const Entry& entry : profile.entries) {
    if (entry.setting->os == os) TRY_VOID(add(wishes, {entry, name}, decided));
  }
  return {};
}

}  // namespace

Result<Desired> resolve_desired(const ProfileRequest& request, HostFiles& files) {
  Desired desired;
  desired.names = request.profiles;
  TRY(Wishes decided, read_set_options(request));
  Wishes wishes;
  ProfileSearch search(request.profile_dir, files);
  TRY_VOID(search.check_directory());
  for (const std::string& name : request.profiles) {
    TRY(const MergedProfile merged, find_with_parents(search, name));
    add_distrust(desired, merged);
    add_notes(desired, merged.profile, request.os);
    TRY_VOID(add_entries(wishes, merged.profile, name, request.os, decided));
  }
  for (auto& [setting, wish] : decided) wishes.insert_or_assign(setting, std::move(wish));
  for (auto& [setting, wish] : wishes) desired.entries.push_back(std::move(wish.entry));
  return desired;
}

Result<Profile> load_profile(const std::string& name_or_path, const std::string& profile_dir, HostFiles& files) {
  ProfileSearch search(profile_dir, files);
  TRY_VOID(search.check_directory());
  TRY(MergedProfile merged, find_with_parents(search, name_or_path));
  add_notes_on_removed(merged.profile);
  add_notes_on_slips(merged.profile);
  return std::move(merged.profile);
}

Result<std::vector<ProfileListing>> list_profiles(const std::string& profile_dir, HostFiles& files) {
  ProfileSearch search(profile_dir, files);
  TRY_VOID(search.check_directory());
  const std::vector<ProfileSearch::Candidate> candidates = search.candidates();
  TRY_VOID(files.check_listed());
  if (candidates.size() > kMostProfiles) {
    return fail(ErrorCode::invalid,
                fmt::format("there are {} profiles; more than {} are not listed", candidates.size(), kMostProfiles));
  }
  std::vector<ProfileListing> listings;
  std::map<std::string, std::string, std::less<>> first;  // name -> where it is found
  for (const ProfileSearch::Candidate& candidate : candidates) {
    ProfileListing listing = listing_of(search, candidate);
    const auto [seen, is_new] = first.emplace(listing.name, listing.origin);
    if (!is_new && candidate.path.empty() && is_copy_of_builtin(search, candidate.name)) continue;
    if (!is_new) listing = {listing.name, listing.origin, {}, "hidden by " + escape(seen->second)};
    listings.push_back(std::move(listing));
  }
  return listings;
}

}  // namespace twctl
