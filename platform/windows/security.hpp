// Owners and access control lists: who may do what to a file or a folder.
#pragma once

#include <string>

#include "platform/windows/system_error.hpp"

namespace twctl {

// Whether the account that we run as counts as one of the administrators.
enum class Ourselves { trusted, foreign };

// Who, other than the system, administrators, the installer of Windows and perhaps ourselves, owns what is open here,
// or has one of `rights` to it: "is owned by HOST\eve", "is writable by Everyone"; printable. "" if nobody.
// What has no access control list is everybody's.
[[nodiscard]] OrCode<std::string> foreign_hands(void* object, unsigned long rights,
                                                Ourselves ourselves = Ourselves::trusted);

}  // namespace twctl
