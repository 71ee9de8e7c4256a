#include "cli/snapshot_inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <system_error>
#include <thread>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "cli/command_table.hpp"
#include "json/field.hpp"
#include "report/snapshot_json.hpp"

namespace twctl {
namespace {

constexpr unsigned kMostThreads = 4;
constexpr std::size_t kWorthAThread = 16;  // snapshots

std::size_t threads_for(std::size_t snapshots) {
  const unsigned cores = std::clamp(std::thread::hardware_concurrency(), 1U, kMostThreads);
  return std::clamp<std::size_t>(snapshots / kWorthAThread, 1, cores);
}

Result<std::string> load(const std::string& path, HostFiles& files) {
  auto saved = files.read_profile(path, kSavedLimit);
  if (saved) return std::move(saved->bytes);
  const bool named = saved.error().message.find(escape(path)) != std::string::npos;
  if (saved.error().where.file.empty() && !named) saved.error().where.file = path;
  return fail(std::move(saved.error()));
}

bool is_tree(const std::string& path, HostFiles& files) {
  return path != "-" && !files.list(path + "/etc").value_or(std::vector<std::string>{}).empty();
}

std::string below(const std::string& folder, const std::string& name) {
  return folder + (folder.ends_with('/') ? "" : "/") + name;
}

// Several snapshots may come a line each: then a whole one, a JSON object, stands in the first line, and more follow.
Result<std::vector<HostInput>> of_standard_input(HostFiles& files) {
  constexpr std::size_t kLimit = std::size_t{1024} * 1024 * 1024;
  TRY(TrustedBytes all, files.read_profile("-", kLimit));
  std::vector<HostInput> inputs;
  std::size_t number = 0;
  for (const std::string_view line : split(all.bytes, '\n')) {
    ++number;
    if (trim(line).empty()) continue;
    inputs.push_back({.path = fmt::format("standard input:{}", number), .line = std::string(line)});
  }
  const bool a_line_each = inputs.size() > 1 && trim(inputs.front().line).ends_with('}');
  if (!a_line_each) inputs = {{.path = "standard input", .line = std::move(all.bytes)}};
  return inputs;
}

// false: the system has no more threads, or no memory for one. Those that there are do all the work.
template <class Work>
bool start(std::vector<std::thread>& threads, Work work) {
  try {
    threads.emplace_back(std::move(work));
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

void take(Fleet& fleet, std::size_t at, const HostInput& input, Result<Audit> audit) {
  if (!audit) return fleet.add_broken(at, std::move(audit.error()));
  const std::string& path = input.path;
  fleet.add(at, input.is_tree ? path.substr(path.find_last_of('/') + 1) : path, *audit);
}

}  // namespace

Result<std::vector<std::string>> snapshot_files(const std::vector<std::string>& asked, HostFiles& files) {
  std::vector<std::string> paths;
  for (const std::string& one : asked) {
    const std::vector<std::string> names =
        one == "-" ? std::vector<std::string>{} : files.list(one).value_or(std::vector<std::string>{});
    if (names.empty()) paths.push_back(one);
    const std::size_t before = paths.size();
    for (const std::string& name : names) {
      if (name.ends_with(".json")) paths.push_back(one + (one.ends_with('/') ? "" : "/") + name);
    }
    if (!names.empty() && paths.size() == before) {
      return fail(Error{.code = ErrorCode::no_input,
                        .message = "no snapshot in this folder: none of its files ends in .json",
                        .where = {one, 0},
                        .hint = "`twctl snapshot -o FOLDER/HOST.json` takes one on each host"});
    }
  }
  return paths;
}

Result<void> check_from(const Options& options) {
  if (options.snapshots.empty() || (options.root == "/" && options.netns.empty())) return {};
  return fail(ErrorCode::usage, std::string(row_of(options.command).name) +
                                    ": --from already says which host; it does not go with --root or --netns");
}

Result<std::vector<HostInput>> host_inputs(const std::vector<std::string>& asked, HostFiles& files) {
  std::vector<HostInput> inputs;
  for (const std::string& one : asked) {
    if (one == "-") {
      TRY(std::vector<HostInput> lines, of_standard_input(files));
      std::move(lines.begin(), lines.end(), std::back_inserter(inputs));
      continue;
    }
    if (is_tree(one, files)) {
      inputs.push_back({.path = one, .is_tree = true});
      continue;
    }
    const std::size_t before = inputs.size();
    for (const std::string& name : files.list(one).value_or(std::vector<std::string>{})) {
      if (!name.ends_with(".json") && is_tree(below(one, name), files))
        inputs.push_back({.path = below(one, name), .is_tree = true});
    }
    const bool has_trees = inputs.size() > before;
    Result<std::vector<std::string>> paths = snapshot_files({one}, files);
    if (!paths && !has_trees) return fail(std::move(paths.error()));
    if (!paths) continue;
    for (std::string& path : *paths) inputs.push_back({.path = std::move(path)});
  }
  return inputs;
}

Result<Snapshot> load_snapshot(const HostInput& input, HostFiles& files) {
  if (input.line.empty()) return load_snapshot(input.path, files);
  return read_snapshot(input.path, input.line);
}

Result<Snapshot> load_snapshot(const std::string& path, HostFiles& files) {
  TRY(const std::string bytes, load(path, files));
  return read_snapshot(path, bytes);
}

Result<Examination> load_examination(const std::string& path, HostFiles& files) {
  TRY(const std::string bytes, load(path, files));
  return read_examination(path, bytes);
}

Fleet audit_fleet(const std::vector<HostInput>& inputs, const JudgeInput& judge, bool keep_hosts) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&](Fleet& fleet) {
    for (std::size_t at = next++; at < inputs.size(); at = next++) take(fleet, at, inputs[at], judge(inputs[at]));
  };
  std::vector<Fleet> parts(threads_for(inputs.size()), Fleet(keep_hosts));
  std::vector<std::thread> threads;
  for (std::size_t at = 1; at < parts.size(); ++at) {
    if (!start(threads, [&work, &part = parts[at]] { work(part); })) break;
  }
  work(parts[0]);
  for (std::thread& thread : threads) thread.join();
  Fleet all(keep_hosts);
  for (Fleet& part : parts) all.merge(std::move(part));
  return all;
}

}  // namespace twctl
