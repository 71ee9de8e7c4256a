#include "sysctl/boot_replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <set>
#include <utility>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "sysctl/line_settings.hpp"

namespace twctl {
namespace {

Place place_of(const SourceLine& line) { return {.file = edited_path(*line.file), .line = line.assignment->line}; }

// One run of a loader over lines, from the kernel's command line to what every setting ends with.
class LoaderRun {
 public:
  // `start` outlives it.
  LoaderRun(Loader loader, const KernelStart& start) : loader_(loader), cells_(start) {}

  // What the kernel writes before any file is read.
  void begin_with(const std::vector<Assignment>& command_line) {
    for (const Assignment& assignment : command_line) {
      const Setting* setting = find_setting(Os::linux_kernel, assignment.key);
      if (setting == nullptr) continue;
      const Place place{.file = std::string(kKernelCommandLine)};
      KernelOutcome outcome = cells_.write(*setting, assignment.value);
      if (outcome.value) {
        decide(*setting, place, std::move(outcome), std::nullopt);
      } else {
        note(*setting, place, "the kernel refuses this value, so it has no effect: " + outcome.note);
      }
    }
  }

  std::map<std::string_view, BootOutcome> over(const SourceLines& read) {
    std::vector<std::vector<std::size_t>> places;  // of each line among the lines about each of its settings
    for (const SourceLine& line : read.lines) places.push_back(add(line));
    for (const BootWrite& write : writes_of(read.lines, loader_)) {
      const SourceLine& line = read.lines[write.line];
      apply(line, *line.about[write.about], places[write.line][write.about]);
    }
    for (const auto& [setting, last] : last_) finish(*setting, last);
    for (const PassedOverLine& line : read.passed_over) add(line);
    return std::move(outcomes_);
  }

 private:
  // What decides so far.
  struct Last {
    std::optional<std::size_t> line;  // among the lines about the setting; nullopt: none, or the kernel's command line
    std::string remark;               // what is read differently from what it looks like
  };

  BootOutcome& of(const Setting& setting) { return outcomes_[setting.key]; }

  std::vector<std::size_t> add(const SourceLine& line) {
    const Assignment& assignment = *line.assignment;
    const bool wildcard = has_glob(assignment);
    std::vector<std::size_t> places;
    for (const Setting* setting : line.about) {
      // To systemd an exclusion of the key takes the place of the lines before it. procps keeps only globs off the key.
      if (!wildcard && loader_ != Loader::procps) {
        of(*setting).excluded_by = assignment.exclusion ? std::optional(place_of(line)) : std::nullopt;
      }
      if (assignment.exclusion) continue;
      places.push_back(of(*setting).lines.size());
      of(*setting).lines.push_back({.line = {.key = assignment.key, .value = assignment.value, .where = place_of(line)},
                                    .note = wildcard ? "a line that names the key itself wins over the wildcard"
                                                     : "a later line for the same key takes its place",
                                    .wildcard = wildcard,
                                    .ignores_errors = assignment.ignore_errors,
                                    .read_again = line.read_again});
    }
    return places;
  }

  void apply(const SourceLine& line, const Setting& setting, std::size_t place) {
    // A supposed line is judged by itself: the one that the kernel holds it to may be supposed as well.
    const std::string& text = line.assignment->value;
    KernelOutcome outcome = line.supposed ? cells_.write_alone(setting, text) : cells_.write(setting, text);
    LineFate& fate = of(setting).lines[place];
    fate.fate = outcome.value ? Fate::taken : Fate::refused;
    fate.value = outcome.value;
    fate.note = outcome.note;
    fate.clashes = outcome.clashes;
    if (outcome.value) return decide(setting, fate.line.where, std::move(outcome), place);
    of(setting).refused_at = fate.line.where;
    note(setting, fate.line.where, "the kernel refuses this value, so the line has no effect: " + outcome.note);
  }

  void decide(const Setting& setting, const Place& where, KernelOutcome outcome, std::optional<std::size_t> line) {
    of(setting).refused_at.reset();
    of(setting).value = std::move(outcome.value);
    of(setting).decided_by = where;
    last_[&setting] = {.line = line, .remark = std::move(outcome.note)};
  }

  void finish(const Setting& setting, const Last& last) {
    if (!last.remark.empty()) note(setting, *of(setting).decided_by, last.remark);
    if (last.line) of(setting).lines[*last.line].decides = true;
  }

  void add(const PassedOverLine& line) {
    const BadLine& bad = *line.bad;
    const std::size_t equals = bad.text.find('=');
    const std::string_view value = equals == std::string::npos ? "" : std::string_view(bad.text).substr(equals + 1);
    LineFate fate{.line = {.key = {}, .value = std::string(trim(value)), .where = {edited_path(*line.file), bad.line}},
                  .fate = Fate::not_an_assignment,
                  .note = bad.problem,
                  .read_again = line.read_again};
    note(*line.meant, fate.line.where, "the line has no effect: " + bad.problem);
    of(*line.meant).lines.push_back(std::move(fate));
  }

  // Once: a file may be read twice, through a link and by itself.
  void note(const Setting& setting, const Place& place, std::string_view what) {
    LineNote note{place, std::string(what)};
    if (told_.insert({&setting, to_text(note)}).second) of(setting).notes.push_back(std::move(note));
  }

  Loader loader_;
  KernelCells cells_;
  std::map<std::string_view, BootOutcome> outcomes_;  // by key
  std::map<const Setting*, Last> last_;
  std::set<std::pair<const Setting*, std::string>> told_;
};

// All of it that decides about one setting.
KernelStart start_for(const Setting& setting, const KernelStart& whole) {
  KernelStart start{.version = whole.version};
  for (const Setting* one : {&setting, partner_of(setting)}) {
    const auto known = one == nullptr ? whole.values.end() : whole.values.find(one->key);
    if (known != whole.values.end()) start.values.insert(*known);
  }
  return start;
}

bool is_about(const SourceLine& line, const Setting* setting) {
  return std::find(line.about.begin(), line.about.end(), setting) != line.about.end();
}

// Changes `lines`, those of `file`, to what `value` supposes; a changed line lies in `kept`.
void suppose(std::vector<SourceLine>& lines, const BootConfig::File& file, const Setting& setting,
             const std::optional<std::string>& value, std::deque<Assignment>& kept) {
  const auto names_it = [&](const SourceLine& line) { return assigns(*line.assignment, setting.key); };
  if (!value) {
    lines.erase(std::remove_if(lines.begin(), lines.end(), names_it), lines.end());
    return;
  }
  auto last = std::find_if(lines.rbegin(), lines.rend(), names_it);
  kept.push_back(last != lines.rend() ? *last->assignment : Assignment{.key = std::string(setting.key)});
  if (last == lines.rend()) {
    lines.push_back({.file = &file, .about = {&setting}});
    last = lines.rbegin();
  }
  kept.back().value = *value;
  last->assignment = &kept.back();
  last->supposed = true;
}

}  // namespace

std::string to_text(const LineNote& note) { return fmt::format("{}: {}", place_text(note.where), note.text); }

LoaderReplay::LoaderReplay(const BootConfig& config, Loader loader, KernelStart start)
    : all_files_(all_files(config)),
      files_read_(files_read(config, loader)),
      command_line_(config.command_line),
      loader_(loader),
      start_(std::move(start)),
      read_(lines_of(files_read_, loader)) {
  LoaderRun run(loader_, start_);
  run.begin_with(command_line_);
  outcomes_ = run.over(read_);
}

const BootOutcome& LoaderReplay::outcome(const Setting& setting) const {
  static const BootOutcome kUntouched;
  const auto found = outcomes_.find(setting.key);
  return found == outcomes_.end() ? kUntouched : found->second;
}

BootOutcome LoaderReplay::outcome_with(const Setting& setting, const SupposedLine& supposed) const {
  const BootConfig::File added{.path = std::string(supposed.file)};
  BootFiles files = all_files_;
  const bool exists =
      std::any_of(files.begin(), files.end(), [&](const auto* file) { return file->path == added.path; });
  if (!exists) files.push_back(&added);
  std::deque<Assignment> kept;  // what `then` points to
  SourceLines then;
  auto next = read_.lines.begin();  // they stand in the order of their files
  for (const BootConfig::File* file : exists ? files_read_ : files_in_order(files, loader_)) {
    std::vector<SourceLine> lines;
    for (; next != read_.lines.end() && next->file == file; ++next) {
      if (is_about(*next, &setting) || is_about(*next, partner_of(setting))) lines.push_back(*next);
    }
    if (leads_to(*file, supposed.file)) suppose(lines, *file, setting, supposed.value, kept);
    std::move(lines.begin(), lines.end(), std::back_inserter(then.lines));
  }
  std::copy_if(read_.passed_over.begin(), read_.passed_over.end(), std::back_inserter(then.passed_over),
               [&](const PassedOverLine& line) { return line.meant == &setting; });
  const KernelStart start = start_for(setting, start_);
  LoaderRun run(loader_, start);
  run.begin_with(command_line_);
  return run.over(then)[setting.key];
}

BootReplay::BootReplay(BootConfig files, KernelStart start)
    : config(std::move(files)),
      systemd(config, Loader::systemd, start),
      procps(config, Loader::procps, std::move(start)) {}

std::vector<BootLine> BootReplay::lines_for(const Setting& setting) const {
  std::vector<BootLine> found;
  std::set<std::pair<std::string_view, int>> places;
  for (const LoaderReplay* loader : {&procps, &systemd}) {
    for (const LineFate& one : loader->outcome(setting).lines) {
      const Place& where = one.line.where;
      if (one.fate == Fate::not_an_assignment || !places.insert({where.file, where.line}).second) continue;
      found.push_back(one.line);
    }
  }
  return found;
}

}  // namespace twctl
