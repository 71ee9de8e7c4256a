// What is said of the scripts that run after the boot files, against the real shells: each of tests/files/boot-scripts
// is run as /etc/rc.local in a network namespace of its own, and every key read back. One in which only the running
// script can know what it sets says so in its last line.
#include <doctest/doctest.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/text.hpp"
#include "observe/later_writers.hpp"
#include "rules/boot_state.hpp"
#include "support/in_namespace.hpp"
#include "support/memory_host.hpp"
#include "support/namespaced_settings.hpp"
#include "support/run_loader.hpp"
#include "support/shell.hpp"
#include "support/skip.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

constexpr const char* kScripts = TWCTL_SOURCE_DIR "/tests/files/boot-scripts";
constexpr std::string_view kOnlyItKnows = "# only the running script knows\n";

// Its values once the real interpreter has run it, one a line.
std::string really(const std::string& script) {
  return in_namespace([&] {
           for (const char* place : {"/etc", "/run", "/tmp", "/usr/local/lib", "/usr/lib/sysctl.d"}) {
             if (::mount("tmpfs", place, "tmpfs", 0, nullptr) != 0) return std::string("cannot mount");
           }
           std::filesystem::create_directories("/etc/sysctl.d");
           std::ofstream("/etc/rc.local") << script;
           ::chmod("/etc/rc.local", 0755);
           run_loader({.loader = Loader::none, .program = "/etc/rc.local", .arguments = {"start"}});
           return join(values_of(namespaced_settings()), "\n");
         })
      .value_or("");
}

struct Said {
  Snapshot snapshot;
  bool all_known = true;  // which settings are written
};

Said said_of(const std::string& script) {
  MemoryFiles host;
  host.files["/etc/rc.local"] = script;
  Said said;
  said.snapshot.host.kernel = {6, 1, 0};
  said.snapshot.host.loader = Loader::systemd;
  said.snapshot.later_writers = *find_later_writers(host, Loader::systemd);
  for (const LaterWriter& writer : said.snapshot.later_writers)
    said.all_known = said.all_known && writer.unread.empty();
  return said;
}

// What is wrong with what is said of one setting; "" for nothing.
std::string judged(const BootState& boot, std::string_view is, const Value& before, bool all_known, bool may_doubt) {
  const Value value = boot.value.value_or(before);
  const bool doubts = !all_known || !boot.perhaps.empty();
  if (value == is && (may_doubt || !doubts)) return {};
  const bool perhaps = std::any_of(boot.perhaps.begin(), boot.perhaps.end(), [&](const PossibleValue& possible) {
    return !possible.value || *possible.value == is;
  });
  if (may_doubt && (perhaps || !all_known)) return {};
  return "said " + value + (perhaps ? ", and perhaps this" : "") + (all_known ? "" : ", and that more may be set") +
         "; is " + std::string(is);
}

std::string compared(const std::string& script, const std::vector<Value>& defaults) {
  const std::vector<const Setting*> all = namespaced_settings();
  const std::string printed = really(script);
  const std::vector<std::string_view> values = split(printed, '\n');
  const Said said = said_of(script);
  const HostView view = view_of(said.snapshot);
  std::string wrong;
  for (std::size_t at = 0; at < all.size(); ++at) {
    const std::string_view is = at < values.size() ? values[at] : "(not read)";
    const BootState boot = boot_state(*all[at], view);
    if (boot.writer.empty() && boot.perhaps.empty() && is == defaults[at]) continue;
    const std::string one = judged(boot, is, defaults[at], said.all_known, script.ends_with(kOnlyItKnows));
    if (!one.empty()) wrong += std::string(all[at]->key) + ": " + one + "\n";
  }
  return wrong;
}

}  // namespace

TEST_CASE("after a boot's scripts have been run by the real shells the settings are as was said") {
  const auto printed = in_namespace([] { return join(values_of(namespaced_settings()), "\n"); });
  if (!printed) SKIP_TEST("no network and mount namespaces here");
  std::vector<Value> defaults;
  for (const std::string_view value : split(*printed, '\n')) defaults.emplace_back(value);
  std::size_t scripts = 0;
  for (const auto& file : std::filesystem::directory_iterator(kScripts)) {
    const std::string script = file_content(file.path());
    CHECK_MESSAGE(compared(script, defaults) == "", file.path().filename().string());
    ++scripts;
  }
  CHECK(scripts > 40);
}
