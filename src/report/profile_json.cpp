#include "report/profile_json.hpp"

#include "json/json.hpp"
#include "json/words.hpp"

namespace twctl {
namespace {

std::string_view name_of(ProfileKind kind) {
  switch (kind) {
    case ProfileKind::ini:
      return "ini";
    case ProfileKind::sysctl_conf:
      return "sysctl.conf";
    case ProfileKind::tuned:
      return "tuned";
    case ProfileKind::reg:
      return "reg";
  }
  return "";
}

Json listing_json(const ProfileListing& profile) {
  return {{"name", bytes_json(profile.name)},
          {"origin", bytes_json(profile.origin)},
          {"summary", bytes_or_null(profile.summary)},
          {"problem", text_or_null(profile.problem)}};
}

Json entry_json(const Entry& entry) {
  return {{"key", entry.setting->key},
          {"os", word_for(kOsWords, entry.setting->os)},
          {"wanted", bytes_json(to_text(entry.wanted))},
          {"optional", entry.optional},
          {"reason", bytes_or_null(to_text(entry.reason))},
          {"at", place_json(entry.where)}};
}

}  // namespace

std::string profile_list_json(std::span<const ProfileListing> profiles) {
  Json document = document_of("profile list");
  document["profiles"] = list_json(profiles, listing_json);
  return document_text(document);
}

std::string profile_json(const Profile& profile) {
  Json document = document_of("profile show");
  document["name"] = bytes_json(profile.name);
  document["kind"] = name_of(profile.kind);
  document["summary"] = bytes_or_null(profile.summary);
  document["settings"] = list_json(profile.entries, entry_json);
  document["out_of_scope"] = profile.out_of_scope;
  document["notes"] = profile.notes;
  return document_text(document);
}

}  // namespace twctl
