#include "apply/rollback_ports.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include "apply/steps.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/keys.hpp"
#include "catalog/setting.hpp"
#include "journal/change_words.hpp"
#include "journal/file_lines.hpp"
#include "journal/journal.hpp"
#include "observe/boot_files.hpp"
#include "rules/availability.hpp"
#include "sysctl/boot_replay.hpp"

namespace twctl {
namespace {

constexpr std::array kPair{keys::kPortRange, keys::kPrivilegedEnd};

// A line that the kernel refuses for its partner's value.
struct Clash {
  std::string key;
  std::string value;
  std::string why;  // printable
  bool operator<(const Clash& other) const { return std::tie(key, value) < std::tie(other.key, other.value); }
};

bool any_is_a_port(const std::vector<SettingChange>& changes) {
  return std::any_of(changes.begin(), changes.end(),
                     [](const SettingChange& one) { return is_one_of(one.key, kPair); });
}

bool any_line_is_a_port(const std::vector<FileChange>& files) {
  return std::any_of(files.begin(), files.end(),
                     [](const FileChange& file) { return any_is_a_port(changed_lines(file)); });
}

// What is live after the rollback.
Result<std::optional<Value>> live_after(Platform& host, const RollbackPlan& plan, std::string_view key) {
  for (const SettingChange& one : plan.settings) {
    if (one.key == key) return one.after;
  }
  return value_in_force(host.settings(), *find_setting(key));
}

Result<std::optional<Clash>> clash_live(Platform& host, const RollbackPlan& plan) {
  if (!any_is_a_port(plan.settings)) return std::optional<Clash>();
  TRY(const auto range, live_after(host, plan, keys::kPortRange));
  TRY(const auto end, live_after(host, plan, keys::kPrivilegedEnd));
  const auto ports = as_pair(range.value_or(""));
  const auto first = as_integer(end.value_or(""));
  if (!ports || !first || ports->first >= *first) return std::optional<Clash>();
  const bool range_goes_back = std::any_of(plan.settings.begin(), plan.settings.end(),
                                           [](const SettingChange& one) { return one.key == keys::kPortRange; });
  return std::optional(
      Clash{.key = std::string(range_goes_back ? keys::kPortRange : keys::kPrivilegedEnd),
            .value = range_goes_back ? *range : *end,
            .why = fmt::format("ip_local_port_range {} is below ip_unprivileged_port_start {}", ports->first, *first)});
}

std::set<Clash> clashes_at_boot(const std::vector<BootFile>& files, const HostFacts& facts) {
  const BootConfig config = parse_boot_files(files);
  const LoaderReplay replay(config, loader_or_systemd(facts), kernel_start(facts));
  std::set<Clash> clashes;
  for (const std::string_view key : kPair) {
    for (const LineFate& line : replay.outcome(*find_setting(key)).lines) {
      if (line.clashes) clashes.insert({std::string(key), line.line.value, line.note});
    }
  }
  return clashes;
}

std::optional<Clash> clash_at_boot(Platform& host, const HostFacts& facts, const RollbackPlan& plan) {
  if (!any_line_is_a_port(plan.files)) return std::nullopt;
  const Result<std::vector<BootFile>> files = read_boot_files(host.files());
  if (!files) return std::nullopt;  // what cannot be read keeps nobody from going back
  const std::set<Clash> before = clashes_at_boot(*files, facts);
  std::vector<BootFile> then = *files;
  for (const FileChange& change : plan.files) then = with_file(std::move(then), change.path, change.after);
  for (const Clash& clash : clashes_at_boot(then, facts)) {
    if (!before.contains(clash)) return clash;
  }
  return std::nullopt;
}

// The newest change in force that is not undone with the others, and has set one of the two since.
const Change* later_change(const RollbackPlan& plan, const std::vector<Change>& journal) {
  const std::vector<std::string> in_force = changes_in_force(journal);
  for (auto change = journal.rbegin(); change != journal.rend(); ++change) {
    const std::string& id = change->intent.id;
    if (id == plan.undoes.front()) break;
    const Intent& intent = change->intent;
    const bool sets_a_port = any_is_a_port(intent.settings) || any_line_is_a_port(intent.files);
    if (sets_a_port && is_one_of(id, in_force) && !is_one_of(id, plan.undoes)) return &*change;
  }
  return nullptr;
}

}  // namespace

Result<void> refuse_clashing_ports(Platform& host, const HostFacts& facts, const RollbackPlan& plan,
                                   const std::vector<std::string>& force, const std::vector<Change>& journal) {
  if (facts.os == Os::windows) return {};
  TRY(std::optional<Clash> clash, clash_live(host, plan));
  std::string_view when = "";
  if (!clash) {
    clash = clash_at_boot(host, facts, plan);
    when = " at boot";
  }
  if (!clash) return {};
  const Change* later = later_change(plan, journal);
  if (later == nullptr && !when.empty()) return {};  // as it was before twctl: what stood there comes back
  const std::string refused =
      fmt::format("the kernel would refuse {} = {}{}: {}", clash->key, escape(clash->value), when, clash->why);
  if (later == nullptr) return fail(ErrorCode::refused, refused, "change the other one of the two first");
  return fail(ErrorCode::refused, fmt::format("{} (change {})", refused, short_id(later->intent.id)),
              undo_first(plan.undoes.back(), force, facts.netns, host.state().location()));
}

}  // namespace twctl
