#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "formats/ini.hpp"
#include "profile/readers.hpp"
#include "profile/written_key.hpp"

namespace twctl {
namespace {

constexpr std::array<std::string_view, 2> kProfileKeys{"summary", "extends"};

// An error that knows no place yet, put under byte `offset` of the item's line.
Error placed(Error error, std::string_view file, const IniItem& item, std::size_t offset) {
  return invalid_line(file, item.line, offset, std::move(error.message), std::move(error.hint));
}

Error unknown_profile_key(std::string_view file, const IniItem& item) {
  const std::string_view near = nearest(item.key, kProfileKeys);
  const std::string meant = near.empty() ? "" : fmt::format("; did you mean {}?", near);
  return invalid_line(file, item.line, item.key_offset,
                      fmt::format("{}: unknown key in [profile]{}", escape(item.key), meant),
                      "the keys of [profile] are summary and extends");
}

Error given_twice(std::string_view file, const IniItem& item, int first_line) {
  return invalid_line(file, item.line, item.key_offset,
                      fmt::format("{}: given twice, first in line {}", escape(item.key), first_line),
                      "keep one of the two lines");
}

// Reads items one after the other into a profile.
class Reader {
 public:
  Reader(std::string_view file, Profile& profile) : file_(file), profile_(profile) {}

  Result<void> take(const IniItem& item) {
    if (item.section == "profile") return take_profile_key(item);
    return take_setting(item, item.section == "linux" ? Os::linux_kernel : Os::windows);
  }

 private:
  Result<void> take_profile_key(const IniItem& item) {
    if (std::find(kProfileKeys.begin(), kProfileKeys.end(), item.key) == kProfileKeys.end()) {
      return fail(unknown_profile_key(file_, item));
    }
    const bool is_parent = item.key == "extends";
    TRY_VOID(remember(is_parent ? "extends" : "summary", item));
    if (is_parent && !is_profile_name(item.value)) {
      return fail(invalid_line(file_, item.line, item.value_offset,
                               fmt::format("\"{}\" is not the name of a profile", escape(item.value)),
                               "a parent is named without directory and ending, as in: extends = baseline"));
    }
    (is_parent ? profile_.parent : profile_.summary) = item.value;
    if (is_parent) profile_.parent_line = item.line.number;
    return {};
  }

  Result<void> take_setting(const IniItem& item, Os os) {
    const auto [setting, optional] = find_written_key(os, item.key);
    if (setting == nullptr) return fail(placed(unknown_setting(os, item.key), file_, item, item.key_offset));
    if (!setting->writable) return fail(placed(never_written(*setting), file_, item, item.key_offset));
    TRY_VOID(remember(setting->key, item));
    Result<Wanted> wanted = parse_wanted(*setting, item.value);
    if (!wanted) {
      const std::size_t offset = item.value_offset + static_cast<std::size_t>(wanted.error().column) - 1;
      return fail(placed(std::move(wanted).error(), file_, item, offset));
    }
    profile_.entries.push_back(
        {setting, *std::move(wanted), optional, reason_in(item.reason), {file_, item.line.number}});
    return {};
  }

  // A key counts once, however it is spelt.
  Result<void> remember(std::string_view key, const IniItem& item) {
    const auto [seen, is_new] = lines_.emplace(key, item.line.number);
    if (!is_new) return fail(given_twice(file_, item, seen->second));
    return {};
  }

  std::string file_;
  Profile& profile_;
  std::map<std::string_view, int> lines_;  // of each key seen; keys of the catalogue and of [profile]
};

}  // namespace

Result<Profile> read_ini_profile(std::string_view path, std::string_view bytes) {
  TRY(const std::vector<IniItem> items, read_ini_text(path, bytes));
  Profile profile;
  profile.name = path;
  Reader reader(path, profile);
  for (const IniItem& item : items) TRY_VOID(reader.take(item));
  if (profile.entries.empty() && profile.parent.empty()) {
    return fail(Error{.code = ErrorCode::invalid,
                      .message = "names no setting and no parent",
                      .where = {std::string(path), 0},
                      .hint = "a profile has a section [linux] or [windows] with KEY = VALUE lines"});
  }
  return profile;
}

}  // namespace twctl
