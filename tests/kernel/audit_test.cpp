// What audit says that the kernel makes of a file, against the real `sysctl -p FILE` and the real `systemd-sysctl
// FILE`: random files that put together every quirk, each loaded in a network namespace of its own, and every key read
// back. TWCTL_AUDIT_FILES and TWCTL_LOADER_SEED make another, longer run of it (scripts/long loaders).
#include <doctest/doctest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <fstream>

#include "audit/file_lines.hpp"
#include "base/text.hpp"
#include "platform/platform.hpp"
#include "support/in_namespace.hpp"
#include "support/namespaced_settings.hpp"
#include "support/run_loader.hpp"
#include "support/skip.hpp"
#include "support/sysctl_tree.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

constexpr const char* kPath = "/run/quirks.conf";

struct AuditTally {
  int files = 0;
  int values = 0;
  int changed = 0;  // values that the loader did change: how much the comparison is worth
  int differences = 0;
  int wrong = 0;  // runs with a difference
  std::string text = {};
};

// The value that the setting ends with, as audit's lines tell it.
Value computed(const std::vector<AuditedLine>& lines, const Setting& setting, Loader loader, const Value& otherwise) {
  Value value = otherwise;
  for (const AuditedLine& line : lines) {
    if (line.setting != &setting) continue;
    if (loader == Loader::procps && line.in_force()) value = *line.effective;
    if (loader == Loader::systemd && line.in_force_for_systemd()) {
      value = *(line.systemd_differs ? line.effective_systemd : line.effective);
    }
  }
  return value;
}

std::string actual(const RealLoader& real, const std::vector<const Setting*>& all) {
  return in_child([&] {
    if (::unshare(CLONE_NEWNET) != 0) return std::string();
    run_loader(real, kPath);
    return join(values_of(all), "\n");
  });
}

void compare(AuditTally& tally, const RealLoader& real, const BootFile& file, const AuditContext& context) {
  const std::vector<const Setting*> all = namespaced_settings();
  const std::vector<Value> defaults = values_of(all);
  const std::string printed = actual(real, all);
  const std::vector<std::string_view> found = split(printed, '\n');
  const auto lines = judge_sysctl_file(kPath, file.bytes, context);
  ++tally.files;
  for (std::size_t k = 0; k < all.size(); ++k) {
    const Value said = lines ? computed(lines->lines, *all[k], real.loader, defaults[k]) : lines.error().message;
    const std::string_view is = k < found.size() ? found[k] : "(not read)";
    ++tally.values;
    if (is != defaults[k]) ++tally.changed;
    if (said == is || ++tally.differences > 3) continue;
    tally.text += std::string(real.program) + ": " + std::string(all[k]->key) + " computed " + said + ", is " +
                  std::string(is) + "\n" + print_tree({file});
  }
}

std::string compare_files(const std::vector<RealLoader>& loaders, std::uint64_t seed) {
  if (::mount("tmpfs", "/run", "tmpfs", 0, nullptr) != 0) return "cannot mount over /run in a namespace";
  auto host = make_platform({});
  if (!host) return host.error().message;
  auto facts = (*host)->host_facts();
  if (!facts) return facts.error().message;
  const AuditContext context(*facts);
  TreeMaker any(seed, namespaced_settings());
  AuditTally tally;
  const auto wanted = static_cast<int>(count_from("TWCTL_AUDIT_FILES", 150));
  while (tally.files < wanted) {
    for (const BootFile& file : any.tree()) {
      if (file.bytes.empty() || !file.link_target.empty() || tally.files >= wanted) continue;
      std::ofstream(kPath, std::ios::binary) << file.bytes;
      for (const RealLoader& real : loaders) {
        const int before = tally.differences;
        compare(tally, real, file, context);
        if (tally.differences != before) ++tally.wrong;
      }
    }
  }
  return std::to_string(tally.files) + " runs, " + std::to_string(tally.values) + " values (" +
         std::to_string(tally.changed) + " changed by the loader), " + std::to_string(tally.differences) +
         " differences\n" + tally.text + tally_line(tally.files, tally.wrong);
}

}  // namespace

TEST_CASE("audit says what sysctl -p and systemd-sysctl make of a file, over random files") {
  const std::vector<RealLoader> loaders{
      {.loader = Loader::procps, .program = "/sbin/sysctl", .arguments = {"-p"}},
      {.loader = Loader::systemd, .program = "/lib/systemd/systemd-sysctl", .arguments = {}}};
  for (const RealLoader& real : loaders) {
    if (::access(real.program, X_OK) != 0) SKIP_TEST(std::string(real.program), " is not installed");
  }
  const std::uint64_t seed = count_from("TWCTL_LOADER_SEED", 1 + ::geteuid());
  const auto said = in_namespace([&] { return compare_files(loaders, seed); });
  if (!said) SKIP_TEST("no network and mount namespaces here");
  MESSAGE(*said);
  CHECK(said->ends_with(", found 0\n"));
  CHECK(said->find("(0 changed") == std::string::npos);
}
