// argv, the real platform and the standard streams -> cli::run().
#include <cstdlib>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/run.hpp"
#include "platform/terminal.hpp"

namespace {

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

twctl::TerminalSize measure_terminal() {
  const twctl::Terminal terminal = twctl::output_terminal();
  return {.columns = terminal.columns, .lines = terminal.lines};
}

twctl::Streams standard_streams() {
  const twctl::Terminal terminal = twctl::output_terminal();
  const std::string_view force = variable("CLICOLOR_FORCE");
  return {
      .results = twctl::write_results,
      .messages = twctl::write_messages,
      .ask = twctl::can_ask() ? twctl::ask : std::function<std::string(std::string_view)>(),
      .results_on_terminal = terminal.present,
      .columns = terminal.columns,
      .environment = {.no_color = !variable("NO_COLOR").empty(),
                      .dumb_terminal = !terminal.takes_colour || variable("TERM") == "dumb",
                      .force = !force.empty() && force != "0"},
      .measure = terminal.present && terminal.takes_colour ? measure_terminal : std::function<twctl::TerminalSize()>()};
}

int report(twctl::ErrorCode code, const std::string& message) {
  (void)twctl::write_messages("twctl: " + message + "\n");
  return twctl::exit_status(code);
}

}  // namespace

int main(int argc, char** argv) try {
  twctl::prepare_process();
  if (argc < 1) return report(twctl::ErrorCode::usage, "started without a name: argv is empty");
  const std::vector<std::string> arguments = twctl::program_arguments(argc, argv);
  const std::vector<std::string_view> args(arguments.begin(), arguments.end());
  return twctl::run(args, twctl::make_platform, standard_streams());
} catch (const std::exception& problem) {
  return report(twctl::ErrorCode::bug, std::string("a bug in twctl, or no memory: ") + problem.what());
}
