#include "cli/snapshot_inputs.hpp"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>

#include "base/escape.hpp"
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

Result<Audit> audit_one(const std::string& path, HostFiles& files, const JudgeSnapshot& judge) {
  TRY(const Snapshot snapshot, load_snapshot(path, files));
  return judge(snapshot);
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

void take(Fleet& fleet, std::size_t at, const std::string& path, Result<Audit> audit) {
  if (!audit) return fleet.add_broken(at, std::move(audit.error()));
  fleet.add(at, path, *audit);
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

Result<Snapshot> load_snapshot(const std::string& path, HostFiles& files) {
  TRY(const std::string bytes, load(path, files));
  return read_snapshot(path, bytes);
}

Result<Examination> load_examination(const std::string& path, HostFiles& files) {
  TRY(const std::string bytes, load(path, files));
  return read_examination(path, bytes);
}

Fleet audit_fleet(const std::vector<std::string>& paths, HostFiles& files, const JudgeSnapshot& judge,
                  bool keep_hosts) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&](Fleet& fleet) {
    for (std::size_t at = next++; at < paths.size(); at = next++) {
      take(fleet, at, paths[at], audit_one(paths[at], files, judge));
    }
  };
  std::vector<Fleet> parts(threads_for(paths.size()), Fleet(keep_hosts));
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
