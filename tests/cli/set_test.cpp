// docs/hostile-input.md, K and V: keys and values, as --set gives them.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/program.hpp"

using namespace twctl::test;

namespace {

const std::string kSecondsHint = "  hint: accepted: 1 to 120 s, in plain decimal\n";

Finished set(const std::string& assignment) {
  Finished run = run_program({.args = {"plan", "--exit-zero", "-q", "--set", assignment}});
  CHECK(run.seconds <= 2.0);
  CHECK(is_printable(run.err));
  return run;
}

// A value of tcp_fin_timeout that is refused, and the first line of why.
struct Refused {
  std::string value;
  std::string why;
};

}  // namespace

TEST_CASE("K01, K03, K04, K10, K11: a key is one of the catalogue's, letter by letter") {
  const std::string known = "; did you mean net.ipv4.tcp_fin_timeout?";
  const std::vector<std::pair<std::string, std::string>> keys{{"net/ipv4/../../kernel/core_pattern", ""},
                                                              {"/proc/sys/kernel/core_pattern", ""},
                                                              {"kernel.core_pattern", ""},
                                                              {"NET.IPV4.TCP_FIN_TIMEOUT", known},
                                                              {"./net.ipv4.tcp_fin_timeout", known},
                                                              {"net//ipv4/tcp_fin_timeout", known},
                                                              {"net/ipv4/tcp_fin_timeout/", known},
                                                              {"net.ipv4.tcp_fin_timout", known}};
  for (const auto& [key, suggestion] : keys) {
    const Finished run = set(key + "=30");
    CHECK(run.code == 65);
    CHECK(run.err == "twctl: --set: " + key + ": unknown setting" + suggestion + "\n    " + key +
                         "=30\n    ^\n  hint: twctl explain lists every setting that a profile may name\n");
  }
}

TEST_CASE("K19: a removed key is warned about, one that this kernel lacks blocks, unless it is optional") {
  CHECK(set("net.ipv4.tcp_tw_recycle=1").code == 0);
  CHECK(set("net.ipv4.tcp_tw_timeout=3").code == 3);
  CHECK(set("-net.ipv4.tcp_tw_timeout=3").code == 0);
}

TEST_CASE("V01 to V16: a value is plain decimal, the whole of it, in our range") {
  const std::vector<Refused> cases{
      {"0x20", "0x20 is hexadecimal; the kernel would read 32"},
      {"020", "020 has a leading zero: octal to the kernel, which would read 16"},
      {"99999999999", "99999999999 is more than 120"},
      {"30 40", "\"40\" after 30; the kernel would ignore it"},
      {"10 ; rm", "\"; rm\" after 10; the kernel would ignore it"},
      {"+5", "+5 has a plus sign; the kernel refuses that"},
      {"5.", "5. is not a whole number: '.' is not a digit"},
      {"5e3", "5e3 is not a whole number: 'e' is not a digit"},
      {"\xef\xbc\x95", "\xef\xbc\x95 is not a whole number: U+FF15 is a full-width digit, not one of 0-9"},
      {"", "a value is missing"}};
  for (const Refused& refused : cases) {
    const Finished run = set("net.ipv4.tcp_fin_timeout=" + refused.value);
    CAPTURE(refused.value);
    CHECK(run.code == 65);
    CHECK(run.err.substr(0, run.err.find('\n')) == "twctl: --set: net.ipv4.tcp_fin_timeout: " + refused.why);
    CHECK(run.err.ends_with("^\n" + kSecondsHint));
  }
  CHECK(set("net.ipv4.tcp_syncookies=9").err ==
        "twctl: --set: net.ipv4.tcp_syncookies: 9 is more than 2, though the kernel would take it\n"
        "    net.ipv4.tcp_syncookies=9\n"
        "                            ^\n"
        "  hint: accepted: 0 (off), 1 (when the SYN queue overflows), 2 (always)\n");
}

TEST_CASE("V10, V17, V21: blanks around a value are none of it, pairs and port sets are read as such") {
  CHECK(set("net.ipv4.tcp_fin_timeout= 30 ").code == 0);
  CHECK(set("net.ipv4.ip_local_port_range=32768 60999").code == 0);
  CHECK(set("net.ipv4.ip_local_reserved_ports=8080,1-5,3-9").code == 0);
  CHECK(set("net.ipv4.ip_local_port_range=2000").code == 65);
}
