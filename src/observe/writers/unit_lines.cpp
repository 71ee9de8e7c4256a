#include "observe/writers/unit_lines.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <utility>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "formats/plain_words.hpp"

namespace twctl {
namespace {

// In the order in which systemd comes to them.
constexpr std::array<std::string_view, 7> kCommands{"ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost",
                                                    "ExecStop",      "ExecStopPost", "ExecReload"};
constexpr std::size_t kAtStart = 4;  // of them

std::size_t place_of(const UnitLine& line) {
  return static_cast<std::size_t>(std::find(kCommands.begin(), kCommands.end(), line.key) - kCommands.begin());
}

// As systemd's parse_boolean() takes it; it passes over what is neither.
bool is_true(std::string_view value) {
  constexpr std::array<std::string_view, 6> kTrue{"1", "yes", "y", "true", "t", "on"};
  return is_one_of(to_lower(value), kTrue);
}

bool is_false(std::string_view value) {
  constexpr std::array<std::string_view, 6> kFalse{"0", "no", "n", "false", "f", "off"};
  return is_one_of(to_lower(value), kFalse);
}

bool is_condition_key(std::string_view key) { return key.starts_with("Condition") || key.starts_with("Assert"); }
bool pulls_in_key(std::string_view key) { return key == "Wants" || key == "Requires" || key == "BindsTo"; }

bool counts(std::string_view key) {
  constexpr auto kOthers = std::to_array<std::string_view>(
      {"WorkingDirectory", "StandardInput", "StandardInputText", "StandardInputData", "User", "DynamicUser",
       "StandardOutput", "ProtectKernelTunables", "PrivateNetwork", "NetworkNamespacePath", "Type",
       "DefaultDependencies", "After", "RemainAfterExit", "Unit", "Service", "Accept"});
  return is_one_of(key, kCommands) || is_condition_key(key) || pulls_in_key(key) || is_one_of(key, kOthers);
}

// Those that count.
std::vector<UnitLine> lines_of(const UnitFile& file) {
  const std::string_view text = file.text;
  std::vector<UnitLine> lines;
  std::string_view section;
  bool goes_on = false;
  bool kept = false;  // the last one
  int number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    line = trim(line);
    if (line.empty() || is_comment(line)) continue;
    const bool continued = line.ends_with('\\');
    if (continued) line.remove_suffix(1);
    const std::size_t equals = line.find('=');
    if (goes_on) {
      if (kept) lines.back().value.append(" ").append(trim(line));
    } else if (line[0] == '[') {
      section = line;
    } else if (equals != std::string_view::npos) {
      const std::string_view key = trim(line.substr(0, equals));
      kept = counts(key);
      if (kept) lines.push_back({section, key, std::string(trim(line.substr(equals + 1))), file.path, number});
    }
    goes_on = continued;
  }
  return lines;
}

// The last line of that key counts; "" for none.
std::string_view of_service(const std::vector<UnitLine>& lines, std::string_view key) {
  const auto line = std::find_if(lines.rbegin(), lines.rend(),
                                 [&](const UnitLine& one) { return one.section == "[Service]" && one.key == key; });
  return line == lines.rend() ? std::string_view{} : line->value;
}

bool is_oneshot(const std::vector<UnitLine>& lines) { return of_service(lines, "Type") == "oneshot"; }

// Whether it runs some time while the host is up: what stops a unit does so as soon as its processes have ended by
// themselves, unless it remains, and ExecStopPost= also where it could not be started.
bool may_run(const UnitLine& line, bool remains) {
  return line.section == "[Service]" && is_one_of(line.key, kCommands) && !(remains && line.key == "ExecStop");
}

// "/x" of "file:/x".
std::string_view file_of(std::string_view value, std::span<const std::string_view> kinds) {
  const std::size_t colon = value.find(':');
  return colon < value.size() && is_one_of(value.substr(0, colon), kinds) ? value.substr(colon + 1)
                                                                          : std::string_view{};
}

// With the escapes and specifiers that scripts are in need of; with others it is not known.
void add_text(ShellWord& data, std::string_view text) {
  constexpr std::string_view kEscapes = "ntrs\\\"'";
  constexpr std::string_view kMean = "\n\t\r \\\"'";
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char next = at + 1 < text.size() ? text[at + 1] : ' ';
    const std::size_t escape = text[at] == '\\' ? kEscapes.find(next) : std::string_view::npos;
    const bool is_percent = text[at] == '%' && next == '%';
    const bool means_more = text[at] == '\\' || text[at] == '%';
    data.known = data.known && (!means_more || is_percent || escape != std::string_view::npos);
    if (text[at] == '%' && !is_percent) data.text += '$';  // as what a shell only knows
    data.text += escape != std::string_view::npos ? kMean[escape] : text[at];
    at += is_percent || escape != std::string_view::npos ? 1 : 0;
  }
  data.text += '\n';
}

std::optional<ShellWord> data_of(const std::vector<UnitLine>& lines) {
  std::optional<ShellWord> data;
  for (const UnitLine& line : lines) {
    const bool is_text = line.key == "StandardInputText";
    if (line.section != "[Service]" || !(is_text || line.key == "StandardInputData")) continue;
    if (!data) data.emplace();
    if (is_text) {
      add_text(*data, line.value);
      continue;
    }
    std::string base64 = line.value;
    std::erase_if(base64, is_blank);
    const std::optional<std::string> bytes = from_base64(base64);
    data->known = data->known && bytes;
    data->text += bytes.value_or("");
  }
  return data;
}

}  // namespace

std::vector<UnitLine> unit_lines(const std::vector<UnitFile>& files) {
  std::vector<UnitLine> lines;
  std::map<std::string_view, std::size_t> taken_back;  // how many of `lines`, by key
  for (const UnitFile& file : files) {
    for (UnitLine& line : lines_of(file)) {
      if (line.value.empty()) {
        taken_back[line.key] = lines.size();
      } else {
        lines.push_back(std::move(line));
      }
    }
  }
  std::vector<UnitLine> kept;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto until = taken_back.find(lines[i].key);
    if (until == taken_back.end() || i >= until->second) kept.push_back(std::move(lines[i]));
  }
  return kept;
}

bool names_others(std::string_view unit_text) {
  const auto has = [&](std::string_view key) { return unit_text.find(key) != std::string_view::npos; };
  return has("Wants=") || has("Requires=") || has("BindsTo=") || has("StandardInputData=");
}

std::vector<UnitLine> commands_of(const std::vector<UnitLine>& lines) {
  const bool remains = is_true(of_service(lines, "RemainAfterExit"));
  std::vector<UnitLine> commands;
  std::copy_if(lines.begin(), lines.end(), std::back_inserter(commands),
               [&](const UnitLine& line) { return may_run(line, remains); });
  std::stable_sort(commands.begin(), commands.end(),
                   [](const UnitLine& a, const UnitLine& b) { return place_of(a) < place_of(b); });
  return commands;
}

bool is_start_command(const UnitLine& line) { return place_of(line) < kAtStart; }

UnitStreams streams_of(const std::vector<UnitLine>& lines) {
  UnitStreams streams;
  std::string_view folder = of_service(lines, "WorkingDirectory");
  streams.folder_may_lack = folder.starts_with('-');
  if (streams.folder_may_lack) folder.remove_prefix(1);
  if (!folder.empty()) streams.folder = folder;
  constexpr std::array<std::string_view, 3> kToFile{"file", "append", "truncate"};
  streams.output_file = file_of(of_service(lines, "StandardOutput"), kToFile);
  const std::string_view input = of_service(lines, "StandardInput");
  streams.input_file = file_of(input, std::span(kToFile).first(1));
  if (input.empty() || input == "data") streams.input = data_of(lines);
  return streams;
}

bool is_condition(const UnitLine& line) {
  if (line.key == "User") return line.value != "root" && line.value != "0";
  if (line.key == "DynamicUser" || line.key == "ProtectKernelTunables") return is_true(line.value);
  return is_condition_key(line.key) || line.key == "ExecCondition";
}

bool leaves_network(const UnitLine& line) {
  return (line.key == "PrivateNetwork" && is_true(line.value)) || line.key == "NetworkNamespacePath";
}

bool pulls_in(const UnitLine& line) { return line.section == "[Unit]" && pulls_in_key(line.key); }

bool is_early(const std::vector<UnitLine>& lines) {
  const auto any = [&](auto is) { return std::any_of(lines.begin(), lines.end(), is); };
  return any([](const UnitLine& line) { return line.key == "DefaultDependencies" && is_false(line.value); }) &&
         !any([](const UnitLine& line) {
           return line.key == "After" && line.value.find("systemd-sysctl.service") != std::string::npos;
         });
}

bool is_refused(const std::vector<UnitLine>& lines) {
  std::size_t commands = 0;
  for (const UnitLine& line : lines) {
    if (line.section == "[Service]" && line.key == "ExecStart") commands += unit_commands(line.value).size();
  }
  return commands > 1 && !is_oneshot(lines);
}

std::vector<std::string> units_started_by(const std::vector<UnitLine>& lines) {
  std::vector<std::string> units;
  bool by_template = false;
  for (const UnitLine& line : lines) {
    const bool names = (line.key == "Unit" && (line.section == "[Timer]" || line.section == "[Path]")) ||
                       (line.key == "Service" && line.section == "[Socket]");
    if (names) units.push_back(line.value);
    by_template = by_template || (line.key == "Accept" && line.section == "[Socket]" && is_true(line.value));
  }
  if (units.empty()) units.emplace_back();
  if (by_template) units.emplace_back("@");
  return units;
}

}  // namespace twctl
