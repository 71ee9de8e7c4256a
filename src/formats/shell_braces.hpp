// "net.ipv4.{a,b}" and "{1..3}" of bash -> the words that it makes of them. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace twctl {

// `signs`: as long as the text, with each character of it that stands out of quotes, and NUL for any other. What the
// words take is taken off `room`. nullopt: not known, they are more than that or count in another way than by one.
std::optional<std::vector<std::string>> expand_braces(std::string_view text, std::string_view signs, std::size_t& room);

}  // namespace twctl
