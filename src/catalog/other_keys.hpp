// Keys beside ours that kernels have or had, so that nobody takes one of them for a misspelt key of ours.
#pragma once

#include <span>
#include <string_view>

namespace twctl {

// "net.ipv4.tcp_retries1". Knows the neighbours of our own keys only; ours are not among them.
[[nodiscard]] bool is_other_key(std::string_view key);

// All of them, sorted.
[[nodiscard]] std::span<const std::string_view> other_keys();

// A key of which the kernel looks the whole text up as a name.
[[nodiscard]] bool is_word_key(std::string_view key);

}  // namespace twctl
