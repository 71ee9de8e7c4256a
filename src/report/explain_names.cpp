#include "report/explain_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/aliases.hpp"
#include "catalog/finding.hpp"
#include "formats/sysctl.hpp"

namespace twctl {
namespace {

constexpr std::size_t kMostSuggestions = 5;

// net/ipv4/tcp_tw_reuse is how sysctl.d(5) may write net.ipv4.tcp_tw_reuse.
std::string dotted(std::string_view name) { return replaced(name, '/', '.'); }

// "net.ipv4.tcp_tw_reuse=1" of a kernel's command line, or of the boot loader's file that has it, where it stands as
// "sysctl.net.ipv4.tcp_tw_reuse=1" behind others; the line itself where nothing stands so.
std::string_view without_parameter(std::string_view line) {
  constexpr std::string_view kPrefix = "sysctl.";
  for (std::size_t at = line.find(kPrefix); at != std::string_view::npos; at = line.find(kPrefix, at + 1)) {
    const bool begins = at == 0 || std::string_view(" \t\"'=").find(line[at - 1]) != std::string_view::npos;
    const std::string_view rest = line.substr(at + kPrefix.size());
    const std::string_view one = rest.substr(0, rest.find_first_of(" \t\"'"));
    if (begins && one.find('=') != std::string_view::npos) return one;
  }
  return line;
}

// "KEY = VALUE" of a line that sets a key, as people paste it.
std::string_view assignment_in(std::string_view line) {
  constexpr std::string_view kCommand = "sysctl -w ";
  if (line.starts_with(kCommand)) line.remove_prefix(kCommand.size());
  return without_parameter(line);
}

// As messages quote it: setting key "net.ipv4.tcp_tw_reuse": Invalid argument; Couldn't write '3' to 'net/ipv4/...'.
std::string_view key_in_quotes(std::string_view message) {
  for (const std::string_view begin : {"\"net.", "'net.", "'net/"}) {
    const std::size_t at = message.find(begin);
    if (at == std::string_view::npos) continue;
    const std::string_view quoted = message.substr(at + 1);
    return quoted.substr(0, quoted.find(begin[0]));
  }
  return {};
}

// The key of such a line, of a file below /proc/sys, and of what `sysctl` and systemd-sysctl say of either.
std::string key_of_line(std::string_view line) {
  line = assignment_in(line);
  if (const std::string_view quoted = key_in_quotes(line); !quoted.empty()) return dotted(quoted);
  if (const std::size_t file = line.find(kSettingFiles); file != std::string_view::npos && file > 0) {
    line.remove_prefix(file - 1);
    return key_of_file(line.substr(0, line.find_first_of(": '\"")));
  }
  return dotted(trim(line.substr(0, line.find('='))));
}

template <class Rows, class Line>
ListGroup group(std::string_view heading, std::string_view kind, const Rows& rows, Line line) {
  ListGroup result{.heading = heading, .kind = kind, .lines = {}};
  for (const auto& row : rows) result.lines.push_back(line(row));
  return result;
}

std::vector<std::string_view> all_names() {
  std::vector<std::string_view> names;
  for (const ListGroup& one : everything_explained()) {
    for (const ListLine& line : one.lines) names.push_back(line.name);
  }
  return names;
}

// The nearest name, then those that contain what was asked for. Of a full key only the last part is compared.
std::vector<std::string> suggestions(std::string_view asked) {
  const std::string whole = to_lower(dotted(asked));
  const std::string word = whole.substr(whole.rfind('.') + 1);
  const std::vector<std::string_view> names = all_names();
  std::vector<std::string> lower;
  for (const std::string_view name : names) lower.push_back(to_lower(name));
  const std::string_view near = nearest(word, std::vector<std::string_view>(lower.begin(), lower.end()));
  std::vector<std::string> found;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!near.empty() && lower[i] == near) found.emplace_back(names[i]);
  }
  for (std::size_t i = 0; i < names.size() && found.size() < kMostSuggestions; ++i) {
    const bool contains = word.size() > 2 && lower[i].find(word) != std::string::npos;
    if (contains && lower[i] != near) found.emplace_back(names[i]);
  }
  return found;
}

// Also by its file below /proc/sys, and by a line that sets it ("tcp_fin_timeout = 30").
const Setting* explained_setting(std::string_view name) {
  const std::string key = key_of_line(name);
  if (key.empty()) return nullptr;
  const std::string_view meant = meant_by(key);
  return find_setting_by_any_name(meant.empty() ? key : dotted(meant));
}

Explained find_as_written(std::string_view asked) {
  if (const Setting* setting = explained_setting(asked)) return {.setting = setting};  // a message may name one
  std::string_view meant = meant_by(asked);
  const std::string key = key_of_line(asked);
  if (meant.empty()) meant = meant_by(key);
  const std::string_view name = meant.empty() ? asked : meant;
  const std::string id = to_lower(name);
  if (const Setting* setting = explained_setting(name)) return {.setting = setting};
  if (const TcpStateRow* state = find_tcp_state(name)) return {.state = state};
  if (const FindingRow* hazard = find_hazard(id)) return {.hazard = hazard};
  if (const FindingRow* finding = find_finding(id)) return {.finding = finding};
  if (const TopicRow* topic = find_topic(id)) return {.topic = topic};
  return {.myth = find_myth(id)};
}

}  // namespace

Explained find_explained(std::string_view asked) {
  Explained found = find_as_written(asked);
  for (const std::string& spelling : spellings_of(asked)) {
    if (!found.any()) found = find_as_written(spelling);
  }
  for (const std::string& counter : counters_in(asked)) {
    if (!found.any()) found = find_explained(counter);
  }
  return found;
}

std::string value_in_line(std::string_view asked) {
  const std::string_view line = assignment_in(asked);
  const std::size_t equals = line.find('=');
  return equals == std::string_view::npos ? std::string() : std::string(trim(line.substr(equals + 1)));
}

std::vector<ListGroup> everything_explained() {
  const auto setting_line = [](const Setting& row) { return ListLine{short_name(row), row.summary}; };
  const auto finding_line = [](const FindingRow& row) { return ListLine{row.id, row.summary}; };
  return {
      group("Settings of Linux", "setting", settings(Os::linux_kernel), setting_line),
      group("Settings of Windows", "setting", settings(Os::windows), setting_line),
      group("TCP states", "state", tcp_states(),
            [](const TcpStateRow& row) {
              return ListLine{row.name, row.summary};
            }),
      group("Topics", "topic", topics(),
            [](const TopicRow& row) {
              return ListLine{row.id, row.title};
            }),
      group("Hazards of a plan", "hazard", hazard_rows(), finding_line),
      group("Findings of audit", "finding", audit_findings(), finding_line),
      group("Findings of doctor", "finding", doctor_findings(), finding_line),
      group("Myths", "myth", myths(),
            [](const MythRow& row) {
              return ListLine{row.id, row.claim};
            }),
  };
}

tl::unexpected<Error> unknown_name(std::string_view name) {
  const std::vector<std::string> names = suggestions(name);
  const std::string meant = names.empty() ? "" : fmt::format("did you mean {}? ", join(names, ", "));
  return fail(ErrorCode::usage, fmt::format("explain: nothing is known of '{}'", escape(name)),
              meant + "`twctl explain` lists every name");
}

std::string_view short_name(const Setting& setting) { return setting.key.substr(setting.key.rfind('.') + 1); }

}  // namespace twctl
