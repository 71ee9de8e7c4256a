// What the kernel is told at a boot to come, by the configuration of boot loaders: its sysctl.KEY=VALUE parameters. The
// boot that runs now has /proc/cmdline.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/slips.hpp"
#include "formats/shell.hpp"
#include "observe/boot_files.hpp"
#include "observe/writers/later_writers.hpp"
#include "sysctl/command_line.hpp"

namespace twctl {
namespace {

struct ParameterFile {
  std::string path;
  std::string text;
};

// Where the last line begins that has the word and is no comment; npos: none has.
std::size_t last_line_with(std::string_view word, std::string_view text) {
  for (std::size_t at = text.rfind(word); at != std::string_view::npos; at = text.rfind(word, at)) {
    const std::size_t begin = text.rfind('\n', at) + 1;  // 0 for the first line
    if (!is_comment(trim(text.substr(begin, at - begin)))) return begin;
    if (begin == 0) break;
    at = begin - 1;
  }
  return std::string_view::npos;
}

// The last line that names the key, in either spelling; 0: none does by itself.
int line_naming(std::string_view key, std::string_view text) {
  const std::string slashes = replaced(key, '.', '/');
  const std::size_t dotted = last_line_with(key, text);
  const std::size_t slashed = last_line_with(slashes, text);
  if (dotted == std::string_view::npos && slashed == dotted) return 0;
  const std::size_t begin =
      dotted == std::string_view::npos || (slashed != std::string_view::npos && slashed > dotted) ? slashed : dotted;
  return static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(begin), '\n')) + 1;
}

// What one command line or more come of, and where each key stands in that.
class ParameterPlaces {
 public:
  explicit ParameterPlaces(std::vector<ParameterFile> files) : files_(std::move(files)) {}

  [[nodiscard]] const std::string& path() const { return files_.front().path; }

  // It is looked for once: one line may name a key ten thousand times.
  [[nodiscard]] Place place_naming(const std::string& key) {
    const auto [known, is_new] = places_.try_emplace(key, Place{path(), 0});
    for (auto file = files_.rbegin(); is_new && file != files_.rend() && known->second.line == 0; ++file) {
      if (const int line = line_naming(key, file->text); line != 0) known->second = {file->path, line};
    }
    return known->second;
  }

 private:
  std::vector<ParameterFile> files_;
  std::map<std::string, Place> places_;  // by key
};

class ParameterReader {
 public:
  // `parameters`: a command line that those files come to. What an earlier one says already is not said again.
  void add(std::string_view name, ParameterPlaces& places, std::string_view parameters) {
    LaterWriter writer{.name = std::string(name), .evidence = escape(places.path()), .before_boot_files = true};
    AssignmentFile read = read_command_line(parameters);
    for (Assignment& said : read.assignments) {
      if (find_setting(Os::linux_kernel, said.key) == nullptr && !is_slip(said.key)) continue;
      if (said.value.find('$') != std::string::npos) said.value.clear();  // a variable of the boot loader
      if (!seen_.emplace(said.key, said.value).second) continue;
      Place where = places.place_naming(said.key);
      writer.writes.push_back({std::move(said.key), std::move(said.value), std::move(where)});
    }
    for (const BadLine& bad : read.bad_lines) {
      const std::size_t equals = bad.text.find('=');
      std::string key = dotted_key(std::string_view(bad.text).substr(0, equals));
      std::string value = bad.text.substr(equals + 1);
      if (!seen_without_prefix_.emplace(key, value).second) continue;
      Place where = places.place_naming(key);
      writer.without_prefix.push_back({std::move(key), std::move(value), std::move(where)});
    }
    if (!writer.writes.empty() || !writer.without_prefix.empty()) found_.push_back(std::move(writer));
  }

  // Whether the text is worth to be read, and there may be so much: it is counted.
  bool take_text(std::string_view text) {
    constexpr std::array<std::string_view, 3> kOurs{"sysctl", "net.", "net/"};
    const auto names = [&](std::string_view part) { return text.find(part) != std::string_view::npos; };
    if (std::none_of(kOurs.begin(), kOurs.end(), names)) return false;
    text_ += text.size();
    return text_ <= kMostLaterText;
  }

  bool is_slip(std::string_view key) { return foreign_++ < kMostForeignKeys && is_meant_for_ours(key); }

  Result<std::vector<LaterWriter>> take() {
    if (text_ <= kMostLaterText) return std::move(found_);
    return fail(ErrorCode::invalid, fmt::format("what boot loaders are told has more than {} of text that may set a "
                                                "setting, which is not read",
                                                size_text(kMostLaterText)));
  }

 private:
  std::set<std::pair<std::string, std::string>> seen_;
  std::set<std::pair<std::string, std::string>> seen_without_prefix_;
  std::vector<LaterWriter> found_;
  std::size_t text_ = 0;     // bytes
  std::size_t foreign_ = 0;  // keys outside the catalogue
};

// Of each line that begins with `word` ("linux", "linux16", "options"), what comes behind it.
void add_lines(ParameterReader& reader, HostFiles& files, std::string_view name, const std::string& path,
               std::string_view word) {
  const std::string text = text_of(files, path);
  if (!reader.take_text(text)) return;
  ParameterPlaces places(std::vector<ParameterFile>{{path, text}});
  for (std::string_view line : split(text, '\n')) {
    if (take_word(line).starts_with(word)) reader.add(name, places, line);
  }
}

// grub-mkconfig runs /etc/default/grub and then the files of grub.d as a shell does (Debian's), and puts both
// variables into the menu, one after the other (grub.d/10_linux).
void add_grub_defaults(ParameterReader& reader, HostFiles& files) {
  constexpr std::string_view kFolder = "/etc/default/grub.d";
  std::vector<ParameterFile> all{{"/etc/default/grub", text_of(files, "/etc/default/grub")}};
  if (all.front().text.empty()) return;
  std::string text = all.front().text + "\n";
  for (const std::string& name : files.list(kFolder).value_or(std::vector<std::string>{})) {
    if (!name.ends_with(".cfg") || text.size() > kMostLaterText) continue;
    const std::string path = std::string(kFolder) + "/" + name;
    all.push_back({path, text_of(files, path)});
    text += all.back().text + "\n";
  }
  if (!reader.take_text(text)) return;
  ParameterPlaces places(std::move(all));
  const ShellVariables variables = read_shell(text, [](const ShellCommand&) {});
  for (const std::string_view variable : {"GRUB_CMDLINE_LINUX", "GRUB_CMDLINE_LINUX_DEFAULT"}) {
    const auto found = variables.find(variable);
    if (found != variables.end()) reader.add("GRUB", places, found->second.text);
  }
}

}  // namespace

// What is in place comes first, then what the next run of a tool makes of its own files.
Result<std::vector<LaterWriter>> find_boot_parameters(HostFiles& files) {
  ParameterReader reader;
  for (const std::string_view menu : {"/boot/grub/grub.cfg", "/boot/grub2/grub.cfg"}) {
    add_lines(reader, files, "GRUB", std::string(menu), "linux");
  }
  for (const std::string_view entries : {"/boot/loader/entries", "/efi/loader/entries", "/boot/efi/loader/entries"}) {
    for (const std::string& name : files.list(entries).value_or(std::vector<std::string>{})) {
      if (name.ends_with(".conf")) {
        add_lines(reader, files, "boot entry", std::string(entries) + "/" + name, "options");
      }
    }
  }
  add_grub_defaults(reader, files);
  const std::string path = "/etc/kernel/cmdline";
  const std::string text = text_of(files, path);
  if (reader.take_text(text)) {
    ParameterPlaces places(std::vector<ParameterFile>{{path, text}});
    reader.add("kernel-install", places, text);
  }
  return reader.take();
}

}  // namespace twctl
