// What the kernel is told at a boot to come, by the configuration of boot loaders: its sysctl.KEY=VALUE parameters. The
// boot that runs now has /proc/cmdline.
#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "formats/shell.hpp"
#include "observe/boot_files.hpp"
#include "observe/later_writers.hpp"
#include "sysctl/command_line.hpp"

namespace twctl {
namespace {

struct ParameterFile {
  std::string path;
  std::string text;
};

// The last line that names the key, in either spelling; 0: none does by itself.
int line_naming(std::string_view key, std::string_view text) {
  std::string slashes(key);
  std::replace(slashes.begin(), slashes.end(), '.', '/');
  int found = 0;
  int number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    const bool names = line.find(key) != std::string_view::npos || line.find(slashes) != std::string_view::npos;
    if (names && !is_comment(trim(line))) found = number;
  }
  return found;
}

Place place_naming(std::string_view key, const std::vector<ParameterFile>& files) {
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    if (const int line = line_naming(key, file->text); line != 0) return {file->path, line};
  }
  return {files.front().path, 0};
}

class ParameterReader {
 public:
  // `parameters`: a command line that those files come to. What an earlier one says already is not said again.
  void add(std::string_view name, const std::vector<ParameterFile>& files, std::string_view parameters) {
    LaterWriter writer{.name = std::string(name), .evidence = escape(files.front().path), .before_boot_files = true};
    for (Assignment& said : read_command_line(parameters).assignments) {
      if (find_setting(Os::linux_kernel, said.key) == nullptr) continue;
      if (said.value.find('$') != std::string::npos) said.value.clear();  // a variable of the boot loader
      if (!seen_.emplace(said.key, said.value).second) continue;
      Place where = place_naming(said.key, files);
      writer.writes.push_back({std::move(said.key), std::move(said.value), std::move(where)});
    }
    if (!writer.writes.empty()) found_.push_back(std::move(writer));
  }
  std::vector<LaterWriter> take() { return std::move(found_); }

 private:
  std::set<std::pair<std::string, std::string>> seen_;
  std::vector<LaterWriter> found_;
};

bool has_parameters(std::string_view text) { return text.find("sysctl") != std::string_view::npos; }

// Of each line that begins with `word` ("linux", "linux16", "options"), what comes behind it.
void add_lines(ParameterReader& reader, HostFiles& files, std::string_view name, const std::string& path,
               std::string_view word) {
  const std::string text = text_of(files, path);
  if (!has_parameters(text)) return;
  for (std::string_view line : split(text, '\n')) {
    if (take_word(line).starts_with(word)) reader.add(name, {{path, text}}, line);
  }
}

// grub-mkconfig runs /etc/default/grub and then the files of grub.d as a shell does (Debian's), and puts both
// variables into the menu, one after the other (grub.d/10_linux).
void add_grub_defaults(ParameterReader& reader, HostFiles& files) {
  constexpr std::string_view kFolder = "/etc/default/grub.d";
  std::vector<ParameterFile> all{{"/etc/default/grub", text_of(files, "/etc/default/grub")}};
  if (all.front().text.empty()) return;
  for (const std::string& name : files.list(kFolder).value_or(std::vector<std::string>{})) {
    if (!name.ends_with(".cfg")) continue;
    const std::string path = std::string(kFolder) + "/" + name;
    all.push_back({path, text_of(files, path)});
  }
  std::string text;
  for (const ParameterFile& file : all) text += file.text + "\n";
  if (!has_parameters(text)) return;
  const ShellVariables variables = read_shell(text, [](const ShellCommand&) {});
  for (const std::string_view variable : {"GRUB_CMDLINE_LINUX", "GRUB_CMDLINE_LINUX_DEFAULT"}) {
    const auto found = variables.find(variable);
    if (found != variables.end()) reader.add("GRUB", all, found->second.text);
  }
}

}  // namespace

// What is in place comes first, then what the next run of a tool makes of its own files.
std::vector<LaterWriter> find_boot_parameters(HostFiles& files) {
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
  if (has_parameters(text)) reader.add("kernel-install", {{path, text}}, text);
  return reader.take();
}

}  // namespace twctl
