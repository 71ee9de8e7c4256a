#include "platform/linux/socket_owners.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "platform/posix/directory.hpp"
#include "platform/posix/read_bytes.hpp"

namespace twctl {
namespace {

constexpr std::size_t kLongestName = 64;  // comm is 16

std::vector<int> process_ids(int proc) {
  std::vector<int> ids;
  (void)for_each_name(open_entries(proc, "."), [&](std::string_view name) {
    if (const auto id = parse_whole<int>(name)) ids.push_back(*id);
    return true;
  });
  std::sort(ids.begin(), ids.end());
  return ids;
}

// "socket:[12345]" -> 12345.
std::optional<std::uint32_t> socket_inode(int directory, const char* name) {
  constexpr std::string_view kStart = "socket:[";
  std::array<char, 64> target{};
  const ssize_t length = ::readlinkat(directory, name, target.data(), target.size());
  const std::string_view text(target.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
  if (!text.starts_with(kStart)) return std::nullopt;
  std::uint32_t inode = 0;
  const char* first = text.data() + kStart.size();
  return std::from_chars(first, text.data() + text.size(), inode).ec == std::errc{} ? std::optional(inode)
                                                                                    : std::nullopt;
}

std::string name_of(int proc, int id) {
  const std::string path = std::to_string(id) + "/comm";
  const Descriptor file(::openat(proc, path.c_str(), O_RDONLY | O_CLOEXEC));
  const auto text = file ? read_bytes(file.get(), kLongestName) : tl::unexpected(errno);
  return text ? std::string(trim(*text)) : "?";
}

// Takes what process `id` holds of the sockets asked for.
void look_into(int proc, int id, std::span<const std::uint32_t> inodes, SocketOwners& owners) {
  const Descriptor descriptors = open_entries(proc, (std::to_string(id) + "/fd").c_str());
  if (!descriptors) {
    if (errno != ENOENT && errno != ESRCH) ++owners.hidden;  // one that has ended holds nothing
    return;
  }
  const auto index = static_cast<std::uint32_t>(owners.processes.size());
  bool holds_any = false;
  (void)for_each_name(descriptors, [&](std::string_view name) {
    const auto inode = socket_inode(descriptors.get(), std::string(name).c_str());
    const auto found = inode ? std::lower_bound(inodes.begin(), inodes.end(), *inode) : inodes.end();
    if (found == inodes.end() || *found != *inode) return true;
    std::uint32_t& owner = owners.owner[static_cast<std::size_t>(found - inodes.begin())];
    if (owner == SocketOwners::kNobody) owner = index;
    holds_any = holds_any || owner == index;
    return true;
  });
  if (holds_any) owners.processes.push_back({.pid = id, .name = name_of(proc, id)});
}

}  // namespace

SocketOwners find_socket_owners(const Descriptor& proc, std::span<const std::uint32_t> inodes) {
  SocketOwners owners;
  if (inodes.empty()) return owners;
  owners.owner.assign(inodes.size(), SocketOwners::kNobody);
  for (const int id : process_ids(proc.get())) look_into(proc.get(), id, inodes, owners);
  return owners;
}

}  // namespace twctl
