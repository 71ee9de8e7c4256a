// The catalogue's settings -> docs/settings.md. Pure; scripts/gen-docs writes the file, a test holds it to this.
#pragma once

#include <string>

namespace twctl {

[[nodiscard]] std::string settings_markdown();

}  // namespace twctl
