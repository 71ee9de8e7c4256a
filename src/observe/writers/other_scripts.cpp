#include "observe/writers/other_scripts.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/text.hpp"
#include "formats/sysctl.hpp"

namespace twctl {
namespace {

constexpr std::string_view kOfName = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./";

// "net.ipv4.tcp_tw_reuse", "vm.swappiness"; no part of a program ("net.connect").
bool is_key(std::string_view name) {
  const bool is_net = name.starts_with("net.") && name.find('.', 4) != std::string_view::npos;
  return is_net || name.starts_with("kernel.") || name.starts_with("vm.");
}

// Of a word of those letters: a file's or a key's with slashes is one, and slashes between keys with dots part them.
std::vector<std::string> keys_in(std::string_view word) {
  std::vector<std::string> keys;
  if (const std::size_t file = word.find(kSettingFiles); file != std::string_view::npos) {
    keys.push_back(dotted_key(word.substr(file + kSettingFiles.size())));
  } else if (word.find('.') == std::string_view::npos) {
    keys.push_back(dotted_key(word));
  } else {
    for (const std::string_view part : split(word, '/')) keys.emplace_back(part);
  }
  for (std::string& key : keys) {
    while (key.ends_with('.')) key.pop_back();
  }
  std::erase_if(keys, [](const std::string& key) { return !is_key(key); });
  return keys;
}

std::string value_behind(std::string_view text) {
  text = trim(text.substr(0, text.find('\n')));
  if (!text.starts_with('=')) return {};
  text = trim(text.substr(1));
  return std::string(text.substr(0, std::min(text.find_first_not_of("0123456789"), text.size())));
}

bool is_remark(std::string_view line) { return line.starts_with('#') || line.starts_with("//"); }

}  // namespace

bool is_other_interpreter(std::string_view program) {
  constexpr std::array<std::string_view, 11> kOthers{"python", "perl", "ruby",   "php",  "node", "lua",
                                                     "tclsh",  "awk",  "expect", "gawk", "guile"};
  program = file_name(program);
  return is_one_of(program.substr(0, program.find_first_of("0123456789.")), kOthers);
}

bool has_other_interpreter(std::string_view script) {
  std::string_view line = script.substr(0, script.find('\n'));
  if (!line.starts_with("#!")) return false;
  line.remove_prefix(2);
  std::string_view program = take_word(line);
  while (program.ends_with("/env") || (program.starts_with('-') && !line.empty())) program = take_word(line);
  return is_other_interpreter(program);
}

InterpretedText interpreted_by(ShellWords words, const ShellWord& input) {
  for (std::size_t at = 1; at < words.size(); ++at) {
    const std::string_view word = words[at].text;
    if (word == "-") break;
    const bool is_text = program_of(words[0]).ends_with("awk") && !word.starts_with('/');
    if (!word.starts_with('-') && is_text) return {.text = word};
    if (!word.starts_with('-')) return {.file = &words[at]};
    const bool takes_text = word.ends_with('e') || word == "-c" || word == "-r";
    if (takes_text && at + 1 < words.size()) return {.text = words[at + 1].text};
  }
  return {.text = input.text};
}

std::string without_remarks(std::string_view script) {
  std::string code;
  bool in_pod = false;
  for (const std::string_view line : lines_with_ends(script)) {
    const bool is_command = line.size() > 1 && line[0] == '=' && kOfName.find(line[1]) < kOfName.find('0');
    in_pod = in_pod || is_command;
    code += in_pod || is_remark(trim(line)) ? "\n" : line;
    if (in_pod && line.starts_with("=cut")) in_pod = false;
  }
  return code;
}

std::vector<MentionedKey> keys_named_in(std::string_view text) {
  std::vector<MentionedKey> named;
  int number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    for (std::size_t at = line.find_first_of(kOfName); at != std::string_view::npos;) {
      const std::size_t end = std::min(line.find_first_not_of(kOfName, at), line.size());
      for (std::string& key : keys_in(line.substr(at, end - at))) {
        named.push_back({std::move(key), value_behind(line.substr(end)), number});
      }
      at = line.find_first_of(kOfName, end);
    }
  }
  return named;
}

}  // namespace twctl
