// The deadline of a change, for people: it is kept by the boot clock, which no date moves, and told by the date.
#pragma once

#include <cstdint>
#include <optional>

#include "journal/change.hpp"
#include "platform/platform.hpp"

namespace twctl {

// Seconds since 1970. Of a change of this boot that waits: as it was when the change was made, or by the new date where
// that has been set since.
[[nodiscard]] std::int64_t deadline_time(Platform& host, const Change& change);

}  // namespace twctl
