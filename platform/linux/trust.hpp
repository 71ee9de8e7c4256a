// The way to a file -> who else could have changed what it says (docs/safety.md, "What it opens and trusts"). Pure, but
// that it asks which user and group the process has, and may_make_in() whose a directory is.
#pragma once

#include <sys/stat.h>

#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "platform/linux/path_walk.hpp"

namespace twctl {

// The first step that somebody other than root and ourselves controls: "/tmp/x.ini is writable by others"; printable.
// "" if nobody does.
[[nodiscard]] std::string why_distrusted(std::span<const PathStep> steps);

// The first symbolic link that somebody other than root and ourselves made, as above; "" for none. Where it leads is
// theirs to say, so what it leads to is not read at all.
[[nodiscard]] std::string foreign_link(std::span<const PathStep> steps);

// Why twctl does not write in a directory; "" where it does.
struct Distrust {
  std::string why = {};   // as why_distrusted()
  std::string hint = {};  // what mends it; "": only root may change what is there
};

// Why twctl does not write to `path`.
[[nodiscard]] tl::unexpected<Error> not_safe(std::string_view path, const Distrust& distrust);

// chattr +i or +a, as statx(2) tells it; not every file system does.
[[nodiscard]] bool is_frozen(const struct statx& status);

// The refusal of what is.
[[nodiscard]] tl::unexpected<Error> frozen(std::string_view path);

// That of what something is mounted over. `otherwise`: what else helps.
[[nodiscard]] tl::unexpected<Error> mounted(std::string_view path, std::string_view otherwise = "");

// Whether anybody can make a file in the open directory. The kernel's own file systems let nobody. Error: denied, with
// the path of what was to be made.
[[nodiscard]] Result<void> check_takes_files(int directory, std::string_view path);

// Whether what this process makes in the open directory belongs to whom the directory does. With some capabilities a
// plain user could put something of his own into a directory of root's: he could change it later, and root not use it.
[[nodiscard]] bool may_make_in(int directory);

// The command after which nobody but root controls the way to a file, by its owners and modes; printable.
[[nodiscard]] std::string closing_line(std::span<const PathStep> steps);

// The command that puts a copy of the profile `path` into the directory `profiles`, where only root can change it;
// printable.
[[nodiscard]] std::string copying_line(std::string_view path, std::string_view profiles);

}  // namespace twctl
