#include "platform/posix/directory.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

namespace twctl {

Directory as_directory(Descriptor opened) {
  DIR* directory = opened ? ::fdopendir(opened.get()) : nullptr;
  if (directory != nullptr) (void)opened.release();
  return Directory(directory);
}

Directory open_entries(int below, const char* path) {
  return as_directory(Descriptor(::openat(below, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
}

OrErrno<std::vector<std::string>> names_in(const Directory& directory) {
  if (!directory) return tl::unexpected(errno);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(directory.get())) {  // NOLINT(concurrency-mt-unsafe)
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return tl::unexpected(errno);
  std::sort(names.begin(), names.end());
  return names;
}

OrErrno<std::vector<std::string>> names_in(int directory) { return names_in(open_entries(directory, ".")); }

}  // namespace twctl
