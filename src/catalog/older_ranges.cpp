#include "catalog/older_ranges.hpp"

namespace twctl {
namespace {

constexpr Range kAnyInt{-2147483648LL, 2147483647LL};
constexpr KernelVersion kBytes{5, 13};         // commit 4ecc1baf362c (convert elligible sysctls to u8): ints before
constexpr KernelVersion kReuseChecked{4, 19};  // commit 79e9fed46038 (values 0, 1 and 2): any int before
constexpr KernelVersion kShortTimeWait{6, 3};  // Windows 8.1 and Server 2012 R2 (build 9600): 30 s at least before
constexpr KernelVersion kWideBacklog{4, 1};    // 4.0.5 keeps somaxconn in 16 bits, 4.2.8 does not
constexpr KernelVersion kFlowsBounded{6, 19};  // commit 2b749f257645 (disable 0 value): no limit before

bool is_byte(const Setting& setting) { return setting.kernel_accepts.min == 0 && setting.kernel_accepts.max == 255; }

}  // namespace

Range taken_on(const Setting& setting, KernelVersion kernel) {
  if (kernel == KernelVersion{}) return setting.kernel_accepts;
  if (is_byte(setting) && kernel < kBytes) return kAnyInt;
  if (setting.key == "net.ipv4.tcp_tw_reuse" && kernel < kReuseChecked) return kAnyInt;
  if (setting.key == "TcpTimedWaitDelay" && kernel < kShortTimeWait) return {30, 300};
  if (setting.key == "net.core.somaxconn" && kernel < kWideBacklog) return {0, 65535};
  if (setting.key == "net.netfilter.nf_conntrack_max" && kernel >= kFlowsBounded) return {1, kAnyInt.max};
  return setting.kernel_accepts;
}

}  // namespace twctl
