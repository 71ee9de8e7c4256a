// One block for each network namespace: the line above it, and what stands beside its report in JSON. Pure.
#pragma once

#include <string>

#include "diagnose/in_namespace.hpp"
#include "json/fwd.hpp"
#include "report/layout.hpp"

namespace twctl {

// "Network namespace of nginx (812) and 3 more processes (--netns 812)"
[[nodiscard]] std::string namespace_title(const InhabitedNamespace& where, const Screen& screen);

// A note on processes that could not be looked into; "" if there is none.
[[nodiscard]] std::string hidden_text(int hidden, const Screen& screen);

// Each under its title; one that could not be looked into with the reason. `to_text`: of what was found.
template <class Found, class ToText>
[[nodiscard]] std::string namespaces_text(const InNamespaces<Found>& spaces, const Screen& screen,
                                          const ToText& to_text) {
  std::string text;
  for (const InNamespace<Found>& one : spaces.all) {
    if (!text.empty()) text += "\n";
    text += namespace_title(one.where, screen);
    text += one.found ? to_text(*one.found) : wrapped(one.found.error().message, screen.columns, "note: ");
  }
  return text + hidden_text(spaces.hidden, screen);
}

// {"netns", "process", "processes", "error"}, to which the caller adds its report.
[[nodiscard]] Json namespace_json(const InhabitedNamespace& where, const Error* why_not);

}  // namespace twctl
