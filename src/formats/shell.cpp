#include "formats/shell.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "formats/shell_blocks.hpp"
#include "formats/shell_exit.hpp"
#include "formats/shell_parts.hpp"
#include "formats/shell_words.hpp"

namespace twctl {
namespace {

constexpr std::array<std::string_view, 7> kOpens{"if", "while", "until", "{", "for", "select", "case"};
constexpr std::array<std::string_view, 4> kCloses{"fi", "done", "esac", "}"};
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "#!/bin/bash -e", "#!/usr/bin/env bash"
bool names_bash(std::string_view line) {
  if (!line.starts_with("#!")) return false;
  line.remove_prefix(2);
  std::string_view program = take_word(line);
  if (file_name(program) == "env") program = take_word(line);
  return file_name(program) == "bash";
}

struct AssignedVariable {
  std::string_view name;  // "": the word assigns none
  std::string_view value;
  bool appends = false;  // "NAME+=value" of bash, for other shells a command that is not there
};

AssignedVariable assigned_by(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos || equals == 0 || is_digit(word[0])) return {};
  const bool appends = word[equals - 1] == '+';
  const std::string_view name = word.substr(0, equals - (appends ? 1 : 0));
  if (!std::all_of(name.begin(), name.end(), is_variable_character)) return {};
  return {.name = name, .value = word.substr(equals + 1), .appends = appends};
}

bool assigns(const ShellWord& word) { return !assigned_by(word.text).name.empty(); }
bool appends(const ShellWord& word) { return assigned_by(word.text).appends; }

// What stands behind its `&&` depends on nothing.
bool always_succeeds(const std::vector<ShellWord>& words) {
  if (words.empty() || !std::all_of(words.begin(), words.end(), [](const ShellWord& word) { return word.known; }))
    return false;
  const std::string& program = words[0].text;
  return program == "true" || program == ":" || (program == "sleep" && words.size() == 2 && is_digit(words[1].text[0]));
}

// "exit 1" and no more than that, up to the end of its line or block: after what comes of an error nothing more runs.
bool has_exit(std::string_view text) {
  constexpr std::string_view kExit = "exit ";
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  if (!text.starts_with(kExit)) return false;
  text.remove_prefix(kExit.size());
  if (text.empty() || text[0] < '1' || text[0] > '9') return false;
  text.remove_prefix(std::min(text.find_first_not_of("0123456789"), text.size()));
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r"), text.size()));
  return text.empty() || std::string_view("\n#})").find(text[0]) != std::string_view::npos ||
         (text[0] == ';' && !text.starts_with(";;"));
}

bool is_stale(const ShellWord& word) { return word.stale; }

class ShellReader : ShellWordReader {
 public:
  using ShellWordReader::ShellWordReader;

  ShellVariables read(RunBy run_by) {
    exits_ = run_by == RunBy::exiting_shell ||
             (run_by == RunBy::itself && interpreter_exits(text_.substr(0, text_.find('\n'))));
    is_bash_ = run_by == RunBy::itself && names_bash(text_.substr(0, text_.find('\n')));
    while (at_ < text_.size() && !ended_) step();
    end_command();
    return blocks_.take();
  }

 private:
  // Between [[ and ]] no sign ends a command.
  [[nodiscard]] bool in_test() const {
    const std::vector<ShellWord>& words = command_.words;
    return !words.empty() && words.front().text == "[[" && words.back().text != "]]";
  }

  void step() {
    if (is_shell_blank(now()) || is_at("\\\n")) return pass(is_shell_blank(now()) ? 1 : 2);
    if (now() == '#') return pass_remark();
    if (is_at("<(") || is_at(">(")) return take(take_process());
    if (is_at("((") && take_number()) return;
    if (ends_shell_word(now())) return take_sign();
    const std::size_t from = at_;
    ShellWord word = take_word();
    const bool is_word =  // which an empty variable is not
        !word.text.empty() || text_.substr(from, at_ - from).find_first_of("'\"") != std::string_view::npos;
    if (!is_word) return;
    if (in_test() || is_assignment(word)) return take(std::move(word));
    for (ShellWord& one : expand_braces(std::move(word), is_bash_)) take(std::move(one));
  }

  // Where it stands: all before it are assignments, too. Each of these is looked at once.
  [[nodiscard]] bool is_assignment(const ShellWord& word) {
    const std::vector<ShellWord>& words = command_.words;
    while (assignments_ < words.size() && assigns(words[assignments_])) ++assignments_;
    return assignments_ >= words.size() && assigns(word);
  }

  void take_sign() {
    if (in_test()) {
      if (now() != '\n') take({.text = std::string(1, now())});
      return pass(1);
    }
    if (now() == '<' || now() == '>' || is_at("&>")) return take_redirection();
    take_separator();
  }

  // "((a = 1 << 4))", "for ((...))"
  bool take_number() {
    if (!command_.words.empty() && command_.words.back().text != "for") return false;
    std::optional<ShellWord> number = ShellWordReader::take_number();
    if (number) take(std::move(*number));
    return number.has_value();
  }

  void take_separator() {
    const char c = now();
    if (c == '\n' && command_.words.empty() && !closed_) {  // `&&` and `|` go on in the next line
      command_ = {};                                        // "> FILE" alone
      assignments_ = 0;
      return end_line();
    }
    const bool twice = at_ + 1 < text_.size() && text_[at_ + 1] == c && c != '\n' && c != '(' && c != ')';
    if (c == '(') return open_paren();
    exits_behind_ = twice && c == '|' && has_exit(text_.substr(at_ + 2));
    const bool goes_on = twice && c == '&' && !asked_ && !depends_ && always_succeeds(command_.words);
    asked_ = asked_ || c == '&' || (c == '|' && !exits_behind_);
    apart_ = !twice && (c == '&' || c == '|');
    end_command();
    if (c == ';' && twice) blocks_.begin_branch();
    depends_ = (twice && c != ';' && !goes_on) || (depends_ && c == '|');  // all of a pipe does, as its first command
    piped_ = c == '|' && !twice;
    if (c == ')' && blocks_.any() && !blocks_.in_case()) close_block();
    if (c == '\n') return end_line();
    const bool ends_branch = blocks_.in_case() && (is_at(";;") || is_at(";&"));
    pass(ends_branch && is_at(";;&") ? 3 : (twice || ends_branch ? 2 : 1));
    if (ends_branch) pass_patterns();
  }

  void end_line() {
    pass(1);
    if (here_end_ > at_) pass(here_end_ - at_);
  }

  // "case WORD in" up to its first branch.
  void take_case(ShellWord word) {
    command_.line = line_;
    command_.words.push_back(std::move(word));
    for (const bool is_subject : {true, false}) {
      pass_blanks(!is_subject);
      command_.words.push_back(take_word());
    }
    if (command_.words.back().text != "in") return;
    end_command();
    pass_patterns();
  }

  // What stands before the `)` of a branch, which is no command.
  void pass_patterns() {
    pass_blanks(true);
    constexpr std::string_view kEnd = "esac";
    const std::size_t behind = at_ + kEnd.size();
    if (is_at(kEnd) && (behind >= text_.size() || ends_shell_word(text_[behind]))) return;
    if (is_at("(")) pass(1);
    for (std::size_t open = 0; at_ < text_.size() && now() != '\n' && (now() != ')' || open > 0);) {  // "@(a|b)"
      open += is_at("(") ? 1 : 0;
      open -= is_at(")") ? 1 : 0;
      if (ends_shell_word(now())) {
        pass(1);
      } else {
        (void)take_word();
      }
    }
    if (is_at(")")) pass(1);
  }

  // With remarks where lines may end.
  void pass_blanks(bool lines) {
    while (at_ < text_.size()) {
      if (is_shell_blank(now()) || is_at("\\\n")) {
        pass(is_shell_blank(now()) ? 1 : 2);
      } else if (lines && now() == '#') {
        pass_remark();
      } else if (lines && now() == '\n') {
        end_line();
      } else {
        return;
      }
    }
  }

  void pass_remark() { pass(std::min(text_.find('\n', at_), text_.size()) - at_); }

  // "( ... )" is a shell of its own; "name()" begins a function, whose body is in braces, as "function name" of bash.
  void open_paren() {
    const bool by_word = command_.words.size() == 2 && command_.words[0].text == "function";
    if (is_at("()") && (command_.words.size() == 1 || by_word)) {
      function_ = std::move(command_.words.back());
      command_ = {};
      assignments_ = 0;
      return pass(2);
    }
    if (at_ > 0 && text_[at_ - 1] == '=' && !command_.words.empty()) return pass_array();
    end_command();
    open_block("(");
    pass(1);
  }

  // "NAME=(a b)" and "NAME+=(a b)" of bash: words, and no command.
  void pass_array() {
    command_.words.back().known = false;
    pass(1);
    while (at_ < text_.size() && now() != ')') {
      if (now() == '#') {
        pass_remark();
      } else if (ends_shell_word(now())) {
        pass(1);
      } else {
        (void)take_word();
      }
    }
    pass(1);
  }

  void open_block(std::string_view word) {
    ShellCommand begin;
    begin.kind = ShellCommand::Kind::begins_block;
    begin.sure = is_sure();
    begin.piped = piped_;
    if (function_) begin.words.push_back(*function_);
    const bool opened =
        blocks_.open(std::exchange(function_, std::nullopt) ? "()" : word, std::exchange(depends_, false));
    if (exits_) blocks_.doubt();  // whether something asks how it ends stands behind it
    if (opened) use_(std::move(begin));
  }

  // Those of a word of nothing else.
  [[nodiscard]] std::size_t digits_before() const {
    std::size_t from = at_;
    while (from > 0 && is_digit(text_[from - 1])) --from;
    const bool is_word = !command_.words.empty() && (from == 0 || ends_shell_word(text_[from - 1]));
    return is_word ? at_ - from : 0;
  }

  void take_redirection() {
    const std::size_t digits = digits_before();
    const bool numbered = digits == 1;
    const bool in = now() == '<';
    const bool other = numbered && text_[at_ - 1] != (in ? '0' : '1');  // than standard input or output
    if (numbered) command_.words.pop_back();                            // "2>"
    if (digits > 1) command_.words.back().known = false;                // "30>": a word to dash, a descriptor to bash
    const bool appends = is_at(">>");
    const bool copies = is_at("<&");
    const bool here_string = is_at("<<<");
    const bool here_document = is_at("<<") && !here_string;
    const bool strips = is_at("<<-");
    while (at_ < text_.size() && std::string_view("<>&|-").find(now()) != std::string_view::npos) pass(1);
    while (at_ < text_.size() && is_shell_blank(now())) pass(1);
    const bool of_process = is_at("<(") || is_at(">(");
    if (at_ >= text_.size() || (ends_shell_word(now()) && !of_process)) return;
    const std::size_t from = at_;
    ShellWord target = of_process ? take_process() : take_word();
    if (here_document) return read_here_document(target.text, text_.substr(from, at_ - from) == target.text, strips);
    if (other || (in && copies)) return;
    if (!in) command_.appends = command_.appends || appends;
    if (!in) return command_.writes_to.push_back(std::move(target));
    command_.input_file.reset();
    (here_string ? command_.input : command_.input_file) = std::move(target);
  }

  // Its lines begin in the next one, behind those of the one before it. `expands`: no part of its end is in quotes.
  void read_here_document(std::string_view end, bool expands, bool strips) {
    const std::size_t at = here_end_ > at_ ? here_end_ : std::min(text_.find('\n', at_), text_.size() - 1) + 1;
    ShellWord lines;
    here_end_ = at + pass_here_document(text_.substr(at), end, strips, &lines.text);
    lines.known = !expands || lines.text.find_first_of("$`\\") == std::string::npos;
    command_.input = std::move(lines);
    command_.input_file.reset();
  }

  void take(ShellWord word) {
    if (command_.words.size() == 2 && command_.words[0].text == "function") end_command();  // its body follows
    const bool is_number = at_ < text_.size() && (now() == '<' || now() == '>') && is_digits(word.text);
    if (closed_ && !is_number) end_command();
    if (command_.words.empty()) {
      if (is_one_of(word.text, kOpens)) open_block(word.text);
      if (word.text == "do") blocks_.begin_body({at_, line_, here_end_});
      if (word.text == "else" || word.text == "elif") blocks_.begin_branch();
      if (is_one_of(word.text, kCloses) && !repeat_loop()) close_block();
      asked_ = asked_ || word.text == "!";
      if (may_precede_command(word.text)) return;
      if (word.text == "case") return take_case(std::move(word));
      command_.line = line_;
    }
    if (!word.splits) return command_.words.push_back(std::move(word));
    const std::vector<std::string_view> parts = words(word.text);
    if (parts.size() * sizeof(ShellWord) > room_.expanded) {
      word.known = false;
      return command_.words.push_back(std::move(word));
    }
    room_.expanded -= parts.size() * sizeof(ShellWord);
    for (const std::string_view part : parts) {
      command_.words.push_back({.text = std::string(part), .known = word.known, .stale = word.stale});
    }
  }

  bool repeat_loop() {
    const std::optional<ShellBlocks::Position> body = blocks_.again(std::max(at_, here_end_));
    if (!body) return false;
    at_ = body->at;
    line_ = body->line;
    here_end_ = body->here_end;
    return true;
  }

  // What stands behind it is still of it.
  void close_block() {
    closed_ = blocks_.close();
    depends_ = closed_ && closed_->depends;
  }

  [[nodiscard]] bool is_sure() const { return blocks_.sure() && !depends_ && !may_have_ended_; }

  void end_command() {
    ShellCommand command = std::exchange(command_, {});
    assignments_ = 0;
    const bool stale = std::any_of(command.words.begin(), command.words.end(), is_stale) ||
                       std::any_of(command.writes_to.begin(), command.writes_to.end(), is_stale);
    command.sure = is_sure() && !stale;
    command.piped = std::exchange(piped_, false);
    command.errexit = exits_;
    const bool asked = std::exchange(asked_, false);
    // Of a block, a pipe may make a shell of its own, which is all that an `exit` in it ends.
    const bool exits = (std::exchange(exits_behind_, false) && !blocks_.any()) || exits_;
    command.apart = std::exchange(apart_, false) || command.piped;
    if (const auto block = std::exchange(closed_, std::nullopt)) return end_block(std::move(command), block->apart);
    if (command.words.empty()) return;
    command.ends_script = exits && command.sure && !asked;
    const std::string& first = command.words.front().text;
    if (first == "function") return void(function_ = std::move(command.words.back()));
    if (first == "exit" && !command.apart) take_exit(command);
    if (first == "break" || first == "continue") {
      blocks_.leave_loops(command.words.size() == 1 || command.words[1].text == "1" ? 1 : kMostOpenBlocks);
    }
    if (first == "exec" && !command.apart) take_exec(command);
    if (first == "set" && command.sure) take_set(command);
    if (first == "for") blocks_.begin_loop(command.words);
    take_variables(command);
    blocks_.forget_by(command.words);
    if (!command.words.empty()) use_(std::move(command));
  }

  void end_block(ShellCommand end, bool apart) {
    end.kind = ShellCommand::Kind::ends_block;
    end.apart = end.apart || apart;
    end.line = line_;
    use_(std::move(end));
  }

  // Of ( ) it counts up to its end.
  void take_set(const ShellCommand& command) {
    const bool exits = exits_after_set(command.words, exits_);
    if (!blocks_.apart()) {
      exits_ = exits;
    } else if (exits != exits_) {
      blocks_.doubt();
    }
  }

  // What it runs takes the shell's place, unless it only opens files: "exec 200>FILE", "exec {lock}>FILE".
  void take_exec(const ShellCommand& command) {
    const std::vector<ShellWord>& words = command.words;
    if (words.size() == 1 || is_digits(words[1].text) || words[1].text.starts_with('{')) return;
    const bool known = words[1].known && !words[1].text.starts_with('-');
    if (command.sure && known && !blocks_.any()) ended_ = true;
    if (!blocks_.apart()) may_have_ended_ = true;
    blocks_.doubt();
  }

  // "[ -x /opt/x ] || exit 0": whether what follows runs depends on that. An exit with another number is taken for what
  // comes of an error.
  void take_exit(const ShellCommand& command) {
    const bool in_order = command.words.size() == 1 || command.words[1].text == "0";
    if (command.sure && !blocks_.any()) ended_ = true;
    if ((command.sure || in_order) && !blocks_.apart()) may_have_ended_ = true;
    blocks_.doubt();
  }

  // A command of assignments alone sets variables, and so does one that declares them. What is perhaps set is not known
  // any more.
  void take_variables(ShellCommand& command) {
    std::vector<ShellWord>& words = command.words;
    constexpr std::array<std::string_view, 5> kDeclare{"export", "readonly", "local", "declare", "typeset"};
    const bool declares = words.size() > 1 && is_one_of(words.front().text, kDeclare);
    if (!declares && !std::all_of(words.begin(), words.end(), assigns)) return drop_assignments(command);
    bool computes = false;  // "declare -i V=1+1"
    for (ShellWord& word : words) {
      computes = computes || (word.text.starts_with('-') && word.text.find('i') != std::string::npos);
      word.known = word.known && !computes;
      if (assigns(word)) assign(word);
    }
    words.clear();
  }

  void assign(const ShellWord& word) {
    const AssignedVariable variable = assigned_by(word.text);
    ShellWord value{
        .text = std::string(variable.value), .known = word.known && !depends_, .stale = word.stale && !depends_};
    if (variable.appends) append_to(blocks_.find(variable.name), value);
    blocks_.assign(std::string(variable.name), std::move(value));
  }

  void append_to(const ShellWord* old, ShellWord& value) const {
    const bool said = is_bash_ && old != nullptr && old->text.size() + value.text.size() <= kMostExpandedInWord;
    value.known = value.known && said && old->known;
    value.stale = false;
    if (said) value.text.insert(0, old->text);
  }

  // NAME=value in front of a command.
  void drop_assignments(ShellCommand& command) const {
    std::vector<ShellWord>& words = command.words;
    const auto first = std::find_if_not(words.begin(), words.end(), assigns);
    command.sure = command.sure && (is_bash_ || std::none_of(words.begin(), first, appends));
    words.erase(words.begin(), first);
  }

  ShellCommand command_;
  std::size_t assignments_ = 0;  // of its words, at the front, as far as they have been looked at
  bool is_bash_ = false;         // that bash runs it is sure
  std::size_t here_end_ = 0;     // of the here-documents that this line names
  bool depends_ = false;         // on the end of the command before
  bool piped_ = false;
  bool ended_ = false;
  bool may_have_ended_ = false;
  std::optional<ShellWord> function_;          // the name of the one whose body follows
  std::optional<ShellBlocks::Closed> closed_;  // a block that has ended just now
  bool exits_ = false;                         // errexit
  bool asked_ = false;                         // something asks how the command ended
  bool exits_behind_ = false;                  // `|| exit 1` does
  bool apart_ = false;                         // a pipe or a '&' is behind it
};

}  // namespace

ShellVariables read_shell(std::string_view text, const std::function<void(ShellCommand)>& use, RunBy run_by) {
  ShellRoom room;
  return read_shell(text, use, run_by, room);
}

ShellVariables read_shell(std::string_view text, const std::function<void(ShellCommand)>& use, RunBy run_by,
                          ShellRoom& room, ShellVariables variables) {
  return ShellReader(text, use, room, std::move(variables)).read(run_by);
}

}  // namespace twctl
