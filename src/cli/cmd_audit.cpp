// twctl audit: files, this host or captured hosts -> findings.
#include <fmt/format.h>

#include <algorithm>

#include "apply/pending.hpp"
#include "audit/audit_host.hpp"
#include "audit/file_lines.hpp"
#include "audit/fix.hpp"
#include "audit/kernels.hpp"
#include "base/escape.hpp"
#include "base/shell_word.hpp"
#include "cli/command.hpp"
#include "cli/examine_host.hpp"
#include "cli/snapshot_inputs.hpp"
#include "journal/journal.hpp"
#include "observe/observe.hpp"
#include "report/audit_formats.hpp"
#include "report/audit_html.hpp"
#include "report/audit_json.hpp"
#include "report/audit_text.hpp"
#include "report/error_text.hpp"
#include "report/fix_text.hpp"

namespace twctl {
namespace {

// The kernel of --kernel takes the place of the host's.
Result<void> take_kernel(HostFacts& facts, const Options& options) {
  if (options.kernel.empty()) return {};
  const std::optional<KernelVersion> version = parse_kernel_version(options.kernel);
  if (!version || *version == KernelVersion{}) {
    return fail(ErrorCode::usage, fmt::format("--kernel: {} is no version of Linux", escape(options.kernel)),
                "write it as uname -r does: 6.1, or 4.18.0-553.el8_10.x86_64");
  }
  facts.os = Os::linux_kernel;
  facts.kernel = *version;
  facts.kernel_release = options.kernel;
  return {};
}

std::vector<HostFacts> kernels_of(const HostFacts& facts, Platform& host) {
  return possible_kernels(facts, installed_kernels(host.files()));
}

// The kernels that files are judged for: the one asked for, else this host's, else those that it may have.
Result<std::vector<HostFacts>> kernels_for(const Options& options, Platform& host) {
  HostFacts facts = host.host_facts().value_or(HostFacts{});  // files can be judged where there is no procfs
  TRY_VOID(take_kernel(facts, options));
  // Where a file is judged, in a container of a build server most likely, is not where it will be read.
  facts.initial_network_namespace = !options.container;
  facts.container = options.container ? kGivenToRuntime : "";
  return kernels_of(facts, host);
}

Result<Audit> audit_files(const Options& options, Platform& host) {
  TRY(const std::vector<HostFacts> kernels, kernels_for(options, host));
  Audit all{.host = kernels.front(), .of_files = true};
  for (const std::string& path : options.operands) {
    TRY(const TrustedBytes file, host.files().read_profile(path, kAuditLimit));
    TRY(Audit one, audit_for_each(kernels, [&](const HostFacts& facts) {
          return audit_file(path == "-" ? "standard input" : path, file.bytes, AuditContext(facts));
        }));
    all.host = one.host;
    all.kernels = one.kernels;
    append(all, std::move(one));
  }
  return all;
}

int status_of(std::optional<Severity> weightiest, const Options& options) {
  return weightiest && *weightiest >= options.fail_on && !options.exit_zero ? kFound : kDone;
}

// What a terminal may be shown of a diff: its tabs and line ends, and nothing else that acts.
std::string harmless(std::string_view diff) {
  constexpr std::size_t kWhole = std::size_t{16} * kAuditLimit;
  std::string text;
  for (std::size_t at = 0; at < diff.size();) {
    const std::size_t end = std::min(diff.find_first_of("\t\n", at), diff.size());
    text += escape(diff.substr(at, end - at), kWhole);
    if (end < diff.size()) text += diff[end];
    at = end + 1;
  }
  return text;
}

// The diffs of all files, and for each alarm that none of them mends a line that says why.
Result<Outcome> fix_files(const Session& session, Platform& host) {
  const Options& options = session.options;
  TRY(const std::vector<HostFacts> kernels, kernels_for(options, host));
  const AuditContext context(kernels.front());  // what one of the kernels may still need is not taken out
  Audit all{.host = context.host(), .of_files = true};
  Outcome outcome;
  for (const std::string& path : options.operands) {
    TRY(const TrustedBytes file, host.files().read_profile(path, kAuditLimit));
    TRY(Fix fix, fix_file(path, file.bytes, context));
    ignore(fix.before, options.ignored);
    ignore(fix.after, options.ignored);
    outcome.results += session.streams.results_on_terminal ? harmless(fix.diff) : fix.diff;
    outcome.messages += unmended_text(fix);
    append(all, std::move(fix.before));
  }
  outcome.status = status_of(worst(all.findings), options);
  return outcome;
}

// The settings of the profile of --against, for hosts of either system; nullopt: it was not given.
struct Wishes {
  std::optional<Desired> of_linux;
  std::optional<Desired> of_windows;
};

Result<std::optional<Desired>> wanted(const Options& options, HostFiles& files, Os os) {
  if (options.against.empty()) return std::optional<Desired>{};
  const ProfileRequest request{
      .profiles = {options.against}, .assignments = {}, .profile_dir = options.profile_dir, .os = os};
  TRY(Desired desired, resolve_desired(request, files));
  return std::optional<Desired>(std::move(desired));
}

Result<Wishes> wanted(const Options& options, HostFiles& files) {
  Wishes wishes;
  TRY(wishes.of_linux, wanted(options, files, Os::linux_kernel));
  TRY(wishes.of_windows, wanted(options, files, Os::windows));
  return wishes;
}

Result<Audit> judge(const Snapshot& snapshot, const Options& options, const Wishes& wishes) {
  Audit audit = audit_snapshot(snapshot);
  const std::optional<Desired>& desired = snapshot.host.os == Os::windows ? wishes.of_windows : wishes.of_linux;
  if (desired) TRY_VOID(hold_to_profile(audit, snapshot, *desired));
  ignore(audit, options.ignored);
  return audit;
}

Result<Audit> judge_for(const std::vector<HostFacts>& kernels, Snapshot snapshot, const Options& options,
                        const Wishes& wishes) {
  return audit_for_each(kernels, [&](const HostFacts& facts) {
    snapshot.host = facts;
    return judge(snapshot, options, wishes);
  });
}

// Nothing of a host is in the tree: an image that is not mounted, most likely.
bool is_bare(const Snapshot& snapshot) {
  const HostFacts& host = snapshot.host;
  return !host.live && host.hostname.empty() && host.distribution.empty() && snapshot.boot_files.empty() &&
         snapshot.later_writers.empty();
}

// `tree`: "/" for this host.
Result<Audit> audit_live(const Options& options, const std::string& tree, Platform& host, const Wishes& wishes) {
  TRY(const HostFacts facts, host.host_facts());
  ObserveRequest request = everything(facts.os);
  request.other_namespaces = false;
  TRY(Snapshot snapshot, observe(host, request));
  if (tree != "/" && is_bare(snapshot)) {
    return fail(ErrorCode::no_input,
                escape(tree) + ": nothing of a host is there: no boot file, no os-release, no host name, no procfs",
                "mount the image first, or name the folder that has its /etc");
  }
  TRY_VOID(take_kernel(snapshot.host, options));
  const std::vector<HostFacts> kernels = kernels_of(snapshot.host, host);
  TRY(Audit audit, judge_for(kernels, std::move(snapshot), options, wishes));
  audit.other_namespaces = host.other_network_namespaces(kEveryProcess);
  return audit;
}

Result<Audit> audit_here(const Options& options, Platform& host) {
  TRY(const Wishes wishes, wanted(options, host.files()));
  TRY(Audit audit, audit_live(options, options.root, host, wishes));
  audit.place = where_words(options.root, options.netns);
  audit.has_sockets = audit.host.os == Os::linux_kernel && has_sockets(host, audit.host);
  return audit;
}

std::string rendered(const Session& session, const Audit& audit, const ReportStamp& stamp) {
  switch (session.options.format) {
    case Format::json:
      return audit_json(audit, stamp);
    case Format::junit:
      return audit_junit(audit, stamp);
    case Format::sarif:
      return audit_sarif(audit, stamp);
    case Format::prometheus:
      return audit_prometheus(audit, stamp);
    case Format::csv:
      return audit_csv(audit);
    case Format::html:
      return audit_html(audit, stamp);
    case Format::text:
      break;
  }
  return audit_text(audit, stamp, session.screen, session.options.detail);
}

std::string rendered(const Session& session, const Fleet& fleet, const ReportStamp& stamp) {
  if (!session.options.hosts.empty()) return hosts_with_text(fleet, session.options.hosts);
  switch (session.options.format) {
    case Format::json:
      return fleet_json(fleet, stamp);
    case Format::junit:
      return fleet_junit(fleet, stamp);
    case Format::sarif:
      return fleet_sarif(fleet, stamp);
    case Format::prometheus:
      return fleet_prometheus(fleet, stamp);
    case Format::csv:
      return fleet_csv(fleet);
    case Format::html:
      return fleet_html(fleet, stamp);
    case Format::text:
      break;
  }
  return fleet_text(fleet, stamp, session.screen, session.options.detail);
}

Fleet audited_fleet(const Session& session, HostInputs& inputs, const JudgeInput& judge) {
  SnapshotProgress progress(session, "auditing", inputs.count());
  return audit_fleet(inputs, judge, session.options.detail == Detail::verbose,
                     [&](std::size_t number) { progress.take(number); });
}

// A snapshot that cannot be read decides the exit code, because what it would have shown is not known.
Result<Outcome> audit_snapshots(const Session& session, Platform& host) {
  const Options& options = session.options;
  const ReportStamp stamp{.time = host.run().facts().time};
  TRY(const Wishes wishes, wanted(options, host.files()));
  const auto judge_one = [&](const HostInput& input) -> Result<Audit> {
    if (input.is_tree) {
      TRY(const auto tree, session.make_platform(HostChoice{.root = input.path, .netns = {}}));
      TRY(Audit audit, audit_live(options, input.path, *tree, wishes));
      audit.place = where_words(input.path, "");
      return audit;
    }
    TRY(Snapshot snapshot, load_snapshot(input, host.files()));
    const std::vector<HostFacts> kernels = possible_kernels(snapshot.host, {});
    return judge_for(kernels, std::move(snapshot), options, wishes);
  };
  std::vector<std::string> asked = options.snapshots;
  asked.insert(asked.end(), options.operands.begin(), options.operands.end());
  TRY(std::deque<HostInput> known, host_inputs(asked, host.files()));
  const bool reads_on = std::find(asked.begin(), asked.end(), "-") != asked.end();
  HostInputs inputs(std::move(known), reads_on ? std::optional(InputSnapshots()) : std::nullopt);
  if (inputs.is_one() && options.hosts.empty()) {
    TRY(const HostInput input, inputs.next()->second);
    TRY(const Audit audit, judge_one(input));
    return into_file(session, host,
                     {.results = rendered(session, audit, stamp), .status = status_of(worst(audit.findings), options)});
  }
  const Fleet fleet = audited_fleet(session, inputs, judge_one);
  Outcome outcome{.results = rendered(session, fleet, stamp), .status = status_of(fleet.worst(), options)};
  for (const BrokenInput& broken : fleet.broken()) outcome.messages += error_text(broken.error);
  if (!fleet.broken().empty()) outcome.status = exit_status(fleet.broken().front().error.code);
  return into_file(session, host, std::move(outcome));
}

Result<void> check_audit(const Options& options) {
  const bool files = options.snapshots.empty() && !options.operands.empty();
  TRY_VOID(check_from(options));
  if (!options.hosts.empty() && find_finding(options.hosts) == nullptr) {
    return fail(ErrorCode::usage, "--hosts: no finding is called " + escape(options.hosts),
                "`twctl audit --from FOLDER` names those that there are");
  }
  if (!options.hosts.empty() && (options.snapshots.empty() || options.format != Format::text)) {
    return fail(ErrorCode::usage, "audit: --hosts is for several hosts, as text", "name them with --from");
  }
  if (!files && (options.container || options.fix)) {
    return fail(ErrorCode::usage, "audit: --container and --fix are for files; name one");
  }
  if (options.fix && options.format != Format::text) {
    return fail(ErrorCode::usage, "audit: --fix prints a patch, in no other format", "--format is for the findings");
  }
  if (!files && !options.kernel.empty() && (options.root == "/" || !options.snapshots.empty())) {
    return fail(ErrorCode::usage, "audit: --kernel is for files, and for a tree with --root; this host has its own");
  }
  if (files && !options.against.empty()) {
    return fail(ErrorCode::usage, "audit: --against is for a host or a snapshot, not for files");
  }
  return {};
}

}  // namespace

Result<Outcome> run_audit(const Session& session) {
  const Options& options = session.options;
  TRY_VOID(check_audit(options));
  TRY(const auto host, open_host(session));
  if (!options.snapshots.empty()) return audit_snapshots(session, *host);
  if (options.fix) {
    TRY(Outcome fixed, fix_files(session, *host));
    return into_file(session, *host, std::move(fixed));
  }
  TRY(Audit audit, options.operands.empty() ? audit_here(options, *host) : audit_files(options, *host));
  if (options.root != "/") audit.tree = options.root;
  if (audit.of_files) ignore(audit, options.ignored);
  Outcome outcome{.status = status_of(worst(audit.findings), options)};
  outcome.results = rendered(session, audit, {.time = host->run().facts().time});
  const std::string note = audit.of_files ? "" : pending_note(*host, audit.host, newest_change(host->state()));
  if (!note.empty()) outcome.messages += "twctl: note: " + note + "\n";
  return into_file(session, *host, std::move(outcome));
}

}  // namespace twctl
