// What is in a directory.
#pragma once

#include <dirent.h>

#include <memory>
#include <string>
#include <vector>

#include "platform/posix/descriptor.hpp"
#include "platform/posix/system_error.hpp"

namespace twctl {

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

// To be read from its start. Null, with errno, where that cannot be.
[[nodiscard]] Directory as_directory(Descriptor opened);
[[nodiscard]] Directory open_entries(int below, const char* path);

// Without "." and "..", sorted. Error: of readdir(3); of a null directory the errno that it came with.
[[nodiscard]] OrErrno<std::vector<std::string>> names_in(const Directory& directory);

// As above, of an open directory whose own offset stays where it is.
[[nodiscard]] OrErrno<std::vector<std::string>> names_in(int directory);

}  // namespace twctl
