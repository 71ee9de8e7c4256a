// Which changes a rollback is to undo. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "journal/change.hpp"

namespace twctl {

struct RollbackRequest {
  std::string id;                  // whole or a unique beginning; "" for the newest apply in force
  bool with_later = false;         // --to: all later changes too, as one
  std::vector<std::string> force;  // keys that go back even over somebody else's later value
};

// The changes that the request names, newest first. Error: refused for an id that names none, or more than one;
// or a change that is part of a fold whose oldest it is not, or of one that is not the last in force; empty where
// nothing is left to undo. `netns`, `location`: as of command_in().
[[nodiscard]] Result<std::vector<Change>> chosen_changes(const std::vector<Change>& journal,
                                                         const RollbackRequest& request, const std::string& netns = "",
                                                         std::string_view location = "");

}  // namespace twctl
