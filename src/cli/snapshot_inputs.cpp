#include "cli/snapshot_inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <system_error>
#include <thread>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "cli/command_table.hpp"
#include "json/field.hpp"
#include "platform/terminal.hpp"
#include "report/snapshot_json.hpp"

namespace twctl {
namespace {

constexpr unsigned kMostThreads = 4;
constexpr std::size_t kWorthAThread = 16;  // snapshots
constexpr int kMostLines = 200'000;        // of standard input

std::size_t threads_for(std::optional<std::size_t> snapshots) {
  const std::size_t cores = std::clamp(std::thread::hardware_concurrency(), 1U, kMostThreads);
  return snapshots ? std::clamp<std::size_t>(*snapshots / kWorthAThread, 1, cores) : cores;
}

// What lies on the way to it is not judged, as it is for a profile: nothing is set by what a snapshot says. What cannot
// be read so is told of in the words for a profile.
Result<std::string> read_saved(const std::string& path, HostFiles& files) {
  if (path != "-") {
    auto bytes = files.read(path, kSavedLimit);
    if (bytes && *bytes) return **std::move(bytes);
  }
  TRY(TrustedBytes saved, files.read_profile(path, kSavedLimit));
  return std::move(saved.bytes);
}

Error no_snapshot_in(const std::string& folder, std::string_view why) {
  return {.code = ErrorCode::no_input,
          .message = fmt::format("no snapshot in this folder: {}", why),
          .where = {folder, 0},
          .hint = "`twctl snapshot -o FOLDER/HOST.json` takes one on each host"};
}

Result<std::string> load(const std::string& path, HostFiles& files) {
  auto saved = read_saved(path, files);
  if (saved) return saved;
  if (path == "-") {
    if (saved.error().where.file.empty()) saved.error().where.file = path;  // of any other its error names it
    return saved;
  }
  const auto names = files.list(path);
  const bool empty_folder = names && names->empty() && files.exists(path + "/.");
  if (empty_folder) return fail(no_snapshot_in(path, "it is empty"));
  return saved;
}

bool is_tree(const std::string& path, HostFiles& files) {
  return path != "-" && !files.list(path + "/etc").value_or(std::vector<std::string>{}).empty();
}

std::string below(const std::string& folder, const std::string& name) {
  return folder + (folder.ends_with('/') ? "" : "/") + name;
}

// But for hidden ones.
std::vector<std::string> folders_below(const std::string& folder, HostFiles& files) {
  std::vector<std::string> folders;
  for (const std::string& name : files.list_all(folder).value_or(std::vector<std::string>{})) {
    if (name.starts_with('.') || name.ends_with(".json")) continue;
    if (files.list(below(folder, name))) folders.push_back(below(folder, name));
  }
  return folders;
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

void take(Fleet& fleet, std::size_t at, const HostInputs::Input& input, const JudgeInput& judge) {
  if (!input) return fleet.add_broken(at, input.error(), "standard input");
  const Result<Audit> audit = judge(*input);
  const std::string& path = input->path;
  if (!audit) return fleet.add_broken(at, audit.error(), path);
  fleet.add(at, input->is_tree ? std::string(file_name(path)) : path, *audit, path);
}

// A line that is a document of its own.
bool is_whole(std::string_view line) {
  line = trim(line);
  return line.starts_with("{\"") && line.ends_with('}');
}

std::string name_of_line(int line) { return fmt::format("standard input:{}", line); }

Error too_large(std::string what, std::size_t limit = kSavedLimit) {
  return {.code = ErrorCode::invalid, .message = "larger than " + size_text(limit), .where = {std::move(what), 0}};
}

}  // namespace

Result<std::vector<std::string>> snapshot_files(const std::vector<std::string>& asked, HostFiles& files) {
  std::vector<std::string> paths;
  for (const std::string& one : asked) {
    const std::vector<std::string> names =
        one == "-" ? std::vector<std::string>{} : files.list_all(one).value_or(std::vector<std::string>{});
    if (names.empty()) paths.push_back(one);
    const std::size_t before = paths.size();
    for (const std::string& name : names) {
      if (name.ends_with(".json")) paths.push_back(one + (one.ends_with('/') ? "" : "/") + name);
    }
    if (!names.empty() && paths.size() == before) {
      return fail(no_snapshot_in(one, "none of its files ends in .json"));
    }
  }
  return paths;
}

Result<void> check_from(const Options& options) {
  if (options.snapshots.empty() || (options.root == "/" && options.netns.empty())) return {};
  return fail(ErrorCode::usage, std::string(row_of(options.command).name) +
                                    ": --from already says which host; it does not go with --root or --netns");
}

Result<std::deque<HostInput>> host_inputs(const std::vector<std::string>& asked, HostFiles& files) {
  std::deque<HostInput> inputs;
  for (const std::string& one : asked) {
    if (one == "-") continue;
    if (is_tree(one, files)) {
      inputs.push_back({.path = one, .is_tree = true});
      continue;
    }
    std::vector<std::string> folders = folders_below(one, files);
    const bool has_trees =
        std::any_of(folders.begin(), folders.end(), [&](const auto& path) { return is_tree(path, files); });
    if (!has_trees) folders.clear();
    // Beside trees any other folder is one of which nothing was collected: that is told when it is judged.
    for (std::string& path : folders) inputs.push_back({.path = std::move(path), .is_tree = true});
    Result<std::vector<std::string>> paths = snapshot_files({one}, files);
    if (!paths && !has_trees) return fail(std::move(paths.error()));
    if (!paths) continue;
    for (std::string& path : *paths) inputs.push_back({.path = std::move(path)});
  }
  return inputs;
}

Result<Snapshot> load_snapshot(const HostInput& input, HostFiles& files) {
  if (input.bytes.empty()) return load_snapshot(input.path, files);
  return read_snapshot(input.path, input.bytes);
}

Result<Snapshot> load_snapshot(const std::string& path, HostFiles& files) {
  TRY(const std::string bytes, load(path, files));
  Result<Snapshot> snapshot = read_snapshot(path, bytes);
  const std::size_t end = std::min(bytes.find('\n'), bytes.size());
  if (!snapshot && is_whole(bytes.substr(0, end)) && !trim(bytes.substr(end)).empty()) {
    snapshot.error().hint = "snapshots that are a line each are taken from standard input: --from - <FILE";
  }
  return snapshot;
}

Result<Examination> load_examination(const std::string& path, HostFiles& files) {
  TRY(const std::string bytes, load(path, files));
  return read_examination(path, bytes);
}

Result<void> InputSnapshots::take_on() {
  constexpr std::size_t kPiece = std::size_t{64} * 1024;
  drop_handed_out();
  Result<std::string> piece = read_on(kPiece);
  at_end_ = !piece || piece->empty();
  if (!piece) return fail(std::move(piece.error()));
  read_ += *piece;
  return {};
}

void InputSnapshots::drop_handed_out() {
  read_.erase(0, handed_out_);
  handed_out_ = 0;
}

// What never ends is not read on: no more of it is handed out.
Error InputSnapshots::give_up(Error why) {
  read_.clear();
  handed_out_ = 0;
  at_end_ = true;
  return why;
}

// nullopt: that was the last one.
Result<std::optional<std::string>> InputSnapshots::next_line() {
  constexpr std::size_t kMostPassedOver = std::size_t{64} * 1024 * 1024;  // of a line that is too large
  std::size_t passed_over = 0;
  std::size_t end = read_.find('\n', handed_out_);
  while (end == std::string::npos && !at_end_) {
    const std::size_t seen = read_.size() - handed_out_;
    TRY_VOID(take_on());
    end = read_.find('\n', seen);
    if (end != std::string::npos || read_.size() <= kSavedLimit) continue;
    passed_over += read_.size();
    read_.clear();
    if (passed_over > kMostPassedOver) return fail(give_up(too_large(name_of_line(line_ + 1), kMostPassedOver)));
  }
  if (read_.size() == handed_out_ && passed_over == 0) return std::optional<std::string>{};
  if (++line_ > kMostLines) {
    return fail(give_up({.code = ErrorCode::invalid,
                         .message = fmt::format("more than {} lines", kMostLines),
                         .where = {"standard input", 0}}));
  }
  std::string line = read_.substr(handed_out_, end == std::string::npos ? end : end - handed_out_);
  handed_out_ = end == std::string::npos ? read_.size() : end + 1;
  if (passed_over == 0 && line.size() <= kSavedLimit) return line;
  return fail(too_large(name_of_line(line_)));
}

Result<std::string> InputSnapshots::up_to_the_end(std::string first_line) {
  drop_handed_out();
  read_.insert(0, std::string(static_cast<std::size_t>(line_ - 1), '\n') + std::move(first_line) + "\n");
  while (!at_end_ && read_.size() <= kSavedLimit) TRY_VOID(take_on());
  at_end_ = true;
  std::string all = std::exchange(read_, {});
  if (all.size() <= kSavedLimit) return all;
  return fail(too_large("standard input"));
}

// By the first line, which is whole, or was cut off and has a whole one below it.
Result<bool> InputSnapshots::has_lines(std::string_view first_line) {
  if (trim(first_line).ends_with('}')) return true;
  drop_handed_out();
  while (!at_end_ && read_.find('\n') == std::string::npos && read_.size() <= kSavedLimit) TRY_VOID(take_on());
  return is_whole(std::string_view(read_).substr(0, read_.find('\n')));
}

Result<std::optional<HostInput>> InputSnapshots::next() {
  const bool is_first = !std::exchange(begun_, true);
  std::optional<std::string> line;
  do {
    TRY(line, next_line());
  } while (line && trim(*line).empty());
  if (!line && is_first) return fail(ErrorCode::invalid, "standard input is empty");
  if (!line) return std::optional<HostInput>{};
  TRY(const bool is_line, is_first ? has_lines(*line) : Result<bool>(true));
  if (is_line) return HostInput{.path = name_of_line(line_), .bytes = *std::move(line)};
  TRY(std::string all, up_to_the_end(*std::move(line)));
  return HostInput{.path = "standard input", .bytes = std::move(all)};
}

// Two are looked at, to know whether there is more than one.
HostInputs::HostInputs(std::deque<HostInput> known, std::optional<InputSnapshots> more)
    : known_(std::move(known)), more_(std::move(more)) {
  while (more_ && ready() < 2) look_ahead();
  const bool one_line = is_one() && known_.empty() && read_.front() && !read_.front()->bytes.empty();
  if (one_line) read_.front()->path = "standard input";
}

void HostInputs::look_ahead() {
  Result<std::optional<HostInput>> input = more_->next();
  if (!input) {
    read_.emplace_back(fail(std::move(input.error())));
  } else if (*input) {
    read_.emplace_back(**std::move(input));
  } else {
    more_.reset();
  }
}

std::optional<std::pair<std::size_t, HostInputs::Input>> HostInputs::next() {
  const std::lock_guard lock(mutex_);
  if (!known_.empty()) {
    std::pair<std::size_t, Input> next{handed_out_++, std::move(known_.front())};
    known_.pop_front();
    return next;
  }
  if (read_.empty() && more_) look_ahead();
  if (read_.empty()) return std::nullopt;
  std::pair<std::size_t, Input> next{handed_out_++, std::move(read_.front())};
  read_.pop_front();
  return next;
}

std::optional<std::size_t> HostInputs::count() const { return more_ ? std::nullopt : std::optional(ready()); }

Fleet audit_fleet(HostInputs& inputs, const JudgeInput& judge, bool keep_hosts,
                  const std::function<void(std::size_t taken)>& progress) {
  const auto work = [&](Fleet& fleet, const std::function<void(std::size_t)>& tell) {
    while (const auto input = inputs.next()) {
      tell(input->first + 1);
      take(fleet, input->first, input->second, judge);
    }
  };
  std::vector<Fleet> parts(threads_for(inputs.count()), Fleet(keep_hosts));
  std::vector<std::thread> threads;
  for (std::size_t at = 1; at < parts.size(); ++at) {
    if (!start(threads, [&work, &part = parts[at]] { work(part, [](std::size_t) {}); })) break;
  }
  work(parts[0], progress);
  for (std::thread& thread : threads) thread.join();
  Fleet all(keep_hosts);
  for (Fleet& part : parts) all.merge(std::move(part));
  return all;
}

}  // namespace twctl
