#include "sysctl/line_settings.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "sysctl/glob.hpp"

namespace twctl {
namespace {

// What every key begins with that such a key with a wildcard may mean; "" where its separators are odd.
std::string_view literal_start(std::string_view key) {
  const bool odd = key.find('/') != std::string_view::npos || key.find("..") != std::string_view::npos ||
                   key.starts_with('.') || key.ends_with('.');
  return odd ? std::string_view{} : key.substr(0, key.find_first_of("*?[{\\"));
}

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool stands_as_word(std::string_view text, std::string_view key) {
  for (std::size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
    const std::size_t end = at + key.size();
    if ((at == 0 || !is_key_character(text[at - 1])) && (end == text.size() || !is_key_character(text[end]))) {
      return true;
    }
  }
  return false;
}

constexpr std::string_view kBetweenAssignments = " \t\n\v\f\r;,&|";

// Words that assign are in many a remark ("half=on"); glued to a value they are no remark.
bool is_second_key(std::string_view key, char before) {
  const bool starts_as_key = !key.empty() && is_key_character(key.front()) && !is_digits(key.substr(0, 1));
  const bool named = key.find_first_of("./") != std::string_view::npos || find_setting_by_any_name(key) != nullptr;
  return starts_as_key && (named || !is_blank(before));
}

}  // namespace

std::string_view second_key(std::string_view value) {
  value = trim(value.substr(0, std::min(value.find('#'), value.find("//"))));
  if (value.starts_with('=')) value = trim(value.substr(1));
  std::size_t from = 0;  // behind the '=' before
  for (std::size_t at = value.find('='); at != std::string_view::npos; at = value.find('=', from)) {
    std::string_view before = value.substr(from, at - from);
    before = before.substr(0, before.find_last_not_of(" \t") + 1);
    const std::size_t separator = before.find_last_of(kBetweenAssignments);
    if (separator != std::string_view::npos && from + separator > 0) {
      std::string_view key = before.substr(separator + 1);
      if (key.starts_with('-')) key.remove_prefix(1);
      if (is_second_key(key, before[separator])) return key;
    }
    from = at + 1;
  }
  return {};
}

bool assigns(const Assignment& assignment, std::string_view key) {
  return !assignment.exclusion && !has_glob(assignment) && key_matches(assignment.key, key);
}

std::string glob_result(const Assignment& assignment, std::string_view key) {
  const std::string pattern = swap_separators(assignment.key);
  const std::string path = swap_separators(key);
  const std::vector<std::string_view> target = split(path, '/');
  std::string result;
  std::size_t depth = 0;
  for (const std::string_view component : split(pattern, '/')) {
    if (component.data() != pattern.data()) result += '/';
    result += is_glob(component) && depth < target.size() ? target[depth] : component;
    if (component == "..") depth -= depth > 0 ? 1 : 0;
    if (!component.empty() && component != "." && component != "..") ++depth;
  }
  result.resize(result.find_last_not_of('/') + 1);  // glob(3) takes separators off the end
  return swap_separators(result);
}

bool key_matches(std::string_view glob_or_key, std::string_view key) {
  if (is_ordinary_key(glob_or_key)) return glob_or_key == key;
  const std::string pattern = simplified_path(swap_separators(glob_or_key));
  const std::string path = swap_separators(key);
  return is_glob(pattern) ? glob_with_braces_matches(pattern, path) : pattern == path;
}

bool concerns(const Assignment& assignment, std::string_view key, Loader loader) {
  if (loader != Loader::procps) return key_matches(assignment.key, key);
  if (assignment.exclusion) return !is_glob(assignment.key) && key_matches(assignment.key, key);
  return has_glob(assignment) ? glob_matches(simplified_path(swap_separators(assignment.key)), swap_separators(key))
                              : key_matches(assignment.key, key);
}

// Files are full of other keys: most are told from ours without matching them against each of ours.
std::vector<const Setting*> settings_about(const Assignment& assignment, Loader loader) {
  std::vector<const Setting*> about;
  if (is_ordinary_key(assignment.key)) {
    if (const Setting* setting = find_setting(Os::linux_kernel, assignment.key)) about.push_back(setting);
    return about;
  }
  if (assignment.key.size() > kLongestPattern) return about;
  const std::string_view start = literal_start(assignment.key);
  for (const Setting& setting : settings(Os::linux_kernel)) {
    if (setting.key.starts_with(start) && concerns(assignment, setting.key, loader)) about.push_back(&setting);
  }
  std::sort(about.begin(), about.end(), [](const auto* a, const auto* b) { return a->key < b->key; });
  return about;
}

std::size_t lines_about_settings(const AssignmentFile& file, Loader loader) {
  std::map<std::pair<std::string_view, bool>, bool> seen;  // files repeat keys, and matching one is not free
  return static_cast<std::size_t>(
      std::count_if(file.assignments.begin(), file.assignments.end(), [&](const Assignment& assignment) {
        const auto [known, is_new] = seen.try_emplace({assignment.key, assignment.exclusion}, false);
        if (is_new) known->second = !settings_about(assignment, loader).empty();
        return known->second;
      }));
}

const Setting* setting_meant_by(std::string_view line) {
  constexpr std::size_t kLongest = 512;  // a key and what people put round it
  const std::string text = replaced(to_lower(line.substr(0, kLongest)), '/', '.');
  const Setting* best = nullptr;
  for (const Setting& setting : settings(Os::linux_kernel)) {
    const bool longer = best == nullptr || setting.key.size() > best->key.size();
    if (longer && stands_as_word(text, setting.key)) best = &setting;
  }
  return best;
}

const Setting* setting_meant_by(const BadLine& bad) {
  return setting_meant_by(std::string_view(bad.text).substr(0, bad.text.find('=')));
}

}  // namespace twctl
