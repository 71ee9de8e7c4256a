// What the commands have in common: what each is given and what it hands back. A result is written by run() alone; what
// goes on while a command runs (states --watch, doctor's progress) goes to the streams at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/exit_status.hpp"
#include "cli/options.hpp"
#include "cli/streams.hpp"
#include "platform/platform.hpp"
#include "report/layout.hpp"

namespace twctl {

using PlatformFactory = std::function<Result<std::unique_ptr<Platform>>(const HostChoice&)>;

struct Session {
  std::span<const std::string_view> args;  // as typed, without the program's name
  const Options& options;
  const PlatformFactory& make_platform;
  const Streams& streams;  // to ask, and for what goes on meanwhile; a result goes into the Outcome
  Screen screen;
};

// "twctl" and what was typed behind it, quoted for a shell.
[[nodiscard]] std::string command_as_typed(const Session& session);

struct Outcome {
  std::string results = {};   // for standard output
  std::string messages = {};  // for standard error
  int status = kDone;
};

[[nodiscard]] Result<Outcome> run_overview(const Session& session);  // no command, on a terminal
[[nodiscard]] Result<Outcome> run_plan(const Session& session);
[[nodiscard]] Result<Outcome> run_apply(const Session& session);
[[nodiscard]] Result<Outcome> run_confirm(const Session& session);
[[nodiscard]] Result<Outcome> run_rollback(const Session& session);
[[nodiscard]] Result<Outcome> run_recover(const Session& session);
[[nodiscard]] Result<Outcome> run_history(const Session& session);
[[nodiscard]] Result<Outcome> run_status(const Session& session);
[[nodiscard]] Result<Outcome> run_audit(const Session& session);
[[nodiscard]] Result<Outcome> run_explain(const Session& session);
[[nodiscard]] Result<Outcome> run_snapshot(const Session& session);
[[nodiscard]] Result<Outcome> run_profile(const Session& session);
[[nodiscard]] Result<Outcome> run_states(const Session& session);
[[nodiscard]] Result<Outcome> run_doctor(const Session& session);
[[nodiscard]] Result<Outcome> run_trial(const Session& session);

[[nodiscard]] Outcome outcome_of(const Error& error, bool json);

// Where a plain user was denied something and no other hint says more: what to type instead.
[[nodiscard]] Error with_root_hint(Error error, const Session& session);

// -o FILE of a command whose result it takes in any format: the result goes there instead of standard output.
[[nodiscard]] Result<Outcome> into_file(const Session& session, Platform& host, Outcome outcome);

// How far something has come that takes a while: over one line, which "" takes away again. It is for who looks at a
// terminal: results that go to a file or a pipe need none beside them, nor do messages.
using ShowProgress = std::function<void(std::string_view text)>;
[[nodiscard]] ShowProgress progress_line(const Session& session);

// The same for snapshots that are taken one after the other: ten times a second, and not before the first is over. What
// is done by then needs none.
class SnapshotProgress {
 public:
  // `doing`: "auditing". `all`: how many there are; none where nobody knows yet.
  SnapshotProgress(const Session& session, std::string doing, std::optional<std::size_t> all);
  SnapshotProgress(const SnapshotProgress&) = delete;
  SnapshotProgress& operator=(const SnapshotProgress&) = delete;
  ~SnapshotProgress();  // takes the line away

  void take(std::size_t number);  // from 1

 private:
  ShowProgress show_;
  std::string doing_;
  std::optional<std::size_t> all_;
  std::chrono::steady_clock::time_point next_;
  bool shown_ = false;
};

// How wide a page is on a terminal with that many columns; 0: unknown, or no terminal.
[[nodiscard]] std::size_t page_columns(int columns);

[[nodiscard]] inline Result<std::unique_ptr<Platform>> open_host(const Session& session) {
  return session.make_platform(HostChoice{.root = session.options.root, .netns = session.options.netns});
}

}  // namespace twctl
