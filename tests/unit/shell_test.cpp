// What a shell would make of a script's text, as far as text alone tells.
#include "formats/shell.hpp"

#include <doctest/doctest.h>

using namespace twctl;

namespace {

std::vector<ShellCommand> commands_of(std::string_view text) {
  std::vector<ShellCommand> commands;
  (void)read_shell(text, [&](ShellCommand command) { commands.push_back(std::move(command)); });
  return commands;
}

// "3: [sysctl] [-w] [a=1]", with '?' behind a word that is not known, '~' in front of what is not sure to run, '|' in
// front of what reads a pipe and '>' before a file.
std::string told(std::string_view text) {
  std::string all;
  for (const ShellCommand& command : commands_of(text)) {
    all += (command.sure ? "" : "~") + std::string(command.piped ? "|" : "") + std::to_string(command.line) + ":";
    for (const ShellWord& word : command.words) all += " [" + word.text + "]" + (word.known ? "" : "?");
    for (const ShellWord& file : command.writes_to) all += " >" + file.text + (file.known ? "" : "?");
    all += "\n";
  }
  return all;
}

std::string variable(std::string_view text, std::string_view name) {
  const ShellVariables variables = read_shell(text, [](const ShellCommand&) {});
  const auto found = variables.find(name);
  return found == variables.end() ? "(none)" : found->second.text + (found->second.known ? "" : "?");
}

}  // namespace

TEST_CASE("words end at blanks and separators, and lose their quotes") {
  CHECK(told("a 'b c' \"d \\\" e\"f\\ g # no\n\nh;i") == "1: [a] [b c] [d \" ef g]\n3: [h]\n3: [i]\n");
  CHECK(told("a \\\n  b") == "1: [a] [b]\n");
  CHECK(told("a#b") == "1: [a#b]\n");
}

TEST_CASE("what only the running shell knows is not known, but its own variables are") {
  CHECK(told("a $x ${y} `z` $(w 1) *.c $$ $#") == "1: [a] [$x]? [${y}]? [`z`]? [$(w 1)]? [*.c]? [$$]? [$#]?\n");
  CHECK(told("x=15\na $x ${x}s '$x'") == "2: [a] [15] [15s] [$x]\n");
  CHECK(told("if y; then x=15; fi\na $x") == "~1: [y]\n2: [a] [$x]?\n");
  CHECK(told("x=1 a b") == "1: [a] [b]\n");
  CHECK(variable("export A=\"b c\"  # d\n", "A") == "b c");
  CHECK(variable("A=1\nA=2\n", "A") == "2");
  CHECK(variable("#A=1\n", "A") == "(none)");
}

TEST_CASE("N10: what variables put into a word is known up to 1024 bytes, and is not with one more") {
  const auto last_of = [](std::size_t bytes) {
    return commands_of("A=" + std::string(bytes - 4, 'x') + "\nB=yyyy\na b$A\"${B}c\"").back().words.back();
  };
  const ShellWord most = last_of(kMostExpandedInWord);
  CHECK(most.known);
  CHECK(most.text == "b" + std::string(kMostExpandedInWord - 4, 'x') + "yyyyc");
  const ShellWord more = last_of(kMostExpandedInWord + 1);
  CHECK_FALSE(more.known);
  CHECK(more.text == "b" + std::string(kMostExpandedInWord - 3, 'x') + "${B}c");
}

TEST_CASE("N10: what variables put into the words of a script is known up to 1 MiB, and is not from there on") {
  std::string text = "A=" + std::string(kMostExpandedInWord, 'x') + "\n:";
  for (std::size_t i = 0; i <= kMostExpanded / kMostExpandedInWord; ++i) text += " $A";
  const std::vector<ShellWord> words = commands_of(text).back().words;
  CHECK(words.at(words.size() - 2).known);
  CHECK_FALSE(words.back().known);
  CHECK(words.back().text == "$A");
}

TEST_CASE("N10: a variable that doubles with each line is known until it is too long for a word") {
  std::string text = "A=aaaaaaaa\n";
  for (int i = 0; i < 40; ++i) text += "A=$A$A\n";
  CHECK(variable(text, "A") == "$A$A?");
}

TEST_CASE("what stands in an if, a loop, a case or a function, or behind && and ||, is not sure to run") {
  CHECK(told("if a; then b; else c; fi; d") == "~1: [a]\n~1: [b]\n~1: [c]\n1: [d]\n");
  CHECK(told("for i in 1 2; do a; done\nb") == "~1: [for] [i] [in] [1] [2]\n~1: [a]\n2: [b]\n");
  CHECK(told("case $x in\n start) a ;;\n *) b ;;\nesac\nc").ends_with("~2: [a]\n~3: [*]?\n~3: [b]\n5: [c]\n"));
  CHECK(told("f() {\n a\n}\nb") == "~2: [a]\n4: [b]\n");
  CHECK(told("a && b\nc ||\n d\ne") == "1: [a]\n~1: [b]\n2: [c]\n~3: [d]\n4: [e]\n");
  CHECK(told("(a)\nb") == "~1: [a]\n2: [b]\n");
}

TEST_CASE("nothing runs behind an exit that is sure to run") {
  CHECK(told("a\nexit 0\nb") == "1: [a]\n2: [exit] [0]\n");
  CHECK(told("if a; then exit; fi\nb") == "~1: [a]\n~1: [exit]\n2: [b]\n");
}

TEST_CASE("a file behind > is told apart, a here-document is no command") {
  CHECK(told("echo 15 2>/dev/null >/proc/x") == "1: [echo] [15] >/dev/null >/proc/x\n");
  CHECK(told("echo 1 >> f 2>&1") == "1: [echo] [1] >f >1\n");
  CHECK(told("cat <<'EOF' > f\nsysctl -w a=1\nEOF\nb") == "1: [cat] >f\n4: [b]\n");
  CHECK(told("echo 15 | tee f") == "1: [echo] [15]\n|1: [tee] [f]\n");
}

TEST_CASE("text that ends too early is read to its end") {
  for (const char* text : {"'", "\"", "$(", "${", "`", "\\", "<<", "a <<E", "if", "(", "case x in", "$", "&", ">"}) {
    CAPTURE(text);
    (void)commands_of(text);
  }
}
