// Names that many tests use.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "catalog/setting.hpp"
#include "platform/boot_file_store.hpp"

namespace twctl::test {

inline const std::string kFin = "net.ipv4.tcp_fin_timeout";
inline const std::string kReuse = "net.ipv4.tcp_tw_reuse";
inline const std::string kBootFile{kOwnBootFile};
inline const std::string kChanges = "/var/lib/twctl/changes";

// The setting of Linux with that whole name.
[[nodiscard]] inline const Setting& row(std::string_view key) {
  const Setting* setting = find_setting(Os::linux_kernel, key);
  if (setting == nullptr) throw std::invalid_argument(std::string(key));
  return *setting;
}

}  // namespace twctl::test
