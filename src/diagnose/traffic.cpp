#include "diagnose/traffic.hpp"

#include <algorithm>
#include <bitset>
#include <memory>

#include "catalog/keys.hpp"
#include "diagnose/bounded_table.hpp"
#include "diagnose/stopped_servers.hpp"

namespace twctl {
namespace {

constexpr std::size_t kMostSources = 128;  // each keeps a bit for every port
constexpr std::size_t kMostPeers = 8192;
constexpr std::uint32_t kTimeWaitMs = kTimeWaitSeconds * 1000;
constexpr std::uint32_t kMuchOlderMs = 5000;
constexpr std::uint32_t kWindowMs = kRateWindowSeconds * 1000;

using Ports = std::bitset<65536>;

struct Usage {
  PortUse ports;
  std::uint32_t first_half = 0;       // of them; the longest in TIME_WAIT of either half
  std::uint16_t oldest_first_ms = 0;  // of the 60 seconds, which fit
  std::uint16_t oldest_other_ms = 0;
  std::uint32_t asked = 0;
  std::uint32_t unanswered = 0;
};

struct SourceTally {
  std::shared_ptr<Ports> used;  // shared only so that the table can copy its rows
  std::uint32_t low_parity = 0;
  std::uint32_t other_parity = 0;
};

struct PeerTally {
  std::uint32_t close_wait = 0;
  std::uint32_t fin_wait_2 = 0;
  std::uint32_t unfinished = 0;
};

struct PortKey {
  std::uint16_t port = 0;
  friend bool operator==(const PortKey&, const PortKey&) = default;
};

bool is_unfinished(TcpState state) {
  return state == TcpState::fin_wait_1 || state == TcpState::closing || state == TcpState::last_ack;
}

// What listens, as read before all else.
struct Listening {
  std::vector<Listener> kept;  // by port
  std::uint64_t count = 0;
  std::unique_ptr<Ports> ports = std::make_unique<Ports>();  // of all of them
};

// What a connection in TIME_WAIT has left of its 60 seconds tells when it came here.
std::uint32_t age_of(const Socket& socket) { return kTimeWaitMs - std::min(kTimeWaitMs, socket.timer_ms); }

void add_time_wait(const Socket& socket, std::uint32_t reuse_delay_ms, PortUse& use) {
  const std::uint32_t age = age_of(socket);
  ++use.time_wait;
  use.young += age < reuse_delay_ms ? 1U : 0U;
  use.entered += age < kWindowMs ? 1U : 0U;
  use.leaving += socket.timer_ms < kWindowMs ? 1U : 0U;
}

class Reader {
 public:
  Reader(const PortSettings& ports, Listening listening) : ports_(ports), listening_(std::move(listening)) {
    for (int port = ports.local.range.first; port <= ports.local.range.last; ++port) {
      if (ports.local.may_choose(port)) chosen_->set(static_cast<std::size_t>(port));
    }
    for (const ServicePorts& service : ports.local.services()) {
      if (service.ports.last - service.ports.first > 1) continue;  // not a service's own: many for whoever wants one
      for (int port = service.ports.first; port <= service.ports.last; ++port) services_.push_back(port);
    }
    restart();
  }

  void restart() {
    traffic_ = {};
    traffic_.listeners = listening_.kept;
    destinations_.clear();
    sources_.clear();
    peers_.clear();
    used_->reset();
  }

  void take(std::span<const Socket> sockets) {
    for (const Socket& socket : sockets) add(socket);
  }

  // Whether the sockets show servers that were taken for clients: read them again.
  bool learns_servers() { return stopped_.learn(); }

  Traffic finish();

 private:
  void add(const Socket& socket);
  void add_served(const Socket& socket);
  void add_opened(const Socket& socket);
  void add_source(const Socket& socket);
  void add_slow(const Socket& socket);
  void fill_destinations();
  void fill_asking();
  void fill_sources();
  void fill_source(SourceUse& source) const;
  [[nodiscard]] bool is_out_of_turn(const Usage& usage) const;
  void fill_peers();

  const PortSettings& ports_;
  Listening listening_;
  std::unique_ptr<Ports> chosen_ = std::make_unique<Ports>();  // ports that connect() may choose by itself
  std::unique_ptr<Ports> used_ = std::make_unique<Ports>();    // those of them that connections opened here use
  std::vector<int> services_;
  StoppedServers stopped_;
  Traffic traffic_;
  BoundedTable<Destination, Usage> destinations_{kMostDestinations};
  BoundedTable<IpAddress, SourceTally> sources_{kMostSources};
  BoundedTable<IpAddress, PeerTally> peers_{kMostPeers};
};

void keep(std::vector<std::uint32_t>& inodes, std::uint32_t inode) {
  if (inode != 0 && inodes.size() < kMostInodes) inodes.push_back(inode);
}

void Reader::add(const Socket& socket) {
  ++traffic_.counts.at(static_cast<std::size_t>(socket.state));
  const bool listening = listening_.ports->test(socket.local_port);
  if (!listening) stopped_.see(socket, ports_.local);
  if (listening || was_accepted(socket, ports_.local) || stopped_.accepted(socket)) {
    add_served(socket);
  } else if (socket.state != TcpState::closed) {
    add_opened(socket);
  }
  if (socket.state != TcpState::established && socket.state != TcpState::time_wait) add_slow(socket);
}

// A listener of one address among several on the port is not told from the others.
void Reader::add_served(const Socket& socket) {
  if (socket.state == TcpState::time_wait) ++traffic_.time_wait_served;
  if (socket.state != TcpState::time_wait && socket.state != TcpState::syn_recv) return;
  const auto listener = std::lower_bound(traffic_.listeners.begin(), traffic_.listeners.end(), socket.local_port,
                                         [](const Listener& l, std::uint16_t port) { return l.port < port; });
  // There was no room for it, or it has stopped.
  if (listener == traffic_.listeners.end() || listener->port != socket.local_port) return;
  ++(socket.state == TcpState::time_wait ? listener->time_wait : listener->half_open);
}

void Reader::add_opened(const Socket& socket) {
  const Destination key{.from = socket.local, .to = socket.remote, .port = socket.remote_port};
  Usage* usage = destinations_.find_or_add(key);
  if (usage == nullptr) {
    ++traffic_.left_out;
    return;
  }
  if (socket.state == TcpState::syn_sent) {
    ++usage->asked;
    usage->unanswered += socket.retransmits > 0 ? 1U : 0U;
  }
  if (!chosen_->test(socket.local_port)) return;
  const bool first_half = ports_.is_of_first_half(socket.local_port);
  usage->first_half += first_half ? 1U : 0U;
  if (socket.state == TcpState::time_wait) {
    std::uint16_t& oldest = first_half ? usage->oldest_first_ms : usage->oldest_other_ms;
    oldest = std::max(oldest, static_cast<std::uint16_t>(age_of(socket)));
    add_time_wait(socket, static_cast<std::uint32_t>(ports_.reuse_delay_ms), usage->ports);
  } else {
    ++usage->ports.open;
    usage->ports.orphans += socket.state == TcpState::fin_wait_2 && socket.inode == 0 ? 1U : 0U;
  }
  add_source(socket);
}

void Reader::add_source(const Socket& socket) {
  SourceTally* source = sources_.find_or_add(socket.local);
  if (source == nullptr) return;
  if (!source->used) source->used = std::make_shared<Ports>();
  source->used->set(socket.local_port);
  used_->set(socket.local_port);
  ++(ports_.is_of_first_half(socket.local_port) ? source->low_parity : source->other_parity);
}

void Reader::add_slow(const Socket& socket) {
  if (socket.state == TcpState::syn_sent) keep(traffic_.syn_sent, socket.inode);
  if (socket.state == TcpState::close_wait) keep(traffic_.close_wait, socket.inode);
  if (socket.state == TcpState::fin_wait_2) {
    keep(traffic_.fin_wait_2, socket.inode);
    traffic_.fin_wait_2_objects += socket.inode == 0 ? 1U : 0U;
  }
  if (is_unfinished(socket.state)) traffic_.retransmitted_unfinished += socket.retransmits > 0 ? 1U : 0U;
  const bool slow = socket.state == TcpState::close_wait || socket.state == TcpState::fin_wait_2;
  PeerTally* peer = slow || is_unfinished(socket.state) ? peers_.find_or_add(socket.remote) : nullptr;
  if (peer == nullptr) return;
  peer->close_wait += socket.state == TcpState::close_wait ? 1U : 0U;
  peer->fin_wait_2 += socket.state == TcpState::fin_wait_2 ? 1U : 0U;
  peer->unfinished += is_unfinished(socket.state) ? 1U : 0U;
}

// The largest first.
template <class Row, class Weight>
void keep_largest(std::vector<Row>& rows, Weight weight, std::size_t most = kMostShown) {
  std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) { return weight(a) > weight(b); });
  if (rows.size() > most) rows.resize(most);
}

std::uint32_t ports_of(const DestinationUse& use) { return use.ports.open + use.ports.time_wait; }

void Reader::fill_destinations() {
  destinations_.for_each([&](const Destination& destination, const Usage& usage) {
    traffic_.destinations.push_back({destination, usage.ports, usage.asked, usage.unanswered});
    if (traffic_.destinations.size() > 64 * kMostShown) keep_largest(traffic_.destinations, ports_of);
  });
  keep_largest(traffic_.destinations, ports_of);
}

void Reader::fill_asking() {
  BoundedTable<PortKey, SynSentByPort> by_port(kMostPeers);
  BoundedTable<IpAddress, SynSentByHost> by_host(kMostPeers);
  destinations_.for_each([&](const Destination& destination, const Usage& usage) {
    if (usage.asked == 0) return;
    if (SynSentByPort* asking = by_port.find_or_add({destination.port})) {
      ++asking->hosts;
      asking->asked += usage.asked;
      asking->unanswered += usage.unanswered;
    }
    if (SynSentByHost* host = by_host.find_or_add(destination.to)) {
      ++host->ports;
      host->asked += usage.asked;
    }
  });
  by_port.for_each([&](const PortKey& key, SynSentByPort asking) {
    asking.port = key.port;
    traffic_.asking.push_back(asking);
  });
  by_host.for_each([&](const IpAddress& address, SynSentByHost host) {
    host.host = address;
    traffic_.asked_hosts.push_back(host);
  });
  keep_largest(traffic_.asking, [](const SynSentByPort& asking) { return std::max(asking.hosts, asking.asked); });
  keep_largest(traffic_.asked_hosts, [](const SynSentByHost& host) { return host.ports; });
}

void Reader::fill_sources() {
  sources_.for_each([&](const IpAddress& address, const SourceTally& tally) {
    traffic_.sources.push_back({.address = address,
                                .distinct_ports = static_cast<std::uint32_t>(tally.used->count()),
                                .low_parity = tally.low_parity,
                                .other_parity = tally.other_parity});
  });
  keep_largest(traffic_.sources, [](const SourceUse& use) { return use.distinct_ports; });
  for (SourceUse& source : traffic_.sources) fill_source(source);
}

void Reader::fill_source(SourceUse& source) const {
  std::uint64_t connections = 0;
  std::uint64_t squares = 0;
  destinations_.for_each([&](const Destination& destination, const Usage& usage) {
    const std::uint64_t here = usage.ports.open + usage.ports.time_wait;
    if (here == 0 || destination.from != source.address) return;
    ++source.destinations;
    connections += here;
    squares += here * here;
    if (is_out_of_turn(usage)) source.out_of_turn += static_cast<std::uint32_t>(here) - usage.first_half;
  });
  if (ports_.usable == 0) return;
  const std::uint64_t pairs = (connections * connections - squares) / 2;
  const std::uint64_t shared = pairs / static_cast<std::uint64_t>(ports_.usable);
  source.expected_shared = static_cast<std::uint32_t>(std::min<std::uint64_t>(shared, UINT32_MAX));
}

// connect() would have taken a port of the first half. Where the first half was full and has begun to come free, its
// connections are the older ones.
bool Reader::is_out_of_turn(const Usage& usage) const {
  const bool first_is_used_up = 10ULL * usage.first_half >= 9ULL * static_cast<std::uint64_t>(ports_.first_half);
  const bool first_was_used_up = usage.oldest_first_ms > usage.oldest_other_ms + kMuchOlderMs;
  return !first_is_used_up && !first_was_used_up;
}

void Reader::fill_peers() {
  peers_.for_each([&](const IpAddress& address, const PeerTally& tally) {
    traffic_.slow_peers.push_back({address, tally.close_wait, tally.fin_wait_2, tally.unfinished});
  });
  keep_largest(traffic_.slow_peers,
               [](const SlowPeer& peer) { return peer.close_wait + peer.fin_wait_2 + peer.unfinished; });
}

Traffic Reader::finish() {
  fill_destinations();
  fill_asking();
  fill_sources();
  fill_peers();
  for (const int port : services_) {
    const bool listed = traffic_.service_ports.size() < kMostShown;
    if (listed && used_->test(static_cast<std::size_t>(port))) {
      traffic_.service_ports.push_back(static_cast<std::uint16_t>(port));
    }
  }
  for (auto* inodes : {&traffic_.close_wait, &traffic_.syn_sent, &traffic_.fin_wait_2}) {
    std::sort(inodes->begin(), inodes->end());
  }
  return std::move(traffic_);
}

std::uint64_t trouble_of(const Listener& listener) { return std::uint64_t{listener.drops} + listener.waiting; }

void add_listener(const Socket& socket, Listening& listening) {
  ++listening.count;
  listening.ports->set(socket.local_port);
  listening.kept.push_back({.address = socket.local,
                            .port = socket.local_port,
                            .waiting = socket.receive_queue,
                            .limit = socket.send_queue,
                            .drops = socket.drops.value_or(0),
                            .inode = socket.inode});
  if (listening.kept.size() >= 2 * kMostListeners) keep_largest(listening.kept, trouble_of, kMostListeners);
}

Result<Listening> read_listeners(SocketSource& sockets) {
  Listening listening;
  const SocketSink sink{.restart = [&] { listening = {}; },
                        .take =
                            [&](std::span<const Socket> piece) {
                              for (const Socket& socket : piece) add_listener(socket, listening);
                            }};
  TRY_VOID(sockets.dump({.states = {TcpState::listen}, .details = true}, sink));
  keep_largest(listening.kept, trouble_of, kMostListeners);
  std::stable_sort(listening.kept.begin(), listening.kept.end(),
                   [](const Listener& a, const Listener& b) { return a.port < b.port; });
  return listening;
}

}  // namespace

Result<Waiting> read_waiting(SocketSource& sockets) {
  Waiting waiting;
  const auto take = [&](std::span<const Socket> piece) {
    for (const Socket& socket : piece) {
      if (socket.receive_queue == 0 || waiting.size() >= kMostListeners) continue;
      waiting[{socket.inode, socket.local_port}] = socket.receive_queue;
    }
  };
  TRY_VOID(sockets.dump({.states = {TcpState::listen}}, {.restart = [&] { waiting.clear(); }, .take = take}));
  return waiting;
}

Result<Traffic> read_traffic(SocketSource& sockets, const PortSettings& ports) {
  TRY(Listening listening, read_listeners(sockets));
  const std::uint64_t count = listening.count;
  Reader reader(ports, std::move(listening));
  const SocketSink sink{.restart = [&] { reader.restart(); },
                        .take = [&](std::span<const Socket> piece) { reader.take(piece); }};
  const SocketQuery query{.states = StateSet::all().without(TcpState::listen)};
  TRY_VOID(sockets.dump(query, sink));
  if (reader.learns_servers()) TRY_VOID(sockets.dump(query, sink));
  Traffic traffic = reader.finish();
  const std::vector<IpAddress> own = sockets.own_addresses();
  for (DestinationUse& use : traffic.destinations) {
    if (!own.empty()) use.own_address = std::binary_search(own.begin(), own.end(), use.destination.to);
  }
  traffic.origin = sockets.origin();
  traffic.counts.at(static_cast<std::size_t>(TcpState::listen)) = count;
  return traffic;
}

}  // namespace twctl
