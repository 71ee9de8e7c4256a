// Lines of a sysctl file that are no assignment of a setting of ours: bad ones, keys that are near one of ours,
// comments that spread a myth, and files that are no configuration at all.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "audit/odd_character.hpp"
#include "audit/rules.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/keys.hpp"
#include "catalog/other_keys.hpp"
#include "sysctl/line_settings.hpp"

namespace twctl::rules {
namespace {

constexpr std::size_t kEchoed = 80;  // bytes of a line that a finding shows
constexpr std::string_view kMark = "\xEF\xBB\xBF";

std::string_view before_equals(std::string_view line) { return line.substr(0, line.find('=')); }

bool is_comment(std::string_view line) { return line.starts_with('#') || line.starts_with(';'); }

// A mark before a comment, and "---", which both loaders take for an exclusion of a key named "--".
bool is_harmless(std::string_view text) {
  const std::string_view line = trim(text.starts_with(kMark) ? text.substr(kMark.size()) : text);
  return line.empty() || is_comment(line) || (line.starts_with('-') && line.find('=') == std::string_view::npos);
}

std::string_view how_to_mend(std::string_view line) {
  if (line.starts_with("//")) return " A comment begins with # or ;.";
  if (line.starts_with("sysctl ")) return " It is a command, not a line of this file: take `sysctl -w` away.";
  if (line.starts_with('/')) return " A key is written without /proc/sys/.";
  if (line.starts_with('[')) return " Sections belong to files of TuneD and of twctl.";
  return "";
}

Finding bad_line(const SysctlFile& file, const BadLine& bad) {
  const std::string_view line = trim(bad.text);
  const Setting* meant = setting_meant_by(before_equals(line));
  const std::string_view key = meant == nullptr ? std::string_view() : meant->key;
  const std::string odd = meant == nullptr ? "" : odd_character_in(before_equals(line));
  if (!odd.empty()) {
    return make_finding("odd-character", key, {file.path, bad.line},
                        fmt::format("{} in \"{}\".", odd, escape(line, kEchoed)));
  }
  return make_finding("bad-line", key, {file.path, bad.line},
                      fmt::format("\"{}\": {}.{}", escape(line, kEchoed), bad.problem, how_to_mend(line)));
}

// A key that is one of ours but for case, separators, path or a slip of the fingers. nullptr: it is another.
const Setting* slip_for(std::string_view key) {
  std::string plain = to_lower(key);
  std::replace(plain.begin(), plain.end(), '/', '.');
  if (is_other_key(plain) || !plain.starts_with("net.")) return nullptr;
  if (const Setting* setting = find_setting(Os::linux_kernel, plain)) return setting;
  const std::string_view path = std::string_view(plain).substr(0, plain.rfind('.') + 1);
  const std::string_view name = std::string_view(plain).substr(path.size());
  std::vector<std::string_view> neighbours;
  for (const Setting& setting : settings(Os::linux_kernel)) {
    const std::string_view ours = setting.key.substr(setting.key.rfind('.') + 1);
    if (ours == name) return &setting;
    if (setting.key.size() == path.size() + ours.size() && setting.key.starts_with(path)) neighbours.push_back(ours);
  }
  const std::string_view near = nearest(name, neighbours);
  return near.empty() ? nullptr : find_setting(Os::linux_kernel, std::string(path) + std::string(near));
}

bool is_old_conntrack(std::string_view key) {
  return key.starts_with("net.ipv4.netfilter.ip_conntrack_") || key == "net.ipv4.ip_conntrack_max";
}

bool is_no_op(std::string_view key) { return key == "net.ipv4.tcp_fack" || key == "net.ipv4.tcp_low_latency"; }

// Kernels before 5.0 may have been built with the old names.
bool lacks_old_conntrack(KernelVersion kernel) { return kernel == KernelVersion{} || kernel >= KernelVersion{5, 0}; }

void judge_other_key(const SysctlFile& file, const Assignment& said, Findings& found) {
  const Place where{file.path, said.line};
  const std::string key = escape(said.key, kEchoed);
  if (is_no_op(said.key)) {
    found.push_back(make_finding("no-op-key", said.key, where, fmt::format("{} has no effect any more.", key)));
  } else if (is_old_conntrack(said.key) && lacks_old_conntrack(file.context.kernel())) {
    found.push_back(
        make_finding("removed-key", said.key, where,
                     fmt::format("{} is an old name; its successors are net.netfilter.nf_conntrack_*.", key)));
  } else if (const Setting* meant = slip_for(said.key)) {
    found.push_back(make_finding("unknown-key", meant->key, where,
                                 fmt::format("\"{}\" is no key; did you mean {}?", key, meant->key)));
  }
}

// The setting of ours that the line sets, however many separators it has.
const Setting* ours(const Assignment& said) {
  if (is_ordinary_key(said.key)) return find_setting(Os::linux_kernel, said.key);
  const std::span<const Setting> known = settings(Os::linux_kernel);
  const auto found =
      std::find_if(known.begin(), known.end(), [&](const Setting& setting) { return assigns(said, setting.key); });
  return found == known.end() ? nullptr : &*found;
}

void judge_spelling(const SysctlFile& file, const Assignment& said, const Setting& setting, Findings& found) {
  if (said.key == setting.key) return;
  found.push_back(make_finding("odd-separators", setting.key, {file.path, said.line},
                               fmt::format("\"{}\" is {} to the kernel.", escape(said.key, kEchoed), setting.key)));
}

std::string_view without_comment_mark(std::string_view line) {
  line = trim(line);
  return is_comment(line) ? trim(line.substr(1)) : line;
}

// Whether the line, commented out or not, assigns tcp_fin_timeout.
bool is_about_fin_timeout(std::string_view line) {
  std::string key(trim(before_equals(without_comment_mark(line))));
  std::replace(key.begin(), key.end(), '/', '.');
  return key == keys::kFinTimeout && line.find('=') != std::string_view::npos;
}

constexpr std::array<std::string_view, 4> kTimeWait{"time_wait", "time-wait", "timewait", "time wait"};
// What a comment says that has it right, or speaks of the other state.
constexpr std::array<std::string_view, 7> kDenials{"not ",     "n't",      "never",  "\xE4\xB8\x8D",
                                                   "fin_wait", "fin-wait", "finwait"};

template <class Words>
bool has_any(std::string_view text, const Words& all) {
  return std::any_of(all.begin(), all.end(),
                     [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

bool spreads_the_myth(std::string_view comment) {
  const std::string text = to_lower(comment);
  return has_any(text, kTimeWait) && !has_any(text, kDenials);
}

// The comment behind the value, and the block of comment lines right above.
std::string comment_on(const std::vector<std::string_view>& lines, std::size_t at) {
  constexpr std::size_t kMostLines = 6;
  std::string comment(lines[at].substr(std::min(lines[at].find('='), lines[at].size())));
  for (std::size_t above = at; above > 0 && at - above < kMostLines; --above) {
    const std::string_view line = trim(lines[above - 1]);
    if (!is_comment(line) || setting_meant_by(before_equals(line)) != nullptr) break;
    comment.insert(0, std::string(line) + " ");
  }
  return comment;
}

constexpr std::array<std::string_view, 8> kOnlyInDumps{"kernel.ostype",         "kernel.osrelease",  "kernel.version",
                                                       "fs.dentry-state",       "fs.file-nr",        "fs.inode-nr",
                                                       "kernel.random.boot_id", "kernel.random.uuid"};

}  // namespace

void bad_lines(const SysctlFile& file, Findings& found) {
  std::set<int> for_systemd;
  for (const BadLine& bad : file.judged.systemd.bad_lines) for_systemd.insert(bad.line);
  for (const BadLine& bad : file.judged.procps.bad_lines) {
    if (!for_systemd.contains(bad.line) || is_harmless(bad.text)) continue;
    found.push_back(bad_line(file, bad));
  }
}

void other_keys(const SysctlFile& file, Findings& found) {
  std::set<std::string_view> seen;
  for (const Assignment& said : file.judged.procps.assignments) {
    if (said.exclusion || has_glob(said) || !seen.insert(said.key).second) continue;
    if (const Setting* setting = ours(said)) {
      judge_spelling(file, said, *setting, found);
    } else {
      judge_other_key(file, said, found);
    }
  }
}

void myth_comments(const SysctlFile& file, Findings& found) {
  const std::vector<std::string_view> lines = split(file.bytes, '\n');
  for (std::size_t at = 0; at < lines.size(); ++at) {
    if (!is_about_fin_timeout(lines[at])) continue;
    const std::string comment = comment_on(lines, at);
    if (!spreads_the_myth(comment)) continue;
    found.push_back(make_finding("myth-comment", keys::kFinTimeout, {file.path, static_cast<int>(at) + 1},
                                 fmt::format("\"{}\"", escape(trim(comment), kEchoed))));
  }
}

bool is_dump(const SysctlFile& file) {
  constexpr std::size_t kLeastLines = 100;
  const std::vector<Assignment>& all = file.judged.procps.assignments;
  const auto is_mark = [](const Assignment& said) {
    return std::find(kOnlyInDumps.begin(), kOnlyInDumps.end(), said.key) != kOnlyInDumps.end();
  };
  return all.size() >= kLeastLines && std::any_of(all.begin(), all.end(), is_mark);
}

}  // namespace twctl::rules
