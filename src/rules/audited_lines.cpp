#include "rules/audited_lines.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "sysctl/line_settings.hpp"

namespace twctl {
namespace {

// Of a file that is read twice, through a link and by itself, the last reading counts.
std::vector<LineFate> fates(const Setting& setting, const LoaderReplay& replay) {
  std::vector<LineFate> lines;
  for (const LineFate& line : replay.outcome(setting).lines) {
    if (!line.read_again) lines.push_back(line);
  }
  return lines;
}

std::optional<Place> last_word_of(const std::vector<LineFate>& all) {
  const auto found = std::find_if(all.begin(), all.end(), [](const LineFate& one) { return one.decides; });
  return found == all.end() ? std::nullopt : std::optional(found->line.where);
}

// Where procps reads one line, systemd may read several (a lone CR ends a line for it alone): the n-th of a line
// answers to the n-th, so each is asked for once, in order.
class Counterparts {
 public:
  explicit Counterparts(const std::vector<LineFate>& all) {
    for (const LineFate& one : all) of_line_[line_of(one)].push_back(&one);
  }

  const LineFate* take(const LineFate& other) {
    const auto found = of_line_.find(line_of(other));
    if (found == of_line_.end() || found->second.empty()) return nullptr;
    const LineFate* first = found->second.front();
    found->second.pop_front();
    return first;
  }

 private:
  using Line = std::pair<std::string_view, int>;
  static Line line_of(const LineFate& one) { return {one.line.where.file, one.line.where.line}; }
  std::map<Line, std::deque<const LineFate*>> of_line_;
};

// A line takes effect for systemd otherwise than for procps: it decides for one of them only, or it decides otherwise.
void compare(AuditedLine& judged, const LineFate* procps, const LineFate* systemd) {
  const bool decides = procps != nullptr && procps->decides;
  const bool decides_too = systemd != nullptr && systemd->decides;
  if (decides == decides_too && (!decides || procps->value == systemd->value)) return;
  judged.systemd_differs = true;
  if (decides_too) judged.effective_systemd = systemd->value;
}

AuditedLine judged(const Setting& setting, const LineFate* procps, const LineFate* systemd,
                   const std::optional<Place>& last_word) {
  const LineFate& either = procps != nullptr ? *procps : *systemd;
  AuditedLine line{.setting = &setting,
                   .raw = either.line.value,
                   .where = either.line.where,
                   .fate = procps != nullptr ? procps->fate : Fate::not_an_assignment,
                   .clashes = procps != nullptr && procps->clashes,
                   .wildcard = either.wildcard,
                   .ignores_errors = either.ignores_errors,
                   .read_by_systemd = systemd != nullptr};
  if (procps != nullptr) {
    line.effective = procps->value;
    line.note = procps->note;
    const bool contends = procps->fate == Fate::taken || procps->fate == Fate::not_written;
    if (contends && !procps->decides) line.overridden_by = last_word;
  } else {
    line.note = "only systemd-sysctl reads this line";
  }
  compare(line, procps, systemd);
  return line;
}

}  // namespace

std::vector<AuditedLine> audited_lines(const Setting& setting, const BootReplay& replay) {
  const std::vector<LineFate> procps = fates(setting, replay.procps);
  const std::vector<LineFate> systemd = fates(setting, replay.systemd);
  const std::optional<Place> last_word = last_word_of(procps);
  std::vector<AuditedLine> lines;
  Counterparts of_systemd(systemd);
  for (const LineFate& one : procps) lines.push_back(judged(setting, &one, of_systemd.take(one), last_word));
  Counterparts of_procps(procps);
  for (const LineFate& one : systemd) {
    if (of_procps.take(one) == nullptr) lines.push_back(judged(setting, nullptr, &one, last_word));
  }
  return lines;
}

void mark_unavailable(AuditedLine& line, const Unavailable& why) {
  line.fate = why.reason == Unavailable::Reason::removed ? Fate::removed : Fate::not_there;
  line.effective = line.effective_systemd = std::nullopt;
  line.overridden_by = std::nullopt;
  line.systemd_differs = false;
  line.note = why.text;
}

void mark_unavailable(std::vector<AuditedLine>& lines, const Unavailable& why) {
  std::erase_if(lines, [](const AuditedLine& line) { return line.wildcard; });
  for (AuditedLine& line : lines) mark_unavailable(line, why);
}

}  // namespace twctl
