// What a shell would make of a script's text, as far as text alone tells.
#include "formats/shell.hpp"

#include <doctest/doctest.h>

#include "formats/shell_blocks.hpp"
#include "support/growth.hpp"

using namespace twctl;

namespace {

using Kind = ShellCommand::Kind;

bool is_of_block(const ShellCommand& one) { return one.kind == Kind::begins_block || one.kind == Kind::ends_block; }

// Without the beginnings and ends of blocks.
std::vector<ShellCommand> commands_of(std::string_view text) {
  std::vector<ShellCommand> commands;
  (void)read_shell(text, [&](ShellCommand command) {
    if (!is_of_block(command)) commands.push_back(std::move(command));
  });
  return commands;
}

// "a { b } >f c": the first words of commands, and the files behind blocks; '~' before an end that is not sure, '&'
// before one whose shell is not the script's.
std::string blocks_in(std::string_view text) {
  std::string all;
  (void)read_shell(text, [&](const ShellCommand& one) {
    if (one.kind == Kind::ends_block) all += std::string(one.sure ? "" : "~") + (one.apart ? "&" : "") + "}";
    if (one.kind == Kind::begins_block) all += one.piped ? "|{" : "{";
    if (!one.words.empty()) all += one.words[0].text;
    for (const ShellWord& file : one.writes_to) all += ">" + file.text;
    all += " ";
  });
  return all;
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
  CHECK(told("if y; then x=15; a $x; else b $x; fi; c $x") == "~1: [y]\n~1: [a] [15]\n~1: [b] [$x]?\n1: [c] [$x]?\n");
  CHECK(told("case y in\n1) x=15; a $x ;;\n2) b $x ;;\nesac").ends_with("~2: [a] [15]\n~3: [b] [$x]?\n"));
  CHECK(told("f() {\n x=15\n a $x\n}\nb $x") == "~3: [a] [15]\n5: [b] [$x]?\n");
  CHECK(told("(x=15; a $x)\nb $x") == "1: [a] [15]\n2: [b] [$x]?\n");
  CHECK(told("y && x=15; a $x") == "1: [y]\n1: [a] [$x]?\n");
  CHECK(told("y && { x=15; a $x; }; b $x") == "1: [y]\n~1: [a] [15]\n1: [b] [$x]?\n");
  CHECK(told("if y; then for i in 1; do x=15; done; a $x; fi; b $x").ends_with("~1: [a] [15]\n1: [b] [$x]?\n"));
  CHECK(told("x=\n$x a ${x} \"$x\" '' b$x\nfor i in $x; do c; done") ==
        "2: [a] [] [] [b]\n~3: [for] [i] [in]\n~3: [c]\n");
  CHECK(variable("export A=\"b c\"  # d\n", "A") == "b c");
  CHECK(variable("A=1\nA=2\n", "A") == "2");
  CHECK(variable("#A=1\n", "A") == "(none)");
}

TEST_CASE("V+=text is put behind what is known of V where bash runs the script, and V is not known elsewhere") {
  const std::string bash = "#!/bin/bash\n";
  const std::string text = "V=1; V+=0; a $V";
  CHECK(told(bash + text) == "2: [a] [10]\n");
  CHECK(told("#! /usr/bin/env bash\n" + text) == "2: [a] [10]\n");
  for (const std::string line : {"", "#!/bin/sh\n", "#!/usr/bin/env dash\n", "#!/opt/bash/ash\n"}) {
    CAPTURE(line);
    CHECK(told(line + text).ends_with(": [a] [$V]?\n"));
  }
  CHECK(told(bash + "V+=0; a $V") == "2: [a] [$V]?\n");  // its surroundings may say more of it
  CHECK(told(bash + "V=1; V+=$X; a $V") == "2: [a] [$V]?\n");
  CHECK(told(bash + "V=1; y && V+=0; a $V") == "2: [y]\n2: [a] [$V]?\n");
  CHECK(told(bash + "V=1; export V+=0 W=2; V+=$W; a $V") == "2: [a] [102]\n");
  CHECK(told(bash + "V=1; V+=0 a $V") == "2: [a] [1]\n");
  CHECK(told("V=1; V+=0 a $V") == "~1: [a] [1]\n");
  CHECK(told("a V+=0 +=1") == "1: [a] [V+=0] [+=1]\n");
  CHECK(variable(bash + "V=" + std::string(kMostExpandedInWord - 1, 'x') + "\nV+=y", "V").ends_with("xy"));
  CHECK(variable(bash + "V=" + std::string(kMostExpandedInWord, 'x') + "\nV+=y", "V") == "y?");
}

TEST_CASE("braces are several words to bash, which another shell may leave as they are") {
  const auto words = [](std::string_view text) { return told("#!/bin/bash\n" + std::string(text)); };
  CHECK(words("a x.{b,c}=1 {d,e}{f,g} {h,i{j,k}l}") == "2: [a] [x.b=1] [x.c=1] [df] [dg] [ef] [eg] [h] [ijl] [ikl]\n");
  CHECK(words("a {1..3} {1..-1} x{,y} {b,'c d',\"}\"} {{b,c}") ==
        "2: [a] [1] [2] [3] [1] [0] [-1] [x] [xy] [b] [c d] [}] [{b] [{c]\n");
  CHECK(words("a {} {b} {b\\,c} '{b,c}' \"{b,c}\" \\{b,c} {b,c {b c,d}") ==
        "2: [a] [{}] [{b}] [{b,c}] [{b,c}] [{b,c}] [{b,c}] [{b,c] [{b] [c,d}]\n");
  CHECK(words("V={b,c} a k={1,2} $V") == "2: [a] [k=1] [k=2] [$V]?\n");
  CHECK(words("V={b,c}; a $V ${V}{1,2}") == "2: [a] [{b,c}] [{b,c}1] [{b,c}2]\n");
  CHECK(words("V='b c'; a $X{1,2} {$V,d}") == "2: [a] [$X1]? [$X2]? [${b]? [c,d}]?\n");
  CHECK(words("a {01..3} {1..9..2} {a..c} {1..99999999} {..}") ==
        "2: [a] [${01..3}]? [${1..9..2}]? [${a..c}]? [${1..99999999}]? [${..}]?\n");
  CHECK(words("{a,b}") == "2: [a] [b]\n");
  CHECK(words("[[ {b,c} == d ]]") == "2: [[[]? [{b,c}] [==] [d] []]]\n");
  CHECK(words("for i in {1..2}; do a k=$i; done") == "~2: [for] [i] [in]\n2: [a] [k=1]\n2: [a] [k=2]\n");
  CHECK(told("a x.{b,c}=1 {}") == "~1: [a] [x.b=1]? [x.c=1]? [{}]\n");
  CHECK(told("for i in {1..2}; do a k=$i; done") == "~1: [for] [i] [in]\n~1: [a] [k=1]?\n~1: [a] [k=2]?\n");
}

TEST_CASE("N10: the words that bash makes of braces count as what they take, and are read in one go") {
  std::string doubled;
  for (int i = 0; i < 40; ++i) doubled += "{a,b}";
  CHECK(told("#!/bin/bash\n" + doubled) == "2: [$" + doubled + "]?\n");
  for (const std::string part : {"{", "{a,b", "{a,b} ", "{1..9} ", "{a,}"}) {
    CAPTURE(part);
    const auto read = [&](std::size_t count) {
      std::string text = "#!/bin/bash\n:";
      for (std::size_t i = 0; i < count; ++i) text += part;
      CHECK(commands_of(text).size() == 1);
    };
    CHECK(test::growth(read, 3000) < test::kLinear);
  }
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

TEST_CASE("N10: the words that a shell makes of a variable count as what they take, and are not known from there on") {
  constexpr std::size_t kParts = 500;
  std::string text = "A='";
  for (std::size_t i = 0; i < kParts; ++i) text += "x ";
  text += "'\n:";
  const std::size_t most = kMostExpanded / (kParts * (2 + sizeof(ShellWord)));
  for (std::size_t i = 0; i < most; ++i) text += " $A";
  const std::vector<ShellWord> words = commands_of(text).back().words;
  CHECK(words.size() == 1 + most * kParts);
  CHECK(words.back().known);
  const std::vector<ShellWord> more = commands_of(text + " $A").back().words;
  CHECK(more.size() == words.size() + 1);
  CHECK_FALSE(more.back().known);
}

TEST_CASE("N10: a variable that doubles with each line is known until it is too long for a word") {
  std::string text = "A=aaaaaaaa\n";
  for (int i = 0; i < 40; ++i) text += "A=$A$A\n";
  CHECK(variable(text, "A") == "$A$A?");
}

TEST_CASE("what stands in an if, a loop, a case or a function, or behind && and ||, is not sure to run") {
  CHECK(told("if a; then b; else c; fi; d") == "~1: [a]\n~1: [b]\n~1: [c]\n1: [d]\n");
  CHECK(told("while a; do b; done; c") == "~1: [a]\n~1: [b]\n1: [c]\n");
  CHECK(told("case $x in\n start) a ;;\n *) b ;;\nesac\nc").ends_with("~2: [a]\n~3: [b]\n5: [c]\n"));
  CHECK(told("f() {\n a\n}\nb") == "~2: [a]\n4: [b]\n");
  CHECK(told("a && b\nc ||\n d\ne") == "1: [a]\n~1: [b]\n2: [c]\n~3: [d]\n4: [e]\n");
  CHECK(told("sleep 3 && a && b") == "1: [sleep] [3]\n1: [a]\n~1: [b]\n");  // what cannot fail is no condition
  CHECK(told("a && sleep 3 && b") == "1: [a]\n~1: [sleep] [3]\n~1: [b]\n");
  CHECK(told("sleep $x && a; true || b").find("~1: [a]") != std::string::npos);
  CHECK(told("(a)\n{ b; }") == "1: [a]\n2: [b]\n");
  CHECK(told("(a; exit 1; b)\nc") == "1: [a]\n1: [exit] [1]\n~1: [b]\n2: [c]\n");
  CHECK(told("{ a || exit 1; b; }\nc").ends_with("~1: [b]\n2: [c]\n"));
  CHECK(told("(set -e; a)\nb") == "1: [set] [-e]\n~1: [a]\n2: [b]\n");
  CHECK(told("set -e\n{ a; } || b\nc") == "1: [set] [-e]\n~2: [a]\n~2: [b]\n3: [c]\n");
}

TEST_CASE("a for over words that are known runs once for each of them, and as surely as what it stands in") {
  CHECK(told("for i in x 'y z'; do a $i; done\nb $i") ==
        "~1: [for] [i] [in]\n1: [a] [x]\n1: [a] [y] [z]\n2: [b] [y] [z]\n");
  CHECK(told("L='x y'\nfor i in $L\ndo\n  a \"$i\"\ndone\nb") ==
        "~2: [for] [i] [in]\n4: [a] [x]\n4: [a] [y]\n6: [b]\n");
  CHECK(told("for i in 1 2; do for j in 3 4; do a $i $j; done; done")
            .ends_with("1: [a] [1] [3]\n1: [a] [1] [4]\n~1: [for] [j] [in]\n1: [a] [2] [3]\n1: [a] [2] [4]\n"));
  CHECK(told("for i in 1; do if a; then b $i; fi; done").ends_with("~1: [a]\n~1: [b] [1]\n"));
  CHECK(told("if a; then for i in 1; do b $i; done; fi; c $i").ends_with("~1: [b] [1]\n1: [c] [$i]?\n"));
  CHECK(told("x && for i in 1; do a $i; done").ends_with("~1: [a] [1]\n"));
  CHECK(told("for i in 1 2; do a $i; break; done").ends_with("1: [a] [1]\n1: [break]\n~1: [a] [2]\n~1: [break]\n"));
  CHECK(told("for i in 1 2; do for j in 3; do a || break 2; done; b $i; done")
            .ends_with("~1: [b] [1]\n~1: [for] [j] [in]\n~1: [a]\n~1: [break] [2]\n~1: [b] [2]\n"));
  CHECK(told("for i in 1 2; do for j in 3; do a || break 1; done; b $i; done").ends_with("1: [b] [2]\n"));
  CHECK(told("for i in $(z) 2; do a $i; done").ends_with("~1: [a] [$i]?\n~1: [a] [2]\n"));
  CHECK(told("for i; do a $i; done").ends_with("~1: [a] [$i]?\n"));
}

TEST_CASE("N10: loops are read again up to 1 MiB together, and their variable is not known from there on") {
  std::string text = "for i in";
  for (std::size_t i = 0; i < kMostRepeated / 1000; ++i) text += " x";
  const std::vector<ShellCommand> commands = commands_of(text + "; do a '" + std::string(1990, 'y') + "'; done\nb $i");
  CHECK(commands.size() > kMostRepeated / 2100);
  CHECK(commands.size() < kMostRepeated / 1900);
  CHECK_FALSE(commands.back().words.back().known);
}

TEST_CASE("N10: the here-documents of a loop count as read again with it") {
  const std::string lines(kMostRepeated / 2 - 100, 'x');
  const auto commands = commands_of("for i in 1 2 3 4 5; do cat <<E; done\n" + lines + "\nE\nb");
  CHECK(commands.size() == 5);  // `for`, `cat` once and twice more, b
  CHECK(commands.at(3).input->text == lines + "\n");
}

TEST_CASE("N10: blocks are told apart 1000 deep, and nothing is sure from where they are deeper") {
  const auto last_of = [](std::size_t depth) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += "( ";
    text += "x=1";
    for (std::size_t i = 0; i < depth; ++i) text += ")";
    return commands_of(text + "\nx=2\na $x").back();
  };
  CHECK(last_of(kMostOpenBlocks).sure);
  CHECK(last_of(kMostOpenBlocks).words.back().known);
  CHECK_FALSE(last_of(kMostOpenBlocks + 1).sure);
  CHECK_FALSE(last_of(kMostOpenBlocks + 1).words.back().known);
}

TEST_CASE("nothing runs behind an exit that is sure to run, and nothing for sure behind one that is not") {
  CHECK(told("a\nexit 0\nb") == "1: [a]\n2: [exit] [0]\n");
  CHECK(told("if a; then exit; fi\nb") == "~1: [a]\n~1: [exit]\n~2: [b]\n");
  CHECK(told("a || exit 0\nb").ends_with("~2: [b]\n"));
  CHECK(told("a || { c; exit 0; }\nb").ends_with("~2: [b]\n"));
  CHECK(told("a || exit 1\nb").ends_with("\n2: [b]\n"));
  CHECK(told("(exit 0)\nb").ends_with("\n2: [b]\n"));
  CHECK(told("f() {\n exit 0\n}\nb").ends_with("\n4: [b]\n"));
  CHECK(told("function f { a; exit 0; }; b") == "~1: [a]\n~1: [exit] [0]\n1: [b]\n");
  CHECK(told("function f() { a; exit 0; }; b") == "~1: [a]\n~1: [exit] [0]\n1: [b]\n");
  CHECK(told("function f\n{ a; exit 0; }; b") == "~2: [a]\n~2: [exit] [0]\n2: [b]\n");
}

TEST_CASE("the patterns of a case are no commands") {
  const std::string begin = "~1: [case] [x] [in]\n";
  CHECK(told("case x in */ksh | sh ) a ;; (exit) b;; exit) c ;; esac\nd") ==
        begin + "~1: [a]\n~1: [b]\n~1: [c]\n2: [d]\n");
  CHECK(told("case x\nin # a)\n\n  sh | \\\n ksh) # b\n b\n ;;\n\n # c)\n exit)\n ;;\nesac\nd") ==
        begin + "~6: [b]\n13: [d]\n");
  CHECK(told("case x in a) b ;& sh) c ;;& \"sh )\"|$(d)) e; esac; f") == begin + "~1: [b]\n~1: [c]\n~1: [e]\n1: [f]\n");
  CHECK(told("case x in @(sh|ksh)) a ;; +([0-9])) b; esac; c") == begin + "~1: [a]\n~1: [b]\n1: [c]\n");
  CHECK(told("case x in a) cat <<E ;;\nb)\nE\n sh) c;; esac\nd") == begin + "~1: [cat]\n~4: [c]\n5: [d]\n");
  CHECK(told("case x in esac; a") == begin + "1: [a]\n");
  CHECK(told("case x in a) (b); case y in sh) c;; esac;; (esac) d;; esac >f; e") ==
        begin + "~1: [b]\n~1: [case] [y] [in]\n~1: [c]\n~1: [d]\n1: [e]\n");
  CHECK(told("x='a b' y=\ncase $x in sh) a;; esac\ncase $y in sh) b;; esac\nc") ==
        "~2: [case] [a b] [in]\n~2: [a]\n~3: [case] [] [in]\n~3: [b]\n4: [c]\n");
  CHECK(told("for i in 1 2; do case $i in sh) a;; exit) b; esac; done; c") ==
        "~1: [for] [i] [in]\n~1: [case] [1] [in]\n~1: [a]\n~1: [b]\n~1: [case] [2] [in]\n~1: [a]\n~1: [b]\n"
        "1: [c]\n");
  CHECK(told("case x in $(sysctl)) a ;; esac").starts_with(begin + "~1: [sh] [-c] [sysctl]\n~1: [a]\n"));
}

TEST_CASE("a file behind > is told apart, a here-document is no command") {
  CHECK(told("echo 15 2>/dev/null >/proc/x") == "1: [echo] [15] >/proc/x\n");
  CHECK(told("echo 1 >> f 2>&1") == "1: [echo] [1] >f\n");
  CHECK(told("cat <<'EOF' > f\nsysctl -w a=1\nEOF\nb") == "1: [cat] >f\n4: [b]\n");
  CHECK(told("for i in 1; do a; done <<E\nx\nE\nb").ends_with("1: [a]\n4: [b]\n"));
  CHECK(told("for i in 1; do a; done > f\nb").ends_with("1: [a]\n2: [b]\n"));
  CHECK(told("echo 15 | tee f") == "1: [echo] [15]\n|1: [tee] [f]\n");
}

TEST_CASE("a block's beginning and end are told, with what stands behind it") {
  CHECK(blocks_in("{ a; } > f; b") == "{ a }>f b ");
  CHECK(blocks_in("( a ) 2>/dev/null >f\nb") == "{ a &}>f b ");
  CHECK(blocks_in("if a; then b; fi > f") == "{ a b }>f ");
  CHECK(blocks_in("for i in 1 2; do a; done | b") == "{ for a a &} b ");
  CHECK(blocks_in("a | while b; do c; done < f > g") == "a |{ b c }>g ");
  CHECK(blocks_in("f() { a; } > g\n>h\nb") == "{f a &}>g b ");
  CHECK(blocks_in("y && { a; } > f") == "y { a ~}>f ");
  CHECK(blocks_in("y && { a; } | b\nc").starts_with("y { a ~&} b "));
  CHECK(told("y && { a; } | b").ends_with("~|1: [b]\n"));
  CHECK(blocks_in("{ if (a) then b; fi } > f") == "{ { { a ~&} b } }>f ");
  CHECK(blocks_in("{ a; } &\nb") == "{ a &} b ");
}

TEST_CASE("what a here-document says is what its command reads") {
  const auto read = [](std::string_view text) {
    const ShellCommand command = commands_of(text).front();
    return command.input ? command.input->text + (command.input->known ? "" : "?") : "(none)";
  };
  CHECK(read("cat <<EOF | b\nx\n  y\nEOF\nc") == "x\n  y\n");
  CHECK(read("a <<1 <<2\nx\n1\ny\n2\nc") == "y\n");
  CHECK(read("a <<-E\n\tx\n\tE\nb") == "x\n");
  CHECK(read("a <<E\n$x\nE\n") == "$x\n?");
  CHECK(read("a <<'E'\n$x\nE\n") == "$x\n");
  CHECK(read("a <<< '15 16'") == "15 16");
  CHECK(read("a < f") == "(none)");
  CHECK(read("a <<E") == "");
  CHECK(commands_of("a <<A; for i in 1 2; do b <<B; done\nx\nA\ny\nB\n").back().input->text == "y\n");
}

TEST_CASE("quotes, remarks and what stands in one another end where a shell ends them") {
  for (const std::string word : {"$(cut -d')' -f1 /x)",
                                 "$(sed 's/)//' f)",
                                 "${y%%'}'*}",
                                 "\"${y%%'}'*}\"",
                                 "${1:-\"}\"}",
                                 "\"${1:-\"}\"}\"",
                                 "\"${x:-it's}\"",
                                 "${x:-\\}}",
                                 "$'it\\'s'",
                                 "`echo ')' \\` '`",
                                 "$((1 << 4))",
                                 "\"$(( (1 << 2) * 3 ))\"",
                                 "$(a \"$(b \")\" ')')\" \\))",
                                 "$(case x in a) b ;; (c) d ;; esac)",
                                 "$(case x in a) b ;& c) d ;;& e) f; esac)",
                                 "$(a # )'\n)",
                                 "$(a b#c)",
                                 "$(cat <<E\nit's )\nE\n)",
                                 "$(cat <<-'E'\n\t)\n\tE\n)",
                                 "$((a); (b))",
                                 "${x:-$(a \")}\")}",
                                 "$(echo case; a)",
                                 "$(a << E; b\n(\nE\n)",
                                 "$(a <<< ')')",
                                 "\"${x:-$(a '\"')}\"",
                                 "${x#\"'\"}",
                                 "$(if (a) then (b) fi)",
                                 "$(\n (( n = 1 << 4 ))\n echo\n)",
                                 "$(for ((i = 1 << 2; i < 8; i++)); do a; done)",
                                 "$(((a)); (b))",
                                 "$( ((a); b) )",
                                 "$([[ a =~ ( && b < c ]] && d)",
                                 "$(a; [[ \"]]\" == ]])",
                                 "\"${a:+\"$$(x\"}\"",
                                 "a\\ #b",
                                 "$(a ${#x} $# c)",
                                 "$(a\\ #)",
                                 "\"a$\"",
                                 "${a:-${b:-c}}",
                                 "$(( 16#ff ))",
                                 "$(for i in case; do b; done)"}) {
    CAPTURE(word);
    const std::vector<ShellCommand> commands = commands_of("V=" + word + "\na");
    REQUIRE(commands.size() == 1);
    REQUIRE(commands[0].words.size() == 1);
    CHECK(commands[0].words[0].text == "a");
  }
  CHECK(told("a $'b c' $'\\n' $\"d\" \"e$\" f") == "1: [a] [b c] [$'\\n']? [d] [e$]? [f]\n");
}

TEST_CASE("what stands in $(...), wherever that stands, a shell of its own runs") {
  const std::string run = "~1: [sh] [-c] [sysctl -w a=1]\n";
  for (const char* text :
       {"$(sysctl -w a=1)", "\"`sysctl -w a=1`\"", "${x:-$(sysctl -w a=1)}", "$((1 + $(sysctl -w a=1)))",
        "\"${x:-`sysctl -w a=1`}\"", "<(sysctl -w a=1)", "((1 + $(sysctl -w a=1)))"}) {
    CAPTURE(text);
    CHECK(told(text).starts_with(run));
  }
  CHECK(told("b `a \\`sysctl\\``").starts_with("~1: [sh] [-c] [a `sysctl`]\n"));
  CHECK(told("b ${x:-$(c $(sysctl)) $(sysctl)}").starts_with("~1: [sh] [-c] [c $(sysctl)]\n~1: [sh] [-c] [sysctl]\n"));
  CHECK(told("b \"\nsysctl -w a=1\n").starts_with("~3: [sh] [-c]"));  // which nothing closes
  CHECK(told("b ${x\nsysctl -w a=1\n").starts_with("~3: [sh] [-c]"));
}

TEST_CASE("signs in ((...)) and [[...]] part no commands") {
  CHECK(told("(( a = 1 << 4 ))\nb") == "1: [(( a = 1 << 4 ))]?\n2: [b]\n");
  CHECK(told("for ((i = 0; i < 1; i++)); do a; done\nb").ends_with("~1: [a]\n2: [b]\n"));
  CHECK(told("((a); b)\nc") == "1: [a]\n1: [b]\n2: [c]\n");
  CHECK(told("[[ a =~ ( ]]\nb") == "1: [[[]? [a] [=~] [(] []]]\n2: [b]\n");
  CHECK(told("if [[ a < b && $c =~ ^(d|e)$\n || f > g ]]; then h; fi\ni").ends_with("\n~2: [h]\n3: [i]\n"));
}

TEST_CASE("a number in <(...) begins no here-document") {
  CHECK(told("a <( (( 1 << 4 )) \n)\nb") == "1: [a] [/dev/fd/$]?\n3: [b]\n");
}

TEST_CASE("N10: what stands in one another is passed over in one go, however deep") {
  for (const std::string begin : {"$(", "${", "$((", "((", "\"$(", "\"${a:-", "`", "<(", "$(case a in b) ", "$(a <<E\n",
                                  "$( ((", "$( ((a);", "$([[ ", "\ncase x in a) ", "\ncase x in @(", ";; a) "}) {
    CAPTURE(begin);
    const auto read = [&](std::size_t count) {
      std::string text = "b ";
      for (std::size_t i = 0; i < count; ++i) text += begin;
      CHECK(commands_of(text + "\n").size() <= count + 1);
    };
    CHECK(test::growth(read, 3000) < test::kLinear);
  }
  const auto in_vain = [&](std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += "((a;";
    for (std::size_t i = 0; i < count; ++i) text += ") )";
    CHECK(commands_of(text).size() == count);
  };
  CHECK(test::growth(in_vain, 3000) < test::kLinear);
}

TEST_CASE("text that ends too early is read to its end") {
  for (const char* text : {"case",
                           "case x",
                           "case x in a",
                           "case x in (",
                           "case x in a) b ;;",
                           "'",
                           "\"",
                           "$(",
                           "${",
                           "`",
                           "\\",
                           "<<",
                           "a <<E",
                           "a <<",
                           "if",
                           "(",
                           "case x in",
                           "$",
                           "&",
                           ">",
                           "for",
                           "for i",
                           "for i in",
                           "for i in 1; do",
                           "do",
                           "done"}) {
    CAPTURE(text);
    (void)commands_of(text);
  }
}
