// What --fix leaves to a person -> the lines that say so. Pure.
#pragma once

#include <string>

#include "audit/fix.hpp"

namespace twctl {

// "twctl: x.conf:3: value-refused net.core.somaxconn: needs a person: which value was meant is a guess", one a line,
// each with its advice. "" if nothing is left.
[[nodiscard]] std::string unmended_text(const Fix& fix);

}  // namespace twctl
