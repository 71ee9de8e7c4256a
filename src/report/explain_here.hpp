// What a setting is on one host: its live value, the next boot's, the default of that kernel. Pure.
#pragma once

#include <string>

#include "catalog/value.hpp"
#include "observe/snapshot.hpp"
#include "report/page.hpp"

namespace twctl {

// Adds "live here", "next boot" and "default here", each where it is known or where its absence has a reason.
void add_facts_here(Page& page, const Setting& setting, const Snapshot& here);

// "0 (off)", "60 s", "32768 60999", "empty". Printable, whatever the host had there.
[[nodiscard]] std::string value_text(const Setting& setting, const Value& value);

}  // namespace twctl
