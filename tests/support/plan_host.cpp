#include "support/plan_host.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "report/plan_words.hpp"

namespace twctl::test {
namespace {

const Setting& row(std::string_view name) {
  const Setting* setting = find_setting_by_any_name(name);
  if (setting == nullptr) FAIL("no such setting: " << std::string(name));
  return *setting;
}

// As the kernel works it out of 16 GiB.
std::string value_from_memory(const Setting& setting) {
  if (setting.key == "net.ipv4.tcp_max_tw_buckets" || setting.key == "net.ipv4.tcp_max_orphans") return "65536";
  if (setting.key == "net.ipv4.tcp_max_syn_backlog") return "1024";
  if (setting.key == "net.ipv4.tcp_mem") return "186954 249274 373908";
  return "262144";
}

Entry entry(std::string_view wish) {
  const std::size_t equals = wish.find('=');
  std::string_view name = trim(wish.substr(0, equals));
  const bool optional = name.starts_with('-');
  if (optional) name.remove_prefix(1);
  const Setting& setting = row(name);
  Result<Wanted> wanted = parse_wanted(setting, wish.substr(equals + 1));
  if (!wanted) FAIL("no such wish: " << std::string(wish));
  return {.setting = &setting, .wanted = *std::move(wanted), .optional = optional, .reason = {}, .where = {}};
}

std::string verdict_text(const std::optional<LayerVerdict>& layer) {
  if (!layer) return "-";
  return std::string(name_of(layer->verdict)) + (layer->note.empty() ? "" : ": " + layer->note);
}

const PlannedSetting& only_setting(const Plan& plan) {
  REQUIRE(plan.settings.size() == 1);
  return plan.settings.front();
}

}  // namespace

PlanHost::PlanHost() {
  snapshot.host.hostname = "web1";
  snapshot.host.distribution = "Debian GNU/Linux 12 (bookworm)";
  snapshot.host.boot_id = "b1";
  snapshot.host.network_namespace = "n1";
  snapshot.host.loader = Loader::systemd;
  kernel("6.1.0-30-amd64");
}

PlanHost& PlanHost::kernel(std::string_view release) {
  snapshot.host.kernel_release = release;
  snapshot.host.kernel = parse_kernel_version(release).value_or(KernelVersion{});
  snapshot.live.clear();
  for (const Setting& setting : settings(Os::linux_kernel)) {
    const bool missing = removed_by(setting, snapshot.host.kernel) || newer_than(setting, snapshot.host.kernel) ||
                         !setting.vendor.empty() || !setting.module.empty();
    if (missing) continue;
    const DefaultValue usual = default_on(setting, snapshot.host.kernel);
    set(setting, usual.known ? std::string(usual.value) : value_from_memory(setting));
  }
  return *this;
}

PlanHost& PlanHost::loader(Loader loader) {
  snapshot.host.loader = loader;
  return *this;
}

PlanHost& PlanHost::image() {
  snapshot.host.live = false;
  snapshot.live.clear();
  return *this;
}

PlanHost& PlanHost::netns(std::string_view name) {
  snapshot.host.netns = name;
  return child_namespace();
}

PlanHost& PlanHost::container(std::string_view kind) {
  snapshot.host.container = kind;
  return child_namespace();
}

PlanHost& PlanHost::child_namespace() {
  snapshot.host.initial_network_namespace = false;
  for (const Setting& setting : settings(Os::linux_kernel)) {
    if (setting.reach == Reach::host_wide) snapshot.live.erase(std::string(setting.key));
  }
  return *this;
}

PlanHost& PlanHost::windows(std::string_view version) {
  snapshot = {};
  snapshot.host.os = Os::windows;
  snapshot.host.hostname = "WEB01";
  snapshot.host.kernel_release = version;
  snapshot.host.kernel = parse_kernel_version(version).value_or(KernelVersion{});
  return *this;
}

PlanHost& PlanHost::modules_at_boot(std::vector<std::string> names) {
  snapshot.boot_modules = std::move(names);
  return *this;
}

PlanHost& PlanHost::hash_entries(std::int64_t count) {
  snapshot.tcp_hash_entries = count;
  return *this;
}

PlanHost& PlanHost::listening(std::vector<int> ports) {
  snapshot.listening_ports = std::move(ports);
  return *this;
}

PlanHost& PlanHost::other_namespaces(int count, bool complete) {
  snapshot.other_namespaces = count;
  snapshot.more_namespaces = !complete;
  return *this;
}

PlanHost& PlanHost::later_writer(LaterWriter writer) {
  snapshot.later_writers.push_back(std::move(writer));
  return *this;
}

PlanHost& PlanHost::live(std::string_view name, std::string value) { return set(row(name), std::move(value)); }

PlanHost& PlanHost::set(const Setting& setting, std::string value) {
  snapshot.live[std::string(setting.key)] = {LiveValue::State::present, std::move(value), false, {}};
  return *this;
}

PlanHost& PlanHost::absent(std::string_view name) {
  snapshot.live.erase(std::string(row(name).key));
  return *this;
}

PlanHost& PlanHost::read_only(std::string_view name) {
  snapshot.live[std::string(row(name).key)].read_only = true;
  return *this;
}

PlanHost& PlanHost::denied(std::string_view name) {
  snapshot.live[std::string(row(name).key)] = {LiveValue::State::denied, {}, false, "Permission denied"};
  return *this;
}

PlanHost& PlanHost::too_long(std::string_view name) {
  snapshot.live[std::string(row(name).key)] = {LiveValue::State::unreadable, {}, false, "it is larger than 4 KiB"};
  return *this;
}

PlanHost& PlanHost::stray(std::string_view name, std::string place, std::string value) {
  snapshot.strays.push_back({.key = std::string(row(name).key),
                             .place = std::move(place),
                             .live = {LiveValue::State::present, std::move(value), false, {}}});
  return *this;
}

PlanHost& PlanHost::file(std::string path, std::string bytes) { return link(std::move(path), "", std::move(bytes)); }

PlanHost& PlanHost::link(std::string path, std::string target, std::string bytes) {
  snapshot.boot_files.push_back(
      {.path = std::move(path), .link_target = std::move(target), .bytes = std::move(bytes), .problem = {}});
  return *this;
}

PlanHost& PlanHost::unreadable(std::string path, std::string problem) {
  snapshot.boot_files.push_back(
      {.path = std::move(path), .link_target = {}, .bytes = {}, .problem = std::move(problem)});
  return *this;
}

Result<Plan> PlanHost::try_plan(std::initializer_list<std::string_view> wishes, PlanOptions options) const {
  return make_plan(desired(wishes), snapshot, options);
}

Plan PlanHost::plan(std::initializer_list<std::string_view> wishes, PlanOptions options) const {
  Result<Plan> plan = try_plan(wishes, std::move(options));
  if (!plan) FAIL("no plan: " << plan.error().message);
  return *std::move(plan);
}

PlanHost host() { return {}; }

Desired desired(std::initializer_list<std::string_view> wishes) {
  Desired all{.entries = {}, .names = {"test"}, .notes = {}, .slips = {}, .distrusted = {}, .mend = {}};
  for (const std::string_view wish : wishes) all.entries.push_back(entry(wish));
  return all;
}

PlanOptions scope(Scope scope) { return {.scope = scope, .accept = {}}; }

PlanOptions boot_file(std::string path) { return {.boot_file = std::move(path), .accept = {}}; }

PlanOptions accept(std::vector<std::string> accepts) { return {.accept = std::move(accepts)}; }

std::string live_verdict(const Plan& plan) { return verdict_text(only_setting(plan).live_verdict); }

std::string boot_verdict(const Plan& plan) { return verdict_text(only_setting(plan).boot_verdict); }

std::string writes(const Plan& plan) {
  std::vector<std::string> parts;
  for (const Write& write : only_setting(plan).writes) {
    parts.push_back(fmt::format("{} {} -> {}", name_of(write.layer), write.before.value_or("(none)"),
                                write.after.value_or("(none)")));
  }
  return join(parts, ", ");
}

std::vector<std::string> texts(const Plan& plan, std::string_view id) {
  std::vector<std::string> found;
  for (const Finding& hazard : plan.hazards) {
    if (hazard.row->id == id) found.push_back((hazard.key.empty() ? "" : hazard.key + ": ") + hazard.evidence);
  }
  return found;
}

std::string text_of(const Plan& plan, std::string_view id) {
  const std::vector<std::string> found = texts(plan, id);
  REQUIRE(found.size() <= 1);
  return found.empty() ? "" : found.front();
}

std::vector<std::string> notes_of(const Plan& plan) {
  std::vector<std::string> notes;
  for (const Note& note : plan.notes) notes.push_back(note.text);
  return notes;
}

std::string text_of(const PlanHost& box, std::string_view id, std::initializer_list<std::string_view> wishes) {
  return text_of(box.plan(wishes), id);
}

bool blocks(const Plan& plan, std::string_view id) {
  for (const Finding& hazard : plan.hazards) {
    if (hazard.row->id == id) return hazard.row->blocks && !hazard.source.empty();
  }
  return false;
}

std::vector<std::string> hazard_ids(const Plan& plan) {
  std::vector<std::string> ids;
  for (const Finding& hazard : plan.hazards) ids.emplace_back(hazard.row->id);
  return ids;
}

}  // namespace twctl::test
