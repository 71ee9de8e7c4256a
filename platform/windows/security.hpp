// Owners and access control lists: who may do what to a file or a folder.
#pragma once

#include <string>

#include "platform/windows/system_error.hpp"

namespace twctl {

// Whether the account that we run as counts as one of the administrators.
enum class Ourselves { trusted, foreign };

// What a user could do to it; each is granted by any one of several rights.
enum class Rights {
  change_file,
  replace_inside,  // what lies in a folder; a user who may only add to it cannot replace another's file
  any,
};

// Who, other than the system, administrators, the installer of Windows and perhaps ourselves, owns what is open here,
// or has these rights to it: "is owned by HOST\eve", "is writable by Everyone"; printable. "" if nobody.
// What has no access control list is everybody's.
[[nodiscard]] OrCode<std::string> foreign_hands(void* object, Rights rights, Ourselves ourselves = Ourselves::trusted);

// The same of an access control list (an ACL) by itself. An entry of a kind that we do not know makes it unsafe.
[[nodiscard]] std::string foreign_writer(void* list, Rights rights, Ourselves ourselves);

// The account that this process runs as: "WEB01\Administrator", raw; "" where the system does not tell.
[[nodiscard]] std::string our_account();

// Whether we run with an administrator's rights.
[[nodiscard]] bool is_elevated();

}  // namespace twctl
