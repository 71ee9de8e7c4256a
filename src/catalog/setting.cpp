#include "catalog/setting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/text.hpp"
#include "catalog/rows/tables.hpp"

namespace twctl {
namespace {

// "net.ipv4.tcp_fin_timeout" -> "tcp_fin_timeout"; a Windows name has no dot and stays.
std::string_view short_name(std::string_view key) { return key.substr(key.rfind('.') + 1); }

bool same_name(Os os, std::string_view a, std::string_view b) {
  return os == Os::windows ? to_lower(a) == to_lower(b) : a == b;
}

const Setting* find_short(Os os, std::string_view name) {
  for (const Setting& setting : settings(os)) {
    if (same_name(os, short_name(setting.key), name)) return &setting;
  }
  return nullptr;
}

// The row whose name, cut down by `part` and without regard to case, is nearest to `word`.
template <class Part>
std::string_view nearest_by(Os os, std::string_view word, Part part) {
  std::vector<std::string> names;
  for (const Setting& setting : settings(os)) names.push_back(to_lower(part(setting.key)));
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  constexpr std::size_t kMostSlips = 4;  // keys are long and alike: ..._timeout_establshed is no ..._timeout_time_wait
  const std::string_view found = nearest(to_lower(word), candidates, kMostSlips);
  if (found.empty()) return {};
  const auto at = std::find(candidates.begin(), candidates.end(), found) - candidates.begin();
  return settings(os)[static_cast<std::size_t>(at)].key;
}

// Reads a number off the front of `text`. nullopt: there is none.
std::optional<int> take_number(std::string_view& text) {
  int number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::optional<int> take_dotted_number(std::string_view& text) {
  if (!text.starts_with('.')) return std::nullopt;
  text.remove_prefix(1);
  return take_number(text);
}

}  // namespace

std::optional<KernelVersion> parse_kernel_version(std::string_view release) {
  const std::optional<int> major = take_number(release);
  const std::optional<int> minor = take_dotted_number(release);
  if (!major || !minor) return std::nullopt;
  return KernelVersion{*major, *minor, take_dotted_number(release).value_or(0)};
}

std::string to_text(KernelVersion version) {
  if (version == KernelVersion{}) return {};
  const bool with_patch = version.patch != 0 || version.major < 3;
  const std::string text = fmt::format("{}.{}", version.major, version.minor);
  return with_patch ? fmt::format("{}.{}", text, version.patch) : text;
}

std::span<const Setting> settings(Os os) {
  return os == Os::windows ? rows::windows_settings() : rows::linux_settings();
}

std::uint32_t checksum_of_settings(Os os) {
  return os == Os::windows ? rows::windows_checksum() : rows::linux_checksum();
}

const Setting* find_setting(Os os, std::string_view key) {
  const auto is_it = [&](const std::string_view& name) {
    return name.size() == key.size() && !name.empty() && same_name(os, name, key);
  };
  for (const Setting& setting : settings(os)) {
    if (is_it(setting.key) || is_it(setting.second_key)) return &setting;
  }
  return nullptr;
}

const Setting* find_setting(std::string_view key) {
  const Setting* setting = find_setting(Os::linux_kernel, key);
  return setting != nullptr ? setting : find_setting(Os::windows, key);
}

const Setting* find_setting_by_any_name(std::string_view name) {
  for (const Os os : {Os::linux_kernel, Os::windows}) {
    if (const Setting* setting = find_setting(os, name)) return setting;
    if (const Setting* setting = find_short(os, name)) return setting;
  }
  return nullptr;
}

std::string_view nearest_key(Os os, std::string_view key) {
  if (const Setting* setting = find_short(os, short_name(key))) return setting->key;  // only the path is wrong
  const std::string_view whole = nearest_by(os, key, [](std::string_view name) { return name; });
  return whole.empty() ? nearest_by(os, short_name(key), short_name) : whole;
}

DefaultValue default_on(const Setting& setting, KernelVersion kernel) {
  const bool mainline_has_it = setting.vendor.empty() && !newer_than(setting, kernel) && !removed_by(setting, kernel);
  if (setting.os == Os::linux_kernel && !mainline_has_it) return {};
  DefaultValue result;
  for (const auto& [since, value] : setting.defaults) {
    if (since <= kernel) result = {.known = true, .value = value};
  }
  return result;
}

bool removed_by(const Setting& setting, KernelVersion kernel) {
  return setting.removed != KernelVersion{} && kernel >= setting.removed;
}

bool newer_than(const Setting& setting, KernelVersion kernel) { return setting.since > kernel; }

}  // namespace twctl
