// docs/hostile-input.md, "P: a profile's file": what may be wrong with a profile's file, from the command line to the
// exit code.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/program.hpp"
#include "support/skip.hpp"
#include "support/tree.hpp"

using namespace twctl::test;

namespace {

const std::string kGood = "[linux]\nnet.ipv4.tcp_fin_timeout = <= 60\n";
const std::string kNothing =
    "twctl: FILE: names no setting and no parent\n"
    "  hint: a profile has a section [linux] or [windows] with KEY = VALUE lines\n";
const std::string kSections = "  hint: the sections are [profile], [linux] and [windows]\n";
const std::string kLine = "  hint: a line is KEY = VALUE, [SECTION] or a comment; no file includes another\n";
const std::string kRange = "  hint: accepted: 1 to 120 s, in plain decimal\n";

struct Said {
  int code;
  std::string message;  // the file's own path as FILE
};

// Plans with the file. What holds for every run is checked here.
Said plan_with(const Tree& tree, const std::string& name) {
  const std::string path = tree.at(name);
  const Finished run = run_program({.args = {"plan", "--exit-zero", "-q", path}});
  CHECK(run.seconds <= 2.0);
  CHECK(run.peak_kib < 16 * 1024);
  CHECK(is_printable(run.err));
  std::string message = run.err;
  for (std::size_t at = 0; (at = message.find(path)) != std::string::npos;) message.replace(at, path.size(), "FILE");
  return {run.code, message};
}

Said plan_of(const std::string& bytes, const std::string& name = "/p.ini") {
  Tree tree;
  tree.file(name, bytes);
  return plan_with(tree, name);
}

void check_refused(const std::string& bytes, const std::string& message) {
  const Said said = plan_of(bytes);
  CHECK(said.code == 65);
  CHECK(said.message == message);
}

std::string with_zero_byte(std::string text, char placeholder) {
  text[text.find(placeholder)] = '\0';
  return text;
}

}  // namespace

TEST_CASE("P01, P02: an INI file without a setting is 65, a sysctl.conf without one is fine") {
  check_refused("", kNothing);
  check_refused("; nothing\n# here\n", kNothing);
  CHECK(plan_of("", "/empty.conf").code == 0);
  CHECK(plan_of("#\n# /etc/sysctl.conf - Configuration file for setting system variables\n", "/s.conf").code == 0);
}

TEST_CASE("what a shell passes on of a pipe is no profile, and the message says how to read one") {
  const Finished run = run_program({.args = {"plan", "/dev/fd/77"}});
  CHECK(run.code == 66);
  CHECK(run.err.starts_with("twctl: cannot read /dev/fd/77: it is not open, or a pipe: "));
}

TEST_CASE("P04, P05: a directory or a FIFO is no profile, and nothing waits for one") {
  Tree tree;
  tree.directory("/d.ini");
  REQUIRE(mkfifo(tree.at("/f.ini").c_str(), 0600) == 0);
  CHECK(plan_with(tree, "/d.ini").message == "twctl: cannot read FILE: is a directory\n");
  CHECK(plan_with(tree, "/d.ini").code == 66);
  CHECK(plan_with(tree, "/f.ini").message == "twctl: cannot read FILE: is not a regular file\n");
  CHECK(plan_with(tree, "/f.ini").code == 66);
}

TEST_CASE("P07, P08: a profile has at most 256 KiB, and a larger one is not read into memory") {
  std::string full = kGood;
  while (full.size() < 256 * 1024) full += ";" + std::string(62, 'x') + "\n";
  full.resize(256 * 1024);
  Tree tree;
  tree.file("/limit.ini", full).file("/over.ini", full + "x").file("/huge.ini", "");
  REQUIRE(truncate(tree.at("/huge.ini").c_str(), 1L << 30) == 0);
  CHECK(plan_with(tree, "/limit.ini").code == 0);
  for (const char* name : {"/over.ini", "/huge.ini"}) {
    CHECK(plan_with(tree, name).code == 65);
    CHECK(plan_with(tree, name).message == "twctl: FILE: larger than 256 KiB\n");
  }
}

TEST_CASE("P10, P14, P28, P29: bytes that hide or act are named, and shown harmless") {
  check_refused(with_zero_byte("[linux]\nnet.ipv4.tcp@_x = 1\n", '@'),
                "twctl: FILE:2: control character \\x00\n"
                "    net.ipv4.tcp\\x00_x = 1\n"
                "                ^\n");
  check_refused("[linux]\rnet.ipv4.tcp_tw_reuse = 1\r",
                "twctl: FILE:1: carriage return without line feed\n"
                "    [linux]\\x0dnet.ipv4.tcp_tw_reuse = 1\\x0d\n"
                "           ^\n");
  check_refused("[linux]\nnet.ipv4.tcp_fin_timeout = \x1b[2J30\n",
                "twctl: FILE:2: control character \\x1b\n"
                "    net.ipv4.tcp_fin_timeout = \\x1b[2J30\n"
                "                               ^\n");
  check_refused("[linux]\n; \x1b]0;title\x07\n",
                "twctl: FILE:2: control character \\x1b\n"
                "    ; \\x1b]0;title\\x07\n"
                "      ^\n");
  check_refused(
      "[linux]\nnet.ipv4.tcp_\xe2\x80\xae"
      "fin_timeout = 30\n",
      "twctl: FILE:2: U+202E, a character that hides or reorders text\n"
      "    net.ipv4.tcp_\\u202efin_timeout = 30\n"
      "                 ^\n");
}

TEST_CASE("P11, P13: a byte order mark at the start and CRLF line ends are fine") {
  CHECK(plan_of("\xef\xbb\xbf" + kGood).code == 0);
  CHECK(plan_of("[linux]\r\nnet.ipv4.tcp_fin_timeout = <= 60\r\n").code == 0);
}

TEST_CASE("P16, P17: a line of over 4096 bytes and an entry over 1024 are 65") {
  const Said long_line = plan_of("[linux]\n;" + std::string(4096, 'x') + "\n");
  CHECK(long_line.code == 65);
  CHECK(long_line.message.find("twctl: FILE:2: line of 4097 bytes; the most is 4096\n") == 0);
  std::string many = "[linux]\n";
  for (int i = 0; i < 1025; ++i) many += "net.ipv4.tcp_fin_timeout = 30\n";
  check_refused(many,
                "twctl: FILE:1026: more than 1024 entries\n"
                "    net.ipv4.tcp_fin_timeout = 30\n"
                "    ^\n");
}

TEST_CASE("P19 to P23: what is no setting, or one twice, names its line") {
  check_refused("[linux]\nnet.ipv4.tcp_fin_timeout = 30\nnet/ipv4/tcp_fin_timeout = 20\n",
                "twctl: FILE:3: net/ipv4/tcp_fin_timeout: given twice, first in line 2\n"
                "    net/ipv4/tcp_fin_timeout = 20\n"
                "    ^\n"
                "  hint: keep one of the two lines\n");
  check_refused("[linus]\nnet.ipv4.tcp_fin_timeout = 30\n",
                "twctl: FILE:1: [linus]: unknown section; did you mean [linux]?\n"
                "    [linus]\n"
                "     ^\n" +
                    kSections);
  check_refused("[linux]\nnet.ipv4.tcp_fin_timeout\n",
                "twctl: FILE:2: no '='\n"
                "    net.ipv4.tcp_fin_timeout\n"
                "    ^\n" +
                    kLine);
  check_refused("net.ipv4.tcp_fin_timeout = 30\n[linux]\n",
                "twctl: FILE:1: a key before the first section\n"
                "    net.ipv4.tcp_fin_timeout = 30\n"
                "    ^\n" +
                    kSections);
}

TEST_CASE("P25, P26, P40: nothing is included, nothing is expanded, nothing follows a value") {
  check_refused("[linux]\n%include /etc/shadow\n",
                "twctl: FILE:2: no '='\n"
                "    %include /etc/shadow\n"
                "    ^\n" +
                    kLine);
  for (const std::string trick : {"$(reboot)", "${HOME}", "`id`"}) {
    const std::string first(1, trick[0]);
    check_refused("[linux]\nnet.ipv4.tcp_fin_timeout = " + trick + "\n",
                  "twctl: FILE:2: net.ipv4.tcp_fin_timeout: " + trick + " is not a whole number: '" + first +
                      "' is not a digit\n"
                      "    net.ipv4.tcp_fin_timeout = " +
                      trick +
                      "\n"
                      "                               ^\n" +
                      kRange);
  }
  check_refused("[linux]\nnet.ipv4.tcp_fin_timeout = 10 rm\n",
                "twctl: FILE:2: net.ipv4.tcp_fin_timeout: \"rm\" after 10; the kernel would ignore it\n"
                "    net.ipv4.tcp_fin_timeout = 10 rm\n"
                "                                  ^\n" +
                    kRange);
}

TEST_CASE("P31: plan warns of a profile that others may write, and plans all the same") {
  Tree tree;
  tree.file("/p.ini", kGood);
  REQUIRE(chmod(tree.at("/p.ini").c_str(), 0666) == 0);
  const Finished run = run_program({.args = {"plan", tree.at("/p.ini")}});
  CHECK(run.code == 0);
  CHECK(run.out.find("note: apply refuses this: ") != std::string::npos);
}

TEST_CASE("P35: a link of one's own is followed, somebody else's is 77 and what it leads to is not read") {
  Tree tree;
  tree.file("/safe/p.ini", kGood).link("/mine.ini", "safe/p.ini").link("/theirs.ini", "safe/p.ini");
  CHECK(plan_with(tree, "/mine.ini").code == 0);
  if (geteuid() != 0) SKIP_TEST("needs root to give a link away");
  REQUIRE(lchown(tree.at("/theirs.ini").c_str(), 1000, 1000) == 0);
  const Said said = plan_with(tree, "/theirs.ini");
  CHECK(said.code == 77);
  CHECK(said.message ==
        "twctl: not read: the link FILE is owned by uid 1000, who decides where it leads\n"
        "  hint: name the file that it leads to, or make the link yourself\n");
}

TEST_CASE("P38: '-' with nothing on standard input is 65") {
  const Finished closed = run_program({.args = {"plan", "-"}, .prepare = [] { close_descriptor(0); }});
  CHECK(closed.code == 65);
  CHECK(closed.err == "twctl: standard input is closed\n");
  const Finished empty = run_program({.args = {"plan", "-"}, .prepare = [] { point_descriptor_at(0, "/dev/null"); }});
  CHECK(empty.code == 65);
  CHECK(empty.err == "twctl: standard input is empty\n");
}
