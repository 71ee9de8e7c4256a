// The rules about a host as a whole. Pure.
#pragma once

#include "audit/host_view.hpp"
#include "audit/rules.hpp"

namespace twctl::rules {

void drift(const HostView& view, Findings& found);
void later_writers(const HostView& view, Findings& found);
void shadowed_lines(const HostView& view, Findings& found);
void unread_files(const HostView& view, Findings& found);
void early_lines(const HostView& view, Findings& found);
void listeners(const HostView& view, Findings& found);

}  // namespace twctl::rules
