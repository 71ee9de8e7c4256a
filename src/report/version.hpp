// What versions outward shapes carry.
#pragma once

#include <string_view>

namespace twctl {

inline constexpr std::string_view kFormatVersion = "1.0";  // of every JSON document (interface.md, section 5)

[[nodiscard]] std::string_view program_version();  // "0.1.0"

}  // namespace twctl
