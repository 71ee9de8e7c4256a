#include "cli/parse.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "cli/command_table.hpp"
#include "cli/option_table.hpp"
#include "plan/plan.hpp"

namespace twctl {
namespace {

constexpr std::string_view kEndOfOptions = "--";

bool looks_like_option(std::string_view arg) { return arg.size() > 1 && arg.starts_with('-'); }

// "--root=/mnt" -> "--root"; "-oplan.json" -> "-o".
std::string_view option_name(std::string_view arg) {
  return arg.starts_with("--") ? arg.substr(0, arg.find('=')) : arg.substr(0, 2);
}

std::string in(Command command) { return command == Command::none ? "" : std::string(row_of(command).name) + ": "; }

// A command that has not been named yet may still have any option.
bool may_take(Command command, std::string_view option) { return command == Command::none || takes(command, option); }

Error unknown_option(Command command, std::string_view arg) {
  const std::string_view name = option_name(arg);
  Error error{.code = ErrorCode::usage, .message = "", .hint = help_hint(command)};
  if (find_option(name) != nullptr) {
    error.message = in(command) + "there is no option " + std::string(name) + " for this command";
    return error;
  }
  std::vector<std::string_view> names;
  for (const OptionRow& row : option_rows()) {
    if (may_take(command, row.name) && row.name.starts_with("--")) names.push_back(row.name);
  }
  const std::string_view near = arg.starts_with("--") ? nearest(name, names) : "";
  error.message = in(command) + escape(name) + ": unknown option";
  if (!near.empty()) error.message += "; did you mean " + std::string(near) + "?";
  return error;
}

Error unknown_command(std::string_view name) {
  Error error{.code = ErrorCode::usage, .message = "", .hint = help_hint(Command::none)};
  std::vector<std::string_view> names;
  for (const CommandRow& row : command_rows()) names.push_back(row.name);
  const CommandRow* meant = command_meant_by(name);
  const std::string_view near = meant != nullptr ? meant->name : nearest(name, names);
  error.message = escape(name) + ": unknown command";
  if (!near.empty()) error.message += "; did you mean " + std::string(near) + "?";
  return error;
}

// Mostly an unset variable of a script. It must not count as "none given": `rollback ""` would undo the newest change.
Error empty_argument(Command command) {
  return {.code = ErrorCode::usage,
          .message = in(command) + "an argument is empty",
          .hint = "a variable of a script that is not set, perhaps"};
}

// How many arguments an option takes on the command line: itself, and its value if that is an argument of its own.
std::size_t length_of(const OptionRow& option, std::string_view arg) {
  const bool attached = arg.size() > option_name(arg).size();
  return option.value.empty() || attached ? 1 : 2;
}

// CLI11 would take the next argument for the value of "--root=", and a value for a switch.
Result<void> check_value(const OptionRow& option, std::span<const std::string_view> from_here) {
  const std::string_view arg = from_here.front();
  const bool has_equals = arg.starts_with("--") && arg.find('=') != std::string_view::npos;
  if (option.value.empty() && has_equals) return fail(ErrorCode::usage, std::string(option.name) + " takes no value");
  const bool lacks =
      has_equals ? arg.ends_with('=') && arg.find('=') + 1 == arg.size()
                 : length_of(option, arg) > from_here.size() || (length_of(option, arg) == 2 && from_here[1].empty());
  if (!option.value.empty() && lacks) {
    return fail(ErrorCode::usage, std::string(option.name) + " needs a value: " + std::string(option.value));
  }
  return {};
}

struct CommandLine {
  Command command = Command::none;
  std::vector<std::string> rest;  // all but the command's name
  std::vector<const OptionRow*> used;
};

// How many arguments the option at the front takes up. Error: it is none of the command's, or lacks what it needs.
Result<std::size_t> option_length(Command command, std::span<const std::string_view> from_here) {
  const std::string_view arg = from_here.front();
  const OptionRow* option = find_option(option_name(arg));
  if (option == nullptr || !may_take(command, option->name)) return fail(unknown_option(command, arg));
  TRY_VOID(check_value(*option, from_here));
  return length_of(*option, arg);
}

// An argument of several letters ("-qo") may use any option that has one.
void add_used(std::vector<const OptionRow*>& used, std::string_view arg) {
  used.push_back(find_option(option_name(arg)));
  if (arg.starts_with("--") || arg.size() == 2) return;
  for (const OptionRow& row : option_rows()) {
    if (row.name.size() == 2 || !row.alias.empty()) used.push_back(&row);
  }
}

// `twctl help plan` and `twctl version` are `twctl --help plan` and `twctl --version`.
Result<void> take_command(CommandLine& line, std::string_view word) {
  if (word == "help" || word == "version") {
    line.rest.push_back("--" + std::string(word));
    line.used.push_back(find_option(line.rest.back()));
  } else if (const CommandRow* row = find_command(word)) {
    line.command = row->command;
  } else {
    return fail(unknown_command(word));
  }
  return {};
}

// One walk over the line: which command it is, and whether each option is one and has what it needs.
Result<CommandLine> walk(std::span<const std::string_view> args) {
  CommandLine line;
  bool ended = false;
  for (std::size_t at = 0; at < args.size();) {
    std::size_t length = 1;
    if (!ended && args[at] == kEndOfOptions) {
      ended = true;
    } else if (!ended && looks_like_option(args[at])) {
      TRY(length, option_length(line.command, args.subspan(at)));
      add_used(line.used, args[at]);
    } else if (args[at].empty()) {
      return fail(empty_argument(line.command));
    } else if (line.command == Command::none) {
      TRY_VOID(take_command(line, args[at]));
      ++at;
      continue;
    }
    for (; length > 0; --length) line.rest.emplace_back(args[at++]);
  }
  return line;
}

// The options of one line in CLI11's hands. Only these are built: it is what start-up time goes into.
class Parser {
 public:
  explicit Parser(const CommandLine& line) : command_(line.command) {
    app_.set_help_flag();
    app_.allow_extras();
    app_.allow_windows_style_options(false);
    for (const OptionRow& row : option_rows()) {
      const bool used =
          std::any_of(line.used.begin(), line.used.end(), [&](const OptionRow* one) { return one->name == row.name; });
      if (used && takes(command_, row)) options_.emplace_back(&row, add(row));
    }
  }

  Result<void> parse(std::vector<std::string> args) {
    std::reverse(args.begin(), args.end());  // as CLI11 wants them
    try {
      app_.parse(std::move(args));
    } catch (const CLI::ParseError&) {
      // Only letters in a row get here ("-qo" at the end); the walk has refused everything else.
      return fail(ErrorCode::usage, in(command_) + "an option lacks its value", help_hint(command_));
    }
    return {};
  }

  [[nodiscard]] Result<void> assign(Options& options) const {
    for (const auto& [row, option] : options_) TRY_VOID(assign_one(options, *row, *option));
    return {};
  }

  // What no option took: operands. Error: usage, an unknown option among them.
  [[nodiscard]] Result<std::vector<std::string>> operands() const {
    std::vector<std::string> found;
    bool ended = false;
    for (const std::string& arg : app_.remaining()) {
      if (!ended && looks_like_option(arg) && arg != kEndOfOptions) return fail(unknown_option(command_, arg));
      if (ended || arg != kEndOfOptions) found.push_back(arg);
      ended = ended || arg == kEndOfOptions;
    }
    return found;
  }

 private:
  CLI::Option* add(const OptionRow& row) {
    std::string names(row.name);
    if (!row.alias.empty()) names.append(",").append(row.alias);
    if (row.value.empty()) return app_.add_flag(names)->disable_flag_override();
    return app_.add_option(names, [](const CLI::results_t&) { return true; })
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }

  [[nodiscard]] Result<void> assign_one(Options& options, const OptionRow& row, const CLI::Option& option) const {
    if (row.value.empty()) return option.count() > 0 ? row.set(options, "") : Result<void>{};
    const CLI::results_t& values = option.results();
    if (values.size() > 1 && !row.repeats) return usage(std::string(row.name) + " was given twice");
    for (const std::string& value : values) TRY_VOID(row.set(options, value));
    return {};
  }

  [[nodiscard]] Result<void> usage(const std::string& message) const {
    return fail(ErrorCode::usage, in(command_) + message, help_hint(command_));
  }

  Command command_;
  CLI::App app_;
  std::vector<std::pair<const OptionRow*, CLI::Option*>> options_;
};

// What was asked for, and not only by default, is not left out with a note.
Result<void> check_scope(const Options& options) {
  if (options.netns.empty() || options.scope != Scope::both) return {};
  return fail(no_boot_files_of(options.netns, "both"));
}

}  // namespace

Result<Options> parse_options(std::span<const std::string_view> args) {
  TRY(CommandLine line, walk(args));
  Options options;
  options.command = line.command;
  Parser parser(line);
  TRY_VOID(parser.parse(std::move(line.rest)));
  TRY(options.operands, parser.operands());
  TRY_VOID(parser.assign(options));
  TRY_VOID(check_scope(options));
  return options;
}

bool asks_for_json(std::span<const std::string_view> args) {
  for (std::size_t i = 0; i < args.size() && args[i] != kEndOfOptions; ++i) {
    if (args[i] == "--json" || args[i] == "--format=json") return true;
    if (args[i] == "--format" && i + 1 < args.size() && args[i + 1] == "json") return true;
  }
  return false;
}

}  // namespace twctl
