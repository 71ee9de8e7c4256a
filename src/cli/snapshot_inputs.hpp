// What --from names: files and directories of saved snapshots, and standard input. For audit they are read one after
// the other by a few threads and forgotten as soon as they are judged.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "audit/fleet.hpp"
#include "cli/options.hpp"
#include "diagnose/examination.hpp"
#include "observe/snapshot.hpp"
#include "platform/host_files.hpp"

namespace twctl {

// The files that are meant: of a directory every name in it that ends in ".json". Error: no_input, for one with none.
[[nodiscard]] Result<std::vector<std::string>> snapshot_files(const std::vector<std::string>& asked, HostFiles& files);

// One host of an audit: a snapshot's file, a snapshot of standard input, or a collected tree with an `etc` in it.
struct HostInput {
  std::string path = {};
  std::string bytes = {};  // of standard input; "" for a file or a tree
  bool is_tree = false;
};
[[nodiscard]] Result<Snapshot> load_snapshot(const HostInput& input, HostFiles& files);
// The files of snapshots and the trees that are meant, as snapshot_files(); of "-" nothing.
[[nodiscard]] Result<std::deque<HostInput>> host_inputs(const std::vector<std::string>& asked, HostFiles& files);

// The snapshots of standard input, one after the other: a line each where the first line is a whole one, else all of it
// is one. No more than one is kept at a time.
class InputSnapshots {
 public:
  // nullopt: there is no other one. Error: of this one, with its line; or no more can be read.
  [[nodiscard]] Result<std::optional<HostInput>> next();

 private:
  [[nodiscard]] Result<void> take_on();
  void drop_handed_out();
  [[nodiscard]] Error give_up(Error why);
  [[nodiscard]] Result<std::optional<std::string>> next_line();
  [[nodiscard]] Result<bool> has_lines(std::string_view first_line);
  [[nodiscard]] Result<std::string> up_to_the_end(std::string first_line);

  std::string read_ = {};
  std::size_t handed_out_ = 0;  // bytes of that
  int line_ = 0;                // the last one that was handed out
  bool begun_ = false;
  bool at_end_ = false;
};

// Hands out what is audited, to several threads, in the order in which it was asked for, standard input last.
class HostInputs {
 public:
  using Input = Result<HostInput>;

  HostInputs(std::deque<HostInput> known, std::optional<InputSnapshots> more);
  // With its place in the order; nullopt: that was all.
  [[nodiscard]] std::optional<std::pair<std::size_t, Input>> next();
  [[nodiscard]] bool is_one() const { return !more_ && ready() == 1; }
  [[nodiscard]] std::optional<std::size_t> count() const;  // of those still to come; standard input tells it at its end

 private:
  [[nodiscard]] std::size_t ready() const { return known_.size() + read_.size(); }
  void look_ahead();

  std::mutex mutex_;
  std::deque<HostInput> known_;  // a hundred thousand, perhaps
  std::deque<Input> read_;       // the next of standard input
  std::optional<InputSnapshots> more_;
  std::size_t handed_out_ = 0;
};

// Error: usage, for what does not go together with --from.
[[nodiscard]] Result<void> check_from(const Options& options);

[[nodiscard]] Result<Snapshot> load_snapshot(const std::string& path, HostFiles& files);
[[nodiscard]] Result<Examination> load_examination(const std::string& path, HostFiles& files);

// `judge` is called from several threads at once, `progress` from the caller's: how many have been taken. What cannot
// be read or judged is kept as broken.
using JudgeInput = std::function<Result<Audit>(const HostInput&)>;
[[nodiscard]] Fleet audit_fleet(HostInputs& inputs, const JudgeInput& judge, bool keep_hosts,
                                const std::function<void(std::size_t taken)>& progress);

}  // namespace twctl
