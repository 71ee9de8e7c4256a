#include "platform/linux/linux_sockets.hpp"

#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "base/escape.hpp"
#include "platform/linux/counter_text.hpp"
#include "platform/linux/netlink_dump.hpp"
#include "platform/linux/socket_owners.hpp"
#include "platform/linux/tcp_table.hpp"
#include "platform/posix/read_bytes.hpp"

namespace twctl {
namespace {

constexpr std::size_t kLargestCounterFile = 256U * 1024;  // netstat is 5 KiB; nf_conntrack one line a processor
constexpr std::size_t kPiece = 64U * 1024;

bool is_plain_file(int descriptor) {
  struct stat status = {};
  return ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

// A FIN_WAIT_2 that no process holds is kept as a time-wait object (net/ipv4/tcp_minisocks.c).
bool is_fin_wait_2_object(const Socket& socket) {
  return socket.state == TcpState::fin_wait_2 && socket.timer == SocketTimer::time_wait;
}

class LinuxSockets final : public SocketSource {
 public:
  LinuxSockets(const RootFiles& files, LiveSource source, std::function<KernelVersion()> kernel)
      : files_(files), source_(source), kernel_(std::move(kernel)) {}

  Result<StateCounts> count_states() override;
  Result<void> dump(const SocketQuery& query, const SocketSink& sink) override;
  Result<Counters> counters() override { return counters_in(directory()); }
  Result<std::optional<EarlierCounters>> earlier_counters() override;
  std::vector<IpAddress> own_addresses() override;
  SocketOwners owners(std::span<const std::uint32_t> inodes) override;

 private:
  [[nodiscard]] bool live() const { return source_ == LiveSource::procfs; }
  // Not /proc/net: that follows the process's first thread and not the namespace entered.
  [[nodiscard]] std::string directory() const { return live() ? "/proc/thread-self/net/" : "/proc/net/"; }
  [[nodiscard]] std::string path_of(std::string_view name) const { return directory() + std::string(name); }
  [[nodiscard]] OrErrno<Descriptor> open(const std::string& path) const;
  [[nodiscard]] Result<std::string> counter_file(const std::string& path) const;
  [[nodiscard]] Result<Counters> counters_in(const std::string& below) const;
  [[nodiscard]] Result<double> uptime(const std::string& path) const;
  Result<bool> read_table(std::string_view name, const SocketQuery& query, const SocketSink& sink) const;
  Result<void> read_table_from(int file, const std::string& path, const SocketQuery& query,
                               const SocketSink& sink) const;
  Result<void> dump_tables(const SocketQuery& query, const SocketSink& sink);
  Result<StateCounts> count_all(const SocketQuery& query, std::uint64_t& fin_wait_2_objects);

  const RootFiles& files_;
  LiveSource source_;
  std::function<KernelVersion()> kernel_;
};

Error damaged(const std::string& path, const std::string& problem) {
  return {.code = ErrorCode::invalid, .message = path + ": " + problem};
}

// A dump that never comes whole is no reason to believe a table that is read in many pieces instead.
bool means_no_netlink(int error) { return error != ENOBUFS && error != EINTR && error != EPROTO; }

Error never_whole(int error) {
  if (error == EPROTO)
    return {.code = ErrorCode::failed, .message = "the kernel's list of sockets cannot be understood"};
  const std::string why = error == ENOBUFS ? "messages were lost" : "it changed while it was read";
  return {.code = ErrorCode::failed,
          .message = "the kernel's list of sockets never came whole: " + why,
          .hint = "try again; the counts would have been too small"};
}

OrErrno<Descriptor> LinuxSockets::open(const std::string& path) const {
  auto file = files_.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (file && !is_plain_file(file->get())) return tl::unexpected(EINVAL);
  return file;
}

void keep_wanted(const SocketQuery& query, std::vector<Socket>& sockets) {
  std::erase_if(sockets, [&](const Socket& socket) { return !query.states.contains(socket.state); });
}

Result<void> LinuxSockets::read_table_from(int file, const std::string& path, const SocketQuery& query,
                                           const SocketSink& sink) const {
  TcpTableReader reader;
  std::vector<Socket> sockets;
  std::array<char, kPiece> piece;
  while (true) {
    const ssize_t got = ::read(file, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(cannot_read(path, errno));
    if (got == 0) break;
    sockets.clear();
    const auto done = reader.take({piece.data(), static_cast<std::size_t>(got)}, sockets);
    if (!done) return fail(damaged(path, done.error()));
    keep_wanted(query, sockets);
    sink.take(sockets);
  }
  if (const auto done = reader.finish(); !done) return fail(damaged(path, done.error()));
  return {};
}

// false: there is no such table.
Result<bool> LinuxSockets::read_table(std::string_view name, const SocketQuery& query, const SocketSink& sink) const {
  const auto file = open(path_of(name));
  if (!file && is_missing(file.error())) return false;
  if (!file) return fail(cannot_read(path_of(name), file.error()));
  TRY_VOID(read_table_from(file->get(), path_of(name), query, sink));
  return true;
}

// A kernel without IPv6 has no tcp6.
Result<void> LinuxSockets::dump_tables(const SocketQuery& query, const SocketSink& sink) {
  origin_ = live() ? SocketOrigin::table : SocketOrigin::captured;
  sink.restart();
  TRY(const bool there, read_table("tcp", query, sink));
  if (!there) {
    return fail(ErrorCode::unsupported, live() ? "this kernel has no TCP" : "no sockets were captured of this host",
                live() ? "" : "scripts/capture-host saves them; an image that does not run has none");
  }
  TRY_VOID(read_table("tcp6", query, sink));
  return {};
}

Result<void> LinuxSockets::dump(const SocketQuery& query, const SocketSink& sink) {
  if (source_ == LiveSource::none)
    return fail(ErrorCode::unsupported, "there are no sockets here: /proc is not procfs");
  if (!live()) return dump_tables(query, sink);
  const auto done = dump_by_netlink(query, sink);
  origin_ = SocketOrigin::netlink;
  if (done) return {};
  if (!means_no_netlink(done.error())) return fail(never_whole(done.error()));
  return dump_tables(query, sink);
}

Result<StateCounts> LinuxSockets::count_all(const SocketQuery& query, std::uint64_t& fin_wait_2_objects) {
  StateCounts counts{};
  const auto restart = [&] {
    counts = {};
    fin_wait_2_objects = 0;
  };
  const auto take = [&](std::span<const Socket> sockets) {
    for (const Socket& socket : sockets) {
      ++counts.at(static_cast<std::size_t>(socket.state));
      if (is_fin_wait_2_object(socket)) ++fin_wait_2_objects;
    }
  };
  TRY_VOID(dump(query, {.restart = restart, .take = take}));
  return counts;
}

// TIME_WAIT sockets are the many; leaving them out of the answer costs only the kernel's own walk over them.
Result<StateCounts> LinuxSockets::count_states() {
  std::uint64_t fin_wait_2_objects = 0;
  SocketQuery query;
  const bool short_way = live() && counts_time_wait_per_namespace(kernel_());
  if (short_way) query.states = query.states.without(TcpState::time_wait);
  TRY(const StateCounts counts, count_all(query, fin_wait_2_objects));
  if (!short_way) return counts;
  Counters sockstat;
  if (const auto text = counter_file(path_of("sockstat"))) (void)take_sockstat(*text, sockstat);
  const auto tw = sockstat.find("sockstat.TCP.tw");
  if (tw == sockstat.end()) return count_all({}, fin_wait_2_objects);
  return with_time_wait(counts, fin_wait_2_objects, static_cast<std::uint64_t>(tw->second));
}

Result<std::string> LinuxSockets::counter_file(const std::string& path) const {
  const auto file = open(path);
  if (!file && is_missing(file.error())) return "";
  if (!file) return fail(cannot_read(path, file.error()));
  auto text = read_bytes(file->get(), kLargestCounterFile);
  if (!text) return fail(cannot_read(path, text.error()));
  if (text->size() > kLargestCounterFile) return fail(damaged(path, "larger than any file of counters"));
  return *std::move(text);
}

Result<Counters> LinuxSockets::counters_in(const std::string& below) const {
  using Take = tl::expected<void, std::string> (*)(std::string_view, Counters&);
  struct CounterFile {
    std::string_view name;
    Take take;
  };
  constexpr std::array kFiles{CounterFile{"netstat", take_paired_counters}, CounterFile{"snmp", take_paired_counters},
                              CounterFile{"sockstat", take_sockstat}, CounterFile{"sockstat6", take_sockstat},
                              CounterFile{"stat/nf_conntrack", take_conntrack}};
  Counters counters;
  for (const auto& [name, take] : kFiles) {
    const std::string path = below + std::string(name);
    TRY(const std::string text, counter_file(path));
    if (const auto done = take(text, counters); !done) return fail(damaged(path, done.error()));
  }
  return counters;
}

// Seconds since the boot, "12345.67 ..."; 0 where there is no such file.
Result<double> LinuxSockets::uptime(const std::string& path) const {
  TRY(const std::string text, counter_file(path));
  if (text.empty()) return 0;
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds, std::chars_format::fixed);
  if (error != std::errc{} || !(seconds > 0)) return fail(damaged(path, "not what the kernel writes there"));
  return seconds;
}

// scripts/capture-host puts them there.
Result<std::optional<EarlierCounters>> LinuxSockets::earlier_counters() {
  constexpr double kLongest = 24 * 3600;
  if (live()) return std::nullopt;
  TRY(const double then, uptime("/earlier/proc/uptime"));
  TRY(const double now, uptime("/proc/uptime"));
  if (then == 0 || now <= then || now - then > kLongest) return std::nullopt;
  TRY(Counters counters, counters_in("/earlier/proc/net/"));
  return EarlierCounters{.counters = std::move(counters), .seconds = now - then};
}

// In this thread's network namespace, as sock_diag.
std::vector<IpAddress> LinuxSockets::own_addresses() {
  std::vector<IpAddress> addresses;
  ifaddrs* first = nullptr;
  if (!live() || ::getifaddrs(&first) != 0) return addresses;
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> all(first, ::freeifaddrs);
  for (const ifaddrs* one = all.get(); one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr) continue;
    if (one->ifa_addr->sa_family == AF_INET) {
      IpAddress& address = addresses.emplace_back(ipv4_address(0, 0, 0, 0));
      std::memcpy(address.bytes.data() + 12, &reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr, 4);
    } else if (one->ifa_addr->sa_family == AF_INET6) {
      IpAddress& address = addresses.emplace_back();
      std::memcpy(address.bytes.data(), &reinterpret_cast<const sockaddr_in6*>(one->ifa_addr)->sin6_addr, 16);
    }
  }
  std::sort(addresses.begin(), addresses.end());
  return addresses;
}

SocketOwners LinuxSockets::owners(std::span<const std::uint32_t> inodes) {
  const auto proc = live() ? files_.open("/proc", O_RDONLY | O_DIRECTORY) : tl::unexpected(ENOENT);
  if (proc) return find_socket_owners(*proc, inodes);
  SocketOwners owners;
  owners.owner.assign(inodes.size(), SocketOwners::kNobody);
  owners.known = false;
  return owners;
}

}  // namespace

StateCounts with_time_wait(StateCounts counts, std::uint64_t fin_wait_2_objects, std::uint64_t tw) {
  counts.at(static_cast<std::size_t>(TcpState::time_wait)) = tw > fin_wait_2_objects ? tw - fin_wait_2_objects : 0;
  return counts;
}

bool counts_time_wait_per_namespace(KernelVersion kernel) { return kernel >= KernelVersion{4, 11}; }

std::unique_ptr<SocketSource> make_socket_source(const RootFiles& files, LiveSource source,
                                                 std::function<KernelVersion()> kernel) {
  return std::make_unique<LinuxSockets>(files, source, std::move(kernel));
}

}  // namespace twctl
