// Each finding of doctor made for real, with real sockets and real counters in a namespace, and its absence beside it.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "platform/platform.hpp"
#include "rules/diagnosis.hpp"
#include "support/in_namespace.hpp"
#include "support/load.hpp"
#include "support/shell.hpp"
#include "support/skip.hpp"
#include "support/tree.hpp"

namespace {

using namespace twctl::test;
using twctl::Diagnosis;
using twctl::Finding;

using Act = std::function<void(Load&)>;

// What doctor says while `meanwhile` happens between its two readings of the counters.
Diagnosis look(const std::function<void()>& meanwhile = {}) {
  const auto host = *twctl::make_platform({});
  twctl::Sampling sampling{.interval = std::chrono::milliseconds(20)};
  sampling.progress = [&](double part) {
    if (part == 0 && meanwhile) meanwhile();
  };
  const auto examination = twctl::examine(*host, sampling);
  if (!examination) throw std::runtime_error(examination.error().message);
  return twctl::diagnose(*examination);
}

// "warning ports-low", one a line.
std::string names_of(const Diagnosis& diagnosis) {
  std::string text;
  for (const Finding& finding : diagnosis.findings) {
    text += fmt::format("{}{} {}", text.empty() ? "" : "\n", name_of(finding.severity), finding.row->id);
  }
  return text;
}

const Finding* find(const Diagnosis& diagnosis, std::string_view id) {
  for (const Finding& finding : diagnosis.findings) {
    if (finding.row->id == id) return &finding;
  }
  return nullptr;
}

std::string in_fresh_namespace(const std::function<std::string()>& body) {
  const auto answer = in_namespace([&] { return told(body); });
  return answer ? *answer : "no namespaces here";
}

// The findings after `before`, while `meanwhile` goes on.
std::string found_after(const Act& before, const Act& meanwhile = {}, int backlog = 4096) {
  return in_fresh_namespace([&] {
    Load load(9000, backlog);
    if (before) before(load);
    return names_of(look([&] {
      if (meanwhile) meanwhile(load);
    }));
  });
}

// The limit of orphans is the host's own and does not show in other namespaces, so here it is put in; what is held
// against it are real sockets and the kernel's count.
std::string found_with_orphans_of_at_most(const char* limit) {
  return in_fresh_namespace([&]() -> std::string {
    Load load;
    load.unfinished(40);
    auto examination = twctl::examine(**twctl::make_platform({}), {.interval = std::chrono::milliseconds(0)});
    if (!examination) return examination.error().message;
    examination->settings["net.ipv4.tcp_max_orphans"] = limit;
    const Diagnosis diagnosis = twctl::diagnose(*examination);
    const Finding* finding = find(diagnosis, "orphans-near-limit");
    return finding == nullptr ? names_of(diagnosis) : finding->evidence;
  });
}

// Looks again until that finding is there (some need a retransmission or a second of age), then what `tell` says of it.
std::string told_of(std::string_view id, const Act& before, const std::function<std::string(const Finding&)>& tell) {
  return in_fresh_namespace([&]() -> std::string {
    Load load;
    before(load);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (std::chrono::steady_clock::now() < deadline) {
      const Diagnosis diagnosis = look();
      if (const Finding* finding = find(diagnosis, id)) return tell(*finding);
    }
    return "never found";
  });
}

std::string evidence(const Finding& finding) { return finding.evidence; }

// "" or what `act` threw.
std::string told_by(const std::function<void()>& act) {
  return told([&] {
    act();
    return std::string();
  });
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// Ten dozen ports, so that a few sockets make a shortage.
void few_ports(const char* reuse = "0") {
  set("ip_local_port_range", "20000 20099");
  set("tcp_tw_reuse", reuse);
}

}  // namespace

#define NEED_NAMESPACES()                                                             \
  do {                                                                                \
    if (!in_namespace([] { return std::string(); })) SKIP_TEST("no namespaces here"); \
  } while (false)

TEST_CASE("doctor finds nothing wrong with a few connections, and says so with the numbers") {
  NEED_NAMESPACES();
  const std::string answer = told_of(
      "no-change-needed", [](Load& load) { load.established(5); }, evidence);
  CHECK(contains(answer, "sockets: 11: 10 ESTABLISHED, 0 TIME_WAIT"));
  CHECK(contains(answer, "ports: 5 of 28232 taken, 10.0.0.1 to 10.0.0.1:9000; enough for 470 new connections/s"));
}

TEST_CASE("doctor finds ports running low from half of what cannot be used again, and not before") {
  NEED_NAMESPACES();
  const auto with = [](const char* reuse, int count) {
    return found_after([=](Load& load) {
      few_ports(reuse);
      load.time_wait(count);
    });
  };
  CHECK(with("0", 49) == "info no-change-needed");
  CHECK(with("0", 50) == "warning ports-low");
  CHECK(with("0", 99) == "error ports-low");
  CHECK(with("2", 60) == "warning ports-low");  // 10.0.0.1 is no loopback address
  CHECK(found_after([](Load& load) {
          few_ports();
          load.time_wait(60);
          set("tcp_tw_reuse", "1");
          set("tcp_tw_reuse_delay", "1");
        }) == "info no-change-needed");
}

TEST_CASE("doctor says of the ports how many are taken, by what formula, and what helps") {
  NEED_NAMESPACES();
  const std::string answer = told_of(
      "ports-low",
      [](Load& load) {
        few_ports();
        load.established(5);
        load.time_wait(55);
      },
      [](const Finding& finding) { return finding.subject + "\n" + finding.evidence + "\n" + finding.advice; });
  CHECK(contains(answer, "10.0.0.1 to 10.0.0.1:9000\n60 of 100 ports are taken (60 %): 5 open, 55 in TIME_WAIT."));
  CHECK(contains(
      answer,
      "40 are left; 6 connections/s ended here in the last 10 s; at that rate the ports that are left last 7 s."));
  CHECK(contains(answer, "tcp_tw_reuse is 0: a port in TIME_WAIT is taken for 60 s."));
  CHECK(contains(answer,
                 "95 ports (20099 - 20000 + 1 - 0 reserved - 5 open) / 60 s of TIME_WAIT = 1.6 new connections/s"));
  CHECK(contains(answer, "Else let connect() use ports in TIME_WAIT again, by the command below."));
}

TEST_CASE("doctor tells that bind() before connect() shares one range over all destinations") {
  NEED_NAMESPACES();
  const Act few_bound = [](Load& load) {
    few_ports();
    load.bound_first(60);
  };
  const std::string answer =
      told_of("ports-low", few_bound, [](const Finding& f) { return f.subject + ": " + f.advice; });
  CHECK(contains(answer, "10.0.0.1, all destinations together: In the program set IP_BIND_ADDRESS_NO_PORT"));
  CHECK(contains(answer, "tcp_tw_reuse does not help"));
  CHECK(found_after([](Load& load) {
          few_ports();
          load.bound_first(40);
        }) == "info no-change-needed");
}

TEST_CASE("D1: ports that bind() takes are one range for all destinations: the last is found, and bind() fails") {
  NEED_NAMESPACES();
  const std::string answer = in_fresh_namespace([]() -> std::string {
    Load load;
    few_ports();
    load.bound_first(100);
    const std::string found = names_of(look());
    const std::string connected = told_by([&] { load.established(1); });  // to another destination
    return found + ", " + load.bind_once_more() + ", " + connected + ", " + headline_of(look());
  });
  CHECK(answer ==
        "error ports-low, EADDRINUSE, failed: connect: EADDRNOTAVAIL, out of local ports: connect() fails now, and so "
        "does bind() to port 0");
}

TEST_CASE("D1: with all ports open to one destination connect() fails, and bind() before it") {
  NEED_NAMESPACES();
  const std::string answer = in_fresh_namespace([]() -> std::string {
    Load load;
    few_ports("1");
    load.established(100);
    const Diagnosis diagnosis = look();
    const std::string connected = told_by([&] { load.established(1); });
    return names_of(diagnosis) + ", " + connected + ", " + load.bind_once_more() + ", " + headline_of(diagnosis);
  });
  CHECK(answer ==
        "error ports-low, failed: connect: EADDRNOTAVAIL, EADDRINUSE, out of local ports: connect() "
        "fails now to this destination");
}

TEST_CASE("D8: of ports that are held open none is counted for new connections, and no more can be made") {
  NEED_NAMESPACES();
  const std::string answer = in_fresh_namespace([]() -> std::string {
    Load load;
    few_ports("1");
    set("tcp_tw_reuse_delay", "60000");
    load.established(98);
    load.time_wait(2);
    const std::string connected = told_by([&] { load.established(1); });
    return find(look(), "ports-low")->evidence + " " + connected;
  });
  CHECK(contains(
      answer, "2 ports (20099 - 20000 + 1 - 0 reserved - 98 open) / 60000 ms reuse delay = 0.033 new connections/s"));
  CHECK(contains(answer, "connect: EADDRNOTAVAIL"));
}

TEST_CASE("D2: tcp_tw_reuse never serves bind(): with all ports in TIME_WAIT doctor says so, and offers no reuse") {
  NEED_NAMESPACES();
  const std::string answer = in_fresh_namespace([]() -> std::string {
    Load load;
    few_ports("1");
    set("tcp_tw_reuse_delay", "1");
    load.bound_first(100, 1);
    load.finish_all();
    if (!soon([] { return count_state(6) == 100; })) return "never in TIME_WAIT";
    const Diagnosis diagnosis = look();
    return names_of(diagnosis) + ", " + load.bind_once_more() + ", " + std::to_string(remedies_of(diagnosis).size()) +
           " remedies";
  });
  CHECK(answer == "warning ports-low, EADDRINUSE, 0 remedies");
}

TEST_CASE("D2: where connect() takes ports out of TIME_WAIT none is short, though all are in TIME_WAIT") {
  NEED_NAMESPACES();
  const Act all_waiting = [](Load& load) {
    few_ports();
    load.time_wait(100);
    set("tcp_tw_reuse", "1");
    set("tcp_tw_reuse_delay", "1");
  };
  CHECK(found_after(all_waiting) == "warning ports-low");  // nobody connects: whose they are cannot be seen
  CHECK(found_after(all_waiting, [](Load& load) { load.established(1); }) == "info no-change-needed");
}

TEST_CASE("D6: a server's port inside the range is taken while it is stopped, and reserving it keeps it free") {
  NEED_NAMESPACES();
  const std::string answer = in_fresh_namespace([]() -> std::string {
    Load load;
    set("ip_local_port_range", "20000 20001");
    std::string told;
    {
      const Socket server = listener(20000);
      load.established(1);
      const Diagnosis running = look();
      const Finding* exposed = find(running, "server-port-in-range");
      told = exposed == nullptr ? "not found" : exposed->subject;
    }
    load.finish_all();
    load.established(1);  // takes the first of the range
    load.finish_all();
    if (!soon([] { return count_state(6) == 2; })) return "never in TIME_WAIT";
    told += ", taken: " + told_by([] { (void)listener(20000); });
    set("ip_local_port_range", "20002 20003");
    set("ip_local_reserved_ports", "20002");
    load.established(1);
    return told + ", reserved: " + told_by([] { (void)listener(20002); });
  });
  CHECK(answer == "port 20000, taken: failed: bind: Address already in use, reserved: ");
}

TEST_CASE("doctor says that connect() cannot choose a port where the whole range is reserved") {
  NEED_NAMESPACES();
  const std::string answer = in_fresh_namespace([]() -> std::string {
    Load load;
    few_ports();
    set("ip_local_reserved_ports", "20000-20099");
    return names_of(look()) + ", " + told_by([&] { load.established(1); }) + ", " + load.bind_once_more();
  });
  CHECK(answer == "error no-port-to-choose, failed: connect: EADDRNOTAVAIL, EADDRINUSE");
}

namespace {

// `count` connections from 10.0.0.1 to another address, each closed here first.
void connect_elsewhere(const Socket& server, std::uint16_t port, int count) {
  for (int i = 0; i < count; ++i) {
    Socket client = tcp_socket();
    const int on = 1;
    ::setsockopt(client.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    sockaddr_in from = {};
    from.sin_family = AF_INET;
    from.sin_addr.s_addr = htonl(0x0a000001);
    (void)::bind(client.get(), reinterpret_cast<const sockaddr*>(&from), sizeof from);
    const std::string problem = try_connect(client, {.address = "10.0.0.2", .port = port});
    if (!problem.empty()) throw std::runtime_error(problem);
    const Socket peer = accepted(server);
    client.close();
  }
}

}  // namespace

TEST_CASE("where the peer had timestamps off reuse does nothing, and doctor does not say that no limit is near") {
  NEED_NAMESPACES();
  const auto with = [](const char* timestamps) {
    return in_fresh_namespace([=]() -> std::string {
      const Load load;
      const Socket server = listener(9100);
      few_ports("1");
      set("tcp_tw_reuse_delay", "1");
      set("tcp_timestamps", timestamps);
      connect_elsewhere(server, 9100, 100);
      if (!soon([] { return count_state(6) == 100; })) return "never in TIME_WAIT";
      set("tcp_timestamps", "1");
      const Diagnosis diagnosis = look();
      const std::string once_more = told_by([&] { connect_elsewhere(server, 9100, 1); });
      return names_of(diagnosis) + ", " + diagnosis.findings.front().subject + ", " + once_more;
    });
  };
  CHECK(with("0") == "warning ports-low, 10.0.0.1, all destinations together, failed: EADDRNOTAVAIL");
}

TEST_CASE("D3: SYNs that a full queue of half-open connections drops are told from those of the accept queue") {
  NEED_NAMESPACES();
  const auto flooded = [](const char* cookies) {
    return found_after([=](Load&) { set("tcp_syncookies", cookies); },
                       [](Load& load) {
                         try {
                           load.syn_recv(60);
                         } catch (const std::exception&) {
                           // the queue does not hold so many
                         }
                       },
                       8);
  };
  CHECK(contains(flooded("0"), "warning syn-queue-full"));
  CHECK_FALSE(contains(flooded("0"), "listen-overflow"));
  CHECK_FALSE(contains(flooded("0"), "syn-dropped"));
  CHECK_FALSE(contains(flooded("1"), "syn-queue-full"));
}

TEST_CASE("doctor tells TIME_WAIT of a server, which costs nothing, from TIME_WAIT of a client, which costs ports") {
  NEED_NAMESPACES();
  CHECK(found_after([](Load& load) { load.time_wait(1000, Side::server); }) ==
        "info no-change-needed\ninfo time-wait-server");
  CHECK(found_after([](Load& load) { load.time_wait(1000, Side::client); }) ==
        "info no-change-needed\ninfo time-wait-client");
  CHECK(found_after([](Load& load) { load.time_wait(900, Side::client); }) == "info no-change-needed");
}

TEST_CASE("D10: TIME_WAIT of a server that has stopped is of connections accepted here") {
  NEED_NAMESPACES();
  const auto left_on = [](std::uint16_t port) {
    return in_fresh_namespace([=]() -> std::string {
      Load(port).time_wait(60, Side::server);
      for (const twctl::Vital& vital : look().vitals) {
        if (vital.label == "TIME_WAIT") return vital.text;
      }
      return "no such number";
    });
  };
  CHECK(contains(left_on(9000), "60 of connections accepted here, 0 of connections opened here"));
  CHECK(contains(left_on(40001), "60 of connections accepted here, 0 of connections opened here"));  // in the range
}

TEST_CASE("D7: doctor says that the limit of TIME_WAIT sockets is near, and only then that it is reached") {
  NEED_NAMESPACES();
  const auto headline_with = [](int count) {
    return in_fresh_namespace([=]() -> std::string {
      set("tcp_max_tw_buckets", "20");
      Load load;
      load.time_wait(count);
      return headline_of(look());
    });
  };
  CHECK(headline_with(18) == "TIME_WAIT sockets are near their limit: beyond it connections end without TIME_WAIT");
  CHECK(headline_with(20) == "the limit of TIME_WAIT sockets is reached: connections end without TIME_WAIT");
}

TEST_CASE("doctor finds that the limit of TIME_WAIT sockets is reached") {
  NEED_NAMESPACES();
  const auto with_limit = [](const char* limit) {
    return found_after([=](Load&) { set("tcp_max_tw_buckets", limit); },
                       [](Load& load) {
                         try {
                           load.time_wait(12);
                         } catch (const std::exception&) {
                           // the limit does not let so many be
                         }
                       });
  };
  CHECK(with_limit("5") == "warning time-wait-overflow");
  CHECK(with_limit("5000") == "info no-change-needed");
}

TEST_CASE("doctor finds CLOSE_WAIT that a program holds: which program, which peer, since when at least") {
  NEED_NAMESPACES();
  const std::string answer = told_of(
      "close-wait-held",
      [](Load& load) {
        load.close_wait(12);
        std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // so that all twelve are that old
      },
      evidence);
  CHECK(contains(answer, "12 sockets in CLOSE_WAIT, 12 of them for a second or longer."));
  CHECK(contains(answer, "The longest has heard nothing from its peer for "));
  CHECK_FALSE(contains(answer, "from its peer for 0 s."));
  CHECK(contains(answer, "Held by: kernel_tests ("));
  CHECK(contains(answer, "Peers: 10.0.0.1 (12)."));
  const auto held_for_a_second = [](int count) {
    return told_of(
        "close-wait-held",
        [=](Load& load) {
          load.close_wait(count);
          std::this_thread::sleep_for(std::chrono::milliseconds(1100));
        },
        [](const Finding& f) { return std::string(name_of(f.severity)); });
  };
  CHECK(held_for_a_second(12) == "info");  // their peers may wait for an answer
  CHECK(held_for_a_second(150) == "warning");
  CHECK(found_after([](Load& load) { load.close_wait(12); }) == "info no-change-needed");  // a moment ago
}

TEST_CASE("doctor tells a dead dependency from a scan by how many hosts are asked") {
  NEED_NAMESPACES();
  const std::string dead = told_of(
      "syn-sent-unanswered", [](Load& load) { load.syn_sent(12, 1, 5432); },
      [](const Finding& finding) { return finding.subject + ": " + finding.evidence; });
  CHECK(contains(dead, "10.1.0.1:5432: 12 connections in SYN_SENT to port 5432 of 1 host; 1"));
  CHECK(contains(dead, "By: kernel_tests ("));
  CHECK(found_after([](Load& load) { load.syn_sent(60, 60, 22); }) == "warning syn-sent-fan-out");
  CHECK(found_after([](Load& load) { load.syn_sent(12, 12, 443); }) == "info no-change-needed");
}

TEST_CASE("doctor finds half-open connections at a listener from half of its queue on") {
  NEED_NAMESPACES();
  CHECK(found_after([](Load& load) { load.syn_recv(12); }, {}, 16) == "warning syn-recv-pile-up");
  CHECK(found_after([](Load& load) { load.syn_recv(4); }, {}, 16) == "info no-change-needed");
}

TEST_CASE("doctor names the listener whose accept queue overflows, its backlog and somaxconn") {
  NEED_NAMESPACES();
  std::string text;
  const std::string answer = in_fresh_namespace([&]() -> std::string {
    Load load;
    const Diagnosis diagnosis = look([&] { load.overflow(9100, 2, 8); });
    const Finding* finding = find(diagnosis, "listen-overflow");
    return finding == nullptr ? names_of(diagnosis) : finding->subject + ": " + finding->evidence;
  });
  CHECK(contains(answer, "0.0.0.0:9100: ListenOverflows rose by 5 and ListenDrops by 5 in "));
  CHECK(contains(answer, "0.0.0.0:9100 of kernel_tests ("));
  CHECK(contains(answer,
                 "3 of 2 wait for accept(), 0 half-open, 5 dropped in its life. A queue holds one more than its "
                 "backlog. net.core.somaxconn is 4096."));
  CHECK(found_after({}, [](Load& load) { load.overflow(9100, 16, 8); }) == "info no-change-needed");
  CHECK(found_after([](Load& load) { load.overflow(9100, 0, 1); }) == "warning listen-overflow");
}

TEST_CASE("doctor finds a queue that nobody empties, before it overflows") {
  NEED_NAMESPACES();
  const auto waiting = [](int backlog, int connects) {
    return found_after([=](Load& load) { load.overflow(9100, backlog, connects); });
  };
  CHECK(waiting(100, 100) == "warning accept-stalled");
  CHECK(waiting(101, 100) == "warning accept-stalled");
  CHECK(waiting(4000, 300) == "warning accept-stalled");
  CHECK(waiting(4000, 30) == "info no-change-needed\ninfo accept-stalled");
  CHECK(waiting(4000, 5) == "info no-change-needed");
}

TEST_CASE("D11: who waits at a full accept queue of this host itself is no finding beside that one") {
  NEED_NAMESPACES();
  const std::string answer = in_fresh_namespace([]() -> std::string {
    Load load;
    load.overflow(9100, 2, 20);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (std::chrono::steady_clock::now() < deadline) {
      const auto examination = twctl::examine(**twctl::make_platform({}), {.interval = std::chrono::milliseconds(0)});
      if (!examination) return examination.error().message;
      const auto& asking = examination->traffic.asking;
      if (asking.empty() || asking.front().unanswered < 10) continue;  // too few have asked twice yet
      const Diagnosis diagnosis = twctl::diagnose(*examination);
      return names_of(diagnosis) + ": " + find(diagnosis, "listen-overflow")->evidence;
    }
    return "never asked twice";
  });
  CHECK(contains(answer, "warning listen-overflow: "));
  CHECK(contains(answer, "connections that this host itself asks for on port 9100 wait in SYN_SENT."));
}

TEST_CASE("doctor finds SYN cookies being sent, and takes a flood for a flood") {
  NEED_NAMESPACES();
  const std::string answer = in_fresh_namespace([&]() -> std::string {
    Load load(9000, 8);
    const Diagnosis diagnosis = look([&] { load.syn_recv(20); });
    const Finding* finding = find(diagnosis, "syncookies-sent");
    return finding == nullptr ? names_of(diagnosis) : finding->evidence + " " + finding->advice;
  });
  CHECK(contains(answer, "SyncookiesSent rose by 11 in "));
  CHECK(contains(answer, "it looks like a flood"));
  CHECK(found_after(
            {}, [](Load& load) { load.syn_recv(4); }, 64) == "info no-change-needed");
}

TEST_CASE("doctor finds FIN_WAIT_2: what nobody holds ends by itself, what a program holds does not") {
  NEED_NAMESPACES();
  const std::string orphans = told_of(
      "fin-wait-2-pile-up", [](Load& load) { load.close_wait(1000); }, evidence);
  CHECK(
      contains(orphans, "1000 without an owner, which end after tcp_fin_timeout (60 s); 0 that a local program still"));
  const std::string held = told_of(
      "fin-wait-2-pile-up", [](Load& load) { load.fin_wait_2_held(100); },
      [](const Finding& f) { return f.evidence + " " + f.advice; });
  CHECK(contains(held, "The local program has only shut them down: it must close them,"));
  CHECK(contains(held, "0 without an owner"));
  CHECK(contains(held, "100 that a local program still holds, which have no timer. Held by: kernel_tests ("));
  CHECK(found_after([](Load& load) { load.fin_wait_2_held(50); }) == "info no-change-needed");
}

TEST_CASE("doctor finds connections that wait for a last acknowledgement") {
  NEED_NAMESPACES();
  CHECK(found_after([](Load& load) { load.unfinished(60); }) == "warning last-ack-pile-up");
  CHECK(found_after([](Load& load) { load.unfinished(20); }) == "info no-change-needed");
}

TEST_CASE("doctor finds orphans near the limit, as the kernel counts them, and none far from it") {
  NEED_NAMESPACES();
  const std::string near = found_with_orphans_of_at_most("100");  // 80 are ours, and others may have some
  CHECK(contains(near, " orphans on this host, of at most 100 ("));
  CHECK(std::stol(near) >= 80);
  CHECK(found_with_orphans_of_at_most("100000000") == "info no-change-needed");
}

TEST_CASE("doctor finds segments that PAWS rejects") {
  NEED_NAMESPACES();
  CHECK(found_after({}, [](Load& load) { load.old_timestamps(3); }) == "warning paws-rejects");
  CHECK(found_after({}, [](Load& load) { load.established(3); }) == "info no-change-needed");
}

TEST_CASE("doctor finds reuse that can do nothing because timestamps are off") {
  NEED_NAMESPACES();
  const auto with = [](const char* reuse, const char* timestamps) {
    return found_after([=](Load&) {
      set("tcp_tw_reuse", reuse);
      set("tcp_timestamps", timestamps);
    });
  };
  CHECK(with("1", "0") == "warning reuse-inert");
  CHECK(with("2", "0") == "info no-change-needed\ninfo reuse-inert");
  CHECK(with("1", "1") == "info no-change-needed");
  CHECK(with("0", "0") == "info no-change-needed");
}

namespace {

// Each is closed in the ordinary way, and then its peer sends.
void answer_too_late(int count) {
  const Socket server = listener(9100);
  for (int i = 0; i < count; ++i) {
    Socket client = tcp_socket();
    const std::string problem = try_connect(client, {.address = "10.0.0.1", .port = 9100});
    if (!problem.empty()) throw std::runtime_error(problem);
    const Socket peer = accepted(server);
    client.close();
    (void)::send(peer.get(), "late", 4, MSG_NOSIGNAL);
  }
}

}  // namespace

TEST_CASE("doctor finds connections that this host resets: SO_LINGER 0 and late data share a counter") {
  NEED_NAMESPACES();
  const auto resets_of = [](const Act& meanwhile) {
    return in_fresh_namespace([&]() -> std::string {
      Load load;
      const Diagnosis diagnosis = look([&] { meanwhile(load); });
      const Finding* finding = find(diagnosis, "aborted-connections");
      return finding == nullptr ? names_of(diagnosis) : finding->evidence;
    });
  };
  CHECK(contains(resets_of([](Load& load) { load.resets(50); }),
                 "50 reset because data came after close(), or for SO_LINGER 0 (TCPAbortOnData counts both), 0 closed "
                 "with data unread (TCPAbortOnClose), 50 resets sent in all (OutRsts)"));
  const std::string late = resets_of([](Load&) { answer_too_late(50); });
  CHECK(contains(late, " reset because data came after close(), or for SO_LINGER 0 (TCPAbortOnData counts both), 0 "));
  CHECK(found_after({}, [](Load& load) { load.time_wait(50); }) == "info no-change-needed");
}

namespace {

// `scripts/capture-host --sockets` of this namespace, while `meanwhile` goes on between its two readings of the
// counters.
std::string capture(const Tree& tree, const std::function<void()>& meanwhile) {
  std::string copy = tree.at("/copy");
  std::string said;
  std::atomic<bool> done = false;
  std::thread script([&] {
    const ShellResult ran = shell(TWCTL_SOURCE_DIR "/scripts/capture-host --sockets " + copy + " 2>&1");
    if (ran.code != 0) said = ran.output;
    done = true;
  });
  while (!done) {
    meanwhile();
    std::this_thread::yield();
  }
  script.join();
  if (!said.empty()) throw std::runtime_error("capture-host: " + said);
  return copy;
}

Diagnosis look_at_copy(const std::string& root) {
  const auto host = *twctl::make_platform({.root = root, .netns = {}});
  const auto examination = twctl::examine(*host, {});
  if (!examination) throw std::runtime_error(examination.error().message);
  return twctl::diagnose(*examination);
}

}  // namespace

TEST_CASE("a host captured with capture-host has the findings that it had when it ran") {
  NEED_NAMESPACES();
  const std::string answer = in_fresh_namespace([&]() -> std::string {
    Load load;
    load.close_wait(120);
    load.syn_sent(60, 60, 22);
    load.unfinished(60);
    few_ports();
    load.established(5);
    load.time_wait(55);
    const auto abort_some = [&] { load.resets(20); };
    std::string live;  // again and again, until CLOSE_WAIT is old enough
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!contains(live, "warning close-wait-held") && std::chrono::steady_clock::now() < deadline)
      live = names_of(look(abort_some));
    const Tree tree;
    const std::string copied = names_of(look_at_copy(capture(tree, abort_some)));
    return copied == live ? copied : "live:\n" + live + "\ncaptured:\n" + copied;
  });
  CHECK(answer ==
        "warning ports-low\nwarning close-wait-held\nwarning syn-sent-fan-out\nwarning last-ack-pile-up\n"
        "info aborted-connections");
}

TEST_CASE("a host captured in peace needs no change, as it did not when it ran") {
  NEED_NAMESPACES();
  const std::string answer = in_fresh_namespace([&]() -> std::string {
    Load load;
    load.established(5);
    const Tree tree;
    const Diagnosis copied = look_at_copy(capture(tree, [] {}));
    return names_of(copied) + ": " + copied.vitals.front().text;
  });
  CHECK(answer ==
        "info no-change-needed: 11: 10 ESTABLISHED, 0 TIME_WAIT, 0 CLOSE_WAIT, 0 SYN_SENT, 0 SYN_RECV, 1 LISTEN");
}

// The limit is the host's own, so it is not lowered: the table is filled, with what costs least to make.
TEST_CASE("doctor finds connection tracking nearly full") {
  NEED_NAMESPACES();
  if (shell("command -v nft").code != 0) SKIP_TEST("nft is not installed");
  const auto with_entries = [](long percent) {
    return found_after([=](Load&) {
      if (shell(
              "nft add table ip t '{ chain c { type filter hook output priority 0 ; ct state new accept ; } ; }' 2>&1")
              .code != 0) {
        throw std::runtime_error("nft");
      }
      set("netfilter/nf_conntrack_udp_timeout", "600");  // on a slow machine the first would be gone before the last
      const long wanted = std::stol(get("netfilter/nf_conntrack_max")) * percent / 100;
      const Socket udp(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
      for (long i = 0; i < wanted; ++i) {
        sockaddr_in to = {};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(1 + i % 60000));
        to.sin_addr.s_addr = htonl(0x0a010001U + static_cast<std::uint32_t>(i / 60000));
        (void)::sendto(udp.get(), "", 0, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
      }
    });
  };
  CHECK(with_entries(82) == "warning conntrack-near-full");
  CHECK(with_entries(1) == "info no-change-needed");
}
