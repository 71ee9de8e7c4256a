// The name in JSON of each enumerator of the platform, for writing and for reading.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "platform/host_facts.hpp"
#include "platform/setting_store.hpp"
#include "platform/socket_source.hpp"

namespace twctl {

template <class Enumerator>
using Word = std::pair<Enumerator, std::string_view>;

inline constexpr std::array kStateWords = {Word<LiveValue::State>{LiveValue::State::present, "present"},
                                           Word<LiveValue::State>{LiveValue::State::absent, "absent"},
                                           Word<LiveValue::State>{LiveValue::State::denied, "denied"},
                                           Word<LiveValue::State>{LiveValue::State::unreadable, "unreadable"}};

// "" is written as null: no known loader.
inline constexpr std::array kLoaderWords = {Word<Loader>{Loader::none, ""},
                                            Word<Loader>{Loader::systemd, "systemd-sysctl"},
                                            Word<Loader>{Loader::procps, "sysctl --system"}};

inline constexpr std::array kOsWords = {Word<Os>{Os::linux_kernel, "linux"}, Word<Os>{Os::windows, "windows"}};

inline constexpr std::array kOriginWords = {
    Word<SocketOrigin>{SocketOrigin::netlink, "netlink"}, Word<SocketOrigin>{SocketOrigin::table, "table"},
    Word<SocketOrigin>{SocketOrigin::system_table, "table"}, Word<SocketOrigin>{SocketOrigin::captured, "captured"}};

template <class Words, class Enumerator>
[[nodiscard]] constexpr std::string_view word_for(const Words& words, Enumerator value) {
  for (const auto& [enumerator, word] : words) {
    if (enumerator == value) return word;
  }
  return {};
}

template <class Enumerator, std::size_t N>
[[nodiscard]] constexpr std::optional<Enumerator> meaning_of(const std::array<Word<Enumerator>, N>& words,
                                                             std::string_view text) {
  for (const auto& [enumerator, word] : words) {
    if (word == text) return enumerator;
  }
  return std::nullopt;
}

}  // namespace twctl
