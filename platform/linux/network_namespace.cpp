#include "platform/linux/network_namespace.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "platform/deadline_timers.hpp"
#include "platform/posix/descriptor.hpp"
#include "platform/posix/directory.hpp"
#include "platform/posix/read_bytes.hpp"
#include "platform/posix/system_error.hpp"

namespace twctl {
namespace {

constexpr int kNetnsCookie = 71;  // SO_NETNS_COOKIE, Linux 5.14; absent from older headers
constexpr const char* kOwnNamespace = "/proc/thread-self/ns/net";
constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kListedForEachRead = 16;  // a name in a list costs a sixth of the link

// "net:[4026531840]": the link's text tells two namespaces of one boot apart, at a third of the price of stat(2), which
// would count over hundreds of processes. "" where it may not be read.
std::string namespace_of(const char* path, int directory = AT_FDCWD) {
  std::array<char, 64> text{};
  const ssize_t length = ::readlinkat(directory, path, text.data(), text.size());
  return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0))};
}

OrErrno<std::uint64_t> cookie() {
  const Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  std::uint64_t value = 0;
  socklen_t size = sizeof value;
  if (::getsockopt(socket.get(), SOL_SOCKET, kNetnsCookie, &value, &size) != 0) return tl::unexpected(errno);
  return value;
}

std::string path_of(const std::string& choice) {
  return choice.find('/') == std::string::npos ? "/run/netns/" + choice : choice;
}

std::string path_of_process(std::string_view number) { return fmt::format("/proc/{}/ns/net", number); }

Error cannot_enter(const std::string& path, int error) {
  const ErrorCode code = is_denied(error)      ? ErrorCode::denied
                         : is_exhausted(error) ? ErrorCode::failed
                                               : ErrorCode::no_input;
  const bool of_process = path.starts_with("/proc/") && error == ENOENT;
  const std::string why = error == EINVAL ? "is not a network namespace"
                          : of_process    ? "no such process"
                                          : system_says(error);
  return {.code = code, .message = "cannot enter network namespace " + escape(path) + ": " + why};
}

using IsWanted = bool (*)(std::string_view name);

// At most `most` wanted names, as the directory lists them. Empty where there is none.
std::vector<std::string> first_names(const char* directory, IsWanted is_wanted, std::size_t most = kNoLimit) {
  std::vector<std::string> names;
  (void)for_each_name(open_entries(AT_FDCWD, directory), [&](std::string_view name) {
    if (is_wanted(name)) names.emplace_back(name);
    return names.size() < most;
  });
  return names;
}

bool is_visible(std::string_view name) { return !name.starts_with('.'); }

std::string name_of_process(const std::string& process) {
  const Descriptor file(::open(("/proc/" + process + "/comm").c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 64> text{};
  const ssize_t length = file ? ::read(file.get(), text.data(), text.size()) : 0;
  return std::string(trim(std::string_view(text.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0)))));
}

// A watchdog ends soon after its change is decided, so whoever else is in a namespace tells better where that is.
void put_watchdogs_last(std::vector<std::string>& processes) {
  std::stable_partition(processes.begin(), processes.end(),
                        [](const std::string& process) { return name_of_process(process) != kWatchdogName; });
}

// What is kept below /run/netns is no link, so it is told apart by its file.
using FileIdentity = std::pair<dev_t, ino_t>;

std::optional<FileIdentity> identity_of(const char* path) {
  struct stat status = {};
  if (::stat(path, &status) != 0) return std::nullopt;
  return FileIdentity{status.st_dev, status.st_ino};
}

// "\040" in a line of mountinfo is a blank (show_mountinfo() in the kernel's fs/proc_namespace.c).
std::string without_octal(std::string_view field) {
  const auto digit = [&](std::size_t at) { return at < field.size() && field[at] >= '0' && field[at] <= '7'; };
  std::string plain;
  for (std::size_t at = 0; at < field.size(); ++at) {
    const bool is_number = field[at] == '\\' && digit(at + 1) && digit(at + 2) && digit(at + 3);
    plain += is_number ? static_cast<char>((field[at + 1] - '0') * 64 + (field[at + 2] - '0') * 8 + field[at + 3] - '0')
                       : field[at];
    if (is_number) at += 3;
  }
  return plain;
}

// The network namespaces that the mounts of a process keep, "net:[4026532281]", each with the first of its places: the
// fields of a line are "ID PARENT DEVICE net:[4026532281] MOUNT-POINT ..." (proc_pid_mountinfo(5)).
std::map<std::string, std::string> kept_in(std::string_view mountinfo) {
  std::map<std::string, std::string> places;
  for (const std::string_view line : split(mountinfo, '\n')) {
    const std::vector<std::string_view> fields = words(line);
    if (fields.size() > 4 && fields[3].starts_with("net:[")) {
      places.try_emplace(std::string(fields[3]), without_octal(fields[4]));
    }
  }
  return places;
}

// What is not there any more; any other error leaves open what would have been found.
bool is_gone(int error) { return error == ENOENT || error == ESRCH || error == ENOTDIR; }

// The namespaces other than ours that can be seen from here, or the one that --netns takes `choice` for.
class OthersSeen {
 public:
  explicit OthersSeen(const std::string& choice) { add(choice); }
  OthersSeen() {
    for (const std::string& name : first_names("/run/netns", is_visible)) add(name);
    std::vector<std::string> processes = first_names("/proc", is_digits);
    put_watchdogs_last(processes);
    all_ = std::find(processes.begin(), processes.end(), "1") != processes.end();  // hidden, where it is not listed
    for (const std::string& process : processes) add(path_of_process(process));
    for (const std::string& process : processes) add_kept(process);
  }

  // Each as --netns takes it, one a namespace.
  [[nodiscard]] const std::vector<std::string>& paths() const { return paths_; }
  [[nodiscard]] bool all() const { return all_; }  // that there are in our PID namespace

 private:
  void add(std::string choice) {
    const auto other = identity_of(path_of(choice).c_str());
    all_ = all_ && (other || is_gone(errno));
    if (other && other != own_ && seen_.insert(*other).second) paths_.push_back(std::move(choice));
  }

  // What a mount holds that only its mount namespace has: a container's own names.
  void add_kept(const std::string& process) {
    const std::string folder = "/proc/" + process;
    const std::string mounts = namespace_of((folder + "/ns/mnt").c_str());
    if (mounts.empty() || !mount_namespaces_.insert(mounts).second) return;
    const Descriptor file(::open((folder + "/mountinfo").c_str(), O_RDONLY | O_CLOEXEC));
    const OrErrno<std::string> text = file ? read_bytes(file.get(), kMostMounts) : tl::unexpected(errno);
    all_ = all_ && (text ? text->size() <= kMostMounts : is_gone(text.error()));
    const std::string root = mounts == own_mounts_ ? "" : folder + "/root";
    for (const auto& [number, place] : kept_in(text.value_or(""))) {
      if (!is_seen(number)) add(root + place);
    }
  }

  // Anybody may mount theirs a hundred thousand times, and below paths of their own.
  [[nodiscard]] bool is_seen(const std::string& number) const {
    const auto is_it = [&](const FileIdentity& one) { return fmt::format("net:[{}]", one.second) == number; };
    return (own_ && is_it(*own_)) || std::any_of(seen_.begin(), seen_.end(), is_it);
  }

  static constexpr std::size_t kMostMounts = std::size_t{16} * 1024 * 1024;  // bytes of their list
  std::optional<FileIdentity> own_ = identity_of(kOwnNamespace);
  std::string own_mounts_ = namespace_of("/proc/self/ns/mnt");
  std::set<FileIdentity> seen_;
  std::set<std::string> mount_namespaces_;
  std::vector<std::string> paths_;
  bool all_ = true;
};

// The identities of namespaces, each with what --netns takes for it. One is a cookie that only a socket made inside
// tells, so each is entered for a moment.
struct Identities {
  std::vector<std::pair<std::string, std::string>> all;
  bool complete = true;  // none was there that could not be told
};

Identities identities_of(const OthersSeen& others) {
  const Descriptor home(::open(kOwnNamespace, O_RDONLY | O_CLOEXEC));
  if (!home) return {.all = {}, .complete = false};
  Identities found{.all = {}, .complete = others.all()};
  for (const std::string& choice : others.paths()) {
    const Descriptor other(::open(path_of(choice).c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    found.complete = found.complete && (other || is_gone(errno));
    if (!other) continue;
    const bool entered = ::setns(other.get(), CLONE_NEWNET) == 0;
    found.complete = found.complete && (entered || errno == EINVAL);  // EINVAL: it is no network namespace
    std::string identity = entered ? network_namespace_identity() : "";
    if (entered && ::setns(home.get(), CLONE_NEWNET) != 0) std::abort();  // in the wrong namespace nothing is safe
    found.complete = found.complete && (!entered || !identity.empty());
    if (!identity.empty()) found.all.emplace_back(std::move(identity), choice);
  }
  return found;
}

std::optional<std::string> place_in(const Identities& identities, const std::string& identity) {
  const auto& all = identities.all;
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.first == identity; });
  return found == all.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

// Where it was known is looked at by itself each time: that is the name which people know it by.
Platform::NamespaceFinder network_namespace_finder() {
  return
      [everywhere = std::optional<Identities>()](const std::string& identity, const std::string& known_as,
                                                 const std::string& seen_from) mutable -> std::optional<std::string> {
        Identities there;
        if (!known_as.empty()) there = identities_of(OthersSeen(known_as));
        if (auto place = place_in(there, identity)) return place;
        if (!everywhere) everywhere = identities_of(OthersSeen());
        if (auto place = place_in(*everywhere, identity)) return place;
        const bool sees_less = seen_from == kInitialPidNamespace && pid_namespace_identity() != kInitialPidNamespace;
        const bool all_told = !sees_less && there.complete && everywhere->complete;
        return all_told ? std::nullopt : std::optional<std::string>("");
      };
}

std::string pid_namespace_identity() { return namespace_of("/proc/self/ns/pid"); }

std::string network_namespace_choice(const std::string& choice) {
  return is_digits(choice) && ::access(path_of(choice).c_str(), F_OK) != 0 ? path_of_process(choice) : choice;
}

// setns checks the kind itself: CLONE_NEWNET answers EINVAL for any other file.
Result<void> enter_network_namespace(const std::string& choice) {
  const std::string path = path_of(choice);
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file || ::setns(file.get(), CLONE_NEWNET) != 0) return fail(cannot_enter(path, errno));
  return {};
}

std::string network_namespace_link(std::string_view process) { return namespace_of(path_of_process(process).c_str()); }

// One namespace must not have two names: only a kernel without cookies gives it the other one, and an emulator of
// another processor that does not know them (qemu-user 7.2 asks the kernel for four bytes: EINVAL).
std::string network_namespace_identity() {
  const auto value = cookie();
  if (value) return std::string(kNetworkNamespaceCookie) + std::to_string(*value);
  const bool has_none = value.error() == ENOPROTOOPT || value.error() == EINVAL;
  return has_none ? namespace_of(kOwnNamespace) : "";
}

// /proc lists the numbers from the lowest on. They are looked at from the highest down: a container's processes are
// mostly younger than the kernel's threads and the host's own services.
OtherNamespaces count_other_network_namespaces(std::size_t most_processes) {
  const std::size_t most_names =
      most_processes > kNoLimit / kListedForEachRead ? kNoLimit : most_processes * kListedForEachRead;
  const std::vector<std::string> names = first_names("/proc", is_digits, most_names);
  const std::size_t looked_at = std::min(most_processes, names.size());
  const std::string own = namespace_of(kOwnNamespace);
  const Descriptor directory(::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::set<std::string> others;
  int hidden = 0;
  for (auto process = names.rbegin(); process != names.rbegin() + static_cast<std::ptrdiff_t>(looked_at); ++process) {
    std::string other = namespace_of((*process + "/ns/net").c_str(), directory.get());
    hidden += other.empty() && is_denied(errno) ? 1 : 0;
    if (!other.empty() && other != own) others.insert(std::move(other));
  }
  return {.count = static_cast<int>(others.size()), .complete = hidden == 0 && looked_at == names.size()};
}

namespace {

// "net:[4026532281]" -> the name below /run/netns under which that one is kept; "" for none.
std::map<std::string, std::string> kept_names() {
  std::map<std::string, std::string> names;
  for (const std::string& name : first_names("/run/netns", is_visible)) {
    const auto file = identity_of(("/run/netns/" + name).c_str());
    if (file) names.emplace(fmt::format("net:[{}]", file->second), name);
  }
  return names;
}

}  // namespace

InhabitedNamespaces inhabited_network_namespaces() {
  InhabitedNamespaces found;
  std::map<std::string, InhabitedNamespace> by_identity;
  for (const std::string& process : first_names("/proc", is_digits)) {
    const std::string identity = namespace_of(path_of_process(process).c_str());
    found.hidden += identity.empty() && is_denied(errno) ? 1 : 0;
    if (identity.empty()) continue;
    InhabitedNamespace& one = by_identity[identity];
    const int pid = std::atoi(process.c_str());  // NOLINT(cert-err34-c): digits only
    if (one.processes++ == 0 || pid < one.pid) one.pid = pid;
  }
  const std::map<std::string, std::string> kept = kept_names();
  const std::string own = namespace_of(kOwnNamespace);
  for (auto& [identity, one] : by_identity) {
    const auto name = kept.find(identity);
    one.process = name_of_process(std::to_string(one.pid));
    if (identity != own) one.netns = name != kept.end() ? name->second : std::to_string(one.pid);
    found.all.push_back(std::move(one));
  }
  std::sort(found.all.begin(), found.all.end(), [](const auto& a, const auto& b) {
    return std::pair(!a.netns.empty(), a.pid) < std::pair(!b.netns.empty(), b.pid);
  });
  return found;
}

}  // namespace twctl
