#include "support/run_cli.hpp"

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "journal/journal.hpp"

namespace twctl::test {
namespace {

// What another object holds, as a platform of its own.
class BorrowedHost : public Platform {
 public:
  explicit BorrowedHost(MemoryHost& host) : Platform(host.parts()), host_(host) {}
  BorrowedHost(const BorrowedHost&) = delete;
  BorrowedHost& operator=(const BorrowedHost&) = delete;
  ~BorrowedHost() override { state().let_go(StateStore::Lock::run); }  // a run that ends has no lock any more
  Result<HostFacts> host_facts() override { return host_.host_facts(); }
  OtherNamespaces other_network_namespaces(std::size_t most_processes) override {
    return host_.other_network_namespaces(most_processes);
  }
  NamespaceFinder namespace_finder() override { return host_.namespace_finder(); }
  InhabitedNamespaces inhabited_namespaces() override { return host_.inhabited_namespaces(); }

 private:
  MemoryHost& host_;
};

}  // namespace

Ran run_cli_with(const Args& args, const PlatformFactory& factory, Streams streams) {
  Ran ran;
  if (!streams.results) {
    streams.results = [&](std::string_view text) {
      ran.results += text;
      return Result<void>{};
    };
  }
  streams.messages = [&](std::string_view text) {
    ran.messages += text;
    return Result<void>{};
  };
  ran.status = run(args, factory, streams);
  return ran;
}

Ran run_cli(const Args& args, const Furnish& furnish) {
  return run_cli_with(args, [&](const HostChoice&) -> Result<std::unique_ptr<Platform>> {
    auto host = std::make_unique<MemoryHost>();
    (furnish ? furnish : stock_host)(*host);
    return host;
  });
}

Ran run_on(MemoryHost& host, const Args& args, Streams streams) {
  const auto borrow = [&](const HostChoice&) -> Result<std::unique_ptr<Platform>> {
    return std::make_unique<BorrowedHost>(host);
  };
  return run_cli_with(args, borrow, std::move(streams));
}

void stock_host(MemoryHost& host) {
  host.facts = {.os = Os::linux_kernel,
                .hostname = "web1",
                .kernel_release = "6.1.0-30-amd64",
                .kernel = {6, 1, 0},
                .distribution = "Debian GNU/Linux 12 (bookworm)",
                .boot_id = "7d3f0a2c-0000-4000-8000-000000000001",
                .network_namespace = "4026531840",
                .netns = "",
                .container = "",
                .loader = Loader::systemd};
  host.store.set("net.ipv4.tcp_syncookies", "1");
  host.store.set("net.ipv4.tcp_timestamps", "1");
  host.store.set("net.ipv4.tcp_tw_reuse", "2");
  host.store.set("net.ipv4.tcp_fin_timeout", "60");
  host.store.set("net.core.somaxconn", "4096");
  host.store.set("net.ipv4.tcp_abort_on_overflow", "0");
}

nlohmann::json json_of(const Ran& ran) { return nlohmann::json::parse(ran.results); }

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string newest_id(MemoryHost& host) { return load_changes(host.state()).value().back().intent.id; }

}  // namespace twctl::test
