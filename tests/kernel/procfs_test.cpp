// The real procfs of a network namespace of our own, and what may lie over it.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "observe/observe.hpp"
#include "platform/platform.hpp"
#include "support/in_namespace.hpp"
#include "support/skip.hpp"

using namespace twctl;
using twctl::test::forbid_system_call;
using twctl::test::in_child;
using twctl::test::in_namespace;
using twctl::test::put;

namespace {

constexpr const char* kFinTimeoutFile = "/proc/sys/net/ipv4/tcp_fin_timeout";

const char* name_of(LiveValue::State state) {
  switch (state) {
    case LiveValue::State::present:
      return "present";
    case LiveValue::State::absent:
      return "absent";
    case LiveValue::State::denied:
      return "denied";
    case LiveValue::State::unreadable:
      return "unreadable";
  }
  return "?";
}

// "present 60", "present 60 read-only", "absent", "denied: Permission denied", "error: ..."
std::string describe(const Result<LiveValue>& value) {
  if (!value) return "error: " + value.error().message;
  std::string text = name_of(value->state);
  if (value->state == LiveValue::State::present) text += " " + value->value;
  if (value->read_only) text += " read-only";
  if (!value->problem.empty()) text += ": " + value->problem;
  return text;
}

std::string read_live(std::string_view key, ValueType type = ValueType::integer) {
  const auto platform = make_platform(HostChoice{});
  if (!platform) return platform.error().message;
  Setting setting = *find_setting(Os::linux_kernel, "net.ipv4.tcp_fin_timeout");
  setting.key = key;
  setting.type = type;
  return describe((*platform)->settings().read(setting));
}

std::string read_fin_timeout() { return read_live("net.ipv4.tcp_fin_timeout"); }

bool bind(const char* what, const char* where) { return ::mount(what, where, nullptr, MS_BIND | MS_REC, nullptr) == 0; }

bool make_read_only(const char* path) {
  return bind(path, path) && ::mount(nullptr, path, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) == 0;
}

bool give_up_capabilities() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  const std::array<__user_cap_data_struct, 2> none = {};
  return ::syscall(SYS_capset, &header, none.data()) == 0;
}

// A process in a network namespace of its own, in which tcp_fin_timeout is 17.
class Elsewhere {
 public:
  Elsewhere() {
    int ends[2] = {};
    if (::pipe(ends) != 0) return;
    pid_ = ::fork();
    if (pid_ == 0) {
      const bool made = ::unshare(CLONE_NEWNET) == 0 && put(kFinTimeoutFile, "17\n").empty();
      (void)!::write(ends[1], made ? "y" : "n", 1);
      ::pause();
    }
    char made = 0;
    made_ = ::read(ends[0], &made, 1) == 1 && made == 'y';
  }
  Elsewhere(const Elsewhere&) = delete;
  Elsewhere& operator=(const Elsewhere&) = delete;
  ~Elsewhere() { end(); }

  void end() {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  [[nodiscard]] bool made() const { return made_; }
  [[nodiscard]] std::string number() const { return std::to_string(pid_); }
  [[nodiscard]] std::string path() const { return "/proc/" + number() + "/ns/net"; }

  // "NAME OF THE PROCESS NETNS", as the platform lists its namespace.
  [[nodiscard]] std::string listed() const {
    for (const InhabitedNamespace& one : (*make_platform(HostChoice{}))->inhabited_namespaces().all) {
      if (one.pid == pid_) return one.process + " " + one.netns;
    }
    return "not listed";
  }

 private:
  pid_t pid_ = -1;
  bool made_ = false;
};

// The same with openat2 as it is, as in a kernel before 5.6, and as in a sandbox that forbids it (E29).
void check_with_and_without_openat2(const std::function<std::string()>& body, const std::string& expected) {
  for (const int error : {0, ENOSYS, EPERM}) {
    CAPTURE(error);
    const auto answer = in_namespace([&] {
      if (error != 0) forbid_system_call(SYS_openat2, error);
      return body();
    });
    if (!answer) SKIP_TEST("no namespaces here");
    CHECK(*answer == expected);
  }
}

}  // namespace

TEST_CASE("a setting is read as the kernel of this namespace has it") {
  check_with_and_without_openat2(
      [] {
        const std::string problem = put(kFinTimeoutFile, "17\n");
        return problem.empty() ? read_fin_timeout() : problem;
      },
      "present 17");
}

TEST_CASE("a pair is read with one space between its numbers") {
  check_with_and_without_openat2([] { return read_live("net.ipv4.ip_local_port_range", ValueType::integer_pair); },
                                 "present 32768 60999");
}

TEST_CASE("a key that this kernel lacks is absent") {
  check_with_and_without_openat2([] { return read_live("net.ipv4.tcp_tw_recycle"); }, "absent");
}

TEST_CASE("K15: a tmpfs over /proc/sys is not taken for the kernel's settings") {
  check_with_and_without_openat2(
      [] {
        if (::mount("none", "/proc/sys", "tmpfs", 0, nullptr) != 0) return std::string("cannot mount");
        return read_fin_timeout();
      },
      "error: /proc/sys is not procfs: something is mounted over it, or this kernel lacks it");
}

TEST_CASE("K16: a file mounted over a key is refused by its name") {
  check_with_and_without_openat2(
      [] { return bind("/etc/hostname", kFinTimeoutFile) ? read_fin_timeout() : "cannot mount"; },
      "error: /proc/sys/net/ipv4/tcp_fin_timeout is not the kernel's own file: another file is mounted over it");
}

TEST_CASE("K16: another setting mounted over a key is refused too") {
  check_with_and_without_openat2(
      [] { return bind("/proc/sys/net/ipv4/tcp_syncookies", kFinTimeoutFile) ? read_fin_timeout() : "cannot mount"; },
      "error: /proc/sys/net/ipv4/tcp_fin_timeout is not the kernel's own file: another file is mounted over it");
}

TEST_CASE("K16: a directory mounted over the one of a key is refused") {
  check_with_and_without_openat2(
      [] { return bind("/proc/sys/net/ipv4", "/proc/sys/net/ipv4") ? read_fin_timeout() : "cannot mount"; },
      "error: /proc/sys/net/ipv4/tcp_fin_timeout is not the kernel's own file: another file is mounted over it");
}

TEST_CASE("K18: with a read-only /proc/sys a setting is still read, and said to be read-only") {
  check_with_and_without_openat2([] { return make_read_only("/proc/sys") ? read_fin_timeout() : "cannot mount"; },
                                 "present 60 read-only");
}

TEST_CASE("a writable /proc/sys/net in a read-only /proc/sys, as LXC makes it, is writable") {
  check_with_and_without_openat2(
      [] {
        const bool done = bind("/proc/sys/net", "/proc/sys/net") && make_read_only("/proc/sys");
        return done ? read_fin_timeout() : "cannot mount";
      },
      "present 60");
}

TEST_CASE("ports of listening sockets are those of this namespace, with and without netlink") {
  const auto listen_and_list = [](bool forbid_netlink) {
    return in_namespace([forbid_netlink]() -> std::string {
      const int socket = test::listen_on(8080);
      if (socket < 0) return "cannot listen";
      if (forbid_netlink) forbid_system_call(SYS_sendto, EPERM);
      const auto platform = make_platform(HostChoice{});
      std::string text;
      const auto seen = observe(**platform, {.settings = {}, .listening_ports = true});
      for (const int port : seen->listening_ports) text += std::to_string(port) + " ";
      return text;
    });
  };
  const auto by_netlink = listen_and_list(false);
  if (!by_netlink) SKIP_TEST("no namespaces here");
  CHECK(*by_netlink == "8080 ");
  CHECK(*listen_and_list(true) == "8080 ");
}

// One write takes 4095 bytes at most; a further one on the same descriptor adds to the list.
TEST_CASE("a list of reserved ports as long as can be is read whole") {
  const auto answer = in_namespace([]() -> std::string {
    const int file = ::open("/proc/sys/net/ipv4/ip_local_reserved_ports", O_WRONLY | O_CLOEXEC);
    std::string all;
    for (int port = 1; port < 65536; port += 2) {
      const std::string text = std::to_string(port) + "\n";
      if (::write(file, text.data(), text.size()) < 0) return "cannot write";
      all += (all.empty() ? "" : ",") + std::to_string(port);
    }
    const std::string read = read_live("net.ipv4.ip_local_reserved_ports", ValueType::port_set);
    return read == "present " + all ? "all of it" : std::to_string(read.size()) + " bytes";
  });
  if (!answer) SKIP_TEST("no namespaces here");
  CHECK(*answer == "all of it");
}

TEST_CASE("another network namespace is entered by its path, and seen to be another") {
  const auto answer = in_namespace([]() -> std::string {
    const std::string problem = put(kFinTimeoutFile, "17\n");
    if (::mount("none", "/mnt", "tmpfs", 0, nullptr) != 0) return "cannot mount";
    std::ofstream("/mnt/blue").close();
    if (!bind("/proc/self/ns/net", "/mnt/blue") || ::unshare(CLONE_NEWNET) != 0) return "no second namespace";
    const auto before = (*make_platform(HostChoice{}))->host_facts()->network_namespace;
    const auto blue = make_platform(HostChoice{.root = "/", .netns = "/mnt/blue"});
    if (!blue) return blue.error().message;
    const HostFacts facts = *(*blue)->host_facts();
    const bool other = facts.network_namespace != before && !facts.initial_network_namespace;
    return problem + facts.netns + " " + (other ? "another" : "the same") + " " + read_fin_timeout();
  });
  if (!answer) SKIP_TEST("no namespaces here");
  CHECK(*answer == "/mnt/blue another present 17");
}

TEST_CASE("what is no network namespace is not entered") {
  const auto problem_of = [](const char* netns) {
    const auto platform = make_platform(HostChoice{.root = "/", .netns = netns});
    return platform ? "entered" : platform.error().message;
  };
  CHECK(problem_of("no-such-name") ==
        "cannot enter network namespace /run/netns/no-such-name: No such file or directory");
  CHECK(problem_of("/etc/hostname") == "cannot enter network namespace /etc/hostname: is not a network namespace");
  CHECK(problem_of("/proc/self/ns/mnt") ==
        "cannot enter network namespace /proc/self/ns/mnt: is not a network namespace");
}

namespace {

// Whether the caller may see which namespaces any process is in; without, there may be more of them.
bool sees_every_process() {
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    char target[64];
    const bool seen = ::readlink(("/proc/" + name + "/ns/net").c_str(), target, sizeof target) >= 0;
    if (!seen && (errno == EACCES || errno == EPERM)) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("processes in other network namespaces are counted") {
  const auto answer = in_namespace([]() -> std::string {
    const auto platform = make_platform(HostChoice{});
    // Those of others come and go meanwhile: some time none does.
    OtherNamespaces all;
    int more = 0;
    for (int tries = 0; tries < 100 && more != 1; ++tries) {
      const int before = (*platform)->other_network_namespaces(kEveryProcess).count;
      const Elsewhere other;
      if (!other.made()) return "no second namespace";
      all = (*platform)->other_network_namespaces(kEveryProcess);
      more = all.count - before;
    }
    const OtherNamespaces newest = (*platform)->other_network_namespaces(1);
    return std::to_string(more) + (all.complete ? " of all" : " of some") +
           (newest.count <= 1 && !newest.complete ? ", at least so many of one process" : ", more than asked for");
  });
  if (!answer) SKIP_TEST("no namespaces here");
  const std::string rights =
      in_namespace([] { return std::string(sees_every_process() ? "all" : "some"); }).value_or("");
  CHECK(*answer == "1 of " + rights + ", at least so many of one process");
}

TEST_CASE("a network namespace is entered by the number of a process in it, and listed with that process") {
  const auto answer = in_namespace([]() -> std::string {
    Elsewhere other;
    if (!other.made()) return "no second namespace";
    const std::string number = other.number();
    const std::string path = other.path();
    const std::string listed = other.listed();
    std::string inside;
    std::thread([&] {  // which enters it for itself alone
      const auto entered = make_platform(HostChoice{.root = "/", .netns = number});
      inside = entered ? (*entered)->host_facts()->netns + " " + read_fin_timeout() : entered.error().message;
    })
        .join();
    const std::string here = read_fin_timeout();
    other.end();
    const auto gone = make_platform(HostChoice{.root = "/", .netns = number});
    const std::string expected = "cannot enter network namespace " + path + ": no such process";
    return (listed == "kernel_tests " + number ? "by its number" : listed) + ", " +
           (inside == path + " present 17" ? "entered" : inside) + ", " + here + ", " +
           (!gone && gone.error().message == expected ? "gone" : "not gone");
  });
  if (!answer) SKIP_TEST("no namespaces here");
  CHECK(*answer == "by its number, entered, present 60, gone");
}

TEST_CASE("a network namespace that is kept under a name is listed with that name") {
  const auto answer = in_namespace([]() -> std::string {
    if (::mount("none", "/run", "tmpfs", 0, nullptr) != 0 || ::mkdir("/run/netns", 0755) != 0) return "cannot mount";
    for (const char* name : {"/run/netns/blue", "/run/netns/not-kept"}) std::ofstream(name).close();
    const Elsewhere other;
    if (!other.made()) return "no second namespace";
    return bind(other.path().c_str(), "/run/netns/blue") ? other.listed() : "cannot mount";
  });
  if (!answer) SKIP_TEST("no namespaces here");
  CHECK(*answer == "kernel_tests blue");
}

TEST_CASE("a fresh namespace's limit of TIME_WAIT entries is half of the hash table's") {
  const auto answer = in_namespace([]() -> std::string {
    const auto platform = make_platform(HostChoice{});
    const std::int64_t entries = tcp_hash_entries((*platform)->files());
    if (entries == 0) return "not shown";
    const auto value = (*platform)->settings().read(*find_setting(Os::linux_kernel, "net.ipv4.tcp_max_tw_buckets"));
    return value && value->value == std::to_string(entries / 2) ? "half" : describe(value);
  });
  if (!answer) SKIP_TEST("no namespaces here");
  if (*answer == "not shown") SKIP_TEST("tcp_ehash_entries came with Linux 6.1");
  CHECK(*answer == "half");
}

TEST_CASE("E20: a system without procfs says so, and is not taken for an image") {
  const auto answer = in_namespace([]() -> std::string {
    if (::mount("none", "/proc", "tmpfs", 0, nullptr) != 0) return "cannot mount";
    const auto platform = make_platform(HostChoice{});
    const auto facts = (*platform)->host_facts();
    return facts ? "facts" : facts.error().message + "; " + facts.error().hint;
  });
  if (!answer) SKIP_TEST("no namespaces here");
  CHECK(*answer == "/proc is not procfs: there are no live settings to read; mount it: mount -t proc proc /proc");
}

TEST_CASE("a /proc/sys/net that this process may not open is named") {
  const auto answer = in_namespace([]() -> std::string {
    // A folder of procfs whose mode its owner may change, and that is of this network namespace alone.
    constexpr const char* kClosed = "/proc/self/net/stat";
    if (::chmod(kClosed, 0) != 0 || !bind(kClosed, "/proc/sys/net")) return "cannot mount";
    if (!give_up_capabilities()) return "still with capabilities";
    const auto facts = (*make_platform(HostChoice{}))->host_facts();
    return facts ? "facts" : facts.error().message;
  });
  if (!answer) SKIP_TEST("no namespaces here");
  CHECK(*answer == "/proc/sys/net cannot be opened");
}

namespace {

constexpr const char* kNoProcfs = "no procfs of its own";

// In a child of a process 1 that shares its root with it.
std::string below_a_process_1(const std::function<std::string()>& body) {
  if (::unshare(CLONE_NEWPID) != 0) return kNoProcfs;
  return in_child([&] { return ::mount("proc", "/proc", "proc", 0, nullptr) == 0 ? in_child(body) : kNoProcfs; });
}

std::string seen_in_a_chroot_with(const char* etc) {
  const bool made = ::mount("none", "/mnt", "tmpfs", 0, nullptr) == 0 && ::mkdir("/mnt/proc", 0755) == 0 &&
                    ::mkdir("/mnt/etc", 0755) == 0 && bind("/proc", "/mnt/proc") && bind(etc, "/mnt/etc");
  if (!made || ::chdir("/mnt") != 0 || ::chroot(".") != 0) return "no chroot";
  const auto facts = (*make_platform(HostChoice{}))->host_facts();
  if (!facts) return facts.error().message;
  return facts->in_chroot ? "a chroot" : "none that counts";
}

}  // namespace

TEST_CASE("a root that is not that of process 1 is a chroot, unless the /etc of process 1 is bound into it") {
  const auto with_etc = [](const char* etc) {
    return in_namespace([&] { return below_a_process_1([&] { return seen_in_a_chroot_with(etc); }); });
  };
  const auto with_its_own = with_etc("/mnt/etc");
  if (!with_its_own) SKIP_TEST("no namespaces here");
  if (*with_its_own == kNoProcfs) SKIP_TEST(*with_its_own);
  CHECK(*with_its_own == "a chroot");
  CHECK(*with_etc("/etc") == "none that counts");
}

TEST_CASE("a procfs below another root is live, and its settings are this kernel's") {
  const auto answer = in_namespace([]() -> std::string {
    const bool made = ::mount("none", "/mnt", "tmpfs", 0, nullptr) == 0 && ::mkdir("/mnt/proc", 0755) == 0 &&
                      bind("/proc", "/mnt/proc");
    if (!made) return "cannot mount";
    const auto platform = make_platform(HostChoice{.root = "/mnt", .netns = {}});
    const HostFacts facts = *(*platform)->host_facts();
    const auto value = (*platform)->settings().read(*find_setting(Os::linux_kernel, "net.ipv4.tcp_fin_timeout"));
    return std::string(facts.live ? "live " : "") + (facts.captured ? "captured " : "") + describe(value);
  });
  if (!answer) SKIP_TEST("no namespaces here");
  CHECK(*answer == "live present 60");
}
