// twctl alone, on a terminal: what the sockets say, what is pending or has drifted, and what to type next.
#include "apply/status.hpp"
#include "cli/command.hpp"
#include "report/doctor_text.hpp"
#include "report/history_text.hpp"
#include "rules/diagnosis.hpp"

namespace twctl {
namespace {

// The counters are not watched: this is a glance.
std::string sockets_text(const Session& session, Platform& host) {
  Result<Examination> examination = examine(host, Sampling{.interval = std::chrono::milliseconds(0)});
  if (!examination) return "Doctor: " + examination.error().message + ".\n";
  Diagnosis diagnosis = diagnose(*examination);
  const Diagnosed one{*std::move(examination), std::move(diagnosis)};
  return "Doctor, at a glance:\n" + doctor_text(one, session.screen, Detail::quiet);
}

// Only root may read the journal.
std::string changes_text(const Session& session, Platform& host) {
  const Result<Status> status = look_at_status(host);
  if (!status && status.error().code != ErrorCode::denied) return "";
  if (!status) return "\nChanges: not readable; sudo twctl status\n";
  const JournalHost known{.location = host.state().location(), .accounts = read_accounts(host.files())};
  return "\n" + status_text(*status, known, session.screen);
}

}  // namespace

Result<Outcome> run_overview(const Session& session) {
  TRY(const auto host, open_host(session));
  TRY(const HostFacts facts, host->host_facts());
  std::string text = facts.os == Os::linux_kernel ? sockets_text(session, *host) : "";
  text += changes_text(session, *host);
  return Outcome{.results = text +
                            "\nNext:\n"
                            "  twctl doctor    what the sockets and counters show, watched for a second\n"
                            "  twctl plan      hold this host to the built-in baseline\n"
                            "  twctl --help    all commands\n"};
}

}  // namespace twctl
