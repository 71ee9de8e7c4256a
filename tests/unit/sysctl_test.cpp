#include "formats/sysctl.hpp"

#include <doctest/doctest.h>

#include "sysctl/line_settings.hpp"

using namespace twctl;
using namespace std::string_view_literals;

namespace {

std::vector<std::string> assigned(std::string_view text, Loader loader) {
  std::vector<std::string> lines;
  for (const Assignment& said : read_assignments(text, loader).assignments)
    lines.push_back(said.key + "=" + said.value);
  return lines;
}

std::string problem_of(std::string_view text, Loader loader) {
  const AssignmentFile file = read_assignments(text, loader);
  return file.bad_lines.empty() ? "" : file.bad_lines.front().problem;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("blanks, comments and both spellings of a key read alike for both loaders") {
  const auto text =
      "# a comment\n ; another\n\n\t net.ipv4.tcp_fin_timeout\t=  30 \r\nnet/ipv4/conf/eth0.1/rp_filter=1"sv;
  for (const Loader loader : {Loader::systemd, Loader::procps}) {
    const AssignmentFile file = read_assignments(text, loader);
    CHECK(file.bad_lines.empty());
    CHECK(file.assignments ==
          std::vector<Assignment>{{.key = "net.ipv4.tcp_fin_timeout", .value = "30", .line = 4},
                                  {.key = "net.ipv4.conf.eth0/1.rp_filter", .value = "1", .line = 5}});
  }
}

TEST_CASE("a dash before an assignment ignores errors, before a bare key it excludes") {
  const AssignmentFile file = read_assignments("-net.ipv4.a = 1\n-net.ipv4.b\n", Loader::systemd);
  CHECK(file.assignments ==
        std::vector<Assignment>{{.key = "net.ipv4.a", .value = "1", .line = 1, .ignore_errors = true},
                                {.key = "net.ipv4.b", .line = 2, .exclusion = true}});
}

TEST_CASE("nothing is cut off a value at '#', quotes or a second '='") {
  CHECK(assigned("a = 17 # note\nb = \"17\"\nc = 17 = 18\n", Loader::procps) ==
        Lines{"a=17 # note", "b=\"17\"", "c=17 = 18"});
}

TEST_CASE("a lone CR or a NUL ends a line for systemd only") {
  CHECK(assigned("a = 1\rb = 2\n", Loader::systemd) == Lines{"a=1", "b=2"});
  CHECK(assigned("a = 1\rb = 2\n", Loader::procps) == Lines{"a=1\rb = 2"});
  CHECK(assigned("a = 1\0b = 2\nc = 3"sv, Loader::systemd) == Lines{"a=1", "b=2", "c=3"});
  CHECK(assigned("a = 1\0b = 2\nc = 3"sv, Loader::procps) == Lines{"a=1", "c=3"});
}

TEST_CASE("systemd tidies separators, procps keeps the spelling") {
  CHECK(assigned(".net..ipv4.x. = 1", Loader::systemd) == Lines{"net.ipv4.x=1"});
  CHECK(assigned(".net..ipv4.x = 1", Loader::procps) == Lines{".net..ipv4.x=1"});
  CHECK(key_matches(".net..ipv4.x", "net.ipv4.x"));
}

TEST_CASE("a line that no kernel could take says why") {
  for (const Loader loader : {Loader::systemd, Loader::procps}) {
    CHECK(problem_of("net.ipv4.x 17", loader) == "no '='");
    CHECK(problem_of("= 17", loader) == "no key before '='");
    CHECK(problem_of("net.ipv4.x\xc2\xa0= 17", loader) == "U+00A0 in the key");
    CHECK(problem_of("\xef\xbb\xbfnet.ipv4.x = 17", loader) == "U+FEFF in the key");
    CHECK(problem_of("\xef\xbb\xbf# note", loader) == "no '=', and U+FEFF in the key");
    CHECK(problem_of("sysctl -w net.ipv4.x = 17", loader) == "a blank in the key");
    CHECK(problem_of("/proc/sys/net/ipv4/x = 17", loader) == "a key is written without /proc/sys/");
  }
  CHECK(problem_of("net.ipv4.x. = 17", Loader::procps) == "a separator at the end of the key");
  CHECK(problem_of("- net.ipv4.x = 17", Loader::procps) == "a blank in the key");
  CHECK(problem_of("net/ipv4/../ipv4/x = 17", Loader::systemd) == "'..' in the key");
}

TEST_CASE("procps takes a second dash off a key, and an exclusion by its spelling") {
  CHECK(assigned("--a.b = 1", Loader::procps) == Lines{"a.b=1"});
  CHECK(problem_of("--a.b = 1", Loader::systemd) == "a '-' too many");
  const Assignment said{.key = "net.ipv4.tcp_*", .exclusion = true};
  CHECK(concerns(said, "net.ipv4.tcp_fin_timeout", Loader::systemd));
  CHECK_FALSE(concerns(said, "net.ipv4.tcp_fin_timeout", Loader::procps));
}

TEST_CASE("for procps a separator at the end spoils a key, but not a pattern whose last part is plain") {
  CHECK(assigned("net.*.tcp_syncookies. = 1", Loader::procps) == Lines{"net.*.tcp_syncookies.=1"});
  CHECK(assigned("net/[i]pv4/tcp_syncookies// = 1", Loader::procps) == Lines{"net.[i]pv4.tcp_syncookies..=1"});
  for (const auto key : {"net.ipv4.tcp_syncookies.", "net.ipv4.tcp_syncoo*.", "net/*/tcp_syncookies/."}) {
    CAPTURE(key);
    CHECK(problem_of(std::string(key) + " = 1", Loader::procps) == "a separator at the end of the key");
  }
}

TEST_CASE("what a pattern comes to has no separator at its end") {
  const Assignment said{.key = "net.*.tcp_syncookies..", .value = "1"};
  CHECK(glob_result(said, "net.ipv4.tcp_syncookies") == "net.ipv4.tcp_syncookies");
}

TEST_CASE("a key is ordinary if it can mean nothing but itself") {
  for (const char* key : {"net.ipv4.tcp_tw_reuse", "net.ipv4.conf.eth0-1.x", "kernel", "Net.X"}) {
    CAPTURE(key);
    CHECK(is_ordinary_key(key));
  }
  for (const char* key :
       {"", ".", "net.ipv4.*", "net.ipv4.x?", "net.[c]ore.x", "net.{core,ipv4}.x", "net..core.x", ".net.x", "net.x.",
        "net.ipv4/x", "-net.x", "net. x", "net.x\\", "proc.sys.net.x", "net.\xC2\xA0x"}) {
    CAPTURE(key);
    CHECK_FALSE(is_ordinary_key(key));
  }
}
