#include "platform/linux/load_processes.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "catalog/keys.hpp"
#include "platform/linux/load_client.hpp"
#include "platform/linux/load_server.hpp"
#include "platform/linux/private_links.hpp"
#include "platform/linux/private_namespace.hpp"
#include "platform/platform.hpp"
#include "platform/posix/durable.hpp"
#include "platform/posix/system_error.hpp"

namespace twctl {
namespace {

static_assert(sizeof(LoadMessage) <= PIPE_BUF);
static_assert(std::is_trivially_copyable_v<LoadMessage>);

const std::string kLink = "trial";
constexpr std::chrono::milliseconds kLinkUpWithin{5000};

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail(ErrorCode::failed, fmt::format("no pipe for a measurement: {}", system_says(errno)));
  }
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

template <std::size_t Size>
void copy_text(std::array<char, Size>& to, std::string_view text) {
  const std::size_t length = std::min(text.size(), Size - 1);
  std::copy_n(text.data(), length, to.data());
}

Error failed(std::string_view what, int error) {
  return {.code = ErrorCode::failed,
          .message = fmt::format("{} in the trial's namespace: {}", what, system_says(error))};
}

// What a process of a load has to say to the one that started it.
class Teller {
 public:
  Teller(int messages, Side side) : messages_(messages), side_(side) {}

  void tell(const LoadFigures& figures, bool is_last) const {
    LoadMessage message = {.kind = is_last ? LoadMessageKind::last_figures : LoadMessageKind::figures};
    message.figures = figures;
    write(message);
  }
  void tell(const Error& error) const {
    LoadMessage message = {.kind = LoadMessageKind::failed, .code = error.code};
    copy_text(message.text, error.message);
    copy_text(message.hint, error.hint);
    write(message);
  }
  void tell_not_set(const Setting& setting, std::string_view why) const {
    LoadMessage message = {.kind = LoadMessageKind::not_set};
    copy_text(message.key, setting.key);
    copy_text(message.text, why);
    write(message);
  }

 private:
  void write(LoadMessage& message) const {
    message.side = side_;
    (void)write_all(messages_, {reinterpret_cast<const char*>(&message), sizeof message});
  }

  int messages_;
  Side side_;
};

// From here on this process ends with the one that made it.
void die_with(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
}

// The terminal's signals come to every process in the foreground. The first one passes them on through its pipe, so
// that what was measured still comes.
void leave_signals_to_the_first() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP}) ::signal(signal, SIG_IGN);
}

void raise_descriptor_limit() {
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 65536);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// One that is there already is not written. "" if done, else why not.
Result<std::string> write_setting(SettingStore& store, const Setting& setting, const Value& value) {
  TRY(const LiveValue before, store.read(setting));
  if (before.in_force() == value) return std::string();
  if (before.state == LiveValue::State::absent) return std::string("not there in a network namespace");
  if (before.read_only && setting.reach == Reach::per_namespace) {
    return fail(ErrorCode::unsupported, "trial: /proc/sys is read-only here, as in a container",
                "run it outside, or where /proc/sys may be written");
  }
  if (const Result<void> written = store.write(setting, value); !written) return written.error().message;
  TRY(const LiveValue after, store.read(setting));
  return after.in_force() == value ? std::string() : std::string("the kernel took another value");
}

// Some settings bound others (a port range may at no moment begin below ip_unprivileged_port_start), so that what the
// kernel refuses at first is tried once more after the others.
Result<void> write_settings(SettingStore& store, const SettingValues& values, const Teller& teller) {
  SettingValues refused;
  for (const auto& [setting, value] : values) {
    TRY(const std::string why, write_setting(store, *setting, value));
    if (!why.empty()) refused.emplace_back(setting, value);
  }
  for (const auto& [setting, value] : refused) {
    TRY(const std::string why, write_setting(store, *setting, value));
    if (!why.empty()) teller.tell_not_set(*setting, why);
  }
  return {};
}

// Only where the host has it already: loading it would change the host.
Result<void> track_if_there(SettingStore& store, const Teller& teller) {
  const Setting& timeout = *find_setting(keys::kConntrackTimeWait);
  TRY(const LiveValue value, store.read(timeout));
  if (value.state == LiveValue::State::absent) return {};  // write_settings() has told
  if (const auto tracked = track_flows(); !tracked) teller.tell_not_set(timeout, system_says(tracked.error()));
  return {};
}

// By disable_ipv6 (addrconf_add_dev() in the kernel's net/ipv6/addrconf.c), or ipv6.disable=1, or a kernel without it.
bool is_ipv6_off(int error) { return error == EACCES || error == EOPNOTSUPP || error == EAFNOSUPPORT; }

Result<void> set_up_link(const Load& load, const IpAddress& own) {
  if (const auto up = bring_up("lo"); !up) return fail(failed("cannot bring up lo", up.error()));
  if (load.loopback) return {};
  if (const auto added = add_address(kLink, own); !added) {
    if (load.ipv6 && is_ipv6_off(added.error())) {
      return fail(ErrorCode::unsupported, "trial: IPv6 is switched off on this host");
    }
    return fail(failed("cannot set an address", added.error()));
  }
  if (const auto up = bring_up(kLink); !up) return fail(failed("cannot bring up the link", up.error()));
  return {};
}

Result<void> add_link(pid_t peer) {
  const auto added = add_veth_to(peer, kLink);
  if (added) return {};
  if (added.error() != EOPNOTSUPP) return fail(failed("cannot make a veth pair", added.error()));
  return fail(ErrorCode::unsupported, "trial: this kernel has no veth, the link between two network namespaces",
              "load the module veth");
}

// One byte each way: what one process has done, and what the other waits for. False: the other one has ended.
bool signal_peer(int pipe) { return ::write(pipe, "x", 1) == 1; }
bool await_peer(int pipe) {
  char byte = 0;
  ssize_t got = 0;
  do {
    got = ::read(pipe, &byte, 1);
  } while (got < 0 && errno == EINTR);
  return got == 1;
}

// The way between client and server: `in` to read what the other has written, `out` to write.
struct Peer {
  Descriptor in;
  Descriptor out;
};

void signal_and_await(const Peer& peer) {
  if (!signal_peer(peer.out.get()) || !await_peer(peer.in.get())) ::_exit(1);
}

Result<void> be_server(const Load& load, const Peer& client, const Teller& teller) {
  if (!load.loopback) {
    TRY_VOID(enter_second_namespace());
    signal_and_await(client);
    TRY_VOID(set_up_link(load, addresses_of(load).server));
    signal_and_await(client);
  }
  TRY(const auto inside, make_platform({}));
  if (!load.loopback) TRY_VOID(write_settings(inside->settings(), load.server_settings, teller));
  LoadMeter meter(inside->sockets());
  LoadServer server(load, meter);
  if (const auto listens = server.listen(); !listens) return fail(failed("cannot listen", listens.error()));
  TRY_VOID(write_settings(inside->settings(), load.server_settings_after_listen, teller));
  meter.begin();
  if (!signal_peer(client.out.get())) ::_exit(1);
  LoadPulse pulse(meter, [&](const LoadFigures& figures, bool is_last) { teller.tell(figures, is_last); });
  server.serve(client.in.get(), pulse);
  pulse.end();
  return {};
}

// Both ends of the link in place, and packets going through. False: the server has ended, and said why.
Result<bool> join_server(const Load& load, pid_t server, const Peer& way) {
  if (!await_peer(way.in.get())) return false;
  TRY_VOID(add_link(server));
  TRY_VOID(set_up_link(load, addresses_of(load).client));
  if (!signal_peer(way.out.get()) || !await_peer(way.in.get())) return false;
  if (!reaches(addresses_of(load), kLinkUpWithin)) {
    return fail(ErrorCode::failed, "trial: nothing gets through between the two network namespaces");
  }
  return signal_peer(way.out.get());
}

Result<void> put_load(const Load& load, Platform& inside, int until_ready, const Teller& teller) {
  if (load.socket_range && !has_socket_range()) {
    return fail(ErrorCode::unsupported,
                "trial: this kernel has no IP_LOCAL_PORT_RANGE, a socket's own range of ports (since Linux 6.3)");
  }
  LoadMeter meter(inside.sockets());
  LoadClient client(load, meter);
  meter.begin();
  LoadPulse pulse(meter, [&](const LoadFigures& figures, bool is_last) { teller.tell(figures, is_last); });
  const bool whole = client.run(until_ready, pulse);
  if (whole && load.watch.count() > 0) {
    TRY_VOID(write_settings(inside.settings(), load.client_settings_later, teller));
    client.send_late_syns();
    client.watch(until_ready, pulse);
  }
  pulse.end();
  return {};
}

// The server's process is a child of the client's, in whose user namespace it has its rights.
Result<void> be_client(const Load& load, pid_t parent, int until_ready, int messages) {
  const Teller teller(messages, Side::client);
  TRY_VOID(enter_private_namespace());
  die_with(parent);  // once more: a change of credentials may take it away
  TRY(const auto inside, make_platform({}));
  TRY_VOID(write_settings(inside->settings(), load.client_settings, teller));
  if (load.tracks_flows) TRY_VOID(track_if_there(inside->settings(), teller));
  if (load.loopback) TRY_VOID(set_up_link(load, addresses_of(load).client));
  TRY(Pipe to_server, make_pipe());
  TRY(Pipe to_client, make_pipe());
  const pid_t own = ::getpid();
  const pid_t server = ::fork();
  if (server < 0) return fail(failed("cannot start a process", errno));
  if (server == 0) {
    die_with(own);
    ::close(until_ready);
    to_server.write = Descriptor();
    to_client.read = Descriptor();
    const Teller server_teller(messages, Side::server);
    const auto served = be_server(load, {std::move(to_server.read), std::move(to_client.write)}, server_teller);
    if (!served) server_teller.tell(served.error());
    ::_exit(0);
  }
  to_server.read = Descriptor();
  to_client.write = Descriptor();
  Peer way{std::move(to_client.read), std::move(to_server.write)};
  const auto with_server = [&]() -> Result<void> {
    TRY(const bool joined, load.loopback ? Result<bool>(true) : join_server(load, server, way));
    if (!joined || !await_peer(way.in.get())) return {};
    return put_load(load, *inside, until_ready, teller);
  };
  Result<void> done = with_server();
  way.out = Descriptor();  // the server's sign to end
  ::waitpid(server, nullptr, 0);
  return done;
}

}  // namespace

Result<LoadProcesses> LoadProcesses::start(const Load& load) {
  TRY(Pipe messages, make_pipe());
  TRY(Pipe stop, make_pipe());
  const pid_t own = ::getpid();
  const pid_t client = ::fork();
  if (client < 0) return fail(failed("cannot start a process", errno));
  if (client == 0) {
    die_with(own);
    leave_signals_to_the_first();
    raise_descriptor_limit();
    messages.read = Descriptor();
    stop.write = Descriptor();
    const auto done = be_client(load, own, stop.read.get(), messages.write.get());
    if (!done) Teller(messages.write.get(), Side::client).tell(done.error());
    ::_exit(0);
  }
  return LoadProcesses(client, std::move(messages.read), std::move(stop.write));
}

LoadProcesses::~LoadProcesses() {
  if (client_ <= 0) return;
  if (messages_) ::kill(client_, SIGKILL);
  ::waitpid(client_, nullptr, 0);
}

void LoadProcesses::stop() const { (void)signal_peer(stop_.get()); }

std::optional<LoadMessage> LoadProcesses::next() {
  LoadMessage message;
  ssize_t got = 0;
  do {
    got = ::read(messages_.get(), &message, sizeof message);
  } while (got < 0 && errno == EINTR);
  if (got == static_cast<ssize_t>(sizeof message)) return message;
  messages_ = Descriptor();
  return std::nullopt;
}

}  // namespace twctl
