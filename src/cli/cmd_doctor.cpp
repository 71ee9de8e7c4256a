// twctl doctor: examine -> diagnose -> report.
#include <algorithm>

#include "base/escape.hpp"
#include "cli/all_namespaces.hpp"
#include "cli/command.hpp"
#include "cli/examine_host.hpp"
#include "cli/snapshot_inputs.hpp"
#include "report/doctor_json.hpp"
#include "report/doctor_text.hpp"
#include "report/metrics.hpp"
#include "rules/diagnosis.hpp"

namespace twctl {
namespace {

Result<void> check_doctor(const Options& options) {
  if (!options.operands.empty()) return fail(ErrorCode::usage, "doctor: takes no name", "`twctl doctor --help`");
  TRY_VOID(check_from(options));
  TRY_VOID(check_all_netns(options));
  if (options.format == Format::prometheus && options.all_netns) {
    return fail(ErrorCode::usage, "doctor: --format prometheus is for one network namespace");
  }
  if (options.snapshots.empty() || !options.interval) return {};
  return fail(ErrorCode::usage, "doctor: --interval watches counters; those of a snapshot are as they are");
}

// This host, or those that the snapshots were taken of.
Result<std::vector<Examination>> examinations(const Session& session, const std::vector<std::string>& snapshots,
                                              Platform& host) {
  std::vector<Examination> all;
  SnapshotProgress progress(session, "reading", snapshots.size());
  for (const std::string& path : snapshots) {
    progress.take(all.size() + 1);
    TRY(Examination examination, load_examination(path, host.files()));
    all.push_back(std::move(examination));
  }
  if (!snapshots.empty()) return all;
  TRY(Examination examination, examine_host(session, host));
  all.push_back(std::move(examination));
  return all;
}

// Several one after the other, each under the name of its snapshot.
std::string texts(const std::vector<Diagnosed>& hosts, const std::vector<std::string>& snapshots,
                  const Session& session) {
  std::string text;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    if (i > 0) text += "\n";
    if (hosts.size() > 1) text += inked(session.screen, Ink::strong, escape(snapshots[i]) + ":") + "\n";
    text += doctor_text(hosts[i], session.screen, session.options.detail);
  }
  return text;
}

std::string document(const std::vector<Diagnosed>& hosts) {
  return hosts.size() == 1 ? doctor_json(hosts.front()) : doctor_list_json(hosts);
}

std::string rendered(const Session& session, const std::vector<Diagnosed>& hosts,
                     const std::vector<std::string>& snapshots) {
  if (session.options.format == Format::json) return document(hosts);
  if (session.options.format == Format::prometheus) return doctor_metrics(hosts.front());
  return texts(hosts, snapshots, session);
}

Diagnosed diagnosed(Examination examination) {
  Diagnosis diagnosis = diagnose(examination);
  return {std::move(examination), std::move(diagnosis)};
}

int status_of(bool trouble, const Options& options) { return trouble && !options.exit_zero ? kFound : kDone; }

Result<Outcome> examine_all(const Session& session, Platform& host) {
  const Options& options = session.options;
  TRY(const auto spaces, look_into_all<Diagnosed>(session, host, [&](Platform& inside) -> Result<Diagnosed> {
        TRY(Examination examination, examine_one_of_all(session, inside));
        return diagnosed(std::move(examination));
      }));
  const bool trouble = std::any_of(spaces.all.begin(), spaces.all.end(), [](const InNamespace<Diagnosed>& one) {
    return one.found && has_trouble(one.found->diagnosis);
  });
  const bool json = options.format == Format::json;
  return into_file(session, host,
                   {.results = json ? doctor_all_json(spaces) : doctor_all_text(spaces, session.screen, options.detail),
                    .status = status_of(trouble, options)});
}

}  // namespace

Result<Outcome> run_doctor(const Session& session) {
  const Options& options = session.options;
  TRY_VOID(check_doctor(options));
  TRY(const auto host, open_host(session));
  if (options.all_netns) return examine_all(session, *host);
  TRY(const std::vector<std::string> snapshots, snapshot_files(options.snapshots, host->files()));
  if (options.format == Format::prometheus && snapshots.size() > 1) {
    return fail(ErrorCode::usage, "doctor: --format prometheus is for one host; --from names several");
  }
  TRY(std::vector<Examination> all, examinations(session, snapshots, *host));
  std::vector<Diagnosed> hosts;
  for (Examination& examination : all) hosts.push_back(diagnosed(std::move(examination)));
  const bool trouble =
      std::any_of(hosts.begin(), hosts.end(), [](const Diagnosed& one) { return has_trouble(one.diagnosis); });
  return into_file(session, *host,
                   {.results = rendered(session, hosts, snapshots), .status = status_of(trouble, options)});
}

}  // namespace twctl
