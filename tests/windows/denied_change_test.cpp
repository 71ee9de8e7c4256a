// The commands that change something, in this process on the real registry, whose key's access control list denies it.
#include <doctest/doctest.h>

#include <filesystem>

#include "cli/run.hpp"
#include "platform/platform.hpp"
#include "platform/windows/own_folder.hpp"
#include "windows/denied_key.hpp"
#include "windows/raw_registry.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

struct Ran {
  int status = -1;
  std::string results;
  std::string messages;
};

Ran run_here(const std::vector<std::string_view>& args) {
  Ran ran;
  Streams streams;
  streams.results = [&](std::string_view text) {
    ran.results += text;
    return Result<void>();
  };
  streams.messages = [&](std::string_view text) {
    ran.messages += text;
    return Result<void>();
  };
  ran.status = run(args, make_platform, streams);
  return ran;
}

bool any_change() {
  const std::filesystem::path changes = program_data() + "\\twctl\\state\\changes";
  return std::filesystem::exists(changes) && !std::filesystem::is_empty(changes);
}

// Begins without a value and without a state directory, and leaves neither.
struct Clean {
  Clean() { clean(); }
  ~Clean() { clean(); }
  Clean(const Clean&) = delete;
  Clean& operator=(const Clean&) = delete;

 private:
  static void clean() {
    delete_raw();
    std::filesystem::remove_all(program_data() + "\\twctl");
  }
};

}  // namespace

TEST_CASE("where the key's access control list denies to set a value, apply is 77 and nothing has changed") {
  const Clean host;
  const DeniedKey denied(KEY_SET_VALUE);
  const Ran ran = run_here({"apply", "classic", "--yes"});
  CHECK(ran.status == 77);
  constexpr std::string_view kWords =
      "twctl: TcpTimedWaitDelay: the registry key lets nobody write it here\n"
      "  hint: the permissions of its key, which regedit shows, or a policy forbid it\n";
  CHECK(ran.messages == kWords);
  const Ran plan = run_here({"plan", "classic"});
  CHECK(plan.status == 77);
  CHECK(plan.messages == kWords);
  CHECK(plan.results.find("read-only") != std::string::npos);
  CHECK(run_here({"audit"}).status == 0);
  CHECK(raw_value() == TypeAndBytes{0, "absent"});
  CHECK_FALSE(any_change());
}

TEST_CASE("where the key's access control list denies to read a value, apply is 77 and nothing has changed") {
  const Clean host;
  const DeniedKey denied(KEY_QUERY_VALUE);
  const Ran ran = run_here({"apply", "classic", "--yes"});
  CHECK(ran.status == 77);
  CHECK(ran.messages.find("TcpTimedWaitDelay: cannot be read: Access denied") != std::string::npos);
  CHECK_FALSE(any_change());
}

TEST_CASE("where the key's access control list denies to read a value, audit says so, and plan is 77") {
  const Clean host;
  const DeniedKey denied(KEY_QUERY_VALUE);
  const Ran audit = run_here({"audit"});
  CHECK(audit.status == 2);
  CHECK(audit.results.find("warning reg-unreadable  TcpTimedWaitDelay\n") != std::string::npos);
  CHECK(audit.results.find("TcpTimedWaitDelay and 11 more: Access denied.") != std::string::npos);
  const Ran plan = run_here({"plan", "classic"});
  CHECK(plan.status == 77);
  CHECK(plan.messages ==
        "twctl: TcpTimedWaitDelay: cannot be read: Access denied\n"
        "  hint: the permissions of its key, which regedit shows, or a policy forbid it\n");
}

TEST_CASE("a rollback that the key's access control list denies is 77, keeps our value, and works once it is allowed") {
  const Clean host;
  REQUIRE(run_here({"apply", "classic", "--yes"}).status == 0);
  const TypeAndBytes ours_there = raw_value();
  {
    const DeniedKey denied(KEY_SET_VALUE);
    CHECK(run_here({"rollback", "--yes"}).status == 77);
  }
  CHECK(raw_value() == ours_there);
  CHECK(run_here({"rollback", "--yes"}).status == 0);
  CHECK(raw_value() == TypeAndBytes{0, "absent"});
}
