// Small durable steps on directory descriptors: each says "on disk" or gives the errno.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/durable_folder.hpp"
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

// By looking alone: whether files of these sizes, and small ones or folders beside them, can be made there, for what
// the file system has (ENOSPC) and for how long a file of this process may be (EFBIG). Where that cannot be told they
// can.
[[nodiscard]] OrErrno<void> check_room(int directory, const std::vector<std::size_t>& sizes, SmallOnes small_ones);

// Which file system it lies on; "": that cannot be told.
[[nodiscard]] std::string file_system_of(int directory);

// Takes away a file, a link, or a directory with all that is in it (32 deep at most: ENOTEMPTY). No link is followed.
[[nodiscard]] OrErrno<void> remove_entry(int directory, const std::string& name);

}  // namespace twctl
