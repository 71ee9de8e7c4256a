// Changes as a person names them, and what he types to do something to one. Pure.
#pragma once

#include <string>
#include <string_view>

namespace twctl {

// The beginning of an id that a person types: 8 digits.
[[nodiscard]] std::string short_id(std::string_view id);

// "twctl rollback 3f2a91c0 --netns blue"; `netns` as it was asked for, raw, "" for the caller's own.
[[nodiscard]] std::string command_on(std::string_view id, const std::string& netns, std::string_view verb);

// "twctl recover --netns blue"
[[nodiscard]] std::string command_in(const std::string& netns, std::string_view verb);

}  // namespace twctl
