#include "profile/inheritance.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "formats/text_lines.hpp"

namespace twctl {
namespace {

constexpr std::size_t kMostGenerations = 8;

// An error under the parent's name in the line `extends = NAME`.
Error at_extends(const FoundProfile& child, std::string message, std::string hint) {
  std::string_view rest = without_bom(child.text);
  TextLine line;
  while (line.number < child.profile.parent_line) line = take_line(rest, line.number + 1);
  return invalid_line(child.profile.name, line, line.raw.find(child.profile.parent, line.raw.find('=')),
                      std::move(message), std::move(hint));
}

// "a.ini -> b.ini -> a.ini"
std::string chain_text(const std::vector<FoundProfile>& generations, const std::string& next) {
  std::string text;
  for (const FoundProfile& found : generations) text += escape(found.profile.name) + " -> ";
  return text + escape(next);
}

Result<FoundProfile> find_parent(ProfileSearch& search, const std::vector<FoundProfile>& generations) {
  const FoundProfile& child = generations.back();
  Result<FoundProfile> parent = search.find(child.profile.parent);
  if (!parent && parent.error().code == ErrorCode::no_input) {
    return fail(at_extends(child, parent.error().message, "a parent is searched by name like any profile"));
  }
  if (!parent) return parent;
  for (const FoundProfile& found : generations) {
    if (found.profile.name != parent->profile.name) continue;
    return fail(at_extends(child, "extends in a circle: " + chain_text(generations, parent->profile.name),
                           "rename the profile that has its parent's name, or leave out one extends"));
  }
  if (generations.size() < kMostGenerations) return parent;
  return fail(at_extends(child, fmt::format("more than {} generations", kMostGenerations), {}));
}

void replace_or_add(std::vector<Entry>& entries, const Entry& entry) {
  const auto same = [&](const Entry& other) { return other.setting == entry.setting; };
  const auto inherited = std::find_if(entries.begin(), entries.end(), same);
  if (inherited == entries.end()) {
    entries.push_back(entry);
  } else {
    *inherited = entry;
  }
}

MergedProfile merged(std::vector<FoundProfile> generations) {
  MergedProfile result{.profile = generations.front().profile, .distrusted = {}, .mend = {}};
  result.profile.parent.clear();
  result.profile.parent_line = 0;
  result.profile.entries.clear();
  for (const FoundProfile& found : generations) {
    if (found.distrust.empty()) continue;
    result.distrusted.push_back(found.distrust);
    if (result.mend.empty()) result.mend = found.mend;
  }
  std::reverse(generations.begin(), generations.end());
  for (const FoundProfile& found : generations) {
    for (const Entry& entry : found.profile.entries) replace_or_add(result.profile.entries, entry);
  }
  return result;
}

}  // namespace

Result<MergedProfile> find_with_parents(ProfileSearch& search, const std::string& name_or_path) {
  std::vector<FoundProfile> generations;
  TRY(FoundProfile youngest, search.find(name_or_path));
  generations.push_back(std::move(youngest));
  while (!generations.back().profile.parent.empty()) {
    TRY(FoundProfile parent, find_parent(search, generations));
    generations.push_back(std::move(parent));
  }
  return merged(std::move(generations));
}

}  // namespace twctl
