// The cases of docs/hostile-input.md that parsing decides: profile files (P), keys (K), values (V).
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "profile/profile.hpp"
#include "profile/readers.hpp"
#include "profile/set_option.hpp"
#include "report/error_text.hpp"
#include "support/program.hpp"
#include "support/run_cli.hpp"

using namespace twctl;
using test::first_line;

namespace {

using namespace std::string_literals;

constexpr std::string_view kSoundProfile = "[linux]\nnet.ipv4.tcp_fin_timeout = 30\n";
constexpr std::string_view kInclude =
    "\n  hint: a line is KEY = VALUE, [SECTION] or a comment; no file includes another\n";

// What the renderer makes of the error, or "" if there is none.
std::string outcome(std::string_view path, std::string_view text) {
  const Result<Profile> profile = read_profile_text(path, text);
  if (profile) return {};
  CHECK(profile.error().code == ErrorCode::invalid);
  return error_text(profile.error());
}

struct HostileCase {
  std::string id;
  std::string text;     // of the file; or the value, or the key
  std::string message;  // first line of the error without "twctl: "; "" for no error
};

}  // namespace

TEST_CASE("hostile profile files are refused with file, line and reason") {
  const std::vector<HostileCase> cases{
      {"P01", "", "p.ini: names no setting and no parent"},
      {"P02", "# nothing\n; here\n", "p.ini: names no setting and no parent"},
      {"P08", std::string(kSoundProfile) + ";" + std::string(kProfileLimit - kSoundProfile.size() - 1, '\n'), ""},
      {"P08", std::string(kSoundProfile) + ";" + std::string(kProfileLimit - kSoundProfile.size(), '\n'),
       "p.ini: larger than 256 KiB"},
      {"P10", "[linux]\nnet.ipv4\0.x = 1\n"s, "p.ini:2: control character \\x00"},
      {"P11", "\xEF\xBB\xBF" + std::string(kSoundProfile), ""},
      {"P11", "\n\xEF\xBB\xBF" + std::string(kSoundProfile),
       "p.ini:2: U+FEFF, a character that hides or reorders text"},
      {"P13", "[linux]\r\nnet.ipv4.tcp_fin_timeout = 30\r\n", ""},
      {"P14", "[linux]\rnet.ipv4.tcp_fin_timeout = 30\r", "p.ini:1: carriage return without line feed"},
      {"P14", "[linux]\r\nnet.ipv4.tcp_fin_timeout = 30\r", "p.ini:2: carriage return without line feed"},
      {"P16", std::string(kSoundProfile) + ";" + std::string(4096, 'x'),
       "p.ini:3: line of 4097 bytes; the most is 4096"},
      {"P16", std::string(kSoundProfile) + ";" + std::string(4095, 'x'), ""},
      {"P19", "[linux]\nnet.ipv4.tcp_tw_reuse=1\nnet/ipv4/tcp_tw_reuse=1\n",
       "p.ini:3: net/ipv4/tcp_tw_reuse: given twice, first in line 2"},
      {"P20", "[kernel]\n", "p.ini:1: [kernel]: unknown section"},
      {"P20", "[" + std::string(60, 'l') + "]\n", "p.ini:1: [" + std::string(60, 'l') + "]: unknown section"},
      {"P22", "[linux]\nnet.ipv4.tcp_tw_reuse\n", "p.ini:2: no '='"},
      {"P23", "net.ipv4.tcp_tw_reuse = 1\n[linux]\n", "p.ini:1: a key before the first section"},
      {"P25", "[linux]\n%include /etc/shadow\n", "p.ini:2: no '='"},
      {"P25", "[linux]\n%include = /etc/shadow\n", "p.ini:2: %include: unknown setting"},
      {"P25", "[profile]\ninclude = /etc/shadow\n", "p.ini:2: include: unknown key in [profile]"},
      {"P25", "[profile]\nextends = /etc/shadow\n", "p.ini:2: \"/etc/shadow\" is not the name of a profile"},
      {"P26", "[linux]\n$(reboot)\n", "p.ini:2: no '='"},
      {"P26", "[linux]\n`reboot` = 1\n", "p.ini:2: `reboot`: unknown setting"},
      {"P28", "[linux]\nnet.ipv4.\x1b[2J = 1\n", "p.ini:2: control character \\x1b"},
      {"P28", "[linux]\nnet.ipv4.tcp_tw_reuse = \x1b[31m1\n", "p.ini:2: control character \\x1b"},
      {"P28", "[linux]\n; \x1b]0;title\x07\n", "p.ini:2: control character \\x1b"},
      {"P28", "[linux]\n; \x7f\n", "p.ini:2: control character \\x7f"},
      {"P28",
       "[linux]\n; \xC2\x9B"
       "2J\n",
       "p.ini:2: control character \\u009b"},
      {"P29", "[linux]\n; \xE2\x80\xAE\n", "p.ini:2: U+202E, a character that hides or reorders text"},
      {"P29", "[linux]\nnet.ipv4.tcp_\xE2\x80\x8Btw_reuse = 1\n",
       "p.ini:2: U+200B, a character that hides or reorders text"},
      {"P30", "[linux]\n; caf\xE9\n", "p.ini:2: byte \\xe9, which is not UTF-8"},
      {"P30", "[linux]\n; \xC0\xAF\n", "p.ini:2: byte \\xc0, which is not UTF-8"},
      {"P30", "[linux]\n; \xED\xA0\x80\n", "p.ini:2: byte \\xed, which is not UTF-8"},
      {"P30", "[linux]\n; \xE2\x80", "p.ini:2: byte \\xe2, which is not UTF-8"},
  };
  for (const HostileCase& hostile : cases) {
    CAPTURE(hostile.id);
    const std::string text = outcome("p.ini", hostile.text);
    CHECK(first_line(text) == (hostile.message.empty() ? "" : "twctl: " + hostile.message));
    CHECK(test::is_printable(text));
  }
}

TEST_CASE("P17: the 1025th entry is one too many, whatever the entries are") {
  std::string text = "[linux]\n";
  for (std::size_t entry = 0; entry < kProfileEntries; ++entry) text += "x = 1\n";
  CHECK(first_line(outcome("p.ini", text)) == "twctl: p.ini:2: x: unknown setting");
  CHECK(first_line(outcome("p.ini", text + "x = 1\n")) == "twctl: p.ini:1026: more than 1024 entries");
}

TEST_CASE("P28, P29: the offending character is shown escaped, with the caret under it") {
  CHECK(outcome("p.ini", "[linux]\nkey\x1b = 1\n") ==
        "twctl: p.ini:2: control character \\x1b\n"
        "    key\\x1b = 1\n"
        "       ^\n");
  CHECK(outcome("p.ini", "[linux]\n; a\xE2\x80\xAE\n") ==
        "twctl: p.ini:2: U+202E, a character that hides or reorders text\n"
        "    ; a\\u202e\n"
        "       ^\n");
}

TEST_CASE("P25: a line that would include a file is refused, and no file is read for it") {
  CHECK(outcome("p.ini", "[linux]\n%include /etc/shadow\n") ==
        "twctl: p.ini:2: no '='\n"
        "    %include /etc/shadow\n"
        "    ^" +
            std::string(kInclude));
}

TEST_CASE("P01, P02: files of other kinds that set nothing are fine, with a note") {
  for (const std::string text : {"", "# Debian's stock file\n#net.ipv4.tcp_syncookies=1\n"}) {
    const Result<Profile> profile = read_profile_text("/etc/sysctl.conf", text);
    REQUIRE(profile.has_value());
    CHECK(profile->entries.empty());
    CHECK(profile->notes == std::vector<std::string>{"/etc/sysctl.conf: sets nothing in twctl's scope"});
  }
}

TEST_CASE("hostile keys are unknown settings, in a profile and in --set") {
  const std::vector<HostileCase> cases{
      {"K01", "net/ipv4/../../kernel/core_pattern", "net/ipv4/../../kernel/core_pattern: unknown setting"},
      {"K03", "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/core_pattern: unknown setting"},
      {"K03", "/proc/sys/net/ipv4/tcp_tw_reuse",
       "/proc/sys/net/ipv4/tcp_tw_reuse: unknown setting; did you mean net.ipv4.tcp_tw_reuse?"},
      {"K04", "kernel.core_pattern", "kernel.core_pattern: unknown setting"},
      {"K10", "NET.IPV4.TCP_TW_REUSE", "NET.IPV4.TCP_TW_REUSE: unknown setting; did you mean net.ipv4.tcp_tw_reuse?"},
      {"K11", "./net/ipv4/tcp_tw_reuse",
       "./net/ipv4/tcp_tw_reuse: unknown setting; did you mean net.ipv4.tcp_tw_reuse?"},
      {"K11", "net//ipv4/tcp_tw_reuse", "net//ipv4/tcp_tw_reuse: unknown setting; did you mean net.ipv4.tcp_tw_reuse?"},
      {"K11", "net/ipv4/tcp_tw_reuse/", "net/ipv4/tcp_tw_reuse/: unknown setting; did you mean net.ipv4.tcp_tw_reuse?"},
      {"K11", "net/ipv4.tcp_tw_reuse", "net/ipv4.tcp_tw_reuse: unknown setting; did you mean net.ipv4.tcp_tw_reuse?"},
      {"K12", "net.ipv4.tcp_tw_\xC2\xA0reuse",
       "net.ipv4.tcp_tw_\\u00a0reuse: unknown setting; did you mean net.ipv4.tcp_tw_reuse?"},
      {"K13", "net.ipv4.*", "net.ipv4.*: unknown setting"},
      {"K14", "- net.ipv4.tcp_tw_reuse",
       "- net.ipv4.tcp_tw_reuse: unknown setting; did you mean net.ipv4.tcp_tw_reuse?"},
      {"K14", "--net.ipv4.tcp_tw_reuse",
       "--net.ipv4.tcp_tw_reuse: unknown setting; did you mean net.ipv4.tcp_tw_reuse?"},
      {"K19", "net.ipv4.tcp_tw_recycle", ""},
      {"K19", "-net.ipv4.tcp_tw_recycle", ""},
      {"K20", std::string(126, 'k'), std::string(126, 'k') + ": unknown setting"},
  };
  for (const HostileCase& hostile : cases) {
    CAPTURE(hostile.id);
    CAPTURE(hostile.text);
    const std::string expected = hostile.message.empty() ? "" : "twctl: p.ini:2: " + hostile.message;
    CHECK(first_line(outcome("p.ini", "[linux]\n" + hostile.text + " = 1\n")) == expected);

    const Result<Entry> entry = parse_set_option(Os::linux_kernel, hostile.text + "=1");
    CHECK((entry ? "" : entry.error().message) == hostile.message);
    CHECK((entry || entry.error().code == ErrorCode::invalid));
  }
}

TEST_CASE("K04: a key outside the catalogue is left alone and counted in a sysctl.conf file") {
  const Result<Profile> profile =
      read_profile_text("x.conf", "kernel.core_pattern = |/bin/sh\nnet/ipv4/../../kernel/core_pattern = 1\n");
  REQUIRE(profile.has_value());
  CHECK(profile->entries.empty());
  CHECK(profile->out_of_scope == 2);
}

TEST_CASE("hostile values are refused, in a profile and in --set") {
  const std::vector<HostileCase> cases{
      {"P26", "$(reboot)", "$(reboot) is not a whole number: '$' is not a digit"},
      {"P26", "${HOME}", "${HOME} is not a whole number: '$' is not a digit"},
      {"P26", "`reboot`", "`reboot` is not a whole number: '`' is not a digit"},
      {"P40", "10; rm", "10; is not a whole number: ';' is not a digit"},
      {"P40", "10 rm", "\"rm\" after 10; the kernel would ignore it"},
      {"V01", "0x20", "0x20 is hexadecimal; the kernel would read 32"},
      {"V02", "020", "020 has a leading zero: octal to the kernel, which would read 16"},
      {"V04", "99999999999", "99999999999 is more than 120"},
      {"V05", "30 40", "\"40\" after 30; the kernel would ignore it"},
      {"V10", "+5", "+5 has a plus sign; the kernel refuses that"},
      {"V10", "5.", "5. is not a whole number: '.' is not a digit"},
      {"V10", "5e3", "5e3 is not a whole number: 'e' is not a digit"},
      {"V10", "\xEF\xBC\x95", "\xEF\xBC\x95 is not a whole number: U+FF15 is a full-width digit, not one of 0-9"},
      {"V11", "", "a value is missing"},
      {"V12", "\"30\"", "\"30\" has quotes; the kernel refuses that"},
      {"V12", "30s", "30s is not a whole number: 's' is not a digit"},
      {"V12", "-5", "-5 is less than 1, though the kernel would take it"},
  };
  for (const HostileCase& hostile : cases) {
    CAPTURE(hostile.id);
    CAPTURE(hostile.text);
    const std::string from_file = outcome("p.ini", "[linux]\nnet.ipv4.tcp_fin_timeout = " + hostile.text + "\n");
    const Result<Entry> entry = parse_set_option(Os::linux_kernel, "net.ipv4.tcp_fin_timeout=" + hostile.text);
    REQUIRE_FALSE(entry.has_value());
    CHECK(entry.error().code == ErrorCode::invalid);
    CHECK(first_line(from_file) == "twctl: p.ini:2: " + entry.error().message);
    CHECK(entry.error().message == "net.ipv4.tcp_fin_timeout: " + hostile.message);
    CHECK(test::is_printable(from_file));
  }
}

TEST_CASE("P40: in --set nothing begins a comment") {
  const Result<Entry> entry = parse_set_option(Os::linux_kernel, "net.ipv4.tcp_fin_timeout=10 ; rm");
  REQUIRE_FALSE(entry.has_value());
  CHECK(error_text(entry.error()) ==
        "twctl: --set: net.ipv4.tcp_fin_timeout: \"; rm\" after 10; the kernel would ignore it\n"
        "    net.ipv4.tcp_fin_timeout=10 ; rm\n"
        "                                ^\n"
        "  hint: accepted: 1 to 120 s, in plain decimal\n");
}

TEST_CASE("V10: blanks around a value are no part of it") {
  CHECK(outcome("p.ini", "[linux]\nnet.ipv4.tcp_fin_timeout =  \t30 \t\n").empty());
  CHECK(parse_set_option(Os::linux_kernel, " net.ipv4.tcp_fin_timeout = 30 ").has_value());
}

TEST_CASE("V16: a value that only the kernel accepts is refused") {
  CHECK(first_line(outcome("p.ini", "[linux]\nnet.ipv4.tcp_syncookies = 9\n")) ==
        "twctl: p.ini:2: net.ipv4.tcp_syncookies: 9 is more than 2, though the kernel would take it");
}
