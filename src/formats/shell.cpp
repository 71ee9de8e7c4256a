#include "formats/shell.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <tuple>
#include <utility>

#include "base/text.hpp"
#include "formats/shell_blocks.hpp"
#include "formats/shell_condition.hpp"
#include "formats/shell_exit.hpp"

namespace twctl {
namespace {

template <std::size_t N>
bool any_of(const std::array<std::string_view, N>& all, std::string_view word) {
  return std::find(all.begin(), all.end(), word) != all.end();
}

constexpr std::array<std::string_view, 7> kOpens{"if", "while", "until", "{", "for", "select", "case"};
constexpr std::array<std::string_view, 4> kCloses{"fi", "done", "esac", "}"};
// Words that a command may stand right behind.
constexpr std::array<std::string_view, 14> kPassed{"then",  "else",  "elif", "do", "!",  "time", "if",
                                                   "while", "until", "{",    "}",  "fi", "done", "esac"};

bool is_shell_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool ends_word(char c) { return is_shell_blank(c) || std::string_view("\n;&|()<>").find(c) != std::string_view::npos; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_variable_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

// "NAME" of a word NAME=... or NAME+=...; "" for another word.
std::string_view assigned_name(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos || equals == 0 || is_digit(word[0])) return {};
  std::string_view name = word.substr(0, equals);
  if (name.ends_with('+') && name.size() > 1) name.remove_suffix(1);
  return std::all_of(name.begin(), name.end(), is_variable_character) ? name : std::string_view{};
}

// Functions that call one another, and how often one is read once more.
constexpr std::size_t kMostCalls = 16;

constexpr std::size_t kLookedAhead = 1024;  // bytes

class ShellReader {
 public:
  ShellReader(std::string_view text, const std::function<void(ShellCommand)>& use)
      : all_(text), text_(text), use_(use) {}

  ShellVariables read(RunBy run_by) {
    exits_ = run_by == RunBy::exiting_shell ||
             (run_by == RunBy::itself && interpreter_exits(text_.substr(0, text_.find('\n'))));
    read_to_end();
    read_uncalled();
    return blocks_.take();
  }

 private:
  // Its body is passed over where it stands, and read where it is called.
  struct Function {
    std::size_t begin = 0;
    std::size_t end = 0;
    int line = 0;
    bool called = false;
    bool certain = true;  // that it is this one
  };

  // What a function is called with.
  struct Call {
    std::string_view name = {};
    bool asked = false;
    std::shared_ptr<const std::vector<ShellWord>> words = nullptr;  // nullptr: they are not known
    std::size_t shifted = 0;
    std::map<std::string, std::optional<ShellWord>> locals = {};  // what was before the call
    bool returned = false;
    bool may_have_returned = false;
  };

  void read_to_end() {
    while (at_ < text_.size() && !ended_ && !call_.returned) step();
    end_command();
  }

  [[nodiscard]] char now() const { return text_[at_]; }
  [[nodiscard]] bool is_at(std::string_view what) const { return text_.substr(at_, what.size()) == what; }

  void pass(std::size_t count) {
    for (; count > 0 && at_ < text_.size(); --count) line_ += text_[at_++] == '\n' ? 1 : 0;
  }

  void step() {
    if (is_shell_blank(now()) || is_at("\\\n")) return pass(is_shell_blank(now()) ? 1 : 2);
    if (now() == '#') return pass(std::min(text_.find('\n', at_), text_.size()) - at_);
    if (is_at("<(") || is_at(">(")) return take(take_process());
    if (now() == '<' || now() == '>' || is_at("&>")) return take_redirection();
    if (std::string_view("\n;&|()").find(now()) != std::string_view::npos) return take_separator();
    if (take_list()) return;
    word_at_ = at_;
    word_line_ = line_;
    ShellWord word = take_word();
    const bool is_array = at_ < text_.size() && now() == '(' && word.text.ends_with('=');
    if (is_array && !assigned_name(word.text).empty()) return take_array(word.text);
    const bool is_word =  // which an empty variable is not
        !word.text.empty() || text_.substr(word_at_, at_ - word_at_).find_first_of("'\"") != std::string_view::npos;
    if (is_word) take(std::move(word));
  }

  // "$@" and "${NAME[@]}" come to a word for each of what they stand for.
  bool take_list() {
    std::string_view text = text_.substr(at_, kLookedAhead);
    const bool quoted = text.starts_with('"');
    if (quoted) text.remove_prefix(1);
    std::string_view name;
    if (text.starts_with("$@") || text.starts_with("$*")) {
      name = text.substr(1, 1);
      text.remove_prefix(2);
    } else if (text.starts_with("${") && text.find('}') != std::string_view::npos) {
      name = text.substr(2, text.find('}') - 2);
      text.remove_prefix(text.find('}') + 1);
      if (!name.ends_with("[@]") && !name.ends_with("[*]")) return false;
      name.remove_suffix(3);
    } else {
      return false;
    }
    if (quoted && !text.starts_with('"')) return false;
    if (quoted) text.remove_prefix(1);
    if (!text.empty() && !ends_word(text[0])) return false;
    const std::optional<std::span<const ShellWord>> list = list_of(name);
    if (!list || definition_) return false;
    for (const ShellWord& word : *list) {
      expanded_in_word_ = 0;
      if (!has_room(word.text.size() + 1)) return false;  // empty words are not free
    }
    pass(static_cast<std::size_t>(text.data() - (text_.data() + at_)));
    for (ShellWord word : *list) {
      word.splits = !quoted && word.text.find_first_of(" \t\n") != std::string::npos;
      take(std::move(word));
    }
    return true;
  }

  [[nodiscard]] std::span<const ShellWord> arguments() const {
    return std::span(*call_.words).subspan(std::min(call_.shifted, call_.words->size()));
  }

  // nullopt: not known.
  [[nodiscard]] std::optional<std::span<const ShellWord>> list_of(std::string_view name) const {
    if (name == "@" || name == "*") return call_.words ? std::optional(arguments()) : std::nullopt;
    const auto list = lists_.find(name);
    return list == lists_.end() ? std::nullopt : std::optional<std::span<const ShellWord>>(list->second);
  }

  // Of "[KEY]=" up to the "]"; 0 where there is none.
  [[nodiscard]] std::size_t length_of_key() const {
    if (now() != '[') return 0;
    const std::string_view text = text_.substr(at_, kLookedAhead);
    const std::size_t length = text.find("]=");
    return length < text.find('\n') ? length : 0;
  }

  // NAME=(WORD...) of bash, or NAME=([KEY]=WORD...). Where it is not sure to run, none of its words is known.
  void take_array(std::string_view assigned) {
    const std::string name(assigned_name(assigned));
    std::vector<ShellWord> words;
    std::vector<ShellWord> keys;
    if (assigned.ends_with("+=") && !definition_) {
      words = std::move(lists_[name]);
      keys = std::move(lists_["!" + name]);
    }
    const bool sure = is_sure(reach_);
    pass(1);
    while (at_ < text_.size() && now() != ')') {
      if (now() == '#') {
        pass(std::min(text_.find('\n', at_), text_.size()) - at_);
      } else if (ends_word(now())) {
        pass(1);
      } else if (const std::size_t length = length_of_key(); length > 0) {
        std::string key(text_.substr(at_ + 1, length - 1));
        std::erase_if(key, [](char c) { return c == '"' || c == '\''; });
        pass(length + 2);
        words.push_back(take_word());
        words.back().known = words.back().known && sure;
        if (!definition_) blocks_.assign(name + "[" + key + "]", words.back());
        keys.push_back({.text = key, .known = sure && key.find('$') == std::string::npos});
      } else {
        words.push_back(take_word());
        words.back().known = words.back().known && sure;
      }
    }
    pass(1);
    if (definition_) return;
    lists_["!" + name] = std::move(keys);
    lists_[name] = std::move(words);
  }

  void take_separator() {
    const char c = now();
    if (c == '\n' && command_.words.empty() && command_.writes_to.empty()) {  // `&&` and `|` go on in the next line
      command_ = {};
      return end_line();
    }
    const bool twice = at_ + 1 < text_.size() && text_[at_ + 1] == c && c != '\n' && c != '(' && c != ')';
    if (c == '(') return open_paren();
    const bool asks = c == '&' || c == '|';
    if (c == ')' && blocks_.in_case()) command_ = {};  // a pattern
    asked_ = asked_ || asks;
    end_command(asks && !twice);
    if (c == ')' && blocks_.depth() > floor_ && !blocks_.in_case()) close_paren();
    if (c == ';' && twice && !definition_) blocks_.begin_branch();
    if (asks && twice) {
      reach_ = reached_by(status_, c == '&');
    } else if (c != '|') {
      reach_ = {};
      status_ = {};
    }
    piped_ = c == '|' && !twice;
    piped_commands_ = piped_ && printed_from_ ? blocks_.commands() - *printed_from_ : 0;
    if (c == '\n') return end_line();
    pass(twice ? 2 : 1);
  }

  void end_line() {
    pass(1);
    if (here_end_ > at_) pass(here_end_ - at_);
  }

  // "( ... )" is a shell of its own; "name()" begins a function, whose body is in braces, as "function name" of bash.
  void open_paren() {
    const bool by_word = command_.words.size() == 2 && command_.words[0].text == "function";
    if (is_at("()") && (command_.words.size() == 1 || by_word)) {
      begins_function_ = command_.words.back().text;
      command_ = {};
      return pass(2);
    }
    end_command();
    open_block("(", at_, line_);
    pass(1);
  }

  void close_paren() {
    closed_ = blocks_.close();
    status_ = {};
    end_definition(at_ + 1);
  }

  // `from`: where its first word stands.
  void open_block(std::string_view word, std::size_t from, int line) {
    const std::size_t depth = blocks_.depth();
    blocks_.open(begins_function_ ? "()" : word, std::exchange(reach_, {}));
    asked_commands_ = 0;
    if (!begins_function_) return;
    const std::string name = *std::exchange(begins_function_, std::nullopt);
    if (definition_ || blocks_.depth() == depth) return;
    const bool in_braces = word == "{";
    definition_ = Definition{.name = name, .depth = depth, .begin = in_braces ? at_ : from, .in_braces = in_braces};
    definition_->line = in_braces ? line_ : line;
  }

  // The block that ends at `end` may be a function's body.
  void end_definition(std::size_t end) {
    if (!definition_ || blocks_.depth() > definition_->depth) return;
    const Definition& one = *definition_;
    Function& function = functions_[one.name];
    function = {.begin = one.begin, .end = one.in_braces ? word_at_ : end, .line = one.line, .certain = is_sure({})};
    definition_.reset();
  }

  // "<(...)" of bash: a file that the commands in it print; its name is not known.
  ShellWord take_process() {
    const std::size_t from = at_;
    const int line = line_;
    pass_parens();
    read_inner(from + 2, at_ - 1, line);
    return {.text = "$" + std::string(text_.substr(from + 1, at_ - from - 1)), .known = false};
  }

  void take_redirection() {
    const bool numbered = at_ > 0 && !command_.words.empty() && is_digit(text_[at_ - 1]);
    if (numbered && command_.words.back().text.size() == 1) command_.words.pop_back();  // "2>"
    const bool in = now() == '<';
    const bool here_string = is_at("<<<");
    const bool here_document = is_at("<<") && !here_string;
    const bool strips = is_at("<<-");
    command_.appends = command_.appends || is_at(">>");
    while (at_ < text_.size() && std::string_view("<>&|-").find(now()) != std::string_view::npos) pass(1);
    while (at_ < text_.size() && is_shell_blank(now())) pass(1);
    if (is_at("<(") || is_at(">(")) return void(take_process());
    if (at_ >= text_.size() || ends_word(now())) return;
    const std::size_t from = at_;
    ShellWord target = take_word();
    if (here_document) return read_here_document(target.text, text_.substr(from, at_ - from) == target.text, strips);
    if (here_string) command_.input = std::move(target);
    if (!in) command_.writes_to.push_back(std::move(target));
  }

  // Its lines begin in the next one, behind those of the one before it. `expands`: no part of its end is in quotes.
  void read_here_document(std::string_view end, bool expands, bool strips) {
    std::size_t at = here_end_ > at_ ? here_end_ : std::min(text_.find('\n', at_), text_.size() - 1) + 1;
    ShellWord lines;
    while (at < text_.size()) {
      std::string_view line = text_.substr(at, text_.find('\n', at) - at);
      at = std::min(at + line.size() + 1, text_.size());
      if (strips) line.remove_prefix(std::min(line.find_first_not_of('\t'), line.size()));
      if (line == end) break;
      lines.text.append(line).append("\n");
    }
    here_end_ = at;
    lines.known = !expands || lines.text.find_first_of("$`\\") == std::string::npos;
    command_.input = std::move(lines);
  }

  ShellWord take_word() {
    ShellWord word;
    expanded_in_word_ = 0;
    while (at_ < text_.size() && !ends_word(now())) take_part(word);
    return word;
  }

  void take_part(ShellWord& word) {
    if (is_at("\\\n")) return pass(2);
    const char c = now();
    if (c == '\'') return take_quoted(word);
    if (c == '"') return take_double_quoted(word);
    if (c == '$' || c == '`') return take_expansion(word, true);
    if (c == '\\') pass(1);
    if (c == '*' || c == '?' || c == '[' || is_at_braces()) word.known = false;
    if (at_ < text_.size()) word.text += now();
    pass(1);
  }

  // "{a,b}" of bash, which comes to several words.
  [[nodiscard]] bool is_at_braces() const {
    if (now() != '{') return false;
    const std::string_view text = text_.substr(at_, kLookedAhead);
    const std::string_view inside = text.substr(0, text.find_first_of("} \t\n;"));
    return inside.find(',') != std::string_view::npos;
  }

  void take_quoted(ShellWord& word) {
    const std::size_t end = std::min(text_.find('\'', at_ + 1), text_.size());
    word.text += text_.substr(at_ + 1, end - at_ - 1);
    pass(end + 1 - at_);
  }

  void take_double_quoted(ShellWord& word) {
    for (pass(1); at_ < text_.size() && now() != '"';) {
      if (now() == '$' || now() == '`') {
        take_expansion(word, false);
        continue;
      }
      const bool escapes = now() == '\\' && at_ + 1 < text_.size() &&
                           std::string_view("$`\"\\").find(text_[at_ + 1]) != std::string_view::npos;
      if (escapes) pass(1);
      word.text += now();
      pass(1);
    }
    pass(1);
  }

  // $NAME and ${NAME} of the script's own; what else a '$' or a backquote begins is not known.
  void take_expansion(ShellWord& word, bool may_split) {
    const std::size_t from = at_;
    std::string_view name;
    if (now() == '`') {
      const int line = line_;
      pass(std::min(text_.find('`', at_ + 1), text_.size()) + 1 - at_);
      read_inner(from + 1, at_ - 1, line);
    } else if (is_at("$(")) {
      const int line = line_;
      pass_parens();
      if (!is_at_arithmetic(from)) read_inner(from + 2, at_ - 1, line);
    } else if (is_at("${")) {
      pass(std::min(text_.find('}', at_), text_.size()) + 1 - at_);
      name = text_.substr(from + 2, std::max<std::size_t>(at_ - from, 3) - 3);
    } else {
      pass(1);
      const bool is_special = at_ < text_.size() && (is_digit(now()) || std::string_view("@*#?!-$").find(now()) < 7);
      if (is_special) pass(1);
      while (!is_special && at_ < text_.size() && is_variable_character(now())) pass(1);
      name = text_.substr(from + 1, at_ - from - 1);
      if (name.empty()) name = "$";
    }
    const std::optional<std::string_view> value = value_of(name);
    const bool known = value && has_room(value->size());
    word.known = word.known && known;
    word.splits = word.splits || (may_split && known && value->find_first_of(" \t\n") != std::string_view::npos);
    word.text += known ? *value : text_.substr(from, at_ - from);
  }

  [[nodiscard]] bool is_at_arithmetic(std::size_t from) const { return text_.substr(from, 3) == "$(("; }

  // The commands of "$(...)" run, too, in a shell of their own, before the one that they stand in.
  void read_inner(std::size_t begin, std::size_t end, int line) {
    if (definition_ || end <= begin || end > text_.size()) return;
    const std::string_view inner = text_.substr(begin, end - begin);
    const bool counts =
        inner.find("sysctl") != std::string_view::npos || inner.find("proc/sys") != std::string_view::npos;
    if (!counts || calls_ == kMostCalls || called_ + inner.size() > kMostRepeated) return;
    auto outer = std::make_tuple(std::move(command_), piped_, asked_, negated_, status_, asked_commands_, asked_status_,
                                 expanded_in_word_, word_at_, word_line_);
    command_ = {};
    piped_ = asked_ = negated_ = false;
    Function body{.begin = begin, .end = end, .line = line};
    read_body(body, {.name = call_.name, .asked = true, .words = call_.words, .shifted = call_.shifted}, reach_, true);
    std::tie(command_, piped_, asked_, negated_, status_, asked_commands_, asked_status_, expanded_in_word_, word_at_,
             word_line_) = std::move(outer);
  }

  // nullopt: not known.
  std::optional<std::string_view> value_of(std::string_view name) {
    const std::size_t otherwise = name.find(":-");
    if (otherwise != std::string_view::npos && name.find('$', otherwise) == std::string_view::npos) {  // ${NAME:-TEXT}
      const auto value = value_of(name.substr(0, otherwise));
      return value && value->empty() ? name.substr(otherwise + 2) : value;
    }
    if (name == "#" || name == "@" || name == "*" || (!name.empty() && is_digit(name[0]))) return argument(name);
    if (name.find("[$") != std::string_view::npos && name.ends_with(']')) {  // ${NAME[$KEY]}
      const std::size_t bracket = name.find('[');
      const ShellWord* key = blocks_.find(name.substr(bracket + 2, name.size() - bracket - 3));
      if (key == nullptr || !key->known || key->text.size() > kMostExpandedInWord) return std::nullopt;
      scratch_ = std::string(name.substr(0, bracket + 1)) + key->text + "]";
      return known_value(scratch_);
    }
    return known_value(name);
  }

  [[nodiscard]] std::optional<std::string_view> known_value(std::string_view name) const {
    const ShellWord* variable = blocks_.find(name);
    return variable != nullptr && variable->known ? std::optional<std::string_view>(variable->text) : std::nullopt;
  }

  // Of the function that is called: $1, $#, $*.
  std::optional<std::string_view> argument(std::string_view name) {
    if (!call_.words) return std::nullopt;
    const std::span<const ShellWord> words = arguments();
    scratch_ = name == "#" ? std::to_string(words.size()) : "";
    if (name == "#") return scratch_;
    if (name == "@" || name == "*") {
      if (words.size() > kMostExpandedInWord) return std::nullopt;
      for (const ShellWord& word : words) {
        if (!word.known || scratch_.size() + word.text.size() > kMostExpandedInWord) return std::nullopt;
        scratch_.append(scratch_.empty() ? "" : " ").append(word.text);
      }
      return scratch_;
    }
    const std::size_t number = name.size() == 1 ? static_cast<std::size_t>(name[0] - '0') : 0;
    if (number == 0) return std::nullopt;
    if (number > words.size()) return "";
    return words[number - 1].known ? std::optional<std::string_view>(words[number - 1].text) : std::nullopt;
  }

  bool has_room(std::size_t bytes) {
    if (expanded_in_word_ + bytes > kMostExpandedInWord || expanded_ + bytes > kMostExpanded) return false;
    expanded_in_word_ += bytes;
    expanded_ += bytes;
    return true;
  }

  void pass_parens() {
    int depth = 0;
    for (pass(1); at_ < text_.size();) {
      depth += now() == '(' ? 1 : now() == ')' ? -1 : 0;
      pass(1);
      if (depth == 0) return;
    }
  }

  void take(ShellWord word) {
    if (command_.words.size() == 2 && command_.words[0].text == "function") end_command();  // its body follows
    if (command_.words.empty()) {
      if (any_of(kOpens, word.text)) open_block(word.text, word_at_, word_line_);
      if (word.text == "then" || word.text == "do") take_condition(word.text == "do");
      if ((word.text == "else" || word.text == "elif") && !definition_) {
        blocks_.begin_other_branch(word.text == "elif");
        asked_commands_ = 0;
      }
      if (any_of(kCloses, word.text)) close_block();
      negated_ = negated_ != (word.text == "!");
      asked_ = asked_ || word.text == "!";
      if (any_of(kPassed, word.text)) return;
      command_.line = line_;
    }
    if (!word.splits) return command_.words.push_back(std::move(word));
    for (const std::string_view part : words(word.text)) command_.words.push_back({std::string(part), word.known});
  }

  void take_condition(bool is_loop) {
    if (definition_) return;
    blocks_.take_condition(asked_commands_ == 1 ? asked_status_ : ShellOutcome{});
    if (!is_loop) return;
    blocks_.begin_body({at_, line_, here_end_});
    const std::string_view text = text_.substr(at_, kLookedAhead);
    const std::string_view body = text.substr(0, text.find("done"));
    if (call_.words && body.find("shift") != std::string_view::npos) call_.words.reset();  // others each time
  }

  void close_block() {
    status_ = {};
    if (definition_) {
      blocks_.close();
      return end_definition(at_);
    }
    const std::optional<ShellBlocks::Position> body = blocks_.again(std::max(at_, here_end_));
    if (!body) {
      may_have_ended_ = may_have_ended_ || (blocks_.is_endless() && is_sure({}));
      if (blocks_.depth() > floor_) closed_ = blocks_.close();
      return;
    }
    at_ = body->at;
    line_ = body->line;
    here_end_ = body->here_end;
  }

  [[nodiscard]] bool may_be_over() const { return may_have_ended_ || call_.may_have_returned; }
  [[nodiscard]] ShellReach whole(const ShellReach& reach) const { return both(blocks_.reach(), reach); }
  [[nodiscard]] bool is_sure(const ShellReach& reach) const {
    const ShellReach all = whole(reach);
    return all.certain && all.only_if.empty() && !may_be_over();
  }

  // `apart`: it runs in a shell of its own, as what is in a pipe does.
  void end_command(bool apart = false) {
    ShellCommand command = std::exchange(command_, {});
    command.piped = std::exchange(piped_, false);
    const bool asked = std::exchange(asked_, false) || call_.asked || blocks_.asks();
    const bool negates = std::exchange(negated_, false);
    command.of_commands = std::exchange(piped_commands_, 0);
    printed_from_ = std::exchange(closed_, std::nullopt);
    if (command.words.empty()) return take_output(command, printed_from_);
    printed_from_.reset();
    if (command.words.front().text == "function") {
      if (command.words.size() > 1) begins_function_ = command.words[1].text;
      return;
    }
    const ShellReach reach = whole(reach_);
    if (definition_ || reach.dead) return;
    command.sure = reach.certain && !may_be_over();
    command.only_if = reach.only_if;
    command.ends_script = exits_ && command.sure && !asked;
    take_status(command, negates);
    act(command, asked, apart || command.piped);
  }

  // "{ ... } > FILE", "for ...; done > FILE". `before`: the commands that were handed out before those.
  void take_output(ShellCommand& command, std::optional<std::size_t> before) {
    const ShellReach reach = whole({});
    if (command.writes_to.empty() || !before || definition_ || reach.dead) return;
    command.of_commands = blocks_.commands() - *before;
    command.line = line_;
    command.sure = reach.certain && reach.only_if.empty() && !may_be_over();
    use_(std::move(command));
  }

  // How the commands that are joined by && and || have ended so far.
  void take_status(const ShellCommand& command, bool negates) {
    ShellOutcome outcome = outcome_of(command.words);
    const bool may_fail = std::any_of(command.writes_to.begin(), command.writes_to.end(), [](const ShellWord& file) {
      return !file.known || is_file_of_kernel(file.text);
    });
    if (may_fail) outcome = {};
    if (negates) outcome = negated(outcome);
    const bool behind_file = !reach_.only_if.empty() && outcome.is == ShellOutcome::Is::yes;
    status_ = !reach_.certain          ? ShellOutcome{}
              : reach_.only_if.empty() ? outcome
              : behind_file            ? ShellOutcome{.is = ShellOutcome::Is::if_file, .file = reach_.only_if}
                                       : ShellOutcome{};
    ++asked_commands_;
    asked_status_ = status_;
  }

  // Behind NAME=value.
  static std::string program_in(const std::vector<ShellWord>& words) {
    const auto first = std::find_if(words.begin(), words.end(),
                                    [](const ShellWord& word) { return assigned_name(word.text).empty(); });
    return first == words.end() ? "" : first->text;
  }

  void act(ShellCommand& command, bool asked, bool apart) {
    const std::string first = program_in(command.words);
    if (const auto function = functions_.find(first); function != functions_.end()) {
      if (call(function->first, function->second, command, asked, apart)) return;
    }
    const bool sure = command.sure && command.only_if.empty();
    if (first == "exit") take_exit(sure, apart);
    if (first == "return" && !apart) take_return(sure);
    if (first == "shift") take_shift(command, sure);
    if (first == "for") blocks_.begin_loop(command.words);
    if (first == "break" || first == "continue") {
      blocks_.leave_loops(command.words.size() == 1 || command.words[1].text == "1" ? 1 : kMostOpenBlocks);
    }
    if (first == "set" && command.sure) exits_ = exits_after_set(command.words, exits_);
    if (first == "." || first == "source") blocks_.forget_all();  // it may set any
    const bool replaces_shell = first == "exec" && command.words.size() > 1 && command.words[1].text[0] != '{';
    take_variables(command);
    if (!command.words.empty()) hand_out(std::move(command));
    if (replaces_shell) take_exit(sure, apart);
  }

  void hand_out(ShellCommand command) {
    blocks_.count_command();
    use_(std::move(command));
  }

  // "[ -x /opt/x ] || exit 0": whether what follows runs depends on that. One in a shell of its own ends that alone.
  void take_exit(bool sure, bool apart) {
    if (apart) return;
    if (blocks_.apart()) {
      blocks_.leave_apart();
    } else {
      (sure ? ended_ : may_have_ended_) = true;
    }
  }

  // Outside of a function it ends a script that `.` reads, and of some shells any.
  void take_return(bool sure) {
    if (call_.name.empty()) {
      may_have_ended_ = true;
    } else {
      (sure && !blocks_.apart() ? call_.returned : call_.may_have_returned) = true;
    }
  }

  void take_shift(const ShellCommand& command, bool sure) {
    if (!call_.words) return;
    if (!sure || command.words.size() > 1) return call_.words.reset();
    ++call_.shifted;
  }

  // Whether its body is read here. What functions come to that call one another is not known from a depth on.
  bool call(std::string_view name, Function& function, const ShellCommand& command, bool asked, bool apart) {
    const std::size_t length = function.end - function.begin;
    if (calls_ == kMostCalls || calling_.contains(name) || called_ + length > kMostRepeated) return false;
    ShellReach reach = reach_;
    reach.certain = reach.certain && function.certain;
    const std::size_t before = blocks_.commands();
    auto words = std::make_shared<std::vector<ShellWord>>(command.words.begin() + 1, command.words.end());
    read_body(function, {.name = name, .asked = asked, .words = std::move(words)}, reach, apart);
    status_ = asked_status_ = {};
    printed_from_ = before;
    if (command.writes_to.empty()) return true;
    ShellCommand output;
    output.writes_to = command.writes_to;
    output.appends = command.appends;
    output.of_commands = blocks_.commands() - before;
    output.line = command.line;
    output.sure = command.sure && command.only_if.empty();
    use_(std::move(output));
    return true;
  }

  // `reach`: how one comes to it. `apart`: in a shell of its own.
  void read_body(Function& function, Call call, ShellReach reach, bool apart) {
    reach.certain = reach.certain && !may_be_over();
    function.called = true;
    called_ += function.end - function.begin;
    ++calls_;
    const bool is_new = calling_.insert(call.name).second;
    const auto outer = std::make_tuple(text_, at_, line_, here_end_, floor_, reach_, closed_);
    Call outer_call = std::exchange(call_, std::move(call));
    text_ = all_.substr(0, function.end);
    at_ = function.begin;
    line_ = function.line;
    here_end_ = 0;
    const std::size_t depth = blocks_.depth();
    blocks_.open(apart ? "(" : "{", reach);
    floor_ = blocks_.depth();
    reach_ = {};
    read_to_end();
    while (blocks_.depth() > depth) blocks_.close();
    for (auto& [name, before] : call_.locals)
      blocks_.assign(name, before ? *before : ShellWord{.text = {}, .known = false});
    if (is_new) calling_.erase(call_.name);
    call_ = std::move(outer_call);
    std::tie(text_, at_, line_, here_end_, floor_, reach_, closed_) = outer;
    --calls_;
  }

  // What no command calls by its name may be called all the same: by a trap, by another shell, by a name in a variable.
  void read_uncalled() {
    std::vector<std::pair<std::size_t, std::string_view>> uncalled;  // by where they stand
    for (const auto& [name, function] : functions_) {
      if (!function.called) uncalled.emplace_back(function.begin, name);
    }
    std::sort(uncalled.begin(), uncalled.end());
    ended_ = false;
    for (const auto& [begin, name] : uncalled) {
      read_body(functions_.find(name)->second, {.name = name}, {.certain = false}, true);
    }
  }

  // A command of assignments alone sets variables. What is perhaps set is not known any more.
  void take_variables(ShellCommand& command) {
    constexpr std::array<std::string_view, 5> kDeclares{"export", "local", "readonly", "declare", "typeset"};
    std::vector<ShellWord>& words = command.words;
    const bool sure = reach_.certain && reach_.only_if.empty();
    const std::string first = program_in(words);
    if (first == "unset" || first == "read" || first == "mapfile" || first == "readarray") {
      return forget_variables(command, first == "unset" && sure);
    }
    const bool is_local = first == "local" || first == "declare" || first == "typeset";
    if (any_of(kDeclares, first) && words.size() > 1) {
      std::erase_if(words, [](const ShellWord& word) { return assigned_name(word.text).empty(); });
      if (words.empty()) return;
    }
    const bool all = std::all_of(words.begin(), words.end(),
                                 [](const ShellWord& word) { return !assigned_name(word.text).empty(); });
    if (!all) return drop_assignments(words);
    for (const ShellWord& word : words) {
      if (is_local && !call_.name.empty()) remember(assigned_name(word.text));
      assign(word, sure);
    }
    words.clear();
  }

  // What a function's own variable hides is what it was once that has ended.
  void remember(std::string_view name) {
    const ShellWord* before = blocks_.find(name);
    call_.locals.try_emplace(std::string(name), before != nullptr ? std::optional(*before) : std::nullopt);
  }

  void assign(const ShellWord& word, bool sure) {
    const std::string name(assigned_name(word.text));
    std::string value = word.text.substr(word.text.find('=') + 1);
    bool known = word.known && sure;
    if (word.text[name.size()] == '+') {
      const ShellWord* before = blocks_.find(name);
      const bool fits = before != nullptr && before->known && before->text.size() + value.size() <= kMostExpandedInWord;
      known = known && fits && has_room(before->text.size());
      if (known) value.insert(0, before->text);
    }
    blocks_.assign(name, {std::move(value), known});
  }

  void forget_variables(const ShellCommand& command, bool are_empty) {
    for (const ShellWord& word : command.words) {
      if (&word == &command.words.front() || word.text.starts_with('-')) continue;
      blocks_.assign(word.text, {.text = {}, .known = are_empty});
      lists_.erase(word.text);
      const auto function = functions_.find(word.text);
      if (function != functions_.end()) function->second.certain = false;
    }
  }

  // NAME=value in front of a command.
  static void drop_assignments(std::vector<ShellWord>& words) {
    const auto first = std::find_if(words.begin(), words.end(),
                                    [](const ShellWord& word) { return assigned_name(word.text).empty(); });
    words.erase(words.begin(), first);
  }

  // A function's body that is being passed over.
  struct Definition {
    std::string name;
    std::size_t depth = 0;  // of the blocks around it
    std::size_t begin = 0;
    bool in_braces = false;
    int line = 0;
  };

  std::string_view all_;
  std::string_view text_;  // up to the end of the body that is read
  const std::function<void(ShellCommand)>& use_;
  std::size_t at_ = 0;
  int line_ = 1;
  std::size_t word_at_ = 0;  // where the last word began
  int word_line_ = 1;
  ShellBlocks blocks_;
  ShellCommand command_;
  std::size_t here_end_ = 0;          // of the here-documents that this line names
  std::size_t expanded_in_word_ = 0;  // bytes
  std::size_t expanded_ = 0;
  ShellReach reach_;           // how one comes to the next command, by what it stands behind
  ShellOutcome status_;        // of the commands before it
  int asked_commands_ = 0;     // behind an `if` or a `while`, so far
  ShellOutcome asked_status_;  // of the last of them
  std::map<std::string, std::vector<ShellWord>, std::less<>> lists_;  // arrays; "!NAME": their keys
  std::map<std::string, Function, std::less<>> functions_;
  std::optional<Definition> definition_;
  std::optional<std::string> begins_function_;  // its name
  Call call_;
  std::optional<std::size_t> closed_;        // the block just before: what close() says
  std::optional<std::size_t> printed_from_;  // the same of the block or function that a pipe begins with
  std::size_t piped_commands_ = 0;
  std::size_t floor_ = 0;  // of the blocks: those of the function that is read
  std::string scratch_;    // of value_of()
  std::set<std::string_view> calling_;
  std::size_t calls_ = 0;   // in one another
  std::size_t called_ = 0;  // bytes of bodies that were read
  bool piped_ = false;
  bool ended_ = false;
  bool may_have_ended_ = false;
  bool exits_ = false;    // errexit
  bool asked_ = false;    // something asks how the command ended
  bool negated_ = false;  // by "!"
};

}  // namespace

ShellVariables read_shell(std::string_view text, const std::function<void(ShellCommand)>& use, RunBy run_by) {
  return ShellReader(text, use).read(run_by);
}

}  // namespace twctl
