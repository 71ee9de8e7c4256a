// A name as people write it (a key, a profile) -> what it stands for, or the error that says what they may have meant.
// Pure.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "catalog/setting.hpp"

namespace twctl {

// "-net/ipv4/tcp_tw_reuse" -> the setting of that key and whether the '-' was there. nullptr: unknown.
struct WrittenKey {
  const Setting* setting = nullptr;
  bool optional = false;
};
[[nodiscard]] WrittenKey find_written_key(Os os, std::string_view written);

// "key: unknown setting; did you mean ...?", without a place.
[[nodiscard]] Error unknown_setting(Os os, std::string_view written);

// "key: known, but twctl never writes it", without a place; why not is the hint.
[[nodiscard]] Error never_written(const Setting& setting);

// "busy-client": letters, digits, '-' and '_', not beginning with '-'. Everything else is a path.
[[nodiscard]] bool is_profile_name(std::string_view text);

}  // namespace twctl
