#include "audit/judge_lines.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "sysctl/boot_writes.hpp"
#include "sysctl/kernel_cells.hpp"

namespace twctl {
namespace {

// What one loader does with one line about the setting.
struct Heard {
  Place where;
  std::string raw;
  Fate fate = Fate::not_written;
  std::optional<Value> value = {};  // once taken
  std::string note = {};
  bool wildcard = false;
  bool ignores_errors = false;
  bool last_word = false;
};

bool same_line(const SourceLine& a, const SourceLine& b) { return a.said == b.said && a.file == b.file; }

class Hearing {
 public:
  Hearing(const Setting& setting, const LineSources& sources, Loader loader, std::string_view initial)
      : setting_(setting),
        order_(loader == Loader::procps ? sources.procps : sources.systemd),
        loader_(loader),
        cells_(setting, initial, sources.kernel) {}

  std::vector<Heard> run() {
    const std::vector<SourceLine> lines = lines_about(cells_.keys(), order_, loader_);
    for (const SourceLine& line : lines) add(line);
    std::size_t last = heard_.size();
    for (const BootWrite& write : writes_of(cells_.keys(), lines, loader_)) {
      KernelOutcome outcome = cells_.write(write.key, write.line.said->value);
      if (write.key != 0) continue;
      const std::size_t at = place_in(write.line);
      if (outcome.value) last = at;
      heard_[at].fate = outcome.value ? Fate::taken : Fate::refused;
      heard_[at].value = std::move(outcome.value);
      heard_[at].note = std::move(outcome.note);
    }
    if (last < heard_.size()) heard_[last].last_word = true;
    add_bad_lines();
    return std::move(heard_);
  }

 private:
  void add(const SourceLine& line) {
    if (line.said->exclusion || !concerns(*line.said, setting_.key, loader_)) return;
    lines_.push_back(line);
    heard_.push_back({.where = place_of(line),
                      .raw = line.said->value,
                      .note = has_glob(*line.said) ? "a line that names the key itself wins over the wildcard"
                                                   : "a later line for the same key takes its place",
                      .wildcard = has_glob(*line.said),
                      .ignores_errors = line.said->ignore_errors});
  }

  [[nodiscard]] std::size_t place_in(const SourceLine& line) const {
    const auto at = std::find_if(lines_.begin(), lines_.end(), [&](const auto& one) { return same_line(one, line); });
    return static_cast<std::size_t>(at - lines_.begin());
  }

  void add_bad_lines() {
    for (const BootConfig::File* file : order_) {
      for (const BadLine& bad : as_read_by(loader_, *file).bad_lines) {
        const std::size_t equals = bad.text.find('=');
        if (setting_meant_by(std::string_view(bad.text).substr(0, equals)) != &setting_) continue;
        const std::string_view value =
            equals == std::string::npos ? std::string_view() : std::string_view(bad.text).substr(equals + 1);
        heard_.push_back({.where = {edited_path(*file), bad.line},
                          .raw = std::string(trim(value)),
                          .fate = Fate::not_an_assignment,
                          .note = bad.problem});
      }
    }
  }

  const Setting& setting_;
  const BootFiles& order_;
  Loader loader_;
  KernelCells cells_;
  std::vector<SourceLine> lines_;  // those that the first of heard_ are about
  std::vector<Heard> heard_;
};

std::optional<Place> last_word_of(const std::vector<Heard>& all) {
  const auto found = std::find_if(all.begin(), all.end(), [](const Heard& one) { return one.last_word; });
  return found == all.end() ? std::nullopt : std::optional(found->where);
}

// Where procps reads one line, systemd may read several (a lone CR ends a line for it alone): the n-th of a line
// answers to the n-th.
const Heard* counterpart(const std::vector<Heard>& all, const std::vector<Heard>& others, const Heard& one) {
  const auto on_line = [&](const Heard& other) { return other.where == one.where; };
  auto nth = std::count_if(all.data(), &one, on_line);
  for (const Heard& other : others) {
    if (on_line(other) && nth-- == 0) return &other;
  }
  return nullptr;
}

// A line takes effect for systemd otherwise than for procps: it decides for one of them only, or it decides otherwise.
void compare(JudgedLine& judged, const Heard* procps, const Heard* systemd) {
  const bool decides = procps != nullptr && procps->last_word;
  const bool decides_too = systemd != nullptr && systemd->last_word;
  if (decides == decides_too && (!decides || procps->value == systemd->value)) return;
  judged.systemd_differs = true;
  if (decides_too) judged.effective_systemd = systemd->value;
}

JudgedLine judged(const Setting& setting, const Heard* procps, const Heard* systemd,
                  const std::optional<Place>& last_word) {
  const Heard& either = procps != nullptr ? *procps : *systemd;
  JudgedLine line{.setting = &setting,
                  .raw = either.raw,
                  .where = either.where,
                  .fate = procps != nullptr ? procps->fate : Fate::not_an_assignment,
                  .wildcard = either.wildcard,
                  .ignores_errors = either.ignores_errors};
  if (procps != nullptr) {
    line.effective = procps->value;
    line.note = procps->note;
    const bool contends = procps->fate == Fate::taken || procps->fate == Fate::not_written;
    if (contends && !procps->last_word) line.overridden_by = last_word;
  } else {
    line.note = "only systemd-sysctl reads this line";
  }
  compare(line, procps, systemd);
  return line;
}

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool stands_as_word(std::string_view text, std::string_view key) {
  for (std::size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
    const std::size_t end = at + key.size();
    if ((at == 0 || !is_key_character(text[at - 1])) && (end == text.size() || !is_key_character(text[end]))) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::vector<JudgedLine> judge_lines(const Setting& setting, const LineSources& sources, std::string_view initial) {
  const std::vector<Heard> procps = Hearing(setting, sources, Loader::procps, initial).run();
  const std::vector<Heard> systemd = Hearing(setting, sources, Loader::systemd, initial).run();
  const std::optional<Place> last_word = last_word_of(procps);
  std::vector<JudgedLine> lines;
  for (const Heard& one : procps) {
    lines.push_back(judged(setting, &one, counterpart(procps, systemd, one), last_word));
  }
  for (const Heard& one : systemd) {
    if (counterpart(systemd, procps, one) != nullptr) continue;
    lines.push_back(judged(setting, nullptr, &one, last_word));
  }
  return lines;
}

const Setting* setting_meant_by(std::string_view line) {
  constexpr std::size_t kLongest = 512;  // a key and what people put round it
  std::string text = to_lower(line.substr(0, kLongest));
  std::replace(text.begin(), text.end(), '/', '.');
  const Setting* best = nullptr;
  for (const Setting& setting : settings(Os::linux_kernel)) {
    const bool longer = best == nullptr || setting.key.size() > best->key.size();
    if (longer && stands_as_word(text, setting.key)) best = &setting;
  }
  return best;
}

}  // namespace twctl
