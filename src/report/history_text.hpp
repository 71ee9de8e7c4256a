// Journal -> text for a person: the list of changes, one change whole, and status. Pure.
#pragma once

#include <span>
#include <string>

#include "apply/status.hpp"
#include "journal/history.hpp"
#include "report/layout.hpp"

namespace twctl {

[[nodiscard]] std::string history_text(std::span<const HistoryEntry> entries);
[[nodiscard]] std::string change_text(const HistoryEntry& entry, const std::string& location, const Screen& screen);
[[nodiscard]] std::string status_text(const Status& status, const Screen& screen);

}  // namespace twctl
