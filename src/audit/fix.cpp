#include "audit/fix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "audit/file_lines.hpp"
#include "base/text.hpp"
#include "base/utf16.hpp"
#include "catalog/other_keys.hpp"
#include "formats/odd_character.hpp"
#include "profile/file_kind.hpp"
#include "sysctl/line_settings.hpp"

namespace twctl {
namespace {

constexpr std::string_view kQuotes = "\"'";

bool take_front(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// The key as the catalogue spells it; "" if it means none of ours.
std::string plain_key(std::string_view written) {
  std::string_view key = trim(written);
  const bool dash = take_front(key, "-");
  key = trim(key);
  if (take_front(key, "sysctl")) {
    key = trim(key);
    take_front(key, "-w");
    key = trim(key);
  }
  const Setting* setting = setting_meant_by(key);
  if (setting == nullptr) return {};
  std::string bare = to_lower(key);
  std::replace(bare.begin(), bare.end(), '/', '.');
  for (const std::string_view around : {"proc.sys.", "."}) {
    const std::size_t at = bare.find(around);
    if (at <= 1 && bare.substr(at + around.size()) == setting->key) bare = setting->key;
  }
  if (bare == std::string(setting->key) + ".") bare = setting->key;
  return bare == setting->key ? (dash ? "-" : "") + bare : std::string();
}

// A value as written, and the comment behind it: "# half" or "".
struct ValueAndComment {
  std::string_view value;
  std::string comment;
};

ValueAndComment split_comment(std::string_view written) {
  const std::size_t at = std::min({written.find('#'), written.find(';'), written.find("//")});
  if (at == std::string_view::npos) return {trim(written), {}};
  const std::string_view text = trim(written.substr(at));
  const bool marked = text.front() != '/';
  const std::string_view said = trim(text.substr(std::min(text.find_first_not_of("#;/"), text.size())));
  if (said.empty()) return {trim(written.substr(0, at)), {}};
  return {trim(written.substr(0, at)), marked ? std::string(text) : "# " + std::string(said)};
}

// Without the punctuation that is glued to it.
std::string_view without_tail(std::string_view value, const Setting& setting) {
  value = trim(value);
  while (!value.empty() && (value.back() == ',' || value.back() == '\\'))
    value = trim(value.substr(0, value.size() - 1));
  if (setting.unit == "s" && value.size() > 1 && value.back() == 's') value.remove_suffix(1);
  return value;
}

std::string plain_value(std::string_view value, const Setting& setting) {
  value = without_tail(value, setting);
  while (!value.empty() && kQuotes.find(value.front()) != std::string_view::npos) value.remove_prefix(1);
  while (!value.empty() && kQuotes.find(value.back()) != std::string_view::npos) value.remove_suffix(1);
  value = without_tail(value, setting);
  take_front(value, "+");
  return std::string(trim(value));
}

// Whether both loaders make the kernel take the line's value.
bool applies(std::string_view line, const AuditContext& context) {
  const auto judged = judge_sysctl_file("", std::string(line) + "\n", context);
  return judged && judged->lines.size() == 1 && judged->lines[0].in_force() && !judged->lines[0].systemd_differs;
}

std::string_view leading_blanks(std::string_view text) {
  return text.substr(0, std::min(text.find_first_not_of(" \t"), text.size()));
}

// "  KEY = VALUE" with the comment above it.
std::string assembled(std::string_view before, std::string_view key, std::string_view after, std::string_view value,
                      std::string_view comment) {
  const std::string_view indent = leading_blanks(before);
  const std::string_view gap = before.substr(std::min(before.find_last_not_of(" \t") + 1, before.size()));
  const std::string above = comment.empty() ? "" : fmt::format("{}{}\n", indent, comment);
  return fmt::format("{}{}{}{}={}{}", above, indent, key, gap, leading_blanks(after), value);
}

// A key outside the catalogue: only what looks like nothing or like a blank goes, and a comment behind a word.
std::optional<std::string> mended_other(std::string_view line, std::string_view plain) {
  const std::size_t equals = plain.find('=');
  const std::string_view before = plain.substr(0, equals);
  const std::string_view after = plain.substr(equals + 1);
  const std::string_view key = trim(before);
  if (!is_ordinary_key(key) || key.find('.') == std::string_view::npos) return std::nullopt;
  const ValueAndComment parts = split_comment(trim(after));
  const bool is_word = is_word_key(key) && !parts.comment.empty();
  std::string mended = assembled(before, key, after, is_word ? parts.value : trim(after), is_word ? parts.comment : "");
  return mended == line ? std::nullopt : std::optional(std::move(mended));
}

using Edits = std::map<int, std::optional<std::string>>;

// The line with `to` for its key `from`.
std::string renamed(std::string_view line, std::string_view from, std::string_view to) {
  std::string text(line);
  const std::size_t at = text.find(from.substr(from.find_last_of("./") + 1));
  const std::size_t start = text.find_first_not_of(" \t-");
  const std::size_t end = std::min(text.find_first_of(" \t=", at), text.size());
  return text.replace(start, end - start, to);
}

// Whether the option's value goes on in the next line: then it takes more than one line to mend it.
bool goes_on(const std::vector<std::string_view>& lines, int line) {
  const auto at = static_cast<std::size_t>(line);
  return at < lines.size() && !trim(lines[at]).empty() && leading_blanks(lines[at]).size() > 0;
}

// A line that goes is commented out where its owner has said something of it, behind it or right above: without it
// those words would be about the next one. nullopt: nothing is left of it.
std::optional<std::string> left_of(std::string_view line, std::string_view above) {
  const bool said = !split_comment(line.substr(std::min(line.find('='), line.size()))).comment.empty();
  if (!said && !is_comment(trim(above))) return std::nullopt;
  const std::string_view indent = leading_blanks(line);
  return fmt::format("{}# {}", indent, line.substr(indent.size()));
}

class Fixer {
 public:
  // `before`: the audit of these bytes; `assignments`: every line of theirs that assigns.
  Fixer(std::string_view bytes, const AuditContext& context, const Audit& before,
        const std::vector<Assignment>& assignments)
      : lines_(split(bytes, '\n')), context_(context), before_(before), assignments_(assignments) {}

  // What each finding asks for, where that needs no guess and no value in force can change.
  void take_dead(const Finding& finding) {
    const int line = finding.where.line;
    if (!is_line(line)) return;
    const std::string_view id = finding.row->id;
    if (id == "no-op-key" || (id == "removed-key" && !is_conntrack_name(finding.key))) {
      take_out(line);
    } else if (id == "byte-order-mark") {
      edits_[line] = without_look_alikes(text_of(line));
    } else if (id == "reg-obsolete" && !text_of(line).ends_with('\\')) {
      edits_[line] = std::nullopt;
    }
  }

  // The rest of it.
  void take(const Finding& finding) {
    if (!is_line(finding.where.line)) return;
    if (finding.row->id == "repeated-line") take_out(finding.where.line);
    if (finding.row->id == "removed-key" && is_conntrack_name(finding.key)) {
      take_old_names_of(conntrack_successor(finding.key));
    }
  }

  // A line in the style of sysctl.conf.
  void mend(const Finding& finding) {
    constexpr std::array<std::string_view, 5> kOfLines{"value-refused", "odd-character", "bad-line", "unknown-key",
                                                       "trailing-text"};
    const int line = finding.where.line;
    const bool of_line = std::find(kOfLines.begin(), kOfLines.end(), finding.row->id) != kOfLines.end();
    if (!of_line || !is_line(line) || edits_.contains(line)) return;
    std::optional<std::string> mended = mended_line(text_of(line), context_);
    if (!mended) return;
    if (would_override(line, *mended)) {
      held_.insert(line);
    } else {
      edits_[line] = *std::move(mended);
    }
  }

  std::vector<LineEdit> edits() const {
    std::vector<LineEdit> edits;
    for (const auto& [line, text] : edits_)
      edits.push_back({line, text ? std::optional(with_ends(line, *text)) : text});
    return edits;
  }

  // The lines that stay as they are because another sets their key.
  const std::set<int>& held() const { return held_; }

 private:
  bool is_line(int line) const { return line >= 1 && static_cast<std::size_t>(line) <= lines_.size(); }

  void take_out(int line) {
    if (!goes_on(lines_, line)) edits_[line] = left_of(text_of(line), line > 1 ? text_of(line - 1) : "");
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
      if (one.exclusion || has_glob(one) || !is_conntrack_name(one.key)) continue;
      if (conntrack_successor(one.key) != key || !is_line(one.line)) continue;
      old.emplace(one.line, one.key);
      lines.insert(one.line);
    }
    const Elsewhere other = elsewhere(key, lines);
    if (other == Elsewhere::refused) {
      held_.insert(lines.begin(), lines.end());
      return;
    }
    for (const auto& [line, name] : old) {
      if (other == Elsewhere::nothing && line == old.rbegin()->first) {
        edits_[line] = renamed(text_of(line), name, key);
      } else {
        take_out(line);
      }
    }
  }

  // A line that did nothing would begin to set what another line sets.
  bool would_override(int line, const std::string& mended) const {
    const auto sets = [line](const AuditedLine& one) { return one.where.line == line && one.fate == Fate::taken; };
    if (std::any_of(before_.settings.begin(), before_.settings.end(), sets)) return false;
    const std::vector<Assignment> now = read_assignments(mended + "\n", Loader::procps).assignments;
    return std::any_of(now.begin(), now.end(), [&](const Assignment& one) {
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

  std::vector<std::string_view> lines_;
  const AuditContext& context_;
  const Audit& before_;
  const std::vector<Assignment>& assignments_;
  Edits edits_;
  std::set<int> held_;
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

// Whether a setting that a loader ends with by `before` is another one, or none, by `after`.
bool changes_a_value(const Audit& before, const Audit& after) {
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
    if (found == now.end() || found->second != value) return true;
  }
  return false;
}

Result<void> mend_with(Fix& fix, const Fixer& fixer, std::string_view path, std::string_view bytes,
                       const AuditContext& context) {
  const std::vector<LineEdit> edits = fixer.edits();
  fix.diff = unified_diff(path, bytes, edits);
  fix.held = fixer.held();
  TRY(fix.after, audit_file(path, edited(bytes, edits), context));
  return {};
}

struct PersonNeeded {
  std::string_view id;
  std::string_view why;
};
constexpr auto kReasons = std::to_array<PersonNeeded>({
    {"value-refused", "which value was meant is a guess"},
    {"odd-character", "what stood there before is a guess"},
    {"bad-line", "what the line was meant to set is a guess"},
    {"unknown-key", "which key was meant is a guess"},
    {"utf-16", "the whole file has to be converted, to which no diff can be applied"},
    {"nul-byte", "what stood there before is a guess"},
    {"lone-cr", "whether one line or two were meant is a guess"},
    {"octal-value", "which number was meant is a guess"},
    {"ports-below-privileged", "whether the range or ip_unprivileged_port_start is to change is a decision"},
    {"reuse-inert", "whether reuse or timestamps are to change is a decision"},
    {"recycle-inert", "whether recycling or timestamps are to change is a decision"},
    {"low-end-only", "the other end of the range is not known"},
    {"overridden-line", "which of the two lines is meant is a decision"},
    {"loaders-differ", "which of the two values is meant is a decision"},
    {"missing-key", "whether another kernel will read the file is not known"},
    {"tuned-refuses", "what the line was meant to say is a guess"},
    {"ignore-invalid", "only who wrote it knows the reason"},
    {"reg-refused", "whether it is a registry file at all is a guess"},
    {"reg-no-effect", "where the value belongs is a decision"},
    {"reg-misspelt", "which name was meant is a guess"},
    {"reg-hexadecimal", "which number was meant is a guess"},
    {"reg-overridden", "which of the two lines is meant is a decision"},
});

}  // namespace

std::optional<std::string> mended_line(std::string_view line, const AuditContext& context) {
  const std::string plain = without_look_alikes(line);
  const std::size_t equals = plain.find('=');
  if (equals == std::string::npos) return std::nullopt;
  const std::string_view text = plain;
  const std::string key = plain_key(text.substr(0, equals));
  const Setting* setting = key.empty() ? nullptr : find_setting(Os::linux_kernel, key.substr(key[0] == '-' ? 1 : 0));
  if (setting == nullptr) return mended_other(line, text);
  const std::string_view after = text.substr(equals + 1);
  const auto [value, comment] = split_comment(after);
  std::string mended = assembled(text.substr(0, equals), key, after, plain_value(value, *setting), comment);
  if (mended == line || !applies(mended, context)) return std::nullopt;
  return mended;
}

namespace {

// In the words of the lines' own rules, which say what mends one.
AuditContext not_of_a_runtime(const AuditContext& context) {
  HostFacts facts = context.host();
  if (context.given_to_runtime()) facts.container = "a container";
  return AuditContext(facts);
}

}  // namespace

Result<Fix> fix_file(std::string_view path, std::string_view bytes, const AuditContext& given) {
  const AuditContext context = not_of_a_runtime(given);
  Fix fix;
  TRY(fix.before, audit_file(path, bytes, context));
  TRY(const ProfileKind kind, readable_kind(path, bytes));
  if (looks_like_utf16(bytes)) {
    fix.after = fix.before;
    return fix;
  }
  TRY(const std::vector<Assignment> assignments, assignments_of(kind, path, bytes, context));
  Fixer fixer(bytes, context, fix.before, assignments);
  for (const Finding& finding : fix.before.findings) fixer.take_dead(finding);
  const Fixer cautious = fixer;
  for (const Finding& finding : fix.before.findings) fixer.take(finding);
  for (const Finding& finding : fix.before.findings) {
    if (kind == ProfileKind::sysctl_conf) fixer.mend(finding);
  }
  TRY_VOID(mend_with(fix, fixer, path, bytes, context));
  // Values hang together: what a mended port range allows, another may forbid.
  if (changes_a_value(fix.before, fix.after)) TRY_VOID(mend_with(fix, cautious, path, bytes, context));
  return fix;
}

Findings unmended(const Fix& fix) {
  std::map<std::tuple<const FindingRow*, std::string_view, Severity>, int> left;  // how many of a kind
  for (const Finding& finding : fix.after.findings) ++left[{finding.row, finding.key, finding.severity}];
  Findings found;
  for (const Finding& finding : fix.before.findings) {
    if (left[{finding.row, finding.key, finding.severity}]-- <= 0) continue;
    if (finding.severity >= Severity::warning) found.push_back(finding);
  }
  return found;
}

std::string_view why_a_person(const Fix& fix, const Finding& finding) {
  if (fix.held.contains(finding.where.line))
    return "another line sets the key; which of the two is meant is a decision";
  const auto found = std::find_if(kReasons.begin(), kReasons.end(),
                                  [&](const PersonNeeded& reason) { return reason.id == finding.row->id; });
  return found == kReasons.end() ? "the line does what it says; whether that is wanted is a decision" : found->why;
}

}  // namespace twctl
