// What plan and apply say on a Windows host in memory that does not let itself be read or written.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/plan_host.hpp"
#include "support/run_cli.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

struct ClosedWindowsHost : MemoryHost {
  ClosedWindowsHost() {
    facts.os = Os::windows;
    facts.boot_id = "boot-1";
    store.registry = true;
  }
  LiveValue& delay() { return store.live["TcpTimedWaitDelay"]; }
};

constexpr std::string_view kApart =
    "  hint: without its old value it could not be put back: look at it with `reg query`, and delete it if it is a "
    "mistake\n";
constexpr std::string_view kElevate = "  hint: run it from an elevated prompt (Run as administrator)\n";
constexpr std::string_view kForbidden =
    "  hint: the permissions of its key, which regedit shows, or a policy forbid it\n";

}  // namespace

TEST_CASE("Windows: a value that is too long is not changed, and no elevation is asked for") {
  ClosedWindowsHost host;
  host.delay() = {LiveValue::State::unreadable, {}, false, "it is larger than 4 KiB"};
  for (const std::vector<std::string_view>& args :
       {std::vector<std::string_view>{"plan", "classic"}, {"apply", "classic", "--yes"}}) {
    const Ran ran = run_on(host, args);
    CHECK(ran.status == 77);
    CHECK(ran.messages == "twctl: TcpTimedWaitDelay: cannot be read: it is larger than 4 KiB\n" + std::string(kApart));
  }
}

TEST_CASE("Windows: a value that may not be read asks for elevation only where there is none") {
  ClosedWindowsHost host;
  host.delay() = {LiveValue::State::denied, {}, false, "Access is denied"};
  const std::string message = "twctl: TcpTimedWaitDelay: cannot be read: Access is denied\n";
  for (const std::vector<std::string_view>& args :
       {std::vector<std::string_view>{"plan", "classic"}, {"apply", "classic", "--yes"}}) {
    host.process.author.elevated = false;
    CHECK(run_on(host, args).messages == message + std::string(kElevate));
    host.process.author.elevated = true;
    CHECK(run_on(host, args).messages == message + std::string(kForbidden));
    CHECK(run_on(host, args).status == 77);
  }
}

TEST_CASE("Windows: a key that lets nobody write it is 77 for plan as for apply") {
  ClosedWindowsHost host;
  host.process.author.elevated = true;
  host.delay() = {LiveValue::State::absent, {}, true, {}};
  for (const std::vector<std::string_view>& args :
       {std::vector<std::string_view>{"plan", "classic"}, {"apply", "classic", "--yes"}}) {
    const Ran ran = run_on(host, args);
    CHECK(ran.status == 77);
    CHECK(ran.messages ==
          "twctl: TcpTimedWaitDelay: the registry key lets nobody write it here\n" + std::string(kForbidden));
  }
  CHECK(run_on(host, {"audit"}).status == 0);
}

TEST_CASE("Windows: a plan without elevation shows the change, and says what apply needs") {
  ClosedWindowsHost host;
  host.set_step([](std::string_view step) -> std::optional<Error> {
    if (step != "check setting") return std::nullopt;
    return Error{.code = ErrorCode::denied,
                 .message = "TcpTimedWaitDelay cannot be written: Access is denied",
                 .hint = "run it from an elevated prompt (Run as administrator)"};
  });
  const Ran ran = run_on(host, {"plan", "classic"});
  CHECK(ran.status == 2);
  CHECK(ran.messages.empty());
  CHECK(ran.results.find("~ TcpTimedWaitDelay  change   60      absent -> 60\n") != std::string::npos);
  const auto told = nlohmann::json::parse(run_on(host, {"plan", "classic", "--json"}).results);
  CHECK(
      told["notes"].back() ==
      "apply refuses this: TcpTimedWaitDelay cannot be written: Access is denied; run it from an elevated prompt (Run "
      "as administrator)");
  CHECK(run_on(host, {"apply", "classic", "--yes"}).status == 77);
  CHECK(run_on(host, {"plan", "--set", "TcpTimedWaitDelay=unset"}).results.find("apply refuses") == std::string::npos);
}
