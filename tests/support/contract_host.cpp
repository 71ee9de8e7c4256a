#include <doctest/doctest.h>

#include <algorithm>

#include "support/contract.hpp"

namespace twctl::test {
namespace {

constexpr std::size_t kLimit = 1000;

// One count a state, of those sockets that the query asks for.
StateCounts count_by_dump(SocketSource& sockets, const SocketQuery& query) {
  StateCounts counts{};
  const SocketSink sink{.restart = [&] { counts = {}; },
                        .take =
                            [&](std::span<const Socket> piece) {
                              for (const Socket& socket : piece) ++counts.at(static_cast<std::size_t>(socket.state));
                            }};
  return sockets.dump(query, sink) ? counts : StateCounts{};
}

}  // namespace

void check_files_contract(const FilesUnderTest& host) {
  HostFiles& files = host.files;
  const auto at = [&](std::string_view name) { return host.folder + std::string(name); };
  CHECK(files.read(at("none"), kLimit) == std::nullopt);
  CHECK_FALSE(files.exists(at("none")));
  CHECK(files.list(at("none")) == std::vector<std::string>{});
  host.put(at("b.conf"), "bytes\r\n");
  host.put(at("a.conf"), "");
  host.put(at("B.conf2"), std::string(kLimit, 'x'));
  CHECK(files.read(at("b.conf"), kLimit) == "bytes\r\n");
  CHECK(files.read(at("a.conf"), kLimit) == "");
  CHECK(files.read(at("B.conf2"), kLimit) == std::string(kLimit, 'x'));
  CHECK(files.read(at("B.conf2"), kLimit - 1).error().code == ErrorCode::invalid);
  CHECK(files.exists(at("b.conf")));
  CHECK(files.exists(host.folder));
  CHECK(files.read(host.folder, kLimit).error().code == ErrorCode::no_input);
  CHECK(files.list(host.folder) == std::vector<std::string>{"B.conf2", "a.conf", "b.conf"});
  CHECK(files.link_target(at("b.conf")) == std::nullopt);
  CHECK(files.read_profile(at("none"), kLimit).error().code == ErrorCode::no_input);
  CHECK(files.read_profile(at("b.conf"), kLimit).value().bytes == "bytes\r\n");
  CHECK(files.write_output(at("out"), "first"));
  CHECK(files.write_output(at("out"), "second"));
  CHECK(files.read(at("out"), kLimit) == "second");
  CHECK(files.write_output(host.folder.substr(0, host.folder.size() - 1), "x").error().code == ErrorCode::output);
  CHECK(files.list(host.folder) == std::vector<std::string>{"B.conf2", "a.conf", "b.conf", "out"});
}

std::string settings_contract(SettingStore& store, const Setting& setting, const Value& first, const Value& second) {
  const auto reads = [&](const Value& value) {
    const auto live = store.read(setting);
    return live && live->state == LiveValue::State::present && live->value == value && !live->read_only;
  };
  std::string said = store.check_writable(setting) ? "writable; " : "not writable; ";
  said += reads(first) ? "first read; " : "first not read; ";
  said += store.write(setting, second) ? "written; " : "not written; ";
  said += reads(second) ? "second read; " : "second not read; ";
  return said + (store.sync() ? "synced" : "not synced");
}

void check_timers_contract(DeadlineTimers& timers) {
  const auto start = timers.now();
  CHECK(timers.now() >= start);
  timers.sleep_until(start);  // has been: comes back at once
  const auto later = timers.now() + std::chrono::milliseconds(20);
  timers.sleep_until(later);
  CHECK(timers.now() >= later);
}

std::string sockets_contract(SocketSource& sockets) {
  const auto counts = sockets.count_states();
  if (!counts) return counts.error().message;
  std::string said = count_by_dump(sockets, {}) == *counts ? "counted as dumped; " : "counted otherwise than dumped; ";
  StateCounts listeners{};
  listeners.at(static_cast<std::size_t>(TcpState::listen)) = counts->at(static_cast<std::size_t>(TcpState::listen));
  const bool chosen = count_by_dump(sockets, {.states = {TcpState::listen}}) == listeners;
  said += chosen ? "listeners chosen; " : "others than listeners chosen; ";
  const std::vector<std::uint32_t> inodes{1, 2, 4000000000};
  const bool owned = sockets.owners(inodes).owner.size() == inodes.size();
  return said + (owned ? "an owner for each inode" : "not an owner for each inode");
}

void check_run_contract(Run& run) {
  const auto first = run.random_id();
  const auto second = run.random_id();
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->size() == 32);
  CHECK(first->find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(*first != *second);
  CHECK(run.facts().time > 0);
  CHECK_FALSE(run.interrupted());
}

}  // namespace twctl::test
