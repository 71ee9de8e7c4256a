#include <doctest/doctest.h>

#include "profile/file_kind.hpp"
#include "profile/profile.hpp"
#include "profile/readers.hpp"
#include "report/error_text.hpp"

using namespace twctl;

namespace {

Profile read(std::string_view text) {
  Result<Profile> profile = read_profile_text("busy.ini", text);
  REQUIRE_MESSAGE(profile.has_value(), error_text(profile.error()));
  return *std::move(profile);
}

// The whole error as a person sees it.
std::string problem(std::string_view text) {
  const Result<Profile> profile = read_profile_text("busy.ini", text);
  REQUIRE_FALSE(profile.has_value());
  CHECK(profile.error().code == ErrorCode::invalid);
  return error_text(profile.error());
}

std::string wish(const Entry& entry) {
  return (entry.optional ? "-" : "") + std::string(entry.setting->key) + " = " + to_text(entry.wanted);
}

}  // namespace

TEST_CASE("a profile has a summary, a parent, and wishes with their places") {
  const Profile profile = read(
      "[profile]\n"
      "summary = Many short connections; much work\n"
      "extends = baseline\n"
      "\n"
      "[linux]\n"
      "net.ipv4.tcp_tw_reuse    = 1\n"
      "net/ipv4/tcp_fin_timeout = <= 30\n"
      "-net.ipv4.tcp_tw_recycle = 0\n"
      "[windows]\n"
      "tcptimedwaitdelay=60");
  CHECK(profile.name == "busy.ini");
  CHECK(profile.kind == ProfileKind::ini);
  CHECK(profile.summary == "Many short connections; much work");
  CHECK(profile.parent == "baseline");
  CHECK(profile.parent_line == 3);
  REQUIRE(profile.entries.size() == 4);
  CHECK(wish(profile.entries[0]) == "net.ipv4.tcp_tw_reuse = 1");
  CHECK(wish(profile.entries[1]) == "net.ipv4.tcp_fin_timeout = <= 30");
  CHECK(wish(profile.entries[2]) == "-net.ipv4.tcp_tw_recycle = 0");
  CHECK(wish(profile.entries[3]) == "TcpTimedWaitDelay = 60");
  CHECK(profile.entries[2].where == Place{"busy.ini", 8});
  CHECK(profile.entries[3].setting->os == Os::windows);
}

TEST_CASE("comments begin with a semicolon or a hash at the start of a line or after a blank, and nowhere else") {
  const Profile profile = read(
      "; one\n"
      "\t# two\n"
      "[profile] ; three\n"
      "summary = a;b#c \t# four ; five\n"
      "[linux]\n"
      "net.ipv4.tcp_tw_reuse = 1 # six\n");
  CHECK(profile.summary == "a;b#c");
  CHECK(to_text(profile.entries[0].wanted) == "1");
  for (const std::string begins : {";", "#"}) {
    const Profile odd = read("[profile]\nsummary =" + begins + " x\nextends = baseline\n");
    CHECK(odd.summary == begins + " x");
    CHECK(read(to_ini(odd)).summary == odd.summary);
  }
}

TEST_CASE("the reason of a wish is the comment directly above it, else the one behind it") {
  const Profile profile = read(
      "[linux]\n"
      "; not this one\n"
      "\n"
      ";  first   line\n"
      "# second line\n"
      "net.ipv4.tcp_tw_reuse = 1   ; not this one\n"
      "net.ipv4.tcp_fin_timeout = 30   ; behind\n"
      "net.ipv4.tcp_syncookies = 1\n");
  CHECK(profile.entries[0].reason == Reason{.why = "first line second line", .source = {}});
  CHECK(profile.entries[1].reason == Reason{.why = "behind", .source = {}});
  CHECK(profile.entries[2].reason == Reason{});
}

TEST_CASE("a reason says why, and who says so, and both together are the comment again") {
  const Reason both = reason_in("Saves ports. Source: RFC 7323, section 5.");
  CHECK(both == Reason{.why = "Saves ports.", .source = "RFC 7323, section 5."});
  CHECK(to_text(both) == "Saves ports. Source: RFC 7323, section 5.");
  CHECK(reason_in("Source: tcp(7)") == Reason{.why = {}, .source = "tcp(7)"});
  CHECK(to_text(reason_in("Source: tcp(7)")) == "Source: tcp(7)");
  CHECK(to_text(reason_in("DataSource:x is slow. Source: RFC 1.")) == "DataSource:x is slow. Source: RFC 1.");
  CHECK(to_text(reason_in("why")) == "why");
  CHECK(to_text(reason_in("")) == "");
}

TEST_CASE("CRLF, a byte order mark at the start and a missing last line end change nothing") {
  const Profile plain = read("[linux]\nnet.ipv4.tcp_tw_reuse = 1\n");
  const Profile windows = read("\xEF\xBB\xBF[linux]\r\nnet.ipv4.tcp_tw_reuse = 1\r\n");
  const Profile cut = read("[linux]\nnet.ipv4.tcp_tw_reuse = 1");
  CHECK(windows.entries == plain.entries);
  CHECK(cut.entries == plain.entries);
}

TEST_CASE("a line longer than inih's buffer is read whole, its blanks and marks included") {
  std::string summary = "start";
  while (summary.size() < 4000) summary += summary.size() % 7 == 0 ? "   x" : ";#|=[] y";
  const std::string expected = summary.substr(0, summary.find_first_of(";#", summary.find(" ;")));
  const Profile profile = read("[profile]\nsummary =" + std::string(60, ' ') + expected + "\nextends = baseline\n");
  CHECK(profile.summary == expected);
  CHECK(profile.summary.size() > 3000);
  CHECK(profile.parent == "baseline");
}

TEST_CASE("an unknown setting is named with the nearest one") {
  CHECK(problem("[linux]\n  net.ipv4.tcp_fin_timout = 30  ; why\n") ==
        "twctl: busy.ini:2: net.ipv4.tcp_fin_timout: unknown setting; did you mean net.ipv4.tcp_fin_timeout?\n"
        "      net.ipv4.tcp_fin_timout = 30  ; why\n"
        "      ^\n"
        "  hint: twctl explain lists every setting that a profile may name\n");
  CHECK(
      problem("[linux]\ntcp_fin_timout = 30\n")
          .starts_with("twctl: busy.ini:2: tcp_fin_timout: unknown setting; did you mean net.ipv4.tcp_fin_timeout?\n"));
  CHECK(problem("[windows]\nTcpTimeWaitDelay = 30\n")
            .starts_with("twctl: busy.ini:2: TcpTimeWaitDelay: unknown setting; did you mean TcpTimedWaitDelay?\n"));
}

TEST_CASE("a key that kernels have is never taken for a misspelt one, and only a slip or two are") {
  const std::string head = "twctl: busy.ini:2: ";
  const std::string theirs = ": a key of the kernel's, and no setting of twctl's\n";
  for (const std::string key : {"net.netfilter.nf_conntrack_tcp_timeout_established", "net.core.rmem_max"})
    CHECK(problem("[linux]\n" + key + " = 1\n").starts_with(head + key + theirs));
  CHECK(problem("[linux]\nnet.netfilter.nf_conntrack_tcp_timeout_estblshd = 1\n")
            .starts_with(head + "net.netfilter.nf_conntrack_tcp_timeout_estblshd: unknown setting\n"));
}

TEST_CASE("an unknown section is named with the nearest one, also where it is empty") {
  CHECK(problem("[linus]\n") ==
        "twctl: busy.ini:1: [linus]: unknown section; did you mean [linux]?\n"
        "    [linus]\n"
        "     ^\n"
        "  hint: the sections are [profile], [linux] and [windows]\n");
  CHECK(problem("[Linux]\n").starts_with("twctl: busy.ini:1: [Linux]: unknown section; did you mean [linux]?\n"));
  CHECK(problem("[sysctl]\n").starts_with("twctl: busy.ini:1: [sysctl]: unknown section\n"));
  CHECK(problem("[linux] x\n") ==
        "twctl: busy.ini:1: a section is [NAME] alone in its line\n"
        "    [linux] x\n"
        "    ^\n");
  CHECK(problem("[linux\n").starts_with("twctl: busy.ini:1: a section is [NAME] alone in its line\n"));
}

TEST_CASE("an unknown key of [profile] is named with the nearest one") {
  CHECK(problem("[profile]\nsumary = x\n") ==
        "twctl: busy.ini:2: sumary: unknown key in [profile]; did you mean summary?\n"
        "    sumary = x\n"
        "    ^\n"
        "  hint: the keys of [profile] are summary and extends\n");
}

TEST_CASE("a key given twice is an error that names both lines, however it is spelt") {
  CHECK(problem("[linux]\nnet.ipv4.tcp_tw_reuse = 1\n\n-net/ipv4/tcp_tw_reuse = 1\n") ==
        "twctl: busy.ini:4: -net/ipv4/tcp_tw_reuse: given twice, first in line 2\n"
        "    -net/ipv4/tcp_tw_reuse = 1\n"
        "    ^\n"
        "  hint: keep one of the two lines\n");
  CHECK(problem("[profile]\nsummary = a\nsummary = b\n")
            .starts_with("twctl: busy.ini:3: summary: given twice, first in line 2\n"));
  CHECK(problem("[windows]\nTcpTimedWaitDelay = 60\n[windows]\nTCPTIMEDWAITDELAY = 60\n")
            .starts_with("twctl: busy.ini:4: TCPTIMEDWAITDELAY: given twice, first in line 2\n"));
}

TEST_CASE("a line is an assignment, a section or a comment") {
  constexpr std::string_view kHint =
      "  hint: a line is KEY = VALUE, [SECTION] or a comment; no file includes another\n";
  CHECK(problem("[linux]\nnet.ipv4.tcp_tw_reuse 1\n") ==
        "twctl: busy.ini:2: no '='\n"
        "    net.ipv4.tcp_tw_reuse 1\n"
        "    ^\n" +
            std::string(kHint));
  CHECK(problem("[linux]\nnet.ipv4.tcp_tw_reuse: 1\n") ==
        "twctl: busy.ini:2: ':' where '=' belongs\n"
        "    net.ipv4.tcp_tw_reuse: 1\n"
        "                         ^\n" +
            std::string(kHint));
  CHECK(problem("[linux]\n = 1\n").starts_with("twctl: busy.ini:2: no key before '='\n"));
  CHECK(problem("[linux]\n" + std::string(300, 'k') + " = 1\n")
            .starts_with("twctl: busy.ini:2: no '=' in the first 128 bytes\n"));
  CHECK(problem("net.ipv4.tcp_tw_reuse = 1\n") ==
        "twctl: busy.ini:1: a key before the first section\n"
        "    net.ipv4.tcp_tw_reuse = 1\n"
        "    ^\n"
        "  hint: the sections are [profile], [linux] and [windows]\n");
}

TEST_CASE("an indented line is a line of its own, not more of the one above") {
  const Profile profile = read("[linux]\nnet.ipv4.tcp_tw_reuse = 1\n  net.ipv4.tcp_syncookies = 2\n");
  REQUIRE(profile.entries.size() == 2);
  CHECK(wish(profile.entries[1]) == "net.ipv4.tcp_syncookies = 2");
  CHECK(problem("[linux]\nnet.ipv4.tcp_tw_reuse = 1\n  2\n").starts_with("twctl: busy.ini:3: no '='\n"));
}

TEST_CASE("a bad value is shown where it stands, with what would be accepted") {
  CHECK(problem("[linux]\nnet.ipv4.tcp_tw_reuse = 3\n") ==
        "twctl: busy.ini:2: net.ipv4.tcp_tw_reuse: 3 is more than 2\n"
        "    net.ipv4.tcp_tw_reuse = 3\n"
        "                            ^\n"
        "  hint: accepted: 0 (off), 1 (every outgoing connection), 2 (loopback only; before 4.19 as 1)\n");
  CHECK(problem("[linux]\nnet.ipv4.tcp_fin_timeout =\n")
            .starts_with("twctl: busy.ini:2: net.ipv4.tcp_fin_timeout: a value is missing\n"
                         "    net.ipv4.tcp_fin_timeout =\n"
                         "                              ^\n"));
  CHECK(problem("[linux]\nnet.ipv4.tcp_fin_timeout = <= 0x20 ; hex\n")
            .starts_with("twctl: busy.ini:2: net.ipv4.tcp_fin_timeout: 0x20 is hexadecimal; the kernel would read 32\n"
                         "    net.ipv4.tcp_fin_timeout = <= 0x20 ; hex\n"
                         "                                  ^\n"));
}

TEST_CASE("a parent is a name, not a path") {
  CHECK(problem("[profile]\nextends = ../evil.ini\n") ==
        "twctl: busy.ini:2: \"../evil.ini\" is not the name of a profile\n"
        "    extends = ../evil.ini\n"
        "              ^\n"
        "  hint: a parent is named without directory and ending, as in: extends = baseline\n");
}

TEST_CASE("a profile that names no setting and no parent is an error") {
  const std::string expected =
      "twctl: busy.ini: names no setting and no parent\n"
      "  hint: a profile has a section [linux] or [windows] with KEY = VALUE lines\n";
  CHECK(problem("") == expected);
  CHECK(problem("; only\n# comments\n\n") == expected);
  CHECK(problem("[profile]\nsummary = nothing\n[linux]\n") == expected);
}

TEST_CASE("a Windows name that twctl knows but never writes is refused") {
  CHECK(problem("[windows]\nMaxUserPort = 65534\n") ==
        "twctl: busy.ini:2: MaxUserPort: known, but twctl never writes it\n"
        "    MaxUserPort = 65534\n"
        "    ^\n"
        "  hint: It is not the way to widen the range today: netsh int ipv4 set dynamicport tcp is. twctl explain "
        "MaxUserPort says more\n");
}

TEST_CASE("every Windows name but one is refused, and says why") {
  std::string writable;
  for (const Setting& setting : settings(Os::windows)) {
    CAPTURE(setting.key);
    if (setting.writable) writable += setting.key;
    if (setting.writable) continue;
    const std::string said = problem("[windows]\n" + std::string(setting.key) + " = 60\n");
    CHECK_FALSE(setting.does_not.empty());
    CHECK(said.find(setting.does_not) != std::string::npos);
  }
  CHECK(writable == "TcpTimedWaitDelay");
}

TEST_CASE("a removed key is no error, and stays as an entry so that a plan can warn") {
  const Profile profile = read("[linux]\nnet.ipv4.tcp_tw_recycle = 1\n");
  REQUIRE(profile.entries.size() == 1);
  CHECK(wish(profile.entries[0]) == "net.ipv4.tcp_tw_recycle = 1");
}

TEST_CASE("the kind of a file follows its ending, else its content") {
  CHECK(file_kind("/x/A.INI", "[sysctl]\n").kind == ProfileKind::ini);
  CHECK(file_kind("x.Reg", "").kind == ProfileKind::reg);
  CHECK(file_kind("x.reg", "\xFF\xFEW").kind == ProfileKind::reg);
  CHECK(file_kind("x", std::string_view("\xFF\xFER\0E\0G\0E\0D\0I\0T\0004\0", 18)).kind == ProfileKind::reg);
  CHECK(file_kind("x", std::string_view("\xFF\xFEv\0m\0", 6)).kind == ProfileKind::sysctl_conf);
  CHECK(file_kind("x", "\r\nREGEDIT4\r\n").kind == ProfileKind::reg);
  CHECK(file_kind("x", "\xEF\xBB\xBFWindows Registry Editor Version 5.00\r\n").kind == ProfileKind::reg);
  CHECK(file_kind("x", "# c\n [linux]\n[sysctl]\n").kind == ProfileKind::ini);
  CHECK(file_kind("tuned.conf", "#\n# tuned configuration\n#\n[main]\nsummary=x\n").kind == ProfileKind::tuned);
  CHECK(file_kind("tuned.conf", "[cpu]\n[sysctl]\n").kind == ProfileKind::tuned);
  CHECK(file_kind("x.conf", "net.ipv4.tcp_tw_reuse = 1\n").kind == ProfileKind::sysctl_conf);
  CHECK(file_kind("x", "").kind == ProfileKind::sysctl_conf);
}
