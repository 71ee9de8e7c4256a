// What --from names: files and directories of saved snapshots. For audit they are read one after the other by a few
// threads and forgotten as soon as they are judged.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "audit/fleet.hpp"
#include "cli/options.hpp"
#include "diagnose/examination.hpp"
#include "observe/snapshot.hpp"
#include "platform/host_files.hpp"

namespace twctl {

// The files that are meant: of a directory every name in it that ends in ".json". Error: no_input, for one with none.
[[nodiscard]] Result<std::vector<std::string>> snapshot_files(const std::vector<std::string>& asked, HostFiles& files);

// One host of an audit: a snapshot's file, one line of standard input, or a collected tree with an `etc` in it.
struct HostInput {
  std::string path;
  std::string line = {};  // of standard input, where several snapshots come a line each; "" else
  bool is_tree = false;
};
// As snapshot_files(), with the trees of a directory too.
[[nodiscard]] Result<std::vector<HostInput>> host_inputs(const std::vector<std::string>& asked, HostFiles& files);
[[nodiscard]] Result<Snapshot> load_snapshot(const HostInput& input, HostFiles& files);

// Error: usage, for what does not go together with --from.
[[nodiscard]] Result<void> check_from(const Options& options);

[[nodiscard]] Result<Snapshot> load_snapshot(const std::string& path, HostFiles& files);
[[nodiscard]] Result<Examination> load_examination(const std::string& path, HostFiles& files);

// `judge` is called from several threads at once. What cannot be read or judged is kept as broken.
using JudgeInput = std::function<Result<Audit>(const HostInput&)>;
[[nodiscard]] Fleet audit_fleet(const std::vector<HostInput>& inputs, const JudgeInput& judge, bool keep_hosts);

}  // namespace twctl
