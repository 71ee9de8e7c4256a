// What audit can find: rows, no logic.
#pragma once

#include "catalog/finding.hpp"

namespace twctl {

[[nodiscard]] std::span<const FindingRow> audit_findings();

}  // namespace twctl
