#include "profile/desired.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/escape.hpp"
#include "profile/inheritance.hpp"
#include "profile/profile_search.hpp"
#include "profile/readers.hpp"
#include "profile/set_option.hpp"

namespace twctl {
namespace {

// One wish a setting, in the catalogue's order: its rows lie in one array.
using Wishes = std::map<const Setting*, Entry>;

std::string wish_text(const Entry& entry) {
  return fmt::format("{} ({}:{})", to_text(entry.wanted), escape(entry.where.file), entry.where.line);
}

tl::unexpected<Error> disagreement(const Entry& first, const Entry& second) {
  return fail(
      ErrorCode::invalid,
      fmt::format("{}: the profiles disagree: {} and {}", first.setting->key, wish_text(first), wish_text(second)),
      fmt::format("name one of the two profiles, or decide with --set {}=VALUE", first.setting->key));
}

Result<Wishes> read_set_options(const ProfileRequest& request) {
  Wishes wishes;
  for (const std::string& assignment : request.assignments) {
    TRY(Entry entry, parse_set_option(request.os, assignment));
    const auto [seen, is_new] = wishes.emplace(entry.setting, entry);
    if (is_new || seen->second.wanted == entry.wanted) continue;
    return fail(ErrorCode::invalid, fmt::format("{}: two --set options disagree: {} and {}", entry.setting->key,
                                                to_text(seen->second.wanted), to_text(entry.wanted)));
  }
  return wishes;
}

// Several profiles: the same wish from two is one wish, which only both together make optional.
Result<void> add(Wishes& wishes, const Entry& entry, const Wishes& decided) {
  const auto [seen, is_new] = wishes.emplace(entry.setting, entry);
  if (is_new || decided.contains(entry.setting)) return {};
  if (seen->second.wanted != entry.wanted) return disagreement(seen->second, entry);
  seen->second.optional = seen->second.optional && entry.optional;
  return {};
}

Result<void> add_profile(Desired& desired, Wishes& wishes, const MergedProfile& merged, const Wishes& decided, Os os) {
  const Profile& profile = merged.profile;
  bool any = profile.entries.empty();
  for (const Entry& entry : profile.entries) {
    if (entry.setting->os != os) continue;
    any = true;
    TRY_VOID(add(wishes, entry, decided));
  }
  if (!any) desired.notes.push_back(fmt::format("{}: nothing for this operating system", escape(profile.name)));
  desired.notes.insert(desired.notes.end(), profile.notes.begin(), profile.notes.end());
  if (desired.mend.empty()) desired.mend = merged.mend;
  for (const std::string& distrusted : merged.distrusted) {
    const bool known =
        std::find(desired.distrusted.begin(), desired.distrusted.end(), distrusted) != desired.distrusted.end();
    if (!known) desired.distrusted.push_back(distrusted);
  }
  return {};
}

// What is known of removed keys without knowing the kernel; a plan knows it, and warns by itself.
void add_notes_on_removed(Profile& profile) {
  for (const Entry& entry : profile.entries) {
    if (entry.setting->removed == KernelVersion{} || entry.optional) continue;
    profile.notes.push_back(fmt::format("{}:{}: {} was removed in Linux {}: {}", escape(entry.where.file),
                                        entry.where.line, entry.setting->key, to_text(entry.setting->removed),
                                        entry.setting->removed_why));
  }
}

std::string problem_text(const Error& error) {
  const bool placed = error.where.line > 0;
  return placed ? fmt::format("line {}: {}", error.where.line, error.message) : error.message;
}

ProfileListing listing_of(ProfileSearch& search, const ProfileSearch::Candidate& candidate) {
  ProfileListing listing{escape(candidate.name), candidate.path.empty() ? "built in" : escape(candidate.path), {}, {}};
  if (!is_profile_name(candidate.name)) {
    listing.problem = "a name has letters, digits, '-' and '_' only; the file can be used by its path";
    return listing;
  }
  const auto merged = find_with_parents(search, candidate.name);
  if (merged) listing.summary = merged->profile.summary;
  if (!merged) listing.problem = problem_text(merged.error());
  return listing;
}

}  // namespace

Result<Desired> resolve_desired(const ProfileRequest& request, HostFiles& files) {
  Desired desired;
  desired.names = request.profiles;
  TRY(Wishes wishes_of_options, read_set_options(request));
  Wishes wishes;
  ProfileSearch search(request.profile_dir, files);
  for (const std::string& name : request.profiles) {
    TRY(const MergedProfile merged, find_with_parents(search, name));
    TRY_VOID(add_profile(desired, wishes, merged, wishes_of_options, request.os));
  }
  for (auto& [setting, entry] : wishes_of_options) wishes.insert_or_assign(setting, std::move(entry));
  for (auto& [setting, entry] : wishes) desired.entries.push_back(std::move(entry));
  return desired;
}

Result<Profile> load_profile(const std::string& name_or_path, const std::string& profile_dir, HostFiles& files) {
  ProfileSearch search(profile_dir, files);
  TRY(MergedProfile merged, find_with_parents(search, name_or_path));
  add_notes_on_removed(merged.profile);
  return std::move(merged.profile);
}

std::vector<ProfileListing> list_profiles(const std::string& profile_dir, HostFiles& files) {
  ProfileSearch search(profile_dir, files);
  std::vector<ProfileListing> listings;
  std::map<std::string, std::string, std::less<>> first;  // name -> where it is found
  for (const ProfileSearch::Candidate& candidate : search.candidates()) {
    ProfileListing listing = listing_of(search, candidate);
    const auto [seen, is_new] = first.emplace(listing.name, listing.origin);
    if (!is_new) listing = {listing.name, listing.origin, {}, "hidden by " + seen->second};
    listings.push_back(std::move(listing));
  }
  return listings;
}

}  // namespace twctl
