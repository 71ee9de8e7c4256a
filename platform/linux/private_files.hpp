// Directories and files that are this user's alone, as those of the state directory are: opened without following a
// link, and judged once they are open.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "platform/posix/descriptor.hpp"
#include "platform/posix/system_error.hpp"

namespace twctl {

[[nodiscard]] tl::unexpected<Error> failed(ErrorCode code, std::string_view what, int error, std::string hint = {});

// A link, or a file where a directory belongs or the other way round, is somebody's doing; want of memory or
// descriptors and a broken disk are not.
[[nodiscard]] ErrorCode code_for(int error);

[[nodiscard]] Descriptor open_directory(int parent, const char* name);

// A file, or what stands in its place, which is only looked at: to open a device, as an image may have it, acts on it.
[[nodiscard]] Descriptor open_file(int directory, const char* name, int how);

// Anybody who could write here could make twctl restore values of their choice. `others`: what of a mode they must not
// have. Error: denied.
[[nodiscard]] Result<void> check_ours(const struct stat& status, const std::string& path, mode_t others = 077);
[[nodiscard]] Result<void> check_ours(int descriptor, const std::string& path, mode_t others = 077);

// Error: that code, where it has another name, or is no plain file.
[[nodiscard]] Result<void> check_plain_file(int descriptor, const std::string& path, ErrorCode code);

// A directory that is ours; a closed descriptor where it is missing and not to be made. Error: denied, failed.
[[nodiscard]] Result<Descriptor> open_own(int parent, const char* name, const std::string& path, bool create);

// A new one, 0700 whatever the umask. Not synced.
[[nodiscard]] OrErrno<void> make_private(int parent, const std::string& name);

}  // namespace twctl
