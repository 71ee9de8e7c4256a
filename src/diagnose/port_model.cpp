#include "diagnose/port_model.hpp"

#include <algorithm>

#include "catalog/keys.hpp"

namespace twctl {
namespace {

using std::chrono::milliseconds;

constexpr KernelVersion kReuseInTheNextSecond{4, 19, 0};  // before: in the one after it

std::int64_t rounded_up(std::int64_t number, std::int64_t step) { return (number + step - 1) / step; }

// Before tcp_tw_reuse_delay the kernel compared whole seconds of its clock, and a load of T seconds sees T of them
// begin at most (Linux net/ipv4/tcp_ipv4.c, tcp_twsk_unique()).
std::int64_t uses_by_whole_seconds(KernelVersion kernel, milliseconds length) {
  const std::int64_t begun = rounded_up(length.count(), 1000);
  const bool current = kernel == KernelVersion{} || kernel >= kReuseInTheNextSecond;
  return 1 + (current ? begun : begun / 2);
}

// bind() to port 0 knows no destination, so that all of them share the range, and it takes no port in TIME_WAIT.
bool binds_a_port(const Load& load) { return load.binding == Binding::port; }

bool model_reuses(const PortSettings& settings, const Load& load) {
  const LoadAddresses addresses = addresses_of(load);
  return !binds_a_port(load) && reuse_applies(settings, Destination{.from = addresses.client, .to = addresses.server});
}

// A connection beyond tcp_max_tw_buckets ends without TIME_WAIT, and its port is free at once; so is that of one that
// is reset, or that the server has closed first.
bool leaves_ports_taken(const ModelHost& host, const Load& load, std::int64_t ports) {
  const bool bounded = host.max_tw_buckets && *host.max_tw_buckets >= 0;
  return load.closes == Side::client && !load.reset && (!bounded || *host.max_tw_buckets >= ports);
}

std::optional<std::int64_t> made_by(const Load& load, std::optional<std::int64_t> most) {
  if (load.rate > 0) {
    const std::int64_t asked = rounded_up(load.rate * load.length.count(), 1000);
    most = std::min(asked, most.value_or(asked));
  }
  if (load.most_attempts > 0) most = std::min(load.most_attempts, most.value_or(load.most_attempts));
  return most;
}

}  // namespace

std::int64_t uses_of_a_port(const PortSettings& settings, bool reuse, KernelVersion kernel, milliseconds length) {
  if (reuse && !settings.delay_is_a_setting) return uses_by_whole_seconds(kernel, length);
  return 1 + std::max<std::int64_t>(0, length.count() - 1) / port_wait(settings, reuse).count();
}

PortModel port_model(const PortSettings& settings, const ModelHost& host, const Load& load) {
  const bool reuse = model_reuses(settings, load);
  const std::int64_t ports = std::int64_t{settings.usable} * (binds_a_port(load) ? 1 : load.destinations);
  PortModel model{.reuse = reuse};
  if (leaves_ports_taken(host, load, ports)) {
    model.ports = ports;
    model.most = ports * uses_of_a_port(settings, reuse, host.kernel, load.length);
    model.sustained = sustainable_rate(settings.usable, settings, reuse) * (binds_a_port(load) ? 1 : load.destinations);
  }
  model.connections = made_by(load, model.most);
  return model;
}

PortSettings with_socket_range(PortSettings settings, const PortRange& asked) {
  PortRange& range = settings.local.range;
  const PortRange whole = range;
  const auto inside = [&](int port) { return whole.first <= port && port <= whole.last; };
  if (inside(asked.first)) range.first = asked.first;
  if (inside(asked.last)) range.last = asked.last;
  settings.usable = settings.local.usable();
  settings.first_half = settings.local.first_half();
  return settings;
}

}  // namespace twctl
