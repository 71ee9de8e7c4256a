#include "observe/writers/unit_commands.hpp"

#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "formats/plain_words.hpp"

namespace twctl {
namespace {

// "a b" of "a-b", which systemd-escape(1) has made.
std::string unit_unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned byte = 0;
    const bool is_byte = text.substr(at).starts_with("\\x") && at + 4 <= text.size() &&
                         std::from_chars(&text[at + 2], &text[at + 2] + 2, byte, 16).ptr == &text[at + 2] + 2;
    plain += is_byte ? static_cast<char>(byte) : text[at] == '-' ? '/' : text[at];
    at += is_byte ? 3 : 0;
  }
  return plain;
}

// What a specifier of systemd.unit(5) stands for in a unit of that name; nullopt: only the running system knows.
std::optional<std::string> specifier(char letter, const std::string& unit) {
  const std::string name = unit.substr(0, unit.rfind('.'));
  const std::string prefix = name.substr(0, name.find('@'));
  const std::string instance = name.find('@') == std::string::npos ? "" : name.substr(name.find('@') + 1);
  const std::string last = prefix.substr(prefix.rfind('-') + 1);
  switch (letter) {
    case 'n':
      return unit;
    case 'N':
      return name;
    case 'p':
      return prefix;
    case 'P':
      return unit_unescaped(prefix);
    case 'i':
      return instance;
    case 'I':
      return unit_unescaped(instance);
    case 'j':
      return last;
    case 'J':
      return unit_unescaped(last);
    case 'f':
      return "/" + unit_unescaped(instance.empty() ? prefix : instance);
    case 'E':
      return "/etc";
    case 't':
      return "/run";
    case 'S':
      return "/var/lib";
    case 'C':
      return "/var/cache";
    case 'L':
      return "/var/log";
    case 'T':
      return "/tmp";
    case 'V':
      return "/var/tmp";
    case '%':
      return "%";
    default:
      return std::nullopt;
  }
}

}  // namespace

void expand_specifiers(ShellWord& word, const std::string& unit, std::size_t& room) {
  std::string text;
  std::size_t put_in = 0;
  const auto value_of = [&](char letter) -> std::optional<std::string> {
    if (put_in > kMostExpandedInWord) return std::nullopt;
    std::optional<std::string> value = specifier(letter, unit);
    const std::size_t bytes = value ? value->size() : 0;
    put_in += bytes;
    if (put_in > kMostExpandedInWord || bytes > room) return std::nullopt;
    room -= bytes;
    return value;
  };
  bool known = word.text.find('$') == std::string::npos;
  for (std::size_t at = 0; at < word.text.size(); ++at) {
    if (std::string_view(word.text).substr(at).starts_with("$$")) ++at;  // a '$' for the command's own shell
    const bool is_specifier = word.text[at] == '%' && at + 1 < word.text.size();
    const auto value = is_specifier ? value_of(word.text[at + 1]) : std::nullopt;
    known = known && (!is_specifier || value);
    if (is_specifier && !value) text += '$';  // as what a shell only knows
    text += value ? *value : word.text.substr(at, is_specifier ? 2 : 1);
    at += is_specifier ? 1 : 0;
  }
  word = {.text = std::move(text), .known = known};
}

std::vector<std::vector<CommandEffect>> effects_of_unit(const UnitLine& line, const std::string& unit,
                                                        const UnitStreams& streams) {
  std::vector<std::vector<CommandEffect>> all;
  std::size_t room = kMostExpanded;
  const auto expanded = [&](std::string_view text) {
    ShellWord word{.text = std::string(text)};
    expand_specifiers(word, unit, room);
    return word;
  };
  Surroundings around{.folder = expanded(streams.folder), .prints_to = expanded(streams.output_file).text};
  around.folder.known = around.folder.known && !streams.folder_may_lack;
  around.input = streams.input;
  if (!streams.input_file.empty()) around.input_file = expanded(streams.input_file);
  for (UnitCommand& command : unit_commands(line.value)) {
    const auto is_marked = [&](char mark) { return command.marks.find(mark) != std::string_view::npos; };
    for (ShellWord& word : command.words) expand_specifiers(word, unit, room);
    if (is_marked('@') && command.words.size() > 1) command.words.erase(command.words.begin() + 1);
    around.ends = !is_marked('-');
    all.push_back(effects_without_shell(std::move(command.words), around));
    for (CommandEffect& effect : all.back()) effect.line = line.line;
  }
  return all;
}

}  // namespace twctl
