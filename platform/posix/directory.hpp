// What is in a directory.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/posix/descriptor.hpp"
#include "platform/posix/system_error.hpp"

namespace twctl {

// To be read from its start. None, with errno, where that cannot be.
[[nodiscard]] Descriptor open_entries(int below, const char* path);

// Calls `take` with each name but "." and "..", as the directory has them, until it returns false. Error: of
// getdents64(2); of none the errno that it came with.
[[nodiscard]] OrErrno<void> for_each_name(const Descriptor& directory,
                                          const std::function<bool(std::string_view)>& take);

// Sorted; of a larger directory `most` of them. Error: as there.
[[nodiscard]] OrErrno<std::vector<std::string>> names_in(const Descriptor& directory, std::size_t most = SIZE_MAX);

// As above, of an open directory whose own offset stays where it is.
[[nodiscard]] OrErrno<std::vector<std::string>> names_in(int directory);

}  // namespace twctl
