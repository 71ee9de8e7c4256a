// A key as people write it -> the spelling of the catalogue. Pure.
#pragma once

#include <string>
#include <string_view>

namespace twctl {

// The dotted spelling of a key; the first separator decides, as sysctl.d(5) does ("net/ipv4/conf/eth0.1/x" is
// "net.ipv4.conf.eth0/1.x").
[[nodiscard]] std::string dotted_key(std::string_view written);

}  // namespace twctl
