#include "journal/command_on.hpp"

#include <fmt/format.h>

#include "base/escape.hpp"

namespace twctl {

std::string short_id(std::string_view id) { return std::string(id.substr(0, 8)); }

std::string command_on(std::string_view id, const std::string& netns, std::string_view verb) {
  return command_in(netns, fmt::format("{} {}", verb, short_id(id)));
}

std::string command_in(const std::string& netns, std::string_view verb) {
  return fmt::format("twctl {}{}", verb, netns.empty() ? "" : " --netns " + escape(netns));
}

}  // namespace twctl
