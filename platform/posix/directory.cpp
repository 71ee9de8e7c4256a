#include "platform/posix/directory.hpp"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace twctl {

Descriptor open_entries(int below, const char* path) {
  return Descriptor(::openat(below, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

// Not by readdir(3), which takes three more calls and memory for each directory. A piece is small, because whoever
// wants only the first names of /proc pays for all that are in it.
OrErrno<void> for_each_name(const Descriptor& directory, const std::function<bool(std::string_view)>& take) {
  if (!directory) return tl::unexpected(errno);
  alignas(dirent64) std::array<char, 4096> piece;
  for (;;) {
    const ssize_t got = ::getdents64(directory.get(), piece.data(), piece.size());
    if (got == 0 || (got < 0 && errno == ENOENT)) return {};  // or it has been removed meanwhile
    if (got < 0) return tl::unexpected(errno);
    for (const char* at = piece.data(); at < piece.data() + got;) {
      const auto* entry = reinterpret_cast<const dirent64*>(at);
      const std::string_view name = entry->d_name;
      if (name != "." && name != ".." && !take(name)) return {};
      at += entry->d_reclen;
    }
  }
}

OrErrno<std::vector<std::string>> names_in(const Descriptor& directory, std::size_t most) {
  std::vector<std::string> names;
  const OrErrno<void> read = for_each_name(directory, [&](std::string_view name) {
    names.emplace_back(name);
    return names.size() < most;
  });
  if (!read) return tl::unexpected(read.error());
  std::sort(names.begin(), names.end());
  return names;
}

OrErrno<std::vector<std::string>> names_in(int directory) { return names_in(open_entries(directory, ".")); }

}  // namespace twctl
