// A file -> who else could have changed what it says (docs/safety.md, "What it opens and trusts").
#pragma once

#include <string>
#include <string_view>

namespace twctl {

// The first of the open file and the folders above it that somebody other than administrators, the system and
// ourselves could change or replace: "C:\Temp\x.ini is writable by Everyone"; printable. "" if nobody could.
[[nodiscard]] std::string why_distrusted(void* file);

// The command that puts a copy where only an administrator can change it; printable. It makes that folder where it is
// missing: that its name ends in a backslash says to xcopy that it is one.
[[nodiscard]] std::string mending_line(std::string_view path);

}  // namespace twctl
