#include <doctest/doctest.h>

#include "journal/file_lines.hpp"
#include "support/names.hpp"
#include "sysctl/boot_edit.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

std::optional<std::string> own(const std::optional<std::string>& before, std::vector<LineChange> changes) {
  return render_boot_file(kOwnBootFile, before, changes).value();
}

std::optional<std::string> conf(const std::optional<std::string>& before, std::vector<LineChange> changes) {
  return render_boot_file(kSysctlConf, before, changes).value();
}

}  // namespace

TEST_CASE("our own file has a line a setting with its why, and reads back") {
  const auto bytes = own(std::nullopt, {{kFin, "30", "sooner"}, {kReuse, "1", "two\nlines"}});
  REQUIRE(bytes);
  CHECK(bytes->ends_with("\n# sooner\nnet.ipv4.tcp_fin_timeout = 30\n\n# two\\x0alines\nnet.ipv4.tcp_tw_reuse = 1\n"));
  CHECK((parse_own_file(*bytes) == std::vector<OwnLine>{{kFin, "30", "sooner"}, {kReuse, "1", "two\\x0alines"}}));
}

TEST_CASE("a second change merges: keys not named stay, the same again gives the same bytes") {
  const auto first = own(std::nullopt, {{kFin, "30", "a"}, {kReuse, "1", "b"}});
  const auto second = own(first, {{kFin, "20", "c"}});
  CHECK((second == own(std::nullopt, {{kFin, "20", "c"}, {kReuse, "1", "b"}})));
  CHECK((own(second, {{kFin, "20", "c"}}) == second));
}

TEST_CASE("the last line to go takes our own file with it") {
  const auto first = own(std::nullopt, {{kFin, "30", "a"}});
  CHECK((own(first, {{kFin, std::nullopt, ""}}) == std::nullopt));
}

TEST_CASE("our own file without one change of it: what somebody has restored from a backup since stays") {
  const auto first = own(std::nullopt, {{kFin, "30", "a"}});
  const FileChange change{std::string(kOwnBootFile), first, own(first, {{kFin, "20", "b"}, {kReuse, "1", "c"}})};
  CHECK(without_change(change, change.after).value() == change.before);
  CHECK(without_change(change, first).value() == first);                // the older file: the change is no part of it
  CHECK(without_change(change, std::nullopt).value() == std::nullopt);  // deleted
  const std::string cookies = "net.ipv4.tcp_syncookies";
  const auto restored = own(std::nullopt, {{kFin, "20", "b"}, {cookies, "2", "d"}});
  CHECK(without_change(change, restored).value() == own(std::nullopt, {{kFin, "30", "a"}, {cookies, "2", "d"}}));
}

TEST_CASE("our own file with any byte changed is somebody else's and is refused") {
  const std::string bytes = own(std::nullopt, {{kFin, "30", "a"}}).value();
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CAPTURE(at);
    CHECK_FALSE(parse_own_file(changed));
  }
  CHECK_FALSE(parse_own_file(bytes + "net.ipv4.ip_forward = 1\n"));
  const auto refused = render_boot_file(kOwnBootFile, bytes + "\n", std::vector<LineChange>{{kFin, "20", ""}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::refused);
  CHECK(refused.error().message ==
        "/etc/sysctl.d/60-twctl.conf has been changed by somebody else since twctl wrote it");
}

TEST_CASE("sysctl.conf: the line in force is replaced in place and every other byte stays") {
  CHECK((conf("# note\r\n net/ipv4/tcp_fin_timeout =\t 60 \r\nx = 1", {{kFin, "30", ""}}) ==
         "# note\r\n net/ipv4/tcp_fin_timeout =\t 30 \r\nx = 1"));
  CHECK((conf("net.ipv4.tcp_fin_timeout = 50\nnet.ipv4.tcp_fin_timeout = 60\n", {{kFin, "30", ""}}) ==
         "net.ipv4.tcp_fin_timeout = 50\nnet.ipv4.tcp_fin_timeout = 30\n"));
  CHECK((conf("#net.ipv4.tcp_fin_timeout = 60\n-net.ipv4.tcp_fin_timeout=60\n", {{kFin, "30", ""}}) ==
         "#net.ipv4.tcp_fin_timeout = 60\n-net.ipv4.tcp_fin_timeout=30\n"));
}

TEST_CASE("sysctl.conf: where the loaders read different lines, what each has as its last one is set") {
  // To procps a vertical tab is a blank and a separator at the end an error; to systemd it is the other way round.
  CHECK((conf("net.ipv4.tcp_fin_timeout = 50\nnet.ipv4.tcp_fin_timeout\v=\f60\n", {{kFin, "30", ""}}) ==
         "net.ipv4.tcp_fin_timeout = 30\nnet.ipv4.tcp_fin_timeout\v=30\n"));
  CHECK((conf("net.ipv4.tcp_fin_timeout. = 60\n", {{kFin, "30", ""}}) ==
         "net.ipv4.tcp_fin_timeout. = 30\n\n# Set by twctl:\nnet.ipv4.tcp_fin_timeout = 30\n"));
  CHECK((conf("net..ipv4.tcp_fin_timeout =\n", {{kFin, "30", ""}}) == "net..ipv4.tcp_fin_timeout =30\n"));
  CHECK((conf("x = 1\nnet.ipv4.tcp_fin_timeout. = 60\nnet.ipv4.tcp_fin_timeout\v=60\n", {{kFin, std::nullopt, ""}}) ==
         "x = 1\n"));
}

TEST_CASE("sysctl.conf: missing keys come under one heading, in the file's own line ends") {
  const auto once = conf("a = 1\r\nb = 2", {{kFin, "30", ""}, {kReuse, "1", ""}});
  CHECK((once ==
         "a = 1\r\nb = 2\r\n\r\n# Set by twctl:\r\nnet.ipv4.tcp_fin_timeout = 30\r\nnet.ipv4.tcp_tw_reuse = 1\r\n"));
  CHECK((conf(once, {{kFin, "20", ""}, {"net.core.somaxconn", "4096", ""}}) ==
         "a = 1\r\nb = 2\r\n\r\n# Set by twctl:\r\nnet.ipv4.tcp_fin_timeout = 20\r\nnet.ipv4.tcp_tw_reuse = 1\r\n"
         "net.core.somaxconn = 4096\r\n"));
  CHECK((conf(std::nullopt, {{kFin, "30", ""}}) == "# Set by twctl:\nnet.ipv4.tcp_fin_timeout = 30\n"));
}

TEST_CASE("sysctl.conf: unset takes every line of the key out") {
  CHECK((conf("net.ipv4.tcp_fin_timeout = 50\nx = 1\nnet/ipv4/tcp_fin_timeout = 60\n", {{kFin, std::nullopt, ""}}) ==
         "x = 1\n"));
}

TEST_CASE("sysctl.conf: what the loaders cut into lines differently is refused") {
  for (const std::string& bytes : {std::string("a = 1\rb = 2\r"), std::string("a = 1\0b = 2\n", 12)}) {
    const auto refused = render_boot_file(kSysctlConf, bytes, std::vector<LineChange>{{kFin, "30", ""}});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::invalid);
  }
}
