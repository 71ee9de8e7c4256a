#include "observe/writers/printed_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"

namespace twctl {
namespace {

constexpr std::size_t kMostPrinted = 65536;      // bytes of one printf
constexpr std::size_t kMostWrittenFiles = 1000;  // of one script

// With `\n` and `\t` in it as what they mean.
std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool escapes = text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == 'n' || text[at + 1] == 't');
    if (escapes) ++at;
    plain += !escapes ? text[at] : text[at] == 'n' ? '\n' : '\t';
  }
  return plain;
}

// printf(1): each %s and %d takes the next word, and the format is used again while there are more.
ShellWord printed_by_printf(ShellWords said) {
  ShellWord printed;
  if (said.size() > 1 && said.front().text == "--") said = said.subspan(1);
  const std::string& format = said.front().text;
  printed.known = std::all_of(said.begin(), said.end(), [](const ShellWord& word) { return word.known; });
  std::size_t next = 1;
  do {
    const std::size_t before = next;
    for (std::size_t at = 0; at < format.size(); ++at) {
      if (format[at] != '%' || at + 1 == format.size()) {
        printed.text += format[at];
      } else if (format[++at] == '%') {
        printed.text += '%';
      } else {
        printed.known = printed.known && (format[at] == 's' || format[at] == 'd');
        if (next < said.size()) printed.text += said[next++].text;
      }
    }
    if (next == before) next = said.size();  // what it has no place for is passed over
  } while (next < said.size() && printed.text.size() < kMostPrinted);
  printed.known = printed.known && next >= said.size();
  printed.text = unescaped(printed.text);
  return printed;
}

// "-n", "-en"
bool is_option_of_echo(std::string_view word) {
  return word.size() > 1 && word.starts_with('-') && word.find_first_not_of("neE", 1) == std::string_view::npos;
}

// bash takes all of the options, and no "\n" without -e; dash prints the options but for -n, and takes each "\n".
ShellWord printed_by_echo(ShellWords said) {
  ShellWord printed;
  bool ends_line = true;
  for (; !said.empty() && is_option_of_echo(said.front().text); said = said.subspan(1)) {
    const std::string_view option = said.front().text;
    printed.stale = printed.stale || option != "-n";
    ends_line = ends_line && option.find('n') == std::string_view::npos;
  }
  for (const ShellWord& word : said) {
    printed.text.append(printed.text.empty() ? "" : " ").append(word.text);
    printed.known = printed.known && word.known;
  }
  std::string plain = unescaped(printed.text);
  printed.stale = printed.stale || plain != printed.text;
  printed.text = std::move(plain) + (ends_line ? "\n" : "");
  return printed;
}

}  // namespace

std::string_view program_of(const ShellWord& word) { return file_name(word.text); }

ShellWord printed_by(ShellWords words, const ShellWord& input) {
  if (words.empty()) return unknown_text();
  constexpr auto kQuiet = std::to_array<std::string_view>(
      {":",    "true", "false", "sleep",  "[",     "[[",    "test", "exit",     "set",   "cd",    "shift",
       "read", "for",  "break", "return", "unset", "umask", "trap", "continue", "mkdir", "chmod", "touch"});
  const std::string_view name = program_of(words[0]);
  if (is_one_of(name, kQuiet)) return {};
  if (name == "echo") return printed_by_echo(words.subspan(1));
  if (name == "printf") return words.size() > 1 ? printed_by_printf(words.subspan(1)) : unknown_text();
  const bool copies = name == "tee" || (name == "cat" && (words.size() == 1 || words[1].text == "-"));
  return copies ? input : unknown_text();
}

void BlockOutput::begin(const ShellCommand& begin) {
  if (!begin.piped) collect();
  open_.push_back({.sure = begin.sure});
}

ShellWord BlockOutput::before(bool piped) {
  if (!piped) collect();
  ShellWord text = std::exchange(last_, {});
  text.known = text.known && !text.stale;
  return text;
}

void BlockOutput::print(ShellWord text, bool sure) {
  last_ = std::move(text);
  last_sure_ = sure;
}

ShellWord BlockOutput::end() {
  if (open_.empty()) return {};
  collect();
  ShellWord printed = std::move(open_.back().printed);
  open_.pop_back();
  return printed;
}

void BlockOutput::collect() {
  ShellWord text = std::exchange(last_, {});
  if (open_.empty() || (text.known && text.text.empty())) return;
  auto& [printed, sure] = open_.back();
  const bool fits = text.text.size() <= room_;
  room_ -= fits ? text.text.size() : 0;
  printed.known = printed.known && text.known && fits;
  printed.stale = printed.stale || ((text.stale || !last_sure_) && sure);
  if (fits && printed.text.empty()) {
    printed.text = std::move(text.text);
  } else if (fits) {
    printed.text += text.text;
  }
}

bool edits_in_place(ShellWords words) {
  const std::string_view name = program_of(words[0]);
  return (name == "sed" || name == "perl") && std::any_of(words.begin(), words.end(), [](const ShellWord& word) {
           return word.text.starts_with('-') && word.text.find('i') != std::string::npos;
         });
}

ShellWords files_changed_by(ShellWords words) {
  constexpr std::array<std::string_view, 3> kAll{"rm", "mv", "truncate"};
  constexpr std::array<std::string_view, 2> kLast{"cp", "ln"};
  if (edits_in_place(words) || is_one_of(program_of(words[0]), kAll)) return words.subspan(1);
  return is_one_of(program_of(words[0]), kLast) ? words.last(1) : ShellWords();
}

WrittenFiles::File* WrittenFiles::file_of(const std::string& path) {
  const auto file = files_.find(path);
  if (file != files_.end()) return &file->second;
  return files_.size() < kMostWrittenFiles ? &files_[path] : nullptr;
}

void WrittenFiles::write(const std::string& path, std::string_view text, bool whole, bool appends, bool sure) {
  File* file = file_of(path);
  if (file == nullptr) return;
  if (sure && !appends) *file = {.before = Before::gone};
  if (!sure && !appends && file->before == Before::there) file->before = Before::perhaps;
  file->text += text;
  file->sure = file->sure && sure;
  file->whole = file->whole && whole;
}

void WrittenFiles::change(const std::string& path, bool replaces) {
  File* file = file_of(path);
  if (file == nullptr) return;
  file->sure = false;
  file->whole = file->whole && !replaces;
  if (file->before == Before::there) file->before = Before::perhaps;
}

const WrittenFiles::File* WrittenFiles::find(const std::string& path) const {
  const auto file = files_.find(path);
  return file == files_.end() ? nullptr : &file->second;
}

}  // namespace twctl
