// Small durable steps on directory descriptors: each says "on disk" or gives the errno.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "platform/posix/descriptor.hpp"
#include "platform/posix/system_error.hpp"

namespace twctl {

// All of `bytes`, whatever write(2) takes at a time.
[[nodiscard]] OrErrno<void> write_all(int descriptor, std::string_view bytes);
[[nodiscard]] OrErrno<void> sync(int descriptor);

// A new file (never an existing one, never through a link) with these bytes, synced and closed. 0600; `finish` may
// give it another mode and owner while it is open.
[[nodiscard]] OrErrno<void> create_synced(int directory, const std::string& name, std::string_view bytes,
                                          const std::function<OrErrno<void>(int file)>& finish = {});

// Moves unless the target exists (EEXIST).
[[nodiscard]] OrErrno<void> rename_new(int from_directory, const std::string& from, int to_directory,
                                       const std::string& to);

// By looking alone: whether so many files of so many bytes in all can be made there. True where it cannot be told.
[[nodiscard]] bool has_room(int directory, std::size_t bytes, std::size_t files);

// Takes away a file, a link, or a directory with all that is in it (32 deep at most: ENOTEMPTY). No link is followed.
[[nodiscard]] OrErrno<void> remove_entry(int directory, const std::string& name);

}  // namespace twctl
