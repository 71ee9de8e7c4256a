// Whose root directory it is: that of process 1, of other processes, or of nobody, as an image's.
#pragma once

#include <optional>

#include "base/result.hpp"
#include "platform/linux/root_files.hpp"

namespace twctl {

// /proc/sys/net below any root is that of whoever reads it, which need not be that of the processes that have this
// root. `root` is not the running system's, and has a procfs. The error that says so; nullopt if it is theirs, or
// nobody's.
[[nodiscard]] std::optional<Error> why_of_another_namespace(const Root& root, RootFiles& files);

// Whether process 1, as the procfs below `root` has it, has that root too: not in a chroot. nullopt: it cannot be told.
[[nodiscard]] std::optional<bool> is_root_of_init(const Root& root);

// The same of /etc.
[[nodiscard]] std::optional<bool> has_boot_files_of_init(const Root& root);

}  // namespace twctl
