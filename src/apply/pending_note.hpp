// The pending change, if there is one, in one line for whoever looks at the host and changes nothing.
#pragma once

#include <string>

#include "platform/platform.hpp"

namespace twctl {

// Printable; "" where none awaits confirmation, and where the journal cannot be read: only root may, and `twctl status`
// says why. No change begins while another one is pending, so that the newest is looked at alone.
[[nodiscard]] std::string pending_note(Platform& host, const HostFacts& facts);

}  // namespace twctl
