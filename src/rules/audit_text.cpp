// Lines of a sysctl file that are no assignment of a setting of ours: bad ones, keys that are near one of ours,
// comments that spread a myth, and files that are no configuration at all.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/aliases.hpp"
#include "catalog/comment_words.hpp"
#include "catalog/keys.hpp"
#include "catalog/other_keys.hpp"
#include "catalog/slips.hpp"
#include "formats/odd_character.hpp"
#include "observe/discreet.hpp"
#include "rules/audit_rules.hpp"
#include "sysctl/line_settings.hpp"

namespace twctl {
namespace {

constexpr std::string_view kTimeWaitLength = "time-wait-length";  // the topic
constexpr std::string_view kMark = "\xEF\xBB\xBF";

std::string_view before_equals(std::string_view line) { return line.substr(0, line.find('=')); }

// A mark before a comment, and "---", which both loaders take for an exclusion of a key named "--".
bool is_harmless(std::string_view text) {
  const std::string_view line = trim(text.starts_with(kMark) ? text.substr(kMark.size()) : text);
  return line.empty() || is_comment(line) || (line.starts_with('-') && line.find('=') == std::string_view::npos);
}

std::string_view how_to_mend(std::string_view line) {
  if (line.starts_with("//")) return " A comment begins with # or ;.";
  if (line.starts_with("sysctl ")) {
    return line.find_first_of("\"'") == std::string_view::npos
               ? " It is a command, not a line of this file: take `sysctl` and its options away."
               : " It is a command, not a line of this file: take `sysctl`, its options and the quotes away.";
  }
  if (line.starts_with('[')) return " Sections belong to files of TuneD and of twctl.";
  return "";
}

// What a bad line was to be: the setting, and the character in its key that keeps it from being one.
struct Intended {
  std::string_view key;
  std::string odd;  // "" for none
};

// A letter of another script is prose, and no slip of a key's.
Intended intended_by(std::string_view line) {
  const std::string_view written = before_equals(line);
  const Setting* setting = setting_meant_by(written);
  const std::string odd = odd_character_in(written, OddCharacter::look_alike);
  if (setting != nullptr) return {setting->key, odd};
  const bool is_key = line.find('=') != std::string_view::npos && is_ordinary_key(trim(without_look_alikes(written)));
  return {{}, is_key ? odd : ""};
}

// The last line about the key; a wildcard is about it too. nullptr: there is none.
const Assignment* line_that_sets(const AuditedFile& file, std::string_view key) {
  const auto sets = [&](const Assignment& one) { return !one.exclusion && concerns(one, key, Loader::procps); };
  const auto found = std::find_if(file.assignments.rbegin(), file.assignments.rend(), sets);
  return found == file.assignments.rend() ? nullptr : &*found;
}

struct NoOpKey {
  std::string_view key;
  KernelVersion since;  // the kernel reads it nowhere any more
};
constexpr std::array<NoOpKey, 2> kNoOpKeys{
    {{"net.ipv4.tcp_fack", {4, 15, 0}}, {"net.ipv4.tcp_low_latency", {4, 14, 0}}}};

const NoOpKey* find_no_op(std::string_view key) {
  const auto found = std::find_if(kNoOpKeys.begin(), kNoOpKeys.end(), [&](const auto& one) { return one.key == key; });
  return found == kNoOpKeys.end() ? nullptr : &*found;
}

// The setting of ours that the line sets, however many separators it has.
const Setting* ours(const Assignment& one) {
  if (is_ordinary_key(one.key)) return find_setting(Os::linux_kernel, one.key);
  const std::span<const Setting> known = settings(Os::linux_kernel);
  const auto found =
      std::find_if(known.begin(), known.end(), [&](const Setting& setting) { return assigns(one, setting.key); });
  return found == known.end() ? nullptr : &*found;
}

// `look(assignment, setting)` for each of the file's keys.
template <class Look>
void for_each_key(const AuditedFile& file, Look look) {
  for (const NamedKey& one : file.keys) look(*one.line, one.setting);
}

bool means_time_wait_length(std::string_view key) {
  const bool of_tcp = key.starts_with("net.") || key.starts_with("tcp_");
  return of_tcp && !is_other_key(key) && meant_by(key) == kTimeWaitLength;
}

std::string_view without_comment_mark(std::string_view line) {
  line = trim(line);
  return is_comment(line) ? trim(line.substr(1)) : line;
}

// Whether the line, commented out or not, assigns tcp_fin_timeout.
bool is_about_fin_timeout(std::string_view line) {
  const std::string key = replaced(trim(before_equals(without_comment_mark(line))), '/', '.');
  return key == keys::kFinTimeout && line.find('=') != std::string_view::npos;
}

template <class Words>
bool has_any(std::string_view text, const Words& all) {
  return std::any_of(all.begin(), all.end(),
                     [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

bool speaks_of_time_wait(std::string_view comment) { return has_any(to_lower(comment), kTimeWaitNames); }

bool spreads_the_myth(std::string_view comment) {
  const std::string text = to_lower(comment);
  return has_any(text, kTimeWaitNames) && !has_any(text, kTimeWaitDenials);
}

// The block of comment lines right above, and the comment behind the value.
std::vector<std::string> comments_on(const std::vector<std::string_view>& lines, std::size_t at) {
  constexpr std::size_t kMostLines = 6;
  const std::string_view value = lines[at].substr(std::min(lines[at].find('='), lines[at].size()));
  std::vector<std::string> comments{std::string(trim(value.substr(std::min(value.find_first_of("#;"), value.size()))))};
  for (std::size_t above = at; above > 0 && at - above < kMostLines; --above) {
    const std::string_view line = trim(lines[above - 1]);
    if (!is_comment(line) || setting_meant_by(before_equals(line)) != nullptr) break;
    comments.emplace(comments.begin(), line);
  }
  return comments;
}

constexpr std::array<std::string_view, 8> kOnlyInDumps{"kernel.ostype",         "kernel.osrelease",  "kernel.version",
                                                       "fs.dentry-state",       "fs.file-nr",        "fs.inode-nr",
                                                       "kernel.random.boot_id", "kernel.random.uuid"};

}  // namespace

namespace rules {

void bad_line(const AuditedFile& file, FindingSink& found) {
  for (const BadLine& bad : file.bad_lines) {
    const std::string_view line = trim(bad.text);
    const auto [key, odd] = intended_by(line);
    if (!odd.empty() || is_harmless(bad.text)) continue;
    Finding& finding = found.add(
        key, fmt::format("{}: {}.{}", in_quotes(line, kEchoed), bad.problem, how_to_mend(line)), {file.path, bad.line});
    if (!key.empty()) keep_lost_line(line.substr(std::min(line.find('='), line.size())), finding);
  }
}

void odd_character_in_key(const AuditedFile& file, FindingSink& found) {
  for (const BadLine& bad : file.bad_lines) {
    const std::string_view line = trim(bad.text);
    const auto [key, odd] = intended_by(line);
    if (odd.empty() || is_harmless(bad.text)) continue;
    found.add(key, fmt::format("{} in {}.", odd, in_quotes(line, kEchoed)), {file.path, bad.line});
  }
}

void unknown_key(const AuditedFile& file, FindingSink& found) {
  for_each_key(file, [&](const Assignment& one, const Setting* setting) {
    if (setting != nullptr || find_no_op(one.key) != nullptr || is_old_conntrack_key(one.key)) return;
    const Setting* meant = slip_for(one.key);
    if (means_time_wait_length(one.key)) {
      Finding& finding =
          found.add(one.key,
                    fmt::format("{} is no key: TIME_WAIT lasts 60 seconds on Linux, a constant of the kernel.",
                                in_quotes(one.key, kEchoed)),
                    {file.path, one.line});
      finding.advice = fmt::format("Delete the line. `twctl explain {}` says more.", kTimeWaitLength);
      keep_lost_line(one.value, finding);
      return;
    }
    if (meant == nullptr) return;
    keep_lost_line(
        one.value,
        found.add(meant->key, fmt::format("{} is no key; did you mean {}?", in_quotes(one.key, kEchoed), meant->key),
                  {file.path, one.line}));
  });
}

void old_conntrack_key(const AuditedFile& file, FindingSink& found) {
  for_each_key(file, [&](const Assignment& one, const Setting* setting) {
    if (setting != nullptr || !is_old_conntrack_key(one.key)) return;
    if (has_old_conntrack_key(file.context.kernel(), one.key)) return;
    Finding& finding = found.add(one.key, escape(old_conntrack_text(one.key)) + ".", {file.path, one.line});
    const Assignment* other = line_that_sets(file, conntrack_key_today(one.key));
    finding.advice = other == nullptr ? "Write the new name."
                                      : fmt::format("Delete the line: line {} has the new name.", other->line);
    finding.source = kOldConntrackSource;
    keep_lost_line(one.value, finding);
  });
}

void no_op_key(const AuditedFile& file, FindingSink& found) {
  for_each_key(file, [&](const Assignment& one, const Setting* /*setting*/) {
    const NoOpKey* no_op = find_no_op(one.key);
    const KernelVersion kernel = file.context.kernel();
    if (no_op == nullptr || (kernel != KernelVersion{} && kernel < no_op->since)) return;
    keep_lost_line(one.value,
                   found.add(one.key, fmt::format("{} has no effect since Linux {}.", one.key, to_text(no_op->since)),
                             {file.path, one.line}));
  });
}

// The kernel looks the whole text up as a name: "bbr # x" is none.
void word_refused(const AuditedFile& file, FindingSink& found) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  for (const Assignment& one : file.assignments) {
    if (!is_word_key(one.key) || one.exclusion || one.value.find_first_not_of(kLetters) == std::string::npos) continue;
    if (one.value.find("${") != std::string::npos) continue;  // a variable of TuneD
    if (one.value == kLeftOut) continue;                      // by a twctl that kept no words
    Finding& finding = found.add(one.key,
                                 fmt::format("{} is no name: the kernel takes one word here and refuses the rest.",
                                             in_quotes(one.value, kEchoed)),
                                 {file.path, one.line});
    finding.advice = "Write the name alone.";
    if (!keep_lost_line(one.value, finding)) finding.advice += " A comment goes on a line of its own.";
    finding.source = "Linux 6.18 net/ipv4/sysctl_net_ipv4.c, proc_tcp_congestion_control()";
  }
}

void odd_separators(const AuditedFile& file, FindingSink& found) {
  for_each_key(file, [&](const Assignment& one, const Setting* setting) {
    if (setting == nullptr || one.key == setting->key || one.key == setting->second_key) return;
    found.add(setting->key, fmt::format("{} is {} to the kernel.", in_quotes(one.key, kEchoed), setting->key),
              {file.path, one.line});
  });
}

// Of a key that is none of ours nothing is judged, but what stands behind its value may have meant one of ours.
void lost_behind_other(const AuditedFile& file, FindingSink& found) {
  for (const Assignment& one : file.assignments) {
    const Setting* lost = find_setting_by_any_name(second_key(one.value));
    if (lost == nullptr || one.exclusion || is_word_key(one.key) || !settings_about(one, Loader::procps).empty())
      continue;
    if (is_meant_for_ours(one.key) || find_no_op(one.key) != nullptr || means_time_wait_length(one.key)) continue;
    Finding& finding = found.add(
        lost->key, fmt::format("A second assignment stands behind the value of {}.", in_quotes(one.key, kEchoed)),
        {file.path, one.line});
    finding.meaning = "A loader takes all that stands behind the '=' for the value.";
    finding.advice.clear();
    keep_lost_line(one.value, finding);
  }
}

void myth_comment(const AuditedFile& file, FindingSink& found) {
  if (file.bytes.find(keys::kFinTimeout.substr(keys::kFinTimeout.rfind('.') + 1)) == std::string_view::npos) return;
  const std::vector<std::string_view> lines = split(file.bytes, '\n');
  for (std::size_t at = 0; at < lines.size(); ++at) {
    if (!is_about_fin_timeout(lines[at])) continue;
    const std::vector<std::string> comments = comments_on(lines, at);
    if (!spreads_the_myth(join(comments, " "))) continue;
    const auto said = std::find_if(comments.begin(), comments.end(), speaks_of_time_wait);
    if (said == comments.end()) continue;
    found.add(keys::kFinTimeout, in_quotes(*said, kEchoed) + " is not so.", {file.path, static_cast<int>(at) + 1});
  }
}

void sysctl_dump(const AuditedFile& file, FindingSink& found) {
  if (file.form != AuditedFile::Form::setting_dump) return;
  found.add("", "Keys that only such a list has are in it.", {file.path, 0});
}

}  // namespace rules

std::vector<NamedKey> named_keys(std::span<const Assignment> assignments) {
  std::vector<NamedKey> keys;
  std::set<std::string_view> seen;
  for (const Assignment& one : assignments) {
    if (!one.exclusion && !has_glob(one) && seen.insert(one.key).second) keys.push_back({&one, ours(one)});
  }
  return keys;
}

bool is_setting_dump(std::span<const Assignment> assignments) {
  constexpr std::size_t kLeastLines = 100;
  const auto is_mark = [](const Assignment& one) {
    return std::find(kOnlyInDumps.begin(), kOnlyInDumps.end(), one.key) != kOnlyInDumps.end();
  };
  return assignments.size() >= kLeastLines && std::any_of(assignments.begin(), assignments.end(), is_mark);
}

}  // namespace twctl
