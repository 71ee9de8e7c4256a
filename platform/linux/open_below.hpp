// Opening files so that nothing on the way leads out of a directory: openat2, and a walk with the same answers
// where the kernel (before 5.6) or a sandbox does not have it.
#pragma once

#include <string>
#include <string_view>

#include "platform/posix/descriptor.hpp"
#include "platform/posix/system_error.hpp"

namespace twctl {

// `path` is relative to `directory`. No link, no "..", no other mount: ELOOP, EXDEV.
[[nodiscard]] OrErrno<Descriptor> open_beneath(int directory, const std::string& path, int flags);

// `path` as the host below `root` would write it; links and ".." stay below `root`. Without O_DIRECTORY
// what is no plain file comes back as O_PATH finds it: to open a device of an image may act on this host.
[[nodiscard]] OrErrno<Descriptor> open_in_root(int root, std::string_view path, int flags);

// Whether what is open as `inner` lies on the same mount as `outer`; false also where it cannot be told.
[[nodiscard]] bool on_same_mount(int outer, int inner);

}  // namespace twctl
