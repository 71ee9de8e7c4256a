#include "catalog/slips.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.hpp"
#include "catalog/keys.hpp"
#include "catalog/other_keys.hpp"

namespace twctl {
namespace {

// "net.core.netdev_max_backlog" for "net.core_netdev_max_backlog": whatever separates the words.
std::string_view same_words(std::string_view key) {
  const auto separates = [](char c) { return c == '.' || c == '_'; };
  const auto same = [&](char a, char b) { return a == b || (separates(a) && separates(b)); };
  for (const Setting& setting : settings(Os::linux_kernel)) {
    if (std::equal(key.begin(), key.end(), setting.key.begin(), setting.key.end(), same)) return setting.key;
  }
  return {};
}

// What people write for a name of ours, too far from it to be a slip of the fingers.
struct WrongName {
  std::string_view written;
  std::string_view meant;
};
constexpr auto kWrongNames = std::to_array<WrongName>({{"ip_local_port", keys::kPortRange},
                                                       {"somax", keys::kSomaxconn},
                                                       {"tcp_fin_wait", keys::kFinTimeout},
                                                       {"tcp_keepalive", keys::kKeepaliveTime},
                                                       {"tcp_max_tw", keys::kMaxTwBuckets},
                                                       {"tcp_recycle", keys::kTwRecycle},
                                                       {"tcp_tw_bucket", keys::kMaxTwBuckets},
                                                       {"tcp_tw_buckets", keys::kMaxTwBuckets}});

std::string_view last_name(std::string_view key) { return key.substr(key.rfind('.') + 1); }

const Setting* wrong_name(std::string_view name) {
  const auto found =
      std::find_if(kWrongNames.begin(), kWrongNames.end(), [&](const WrongName& one) { return one.written == name; });
  return found == kWrongNames.end() ? nullptr : find_setting(Os::linux_kernel, found->meant);
}

// The setting whose key ends so.
const Setting* named(std::string_view name) {
  const std::span<const Setting> known = settings(Os::linux_kernel);
  const auto found =
      std::find_if(known.begin(), known.end(), [&](const Setting& one) { return last_name(one.key) == name; });
  return found == known.end() ? nullptr : &*found;
}

// "nf_conntrack_max" for "ip_conntrack_max"
std::string todays_name(std::string_view name) {
  return name.starts_with("ip_conntrack_") ? "nf" + std::string(name.substr(2)) : std::string(name);
}

// `near` is ours. A name beside it that is nearer still is the one that is meant.
bool is_meant_for_another(std::string_view name, std::string_view near, std::string_view path) {
  std::vector<std::string_view> names{near};
  for (const std::string_view other : other_keys()) {
    if (other.starts_with(path)) names.push_back(last_name(other));
  }
  return nearest(name, names) != near;
}

// A name without a path, or behind one that no key has. Only what has an underscore may be a slip: "retries" is none.
const Setting* slip_in_name(std::string_view name, bool with_path) {
  constexpr std::array<std::string_view, 3> kPaths{"net.ipv4.", "net.core.", "net.netfilter."};
  const auto is_other = [&](std::string_view path) { return is_other_key(std::string(path) + std::string(name)); };
  if (std::any_of(kPaths.begin(), kPaths.end(), is_other)) return nullptr;
  if (const Setting* setting = named(todays_name(name))) return setting;
  if (with_path || name.find('_') == std::string_view::npos) return nullptr;
  if (const Setting* setting = wrong_name(name)) return setting;
  std::vector<std::string_view> names;
  for (const Setting& setting : settings(Os::linux_kernel)) names.push_back(last_name(setting.key));
  const std::string_view near = nearest(name, names);
  return near.empty() || is_meant_for_another(name, near, {}) ? nullptr : named(near);
}

// A key below net that is one of ours but for separators, the rest of its path or a slip of the fingers.
const Setting* slip_in_key(const std::string& plain) {
  if (is_other_key(plain)) return nullptr;
  if (const Setting* setting = find_setting(Os::linux_kernel, plain)) return setting;
  if (const std::string_view same = same_words(plain); !same.empty()) return find_setting(Os::linux_kernel, same);
  const std::string_view path = std::string_view(plain).substr(0, plain.rfind('.') + 1);
  const std::string_view name = std::string_view(plain).substr(path.size());
  if (const Setting* setting = named(todays_name(name))) return setting;
  if (const Setting* setting = wrong_name(name)) return setting;
  std::vector<std::string_view> neighbours;
  for (const Setting& setting : settings(Os::linux_kernel)) {
    const std::string_view ours = setting.key;
    if (ours.starts_with(path) && ours.rfind('.') < path.size()) neighbours.push_back(ours.substr(path.size()));
  }
  const std::string_view near = nearest(name, neighbours);
  if (near.empty() || is_meant_for_another(name, near, path)) return nullptr;
  return find_setting(Os::linux_kernel, std::string(path) + std::string(near));
}

// In one of the folders of /proc/sys beside net, where keys of their own stand: sunrpc.tcp_fin_timeout.
bool is_in_another_folder(std::string_view key) {
  constexpr std::array<std::string_view, 9> kFolders{"abi.",    "crypto.", "debug.", "dev.", "fs.",
                                                     "kernel.", "sunrpc.", "user.",  "vm."};
  return std::any_of(kFolders.begin(), kFolders.end(),
                     [&](std::string_view folder) { return key.starts_with(folder); });
}

// "net.decnet.tcp_mem", "net.netfilter.nf_conntrack_dccp_timeout_timewait": a name of its own, however near it is.
bool is_of_another_protocol(std::string_view key) {
  constexpr std::array<std::string_view, 20> kProtocols{
      "appletalk", "ax25", "bridge", "dccp",   "decnet", "gre", "icmp", "icmpv6", "ipx",     "llc",
      "mptcp",     "rds",  "rose",   "netrom", "sctp",   "smc", "tipc", "udp",    "udplite", "x25"};
  while (!key.empty()) {
    const std::size_t end = std::min(key.find_first_of("._"), key.size());
    if (is_one_of(key.substr(0, end), kProtocols)) return true;
    key.remove_prefix(std::min(end + 1, key.size()));
  }
  return false;
}

}  // namespace

const Setting* slip_for(std::string_view key) {
  if (is_in_another_folder(key) || is_other_key(key)) return nullptr;
  std::string plain = replaced(to_lower(key), '/', '.');
  if (plain.starts_with("sysctl.")) plain.erase(0, std::string_view("sysctl.").size());  // of the kernel's command line
  for (const std::string_view folder : {"ipv4.", "core.", "netfilter."}) {
    if (plain.starts_with(folder)) plain.insert(0, "net.");
  }
  const Setting* meant = plain.starts_with("net.")
                             ? slip_in_key(plain)
                             : slip_in_name(last_name(plain), plain.find('.') != std::string::npos);
  return meant != nullptr && is_of_another_protocol(plain) ? nullptr : meant;
}

bool is_old_conntrack_key(std::string_view key) {
  return key.starts_with("net.ipv4.netfilter.ip_conntrack_") || key == "net.ipv4.ip_conntrack_max";
}

bool has_old_conntrack_key(KernelVersion kernel, std::string_view key) {
  return kernel != KernelVersion{} && kernel < kOldConntrackKeysEnd && is_old_conntrack_key(key);
}

bool is_meant_for_ours(std::string_view key) { return is_old_conntrack_key(key) || slip_for(key) != nullptr; }

std::string conntrack_key_today(std::string_view key) {
  return "net.netfilter.nf" + std::string(key.substr(key.find("_conntrack_")));
}

std::string old_conntrack_text(std::string_view key) {
  return std::string(key) + " is a name of kernels before 4.9; it is now " + conntrack_key_today(key);
}

}  // namespace twctl
