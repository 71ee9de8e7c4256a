#include "diagnose/live_settings.hpp"

#include <array>

namespace twctl {
namespace {

constexpr std::array<std::string_view, 14> kKeys{"net.core.somaxconn",
                                                 "net.ipv4.ip_local_port_range",
                                                 "net.ipv4.ip_local_reserved_ports",
                                                 "net.ipv4.tcp_fin_timeout",
                                                 "net.ipv4.tcp_max_orphans",
                                                 "net.ipv4.tcp_max_syn_backlog",
                                                 "net.ipv4.tcp_max_tw_buckets",
                                                 "net.ipv4.tcp_orphan_retries",
                                                 "net.ipv4.tcp_syncookies",
                                                 "net.ipv4.tcp_timestamps",
                                                 "net.ipv4.tcp_tw_reuse",
                                                 "net.ipv4.tcp_tw_reuse_delay",
                                                 "net.netfilter.nf_conntrack_max",
                                                 "net.netfilter.nf_conntrack_tcp_timeout_time_wait"};

}  // namespace

Result<LiveSettings> read_live_settings(SettingStore& store) {
  LiveSettings live;
  for (const std::string_view key : kKeys) {
    const Setting* setting = find_setting(Os::linux_kernel, key);
    if (setting == nullptr) continue;
    TRY(LiveValue value, store.read(*setting));
    if (value.state == LiveValue::State::present) live.emplace(key, std::move(value.value));
  }
  return live;
}

LiveSettings live_settings(const std::map<std::string, LiveValue, std::less<>>& values) {
  LiveSettings live;
  for (const auto& [key, value] : values) {
    if (value.state == LiveValue::State::present) live.emplace(key, value.value);
  }
  return live;
}

std::optional<std::int64_t> number_of(const LiveSettings& live, std::string_view key) {
  const auto found = live.find(key);
  return found == live.end() ? std::nullopt : as_integer(found->second);
}

}  // namespace twctl
