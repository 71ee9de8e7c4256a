#include <doctest/doctest.h>

#include "base/text.hpp"
#include "profile/profile.hpp"
#include "profile/readers.hpp"
#include "report/error_text.hpp"

using namespace twctl;
using Notes = std::vector<std::string>;

namespace {

Profile read(std::string_view path, std::string_view text) {
  Result<Profile> profile = read_profile_text(path, text);
  REQUIRE_MESSAGE(profile.has_value(), error_text(profile.error()));
  return *std::move(profile);
}

// "KEY = WISH @ LINE", one a line.
std::string wishes(const Profile& profile) {
  std::string text;
  for (const Entry& entry : profile.entries) {
    text += std::string(entry.setting->key) + " = " + to_text(entry.wanted) + " @ " + std::to_string(entry.where.line) +
            "\n";
  }
  return text;
}

// "HAZARD PLACE SETTING: TEXT", one a line.
std::string slips(const Profile& profile) {
  std::vector<std::string> texts;
  for (const Slip& slip : profile.slips) {
    texts.push_back(std::string(slip.hazard) + " " + slip.where.file + ":" + std::to_string(slip.where.line) + " " +
                    std::string(slip.setting->key) + ": " + slip.text);
  }
  return join(texts, "\n");
}

std::string as_utf16(std::string_view ascii) {
  std::string text = "\xFF\xFE";
  for (const char c : ascii) (text += c) += '\0';
  return text;
}

constexpr std::string_view kRegHead =
    "Windows Registry Editor Version 5.00\r\n"
    "\r\n"
    "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters]\r\n";

Profile reg(std::string_view lines) { return read("x.reg", std::string(kRegHead) + std::string(lines)); }

Profile tuned(std::string_view lines) { return read("tuned.conf", "[sysctl]\n" + std::string(lines)); }

}  // namespace

TEST_CASE("K7: a key that is nearly one of ours is named with the one that is meant, and no other key is") {
  const std::string_view text =
      "net.ipv4.tcp_fin_timout=20\nnet.ipv4.tcp_tw_reuse=1\nnet.ipv4.tcp_retries1=3\nvm.swappiness=1\n";
  const std::string near =
      "near-miss FILE:LINE net.ipv4.tcp_fin_timeout: net.ipv4.tcp_fin_timout is no key; did you mean "
      "net.ipv4.tcp_fin_timeout?";
  const auto expected = [&](std::string_view place) {
    std::string said = near;
    return said.replace(said.find("FILE:LINE"), 9, place);
  };
  CHECK(slips(read("x.conf", text)) == expected("x.conf:1"));
  CHECK(slips(tuned(text)) == expected("tuned.conf:2"));
  for (const std::string other : {"sunrpc.tcp_fin_timeout", "net.decnet.tcp_mem", "net.ipv4.tcp_rmem"}) {
    CAPTURE(other);
    CHECK(slips(read("x.conf", "net.ipv4.tcp_tw_reuse = 1\n" + other + " = 1\n")).empty());
  }
}

TEST_CASE("F11: an old name of a key of connection tracking is said to be one, and is no near miss") {
  CHECK(slips(read("x.conf", "net.ipv4.netfilter.ip_conntrack_tcp_timeout_time_wait = 30\n")) ==
        "removed x.conf:1 net.netfilter.nf_conntrack_tcp_timeout_time_wait: "
        "net.ipv4.netfilter.ip_conntrack_tcp_timeout_time_wait is a name of kernels before 4.9; it is now "
        "net.netfilter.nf_conntrack_tcp_timeout_time_wait.");
  CHECK(slips(read("x.conf", "net.ipv4.netfilter.ip_conntrack_tcp_timeout_syn_sent = 30\n")).empty());
}

TEST_CASE("K14: notes stand in the order of their lines, each once") {
  const Profile profile = read("x.conf",
                               "net.ipv4.tcp_fin_timeout=30\nnet.ipv4.tcp_tw_reuse=0x1\nnet.core.somaxconn=abc\n"
                               "net.ipv4.tcp_fin_timeout=020\nnet.core.somaxconn=4096\n");
  std::vector<std::string> places;
  for (const std::string& note : profile.notes) places.push_back(note.substr(0, note.find(' ')));
  CHECK(places == std::vector<std::string>{"x.conf:1:", "x.conf:2:", "x.conf:3:", "x.conf:4:"});
}

TEST_CASE("what is explained and never written is no wish of a foreign profile") {
  const Profile profile = read("x.conf", "net.ipv4.tcp_tw_timeout_inherit = 1\n");
  CHECK(profile.entries.empty());
  CHECK(profile.notes.front() == "x.conf:1: net.ipv4.tcp_tw_timeout_inherit: twctl explains it and never writes it");
}

TEST_CASE("JSON is no profile: a snapshot and a saved plan say which option takes them") {
  const auto refusal = [](std::string_view path, std::string_view text) {
    const Result<Profile> profile = read_profile_text(path, text);
    REQUIRE_FALSE(profile.has_value());
    CHECK(profile.error().code == ErrorCode::invalid);
    return error_text(profile.error());
  };
  CHECK(refusal("web1.json", "{\n  \"format_version\": \"1.0\",\n  \"command\": \"snapshot\"}") ==
        "twctl: web1.json: this is a snapshot of a host, not a file of settings\n"
        "  hint: give it to --from, of plan or audit: twctl audit --from SNAPSHOT\n");
  CHECK(refusal("saved", "{\"command\":\"plan\"}") ==
        "twctl: saved: this is a saved plan, not a file of settings\n"
        "  hint: give it to --plan: twctl apply --plan FILE\n");
  const std::string json =
      "twctl: x: this is JSON; twctl does not read that\n"
      "  hint: it reads sysctl.conf style, TuneD profiles, .reg files and its own profiles. Of anything else write "
      "the settings as lines KEY=VALUE and pipe them in: `echo net.ipv4.tcp_tw_reuse=1 | twctl audit -`; add "
      "--container if a container gets them\n";
  CHECK(refusal("x", " {\"a\": 1}") == json);
  CHECK(refusal("x", "{\"command\"") == json);
  CHECK(refusal("x", "{\"command\": \"") == json);
}

TEST_CASE("sysctl.conf: the last valid assignment wins, as the kernel reads it, and notes say what is odd") {
  const Profile profile = read("x.conf",
                               "net.ipv4.tcp_fin_timeout = 50\n"
                               "net/ipv4/tcp_fin_timeout = 030\n"
                               "net.ipv4.tcp_tw_reuse = 1 # outgoing only\n"
                               "net.ipv4.tcp_tw_reuse = abc\n"
                               "#net.ipv4.tcp_syncookies = 0\n");
  CHECK(profile.kind == ProfileKind::sysctl_conf);
  CHECK(wishes(profile) == "net.ipv4.tcp_tw_reuse = 1 @ 3\nnet.ipv4.tcp_fin_timeout = 24 @ 2\n");
  CHECK(
      profile.notes ==
      Notes{
          "x.conf:1: net.ipv4.tcp_fin_timeout: overridden by line 2", "x.conf:2: 030 is octal: 24",
          "x.conf:3: \"1 # outgoing only\" is read as 1",
          "x.conf:4: the kernel refuses this value, so the line has no effect: \"abc\" is not a number to the kernel"});
}

TEST_CASE("sysctl.conf: keys outside the catalogue are counted once each and left alone") {
  const Profile profile =
      read("x.conf", "vm.swappiness = 1\nvm.swappiness=2\nfs.file-max = 9\nnet.ipv4.tcp_syncookies = 1\n");
  CHECK(wishes(profile) == "net.ipv4.tcp_syncookies = 1 @ 4\n");
  CHECK(profile.out_of_scope == 2);
  CHECK(profile.notes == Notes{"x.conf: sets more than twctl's scope; 2 keys outside it left alone"});
  CHECK(read("x.conf", "vm.swappiness = 1\n").notes ==
        Notes{"x.conf: sets nothing in twctl's scope; 1 key outside it left alone"});
}

TEST_CASE("sysctl.conf: a value that the kernel takes and we do not is left alone with a note") {
  const Profile profile = read("x.conf", "net.ipv4.tcp_fin_timeout = 0\n");
  CHECK(profile.entries.empty());
  CHECK(profile.notes ==
        Notes{"x.conf:1: net.ipv4.tcp_fin_timeout: 0 is less than 1, though the kernel would take it; left alone",
              "x.conf: sets nothing in twctl's scope"});
}

TEST_CASE("sysctl.conf: a removed key is kept so that a plan can warn") {
  CHECK(wishes(read("x.conf", "net.ipv4.tcp_tw_recycle = 1\n")) == "net.ipv4.tcp_tw_recycle = 1 @ 1\n");
}

TEST_CASE("sysctl.conf: lines that assign nothing are counted in one note, without their text") {
  const Profile profile = read("x.conf", "root:secret:1\nnobody:*:2\nvm.swappiness = 1\nfs.file-max = 9\n");
  CHECK(profile.entries.empty());
  CHECK(profile.notes == Notes{"x.conf:1: the first of 2 lines that sysctl passes over: no '='",
                               "x.conf: sets nothing in twctl's scope; 2 keys outside it left alone"});
}

TEST_CASE("a file with a thousand oddities gets twenty notes and a count") {
  std::string text;
  for (int n = 0; n < 1000; ++n) text += "net.ipv4.tcp_tw_reuse = x\n";
  const Profile profile = read("x.conf", text);
  REQUIRE(profile.notes.size() == 22);
  CHECK(profile.notes[20] == "x.conf: 980 more notes");
}

TEST_CASE("sysctl.conf: more than 1024 lines about settings of ours are refused, of others there may be any number") {
  std::string text = "net.ipv4.tcp_tw_reuse = 1\n";
  for (std::size_t n = 0; n < 2000; ++n) text += "a" + std::to_string(n) + "=1\n";
  CHECK(read("x.conf", text).out_of_scope == 2000);
  for (std::size_t n = 0; n < kProfileEntries; ++n) text += "net.ipv4.*=1\n";
  const Result<Profile> profile = read_profile_text("x.conf", text);
  REQUIRE_FALSE(profile.has_value());
  CHECK(error_text(profile.error()) == "twctl: x.conf:3025: more than 1024 lines about settings of the catalogue\n");
}

TEST_CASE("TuneD: values are unquoted, a hash begins a comment, a semicolon does not, the last duplicate wins") {
  const Profile profile = read("tuned.conf",
                               "[main]\n"
                               "summary=Busy hosts ; and more # not this\n"
                               "include=throughput-performance\n"
                               "[sysctl]\n"
                               "type=sysctl\n"
                               "net.ipv4.tcp_tw_reuse=\"1\"\n"
                               "net.ipv4.tcp_fin_timeout = 50\n"
                               "net.ipv4.tcp_fin_timeout = 30 # seconds\n"
                               "net.ipv4.tcp_syncookies = 1 ; on\n"
                               "vm.swappiness=10\n"
                               "[vm]\n"
                               "net.ipv4.tcp_timestamps=0\n");
  CHECK(profile.kind == ProfileKind::tuned);
  CHECK(profile.summary == "Busy hosts");
  CHECK(wishes(profile) ==
        "net.ipv4.tcp_tw_reuse = 1 @ 6\nnet.ipv4.tcp_fin_timeout = 30 @ 8\nnet.ipv4.tcp_syncookies = 1 @ 9\n");
  CHECK(profile.out_of_scope == 1);
  CHECK(profile.notes ==
        Notes{"tuned.conf:3: include=throughput-performance: not followed; name that profile's file too",
              "tuned.conf:8: net.ipv4.tcp_fin_timeout: overrides line 7",
              "tuned.conf:9: net.ipv4.tcp_syncookies: \"1 ; on\" is read as 1",
              "tuned.conf: sets more than twctl's scope; 1 key outside it left alone"});
}

TEST_CASE("TuneD: => only raises, =< only lowers, and a variable is not ours to expand") {
  const Profile profile = tuned(
      "net.core.somaxconn=>8192\n"
      "net.ipv4.tcp_fin_timeout=<30\n"
      "net.ipv4.tcp_tw_reuse=${reuse}\n");
  CHECK(wishes(profile) == "net.core.somaxconn = >= 8192 @ 2\nnet.ipv4.tcp_fin_timeout = <= 30 @ 3\n");
  CHECK(profile.notes == Notes{"tuned.conf:4: net.ipv4.tcp_tw_reuse: ${reuse} is known to TuneD only; left alone"});
}

TEST_CASE("the last line decides also where there is nothing in it for us") {
  const Profile by_tuned = tuned("net.ipv4.tcp_fin_timeout=30\nnet.ipv4.tcp_fin_timeout=${t}\n");
  CHECK(by_tuned.entries.empty());
  CHECK(by_tuned.notes[0] == "tuned.conf:3: net.ipv4.tcp_fin_timeout: overrides line 2");
  CHECK(tuned("net.ipv4.tcp_fin_timeout=30\nnet.ipv4.tcp_fin_timeout=0\n").entries.empty());
  CHECK(tuned("net.ipv4.tcp_fin_timeout=30\nnet.ipv4.tcp_fin_timeout=abc\n").entries.empty());
  CHECK(reg("\"TcpTimedWaitDelay\"=dword:3c\r\n\"TcpTimedWaitDelay\"=\"60\"\r\n").entries.empty());
  CHECK(reg("\"TcpTimedWaitDelay\"=dword:3c\r\n\"TcpTimedWaitDelay\"=dword:1\r\n").entries.empty());
  CHECK(read("x.conf", "net.ipv4.tcp_fin_timeout=30\nnet.ipv4.tcp_fin_timeout=0\n").entries.empty());
}

TEST_CASE("B7: TuneD: a deeper indented line goes on with the value above, an equally deep one does not") {
  CHECK(wishes(tuned("  net.ipv4.tcp_tw_reuse=1\n  net.ipv4.tcp_syncookies=2\n")) ==
        "net.ipv4.tcp_tw_reuse = 1 @ 2\nnet.ipv4.tcp_syncookies = 2 @ 3\n");
  const Profile continued = tuned("net.ipv4.tcp_tw_reuse=1\n  net.ipv4.tcp_syncookies=2\n");
  CHECK(wishes(continued) == "net.ipv4.tcp_tw_reuse = 1 @ 2\n");
  CHECK(wishes(tuned("net.ipv4.ip_local_port_range = 15000\n\n  61000\n")) ==
        "net.ipv4.ip_local_port_range = 15000 61000 @ 2\n");
}

TEST_CASE("B7: TuneD: a line without '=' makes TuneD refuse the whole file") {
  const Profile profile = tuned("net.ipv4.tcp_tw_reuse=1\nnonsense\n");
  CHECK(profile.entries.empty());
  CHECK(profile.notes == Notes{"tuned.conf:3: not KEY=VALUE in a section; TuneD refuses the whole file over it",
                               "tuned.conf: sets nothing in twctl's scope"});
}

TEST_CASE("registry file: dword is hexadecimal, names have no case, the last duplicate wins, - deletes") {
  const Profile profile =
      reg("\"tcptimedwaitdelay\"=dword:00000020\r\n"
          "\"TcpTimedWaitDelay\"=dword:0000003C ; a minute\r\n"
          "\"Unknown\"=dword:00000001\r\n");
  CHECK(profile.kind == ProfileKind::reg);
  CHECK(wishes(profile) == "TcpTimedWaitDelay = 60 @ 5\n");
  CHECK(profile.out_of_scope == 1);
  CHECK(profile.notes == Notes{"x.reg:5: TcpTimedWaitDelay: dword:0000003c is hexadecimal: 60",
                               "x.reg:5: TcpTimedWaitDelay: overrides line 4",
                               "x.reg: sets more than twctl's scope; 1 key outside it left alone"});
  CHECK(slips(profile).empty());  // line 4 does not count
  CHECK(wishes(reg("\"TcpTimedWaitDelay\"=-\r\n")) == "TcpTimedWaitDelay = unset @ 4\n");
  CHECK(wishes(reg("\"TcpTimedWaitDelay\"=hex(4):3c,00,00,00\r\n")) == "TcpTimedWaitDelay = 60 @ 4\n");
}

TEST_CASE("registry file: UTF-16, UTF-8 with a mark and REGEDIT4 read the same") {
  const std::string lines = std::string(kRegHead) + "\"TcpTimedWaitDelay\"=dword:0000003c\r\n";
  const std::string expected = "TcpTimedWaitDelay = 60 @ 4\n";
  CHECK(wishes(read("x.reg", as_utf16(lines))) == expected);
  CHECK(wishes(read("no-ending", as_utf16(lines))) == expected);
  CHECK(wishes(read("x.reg", "\xEF\xBB\xBF" + lines)) == expected);
  CHECK(wishes(read("x.reg", "REGEDIT4" + lines.substr(lines.find('\r')))) == expected);
}

TEST_CASE("registry file: data that goes on below its line is read whole, and later lines keep their numbers") {
  const Profile profile =
      reg("\"Other\"=hex(2):25,00,53,\\\r\n  00,00\r\n\"TcpTimedWaitDelay\"=hex(4):3c,\\\r\n  00,00,\\\r\n  00\r\n"
          "; a comment\\\r\n\"TcpTimedWaitDelay\"=dword:0000001e\r\n");
  CHECK(wishes(profile) == "TcpTimedWaitDelay = 30 @ 10\n");
  CHECK(profile.notes[0] == "x.reg:10: TcpTimedWaitDelay: dword:0000001e is hexadecimal: 30");
  CHECK(profile.notes[1] == "x.reg:10: TcpTimedWaitDelay: overrides line 6");
  CHECK(wishes(reg("\"TcpTimedWaitDelay\"=hex(4):3c,00,00,\\")).empty());
}

TEST_CASE("registry file: a value that twctl never writes is left alone, with the reason") {
  CHECK(slips(reg("\"MaxUserPort\"=dword:0000fffe\r\n")) ==
        "obsolete-value x.reg:4 MaxUserPort: known, but twctl never writes it; left alone. It is not the way to widen "
        "the range "
        "today: netsh int ipv4 set dynamicport tcp is.");
  std::string many;
  for (int line = 0; line < 1000; ++line) many += "\"MaxUserPort\"=dword:0000fffe\r\n";
  const Profile profile = reg(many);
  CHECK(profile.slips.size() == 20);
  CHECK(profile.notes[0] == "x.reg: 980 more notes");
}

TEST_CASE("registry file: digits that look decimal are a slip, others a note") {
  CHECK(slips(reg("\"TcpTimedWaitDelay\"=dword:00000030\r\n")) ==
        "hexadecimal x.reg:4 TcpTimedWaitDelay: dword:00000030 is hexadecimal: 48.");
  CHECK(slips(reg("\"TcpTimedWaitDelay\"=dword:0000001e\r\n")).empty());
  CHECK(slips(reg("\"TcpTimedWaitDelay\"=dword:00000005\r\n")).empty());
  CHECK(reg("\"TcpTimedWaitDelay\"=dword:\ra\r\n").notes ==
        Notes{"x.reg:4: TcpTimedWaitDelay: dword:\\x0da is hexadecimal: 10"});
}

TEST_CASE("registry file: what has no effect is a note") {
  CHECK(reg("\"TcpTimedWaitDelay\"=\"60\"\r\n").notes[0] ==
        "x.reg:4: TcpTimedWaitDelay: no effect, only a REG_DWORD (dword:) counts");
  CHECK(reg("\"TcpTimedWaitDelay\"=dword:xyz\r\n").notes[0] ==
        "x.reg:4: TcpTimedWaitDelay: no effect, dword:xyz is no REG_DWORD");
  CHECK(
      slips(reg("\r\n[HKEY_LOCAL_MACHINE\\System\\CurrentControlSet\\services\\tcpip\\parameters\\Interfaces\\{1}]\r\n"
                "\"TcpTimedWaitDelay\"=dword:0000001e\r\n")) ==
      "without-effect x.reg:6 TcpTimedWaitDelay: no effect under Interfaces; it belongs in Tcpip\\Parameters "
      "itself.");
  CHECK(slips(reg("\r\n[HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Services\\Tcpip\\Parameters]\r\n"
                  "\"TcpTimedWaitDelay\"=dword:0000001e\r\n")) ==
        "without-effect x.reg:6 TcpTimedWaitDelay: counts only where Windows runs from that control set; left alone. "
        "CurrentControlSet is always the right one.");
  CHECK(reg("\r\n[-HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip]\r\n").notes[0] ==
        "x.reg:5: deletes the whole key; left alone");
  CHECK(reg("\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\X]\r\n\"TcpTimedWaitDelay\"=dword:0000001e\r\n").entries.empty());
  CHECK(reg("; \"TcpTimedWaitDelay\"=dword:0000001e\r\n").entries.empty());
  CHECK(reg("\r\n[-HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters]\r\n"
            "\"TcpTimedWaitDelay\"=dword:0000001e\r\n")
            .notes == Notes{"x.reg:5: deletes the whole key; left alone",
                            "x.reg: sets nothing in twctl's scope; 1 key outside it left alone"});
  CHECK(read("x.reg", "\"TcpTimedWaitDelay\"=dword:0000001e\r\n").notes ==
        Notes{"x.reg:1: no registry file: regedit wants \"Windows Registry Editor Version 5.00\" first",
              "x.reg: sets nothing in twctl's scope"});
}

TEST_CASE("K7: a value of a .reg file that is nearly one of ours is named, and no other one is") {
  const std::string key = "REGEDIT4\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters]\n";
  const Profile profile = read("x.reg", key + "\"TcpTimedWaitDelays\"=dword:0000001e\n\"Hostname\"=\"web1\"\n");
  REQUIRE(profile.slips.size() == 1);
  CHECK(profile.slips[0].hazard == "near-miss");
  CHECK(profile.slips[0].text == "TcpTimedWaitDelays is no value that Windows reads; did you mean TcpTimedWaitDelay?");
}
