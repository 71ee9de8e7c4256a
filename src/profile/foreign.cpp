#include "profile/foreign.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <climits>

#include "base/escape.hpp"
#include "catalog/slips.hpp"
#include "formats/text_lines.hpp"
#include "sysctl/kernel_value.hpp"

namespace twctl {
namespace {

constexpr std::size_t kMostNotes = 20;  // a dump of another kind of file would fill the screen

// By lines, each note once; what other files say at the end. They are found setting by setting.
void put_in_order(std::vector<LineNote>& notes, std::string_view file) {
  const auto place = [&](const LineNote& note) { return note.where.file == file ? note.where.line : INT_MAX; };
  std::stable_sort(notes.begin(), notes.end(),
                   [&](const LineNote& a, const LineNote& b) { return place(a) < place(b); });
  notes.erase(std::unique(notes.begin(), notes.end()), notes.end());
}

}  // namespace

ForeignProfile::ForeignProfile(std::string_view path, ProfileKind kind) {
  profile_.name = path;
  profile_.kind = kind;
  file_ = path;
}

void ForeignProfile::note(int line, std::string_view text) { adopt({{{file_, line}, std::string(text)}}); }

void ForeignProfile::slip(std::string_view hazard, const Setting& setting, std::string text, int line) {
  if (profile_.slips.size() >= kMostNotes) {
    ++notes_left_out_;
    return;
  }
  profile_.slips.push_back({hazard, &setting, {file_, line}, std::move(text)});
}

void ForeignProfile::adopt(const std::vector<LineNote>& notes) {
  for (const LineNote& note : notes) {
    if (notes_.size() < kMostNotes) {
      notes_.push_back(note);
    } else {
      ++notes_left_out_;
    }
  }
}

void ForeignProfile::override_earlier(const Setting& setting, int line) {
  const auto same = [&](const Entry& entry) { return entry.setting == &setting; };
  const auto earlier = std::find_if(profile_.entries.begin(), profile_.entries.end(), same);
  if (earlier == profile_.entries.end()) return;
  note(line, fmt::format("{}: overrides line {}", setting.key, earlier->where.line));
  const auto of_that_line = [&](const Slip& slip) { return slip.where == earlier->where; };
  profile_.slips.erase(std::remove_if(profile_.slips.begin(), profile_.slips.end(), of_that_line),
                       profile_.slips.end());
  profile_.entries.erase(earlier);
}

void ForeignProfile::want(const Setting& setting, Wanted wanted, int line) {
  if (!setting.writable) return refuse(setting, "twctl explains it and never writes it", line);
  for (const Value& value : wanted.operands) {
    if (const std::optional<std::string> why = why_refused(setting, value)) {
      return refuse(setting, *why + "; left alone", line);
    }
  }
  override_earlier(setting, line);
  profile_.entries.push_back({&setting, std::move(wanted), false, {}, {file_, line}});
}

void ForeignProfile::written(const Setting& setting, std::string_view text, int line) {
  const KernelOutcome outcome = kernel_takes(setting, text, {});
  if (!outcome.value) return refuse(setting, "no effect, the kernel refuses it: " + outcome.note, line);
  if (!outcome.note.empty()) note(line, fmt::format("{}: {}", setting.key, outcome.note));
  want(setting, {Operator::exactly, {*outcome.value}}, line);
}

void ForeignProfile::refuse(const Setting& setting, std::string_view why, int line) {
  override_earlier(setting, line);
  note(line, fmt::format("{}: {}", setting.key, why));
}

void ForeignProfile::leave_alone(std::string_view key, int line) {
  others_.emplace(key);
  if (profile_.kind == ProfileKind::reg) return;
  if (is_old_conntrack_key(key)) {
    const Setting* today = find_setting(Os::linux_kernel, conntrack_key_today(key));
    if (today != nullptr) slip("removed", *today, escape(old_conntrack_text(key)) + ".", line);
    return;
  }
  const Setting* meant = slip_for(key);
  if (meant == nullptr) return;
  slip("near-miss", *meant, fmt::format("{} is no key; did you mean {}?", escape(key), meant->key), line);
}

// Cut where our own INI would begin a comment, and printable, so that to_ini() can hold it.
void ForeignProfile::summarize(std::string_view summary) {
  const std::string printable = escape(summary);
  std::string_view rest = printable;
  profile_.summary = rest.empty() ? "" : std::string(take_line(rest, 0).text);
}

Profile ForeignProfile::finish() {
  const std::string name = escape(profile_.name);
  put_in_order(notes_, profile_.name);
  for (const LineNote& note : notes_) profile_.notes.push_back(to_text(note));
  profile_.out_of_scope = static_cast<int>(others_.size());
  if (notes_left_out_ > 0) profile_.notes.push_back(fmt::format("{}: {} more notes", name, notes_left_out_));
  const std::string others =
      others_.empty() ? ""
                      : fmt::format("{} key{} outside it left alone", others_.size(), others_.size() > 1 ? "s" : "");
  if (profile_.entries.empty()) {
    profile_.notes.push_back(
        fmt::format("{}: sets nothing in twctl's scope{}{}", name, others.empty() ? "" : "; ", others));
  } else if (!others.empty()) {
    profile_.notes.push_back(fmt::format("{}: sets more than twctl's scope; {}", name, others));
  }
  return std::move(profile_);
}

}  // namespace twctl
