#include "audit/fix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "audit/file_lines.hpp"
#include "audit/mended_line.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "base/utf16.hpp"
#include "catalog/slips.hpp"
#include "formats/odd_character.hpp"
#include "profile/file_kind.hpp"
#include "sysctl/kernel_cells.hpp"
#include "sysctl/line_settings.hpp"

namespace twctl {
namespace {

constexpr std::string_view kSetElsewhere = "another line sets the key; which of the two is meant is a decision";

struct Edit {
  std::optional<std::string> text;   // nullopt: the line goes
  const Setting* setting = nullptr;  // that the line then sets, or sets no more; nullptr: none
};
using Edits = std::map<int, Edit>;

// The line with `to` for its key `from`.
std::string renamed(std::string_view line, std::string_view from, std::string_view to) {
  std::string text(line);
  const std::size_t at = text.find(from.substr(from.find_last_of("./") + 1));
  const std::size_t start = text.find_first_not_of(" \t-");
  const std::size_t end = std::min(text.find_first_of(" \t=", at), text.size());
  return text.replace(start, end - start, to);
}

// Whether the value of TuneD's option goes on in the next line: then it takes more than one line to mend it.
bool goes_on(const std::vector<std::string_view>& lines, int line) {
  const auto at = static_cast<std::size_t>(line);
  return at < lines.size() && !trim(lines[at]).empty() && leading_blanks(lines[at]).size() > 0;
}

// A line that goes is commented out where its owner has said something of it, behind it or right above: without it
// those words would be about the next one. nullopt: nothing is left of it.
std::optional<std::string> left_of(std::string_view line, std::string_view above) {
  if (!has_more_behind(line.substr(std::min(line.find('='), line.size()))) && !is_comment(trim(above)))
    return std::nullopt;
  const std::string_view indent = leading_blanks(line);
  return fmt::format("{}# {}", indent, line.substr(indent.size()));
}

class Fixer {
 public:
  // `before`: the audit of these bytes; `assignments`: every line of theirs that assigns.
  Fixer(ProfileKind kind, std::string_view bytes, const AuditContext& context, const Audit& before,
        const std::vector<Assignment>& assignments)
      : kind_(kind), lines_(split(bytes, '\n')), context_(context), before_(before), assignments_(assignments) {
    hold_double_lines();
  }

  // What each finding asks for, where that needs no guess and no value in force can change.
  void take_dead(const Finding& finding) {
    const int line = finding.where.line;
    if (!may_edit(line)) return;
    const std::string_view id = finding.row->id;
    if (id == "no-op-key" || (id == "removed-key" && !is_old_conntrack_key(finding.key))) {
      take_out(line, nullptr);
    } else if (id == "byte-order-mark") {
      edits_[line] = {without_look_alikes(text_of(line))};
    } else if (id == "reg-obsolete" && !text_of(line).ends_with('\\')) {
      edits_[line] = {std::nullopt};
    }
  }

  // The rest of it.
  void take(const Finding& finding) {
    if (!may_edit(finding.where.line)) return;
    if (finding.row->id == "repeated-line") take_out(finding.where.line, find_setting(finding.key));
    if (finding.row->id == "removed-key" && is_old_conntrack_key(finding.key)) {
      take_old_names_of(conntrack_key_today(finding.key));
    }
  }

  // A line in the style of sysctl.conf.
  void mend(const Finding& finding) {
    constexpr std::array<std::string_view, 5> kOfLines{"value-refused", "odd-character", "bad-line", "unknown-key",
                                                       "trailing-text"};
    const int line = finding.where.line;
    const bool of_line = is_one_of(finding.row->id, kOfLines) && kind_ == ProfileKind::sysctl_conf;
    if (!of_line || !may_edit(line) || edits_.contains(line)) return;
    std::optional<std::string> mended = mended_line(text_of(line), context_);
    if (!mended) return;
    const std::vector<Assignment> sets = read_assignments(*mended + "\n", Loader::procps).assignments;
    if (would_override(line, sets)) {
      held_.emplace(line, kSetElsewhere);
    } else {
      edits_[line] = {*std::move(mended), sets.empty() ? nullptr : find_setting(Os::linux_kernel, sets.front().key)};
    }
  }

  // Values hang together: what a mended port range allows, another line may forbid. `changed`: one whose value is
  // another one by these edits. Those of the setting that it clashes with are left to a person, or its own, where there
  // are none of that. False: there are none at all.
  bool leave_what_changes(const Setting& changed) {
    const Setting* partner = partner_of(changed);
    return (partner != nullptr && leave(*partner, changed)) || leave(changed, changed);
  }

  std::vector<LineEdit> edits() const {
    std::vector<LineEdit> edits;
    for (const auto& [line, edit] : edits_)
      edits.push_back({line, edit.text ? std::optional(with_ends(line, *edit.text)) : edit.text});
    return edits;
  }

  // The lines that stay as they are, and why.
  const std::map<int, std::string>& held() const { return held_; }

 private:
  bool may_edit(int line) const {
    return line >= 1 && static_cast<std::size_t>(line) <= lines_.size() && !held_.contains(line);
  }

  // To mend one assignment of a line, or take it out, is to decide on the other one.
  void hold_double_lines() {
    if (kind_ == ProfileKind::reg) return;
    for (int line = 1; may_edit(line); ++line) {
      const std::string_view text = text_of(line);
      const std::string_view key = second_key(text.substr(std::min(text.find('='), text.size())));
      if (is_comment(trim(text)) || key.empty()) continue;
      held_.emplace(line,
                    fmt::format("the line assigns {} too; whether one line or two were meant is a guess", escape(key)));
    }
  }

  void take_out(int line, const Setting* setting) {
    if (kind_ == ProfileKind::tuned && goes_on(lines_, line)) return;
    edits_[line] = {left_of(text_of(line), line > 1 ? text_of(line - 1) : ""), setting};
  }

  bool leave(const Setting& setting, const Setting& changed) {
    return std::erase_if(edits_, [&](const auto& edit) {
             if (edit.second.setting != &setting) return false;
             held_.emplace(edit.first,
                           fmt::format("with it mended the file would no longer set {} as it does; which is "
                                       "meant is a decision",
                                       changed.key));
             return true;
           }) > 0;
  }

  // How a key stands in the file beside these lines. A wildcard sets it too.
  enum class Elsewhere { nothing, refused, set };
  Elsewhere elsewhere(std::string_view key, const std::set<int>& but) const {
    const Setting* setting = find_setting(Os::linux_kernel, key);
    Elsewhere found = Elsewhere::nothing;
    if (setting == nullptr) {
      const auto sets = [&](const Assignment& one) {
        return !but.contains(one.line) && !one.exclusion && concerns(one, key, Loader::procps);
      };
      return std::any_of(assignments_.begin(), assignments_.end(), sets) ? Elsewhere::set : found;
    }
    for (const AuditedLine& line : before_.settings) {
      if (line.setting != setting || but.contains(line.where.line)) continue;
      if (line.fate == Fate::taken || line.fate == Fate::not_there || line.effective_systemd) return Elsewhere::set;
      if (line.fate == Fate::refused) found = Elsewhere::refused;
    }
    return found;
  }

  // Every line with an old name of the key. To the kernel they are dead: the last of them gets the new name, unless
  // another line sets that already.
  void take_old_names_of(const std::string& key) {
    std::map<int, std::string> old;
    std::set<int> lines;
    for (const Assignment& one : assignments_) {
      if (one.exclusion || has_glob(one) || !is_old_conntrack_key(one.key)) continue;
      if (conntrack_key_today(one.key) != key || !may_edit(one.line)) continue;
      old.emplace(one.line, one.key);
      lines.insert(one.line);
    }
    const Elsewhere other = elsewhere(key, lines);
    if (other == Elsewhere::refused) {
      for (const int line : lines) held_.emplace(line, kSetElsewhere);
      return;
    }
    const Setting* setting = find_setting(Os::linux_kernel, key);
    for (const auto& [line, name] : old) {
      if (other == Elsewhere::nothing && line == old.rbegin()->first) {
        edits_[line] = {renamed(text_of(line), name, key), setting};
      } else {
        take_out(line, nullptr);
      }
    }
  }

  // A line that did nothing would begin to set what another line sets.
  bool would_override(int line, const std::vector<Assignment>& mended) const {
    const auto sets = [line](const AuditedLine& one) { return one.where.line == line && one.fate == Fate::taken; };
    if (std::any_of(before_.settings.begin(), before_.settings.end(), sets)) return false;
    return std::any_of(mended.begin(), mended.end(), [&](const Assignment& one) {
      return !one.exclusion && elsewhere(one.key, {line}) == Elsewhere::set;
    });
  }

  std::string_view raw(int line) const { return lines_[static_cast<std::size_t>(line) - 1]; }
  std::string_view text_of(int line) const {
    const std::string_view text = raw(line);
    return text.ends_with('\r') ? text.substr(0, text.size() - 1) : text;
  }
  std::string with_ends(int line, std::string text) const {
    if (!raw(line).ends_with('\r')) return text;
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 2)) text.insert(at, "\r");
    return text + "\r";
  }

  ProfileKind kind_;
  std::vector<std::string_view> lines_;
  const AuditContext& context_;
  const Audit& before_;
  const std::vector<Assignment>& assignments_;
  Edits edits_;
  std::map<int, std::string> held_;
};

std::string edited(std::string_view bytes, const std::vector<LineEdit>& edits) {
  std::string text;
  int number = 0;
  auto edit = edits.begin();
  const std::vector<std::string_view> lines = split(bytes, '\n');
  for (const std::string_view line : lines) {
    const bool last = ++number == static_cast<int>(lines.size());
    const bool here = edit != edits.end() && edit->line == number;
    if (!here || edit->text) text.append(here ? std::string_view(*edit->text) : line).append(last ? "" : "\n");
    if (here) ++edit;
  }
  return text;
}

// Every line of the file that assigns, as its loader reads it.
Result<std::vector<Assignment>> assignments_of(ProfileKind kind, std::string_view path, std::string_view bytes,
                                               const AuditContext& context) {
  if (kind == ProfileKind::sysctl_conf) return read_assignments(bytes, Loader::procps).assignments;
  if (kind != ProfileKind::tuned) return std::vector<Assignment>{};
  TRY(AuditedTuned tuned, judge_tuned_file(path, bytes, context));
  return std::move(tuned.assignments);
}

// A setting that a loader ends with by `before` and that is another one, or none, by `after`; nullptr: there is none.
const Setting* changed_by(const Audit& before, const Audit& after) {
  using Values = std::map<std::pair<const Setting*, Loader>, Value>;
  const auto in_force = [](const Audit& audit) {
    Values values;
    for (const AuditedLine& line : audit.settings) {
      for (const Loader loader : {Loader::procps, Loader::systemd}) {
        if (auto value = line.value_for(loader)) values.insert_or_assign({line.setting, loader}, *std::move(value));
      }
    }
    return values;
  };
  const Values now = in_force(after);
  for (const auto& [key, value] : in_force(before)) {
    const auto found = now.find(key);
    if (found == now.end() || found->second != value) return key.first;
  }
  return nullptr;
}

Result<void> mend_with(Fix& fix, const Fixer& fixer, std::string_view path, std::string_view bytes,
                       const AuditContext& context) {
  fix.edits = fixer.edits();
  fix.diff = unified_diff(path, bytes, fix.edits);
  fix.held = fixer.held();
  TRY(fix.after, audit_file(path, edited(bytes, fix.edits), context));
  return {};
}

// In the words of the lines' own rules, which say what mends one.
AuditContext not_of_a_runtime(const AuditContext& context) {
  HostFacts facts = context.host();
  if (context.given_to_runtime()) facts.container = "a container";
  return AuditContext(facts);
}

// As regedit exports it. What is found in it might be mended, but not by a diff.
Fix unmended_utf16(Fix fix) {
  fix.after = fix.before;
  for (const Finding& finding : fix.before.findings) {
    if (finding.where.line > 0 && finding.row->id != "utf-16") {
      fix.held.emplace(finding.where.line,
                       "the file is UTF-16, to which no diff can be applied; `iconv -f UTF-16 -t UTF-8` makes one that "
                       "--fix mends");
    }
  }
  return fix;
}

}  // namespace

Result<Fix> fix_file(std::string_view path, std::string_view bytes, const AuditContext& given) {
  const AuditContext context = not_of_a_runtime(given);
  Fix fix;
  TRY(fix.before, audit_file(path, bytes, context));
  TRY(const ProfileKind kind, readable_kind(path, bytes));
  if (looks_like_utf16(bytes)) return unmended_utf16(std::move(fix));
  TRY(const std::vector<Assignment> assignments, assignments_of(kind, path, bytes, context));
  Fixer fixer(kind, bytes, context, fix.before, assignments);
  for (const Finding& finding : fix.before.findings) fixer.take_dead(finding);
  const Fixer cautious = fixer;
  for (const Finding& finding : fix.before.findings) fixer.take(finding);
  for (const Finding& finding : fix.before.findings) fixer.mend(finding);
  TRY_VOID(mend_with(fix, fixer, path, bytes, context));
  while (const Setting* changed = changed_by(fix.before, fix.after)) {
    const bool left = fixer.leave_what_changes(*changed);
    TRY_VOID(mend_with(fix, left ? fixer : cautious, path, bytes, context));
    if (!left) break;
  }
  return fix;
}

}  // namespace twctl
