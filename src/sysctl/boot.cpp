#include "sysctl/boot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/escape.hpp"
#include "sysctl/boot_order.hpp"
#include "sysctl/boot_writes.hpp"
#include "sysctl/kernel_cells.hpp"

namespace twctl {
namespace {

std::string text_of(const Place& place) {
  return place.line == 0 ? escape(place.file) : fmt::format("{}:{}", escape(place.file), place.line);
}

class Replay {
 public:
  Replay(const Setting& setting, const BootFiles& order, Loader loader, std::string_view initial,
         const SupposedLine* supposed = nullptr)
      : order_(order), loader_(loader), supposed_(supposed), cells_(setting, initial) {}

  // What the kernel writes before any file is read.
  void begin_with(const std::vector<Assignment>& command_line) {
    for (const Assignment& said : command_line) {
      const auto known = std::find(cells_.keys().begin(), cells_.keys().end(), said.key);
      if (known != cells_.keys().end()) {
        begin_with(static_cast<std::size_t>(known - cells_.keys().begin()), said.value);
      }
    }
  }

  BootOutcome run() {
    const std::vector<SourceLine> lines = lines_about(cells_.keys(), order_, loader_);
    for (const BootWrite& write : writes_of(cells_.keys(), lines, loader_)) apply(write);
    if (!remark_.empty()) note(*outcome_.decided_by, remark_);
    add_exclusion(lines);
    add_losers(lines);
    add_bad_lines();
    return std::move(outcome_);
  }

 private:
  [[nodiscard]] std::string_view key() const { return cells_.keys().front(); }

  void begin_with(std::size_t which, std::string_view text) {
    KernelOutcome taken = cells_.write(which, text);
    const bool ours = which == 0;
    if (!ours) return;
    const Place place{.file = std::string(kKernelCommandLine)};
    if (!taken.value) return note(place, "the kernel refuses this value, so it has no effect: " + taken.note);
    outcome_.value = std::move(taken.value);
    outcome_.decided_by = place;
    remark_ = std::move(taken.note);
  }

  // The supposed line is judged by itself: its partner may be supposed as well.
  [[nodiscard]] bool is_supposed(const BootWrite& write) const {
    return supposed_ != nullptr && write.key == 0 && write.line.said->value == supposed_->value &&
           edited_path(*write.line.file) == supposed_->file;
  }

  KernelOutcome take(const BootWrite& write) {
    const std::string& text = write.line.said->value;
    return is_supposed(write) ? cells_.write_alone(write.key, text) : cells_.write(write.key, text);
  }

  void apply(const BootWrite& write) {
    KernelOutcome taken = take(write);
    const bool ours = write.key == 0;
    if (!ours) return;
    if (!taken.value) return refuse(write.line, taken.note);
    outcome_.refused_at.reset();
    outcome_.value = std::move(taken.value);
    outcome_.decided_by = place_of(write.line);
    remark_ = std::move(taken.note);
  }

  // Once: a file may be read twice, through a link and by itself.
  void note(const Place& place, std::string_view what) {
    std::string text = fmt::format("{}: {}", text_of(place), what);
    if (std::find(outcome_.notes.begin(), outcome_.notes.end(), text) == outcome_.notes.end()) {
      outcome_.notes.push_back(std::move(text));
    }
  }

  void refuse(const SourceLine& line, const std::string& why) {
    refused_.push_back(line.said);
    outcome_.refused_at = place_of(line);
    note(place_of(line), "the kernel refuses this value, so the line has no effect: " + why);
  }

  // To systemd an exclusion of the key takes the place of the lines before it. procps keeps only globs off the key.
  void add_exclusion(const std::vector<SourceLine>& lines) {
    if (loader_ == Loader::procps) return;
    for (const SourceLine& line : lines) {
      if (has_glob(*line.said) || !concerns(*line.said, key(), loader_)) continue;
      outcome_.excluded_by.reset();
      if (line.said->exclusion) outcome_.excluded_by = place_of(line);
    }
  }

  void add_losers(const std::vector<SourceLine>& lines) {
    for (const SourceLine& line : lines) {
      const bool refused = std::find(refused_.begin(), refused_.end(), line.said) != refused_.end();
      if (line.said->exclusion || refused || !concerns(*line.said, key(), loader_)) continue;
      BootLine loser{.key = line.said->key, .value = line.said->value, .where = place_of(line)};
      const bool listed = std::find(outcome_.losers.begin(), outcome_.losers.end(), loser) != outcome_.losers.end();
      if (loser.where != outcome_.decided_by && !listed) outcome_.losers.push_back(std::move(loser));
    }
  }

  // A line that names this key but assigns nothing.
  void add_bad_lines() {
    std::string slashed(key());
    std::replace(slashed.begin(), slashed.end(), '.', '/');
    for (const BootConfig::File* file : order_) {
      for (const BadLine& bad : as_read_by(loader_, *file).bad_lines) {
        if (bad.text.find(key()) == std::string::npos && bad.text.find(slashed) == std::string::npos) continue;
        note({.file = edited_path(*file), .line = bad.line}, "the line has no effect: " + bad.problem);
      }
    }
  }

  const BootFiles& order_;
  Loader loader_;
  const SupposedLine* supposed_;  // nullptr: none
  KernelCells cells_;
  std::vector<const Assignment*> refused_;
  std::string remark_;
  BootOutcome outcome_;
};

void suppose(AssignmentFile& file, std::string_view key, const std::optional<std::string>& value) {
  const auto names_key = [key](const Assignment& said) { return assigns(said, key); };
  if (!value) {
    file.assignments.erase(std::remove_if(file.assignments.begin(), file.assignments.end(), names_key),
                           file.assignments.end());
    return;
  }
  const auto last = std::find_if(file.assignments.rbegin(), file.assignments.rend(), names_key);
  if (last != file.assignments.rend()) {
    last->value = *value;
  } else {
    file.assignments.push_back({.key = std::string(key), .value = *value});
  }
}

bool has_line_at(const Place& where, const std::vector<BootLine>& lines) {
  return std::any_of(lines.begin(), lines.end(), [&](const BootLine& line) { return line.where == where; });
}

std::vector<std::size_t> order_of(const BootConfig& config, Loader loader) {
  std::vector<std::size_t> order;
  for (const BootConfig::File* file : files_in_order(all_files(config), loader)) {
    order.push_back(static_cast<std::size_t>(file - config.files.data()));
  }
  return order;
}

}  // namespace

BootConfig parse_boot_files(std::span<const BootFile> files) {
  BootConfig config;
  for (const BootFile& file : files) {
    if (file.path == kKernelCommandLine) {
      config.command_line = read_command_line(file.bytes);
      config.files.push_back({.path = file.path});  // no loader reads it
      continue;
    }
    config.files.push_back({.path = file.path,
                            .link_target = file.link_target,
                            .problem = file.problem,
                            .systemd = read_assignments(file.bytes, Loader::systemd),
                            .procps = read_assignments(file.bytes, Loader::procps)});
  }
  config.systemd_order = order_of(config, Loader::systemd);
  config.procps_order = order_of(config, Loader::procps);
  return config;
}

BootOutcome boot_outcome(const Setting& setting, const BootConfig& config, Loader loader, std::string_view initial) {
  const BootFiles order = files_read(config, loader);
  Replay replay(setting, order, loader, initial);
  replay.begin_with(config.command_line);
  return replay.run();
}

BootOutcome file_outcome(const Setting& setting, const BootConfig::File& file, Loader loader,
                         std::string_view initial) {
  return Replay(setting, {&file}, loader, initial).run();
}

BootOutcome boot_outcome_with(const Setting& setting, const BootConfig& config, Loader loader, std::string_view initial,
                              const SupposedLine& supposed) {
  BootConfig changed;
  BootFiles files;
  changed.files.reserve(config.files.size() + 1);  // `files` points into it
  for (const BootConfig::File& file : config.files) {
    const bool it = file.path == supposed.file || edited_path(file) == supposed.file;
    files.push_back(it ? &changed.files.emplace_back(file) : &file);
  }
  const auto has_path = [&](const BootConfig::File& file) { return file.path == supposed.file; };
  if (std::none_of(changed.files.begin(), changed.files.end(), has_path)) {
    files.push_back(&changed.files.emplace_back(BootConfig::File{.path = std::string(supposed.file)}));
  }
  for (BootConfig::File& file : changed.files) {
    suppose(file.systemd, setting.key, supposed.value);
    suppose(file.procps, setting.key, supposed.value);
  }
  const BootFiles order = files_in_order(files, loader);
  Replay replay(setting, order, loader, initial, &supposed);
  replay.begin_with(config.command_line);
  return replay.run();
}

std::vector<BootLine> lines_for(std::string_view key, const BootConfig& config) {
  std::vector<BootLine> found;
  const std::array<std::string_view, 1> keys{key};
  for (const Loader loader : {Loader::procps, Loader::systemd}) {
    for (const SourceLine& line : lines_about(keys, files_read(config, loader), loader)) {
      const Place where = place_of(line);
      if (line.said->exclusion || has_line_at(where, found)) continue;
      found.push_back({.key = line.said->key, .value = line.said->value, .where = where});
    }
  }
  return found;
}

}  // namespace twctl
