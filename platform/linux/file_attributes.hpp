// Who may read and write a file, and what it is labelled: what a file that takes another one's place must have of it.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>

#include "platform/posix/descriptor.hpp"
#include "platform/posix/system_error.hpp"

namespace twctl {

struct FileAttributes {
  uid_t owner = 0;
  gid_t group = 0;
  mode_t mode = 0;
  std::map<std::string, std::string> extended = {};  // the SELinux label, the access control list
  friend bool operator==(const FileAttributes&, const FileAttributes&) = default;
};

[[nodiscard]] OrErrno<FileAttributes> attributes_of(int file);

// What cannot be given is an error: the file would be open to others than the old one. What it has beyond that goes, as
// an access control list that it has got from its folder's default.
[[nodiscard]] OrErrno<void> give_attributes(int file, const FileAttributes& wanted);

// The first attribute that takes a privilege which this process lacks: it is tried on a file that nobody else sees. ""
// for none.
[[nodiscard]] std::string label_refused(const std::map<std::string, std::string>& extended, const Descriptor& trial);

}  // namespace twctl
