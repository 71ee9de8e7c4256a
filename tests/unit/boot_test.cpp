#include <doctest/doctest.h>

#include "support/names.hpp"
#include "sysctl/boot_replay.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

BootOutcome outcome(const std::vector<BootFile>& files, Loader loader, std::string_view key = kFin) {
  return LoaderReplay(parse_boot_files(files), loader, {}).outcome(row(key));
}

BootOutcome outcome_with(const BootConfig& config, Loader loader, const SupposedLine& line,
                         std::string_view key = kFin) {
  return LoaderReplay(config, loader, {}).outcome_with(row(key), line);
}

// "taken /etc/a.conf:1 = 10"; '*' for the line that decides, '~' for one whose file is read again.
std::string fates(const BootOutcome& outcome) {
  constexpr std::string_view kNames[] = {"taken", "refused", "not written", "no assignment", "removed", "not there"};
  std::string text;
  for (const LineFate& line : outcome.lines) {
    text += std::string(kNames[static_cast<int>(line.fate)]) + (line.decides ? "* " : line.read_again ? "~ " : " ");
    text += line.line.where.file + ":" + std::to_string(line.line.where.line) + " = " + line.line.value + "\n";
  }
  return text;
}

std::string fin(std::string_view value) { return std::string(kFin).append(" = ").append(value).append("\n"); }

std::string said(const BootOutcome& outcome) {
  if (!outcome.value) return "default";
  return *outcome.value + " by " + outcome.decided_by->file + ":" + std::to_string(outcome.decided_by->line);
}

std::vector<std::string> texts_of(const BootOutcome& outcome) {
  std::vector<std::string> texts;
  for (const LineNote& note : outcome.notes) texts.push_back(to_text(note));
  return texts;
}

using Paths = std::vector<std::string>;

}  // namespace

TEST_CASE("files are read by name, and a name in /etc masks it elsewhere") {
  const BootConfig config = parse_boot_files(std::vector<BootFile>{{.path = "/usr/lib/sysctl.d/60-b.conf"},
                                                                   {.path = "/usr/lib/sysctl.d/50-a.conf"},
                                                                   {.path = "/etc/sysctl.d/60-b.conf"},
                                                                   {.path = "/run/sysctl.d/60-b.conf"},
                                                                   {.path = "/lib/sysctl.d/50-a.conf"},
                                                                   {.path = "/etc/sysctl.conf"}});
  CHECK(reading_order(config, Loader::systemd) == Paths{"/usr/lib/sysctl.d/50-a.conf", "/etc/sysctl.d/60-b.conf"});
  CHECK(reading_order(config, Loader::procps) ==
        Paths{"/usr/lib/sysctl.d/50-a.conf", "/etc/sysctl.d/60-b.conf", "/etc/sysctl.conf"});
  CHECK(reading_order(config, Loader::none).empty());
}

TEST_CASE("a text that is read once is one that both loaders read alike") {
  const std::vector<std::string> parts{"a.b = 1",
                                       "a/b=1",
                                       "-a.b = 1",
                                       "--a.b = 1",
                                       "-a.b",
                                       "a",
                                       "a.b",
                                       "# a = 1",
                                       "; x",
                                       "",
                                       " \t",
                                       "a.b =",
                                       "= 1",
                                       "a b = 1",
                                       "a.*.b=1",
                                       "a..b=1",
                                       "a.b. = 1",
                                       "\va.b=1",
                                       "a.b=1\f",
                                       "a.b=1\r",
                                       "a=1\rb=2",
                                       "./a.b = 1",
                                       "a=1#",
                                       "a.b=x=y",
                                       "\xEF\xBB\xBF"
                                       "a=1"};
  int alike = 0;
  for (const std::string& first : parts) {
    for (const std::string& second : parts) {
      const std::string text = first + "\n" + second + "\n";
      CAPTURE(text);
      const BootConfig config =
          parse_boot_files(std::vector<BootFile>{{.path = "/etc/sysctl.d/a.conf", .bytes = text}});
      for (const Loader loader : {Loader::systemd, Loader::procps}) {
        const AssignmentFile& read = as_read_by(loader, config.files.front());
        const AssignmentFile alone = read_assignments(text, loader);
        CHECK(read.assignments == alone.assignments);
        CHECK(read.bad_lines == alone.bad_lines);
      }
      alike += config.files.front().systemd ? 0 : 1;
    }
  }
  CHECK(alike == 8 * 8);  // "a.b = 1", two comments, two blank lines, "a.b =", "a=1#" and "a.b=x=y"
}

TEST_CASE("a link to /dev/null, a directory and a dangling link mask too, and give nothing") {
  const std::vector<BootFile> files{{.path = "/etc/sysctl.d/10-a.conf", .link_target = "/dev/null"},
                                    {.path = "/etc/sysctl.d/20-b.conf", .problem = "Is a directory"},
                                    {.path = "/usr/lib/sysctl.d/10-a.conf", .bytes = fin("10")},
                                    {.path = "/usr/lib/sysctl.d/20-b.conf", .bytes = fin("20")}};
  CHECK(said(outcome(files, Loader::systemd)) == "default");
  CHECK(said(outcome(files, Loader::procps)) == "default");
}

TEST_CASE("only procps reads hidden files") {
  const std::vector<BootFile> files{{.path = "/etc/sysctl.d/.50-a.conf", .bytes = fin("10")}};
  CHECK(said(outcome(files, Loader::systemd)) == "default");
  CHECK(said(outcome(files, Loader::procps)) == "10 by /etc/sysctl.d/.50-a.conf:1");
}

TEST_CASE("/etc/sysctl.conf is read last by procps, by systemd only through a link and by that link's name") {
  std::vector<BootFile> files{{.path = "/etc/sysctl.conf", .bytes = fin("10")},
                              {.path = "/etc/sysctl.d/99-zz.conf", .bytes = fin("20")}};
  CHECK(said(outcome(files, Loader::systemd)) == "20 by /etc/sysctl.d/99-zz.conf:1");
  CHECK(said(outcome(files, Loader::procps)) == "10 by /etc/sysctl.conf:1");

  files.push_back({.path = "/etc/sysctl.d/99-sysctl.conf", .link_target = "../sysctl.conf", .bytes = fin("10")});
  const BootOutcome systemd = outcome(files, Loader::systemd);
  CHECK(said(systemd) == "20 by /etc/sysctl.d/99-zz.conf:1");
  CHECK(fates(systemd) ==
        "not written /etc/sysctl.conf:1 = 10\n"
        "taken* /etc/sysctl.d/99-zz.conf:1 = 20\n");
  const BootOutcome procps = outcome(files, Loader::procps);
  CHECK(said(procps) == "10 by /etc/sysctl.conf:1");
  CHECK(fates(procps) ==
        "taken~ /etc/sysctl.conf:1 = 10\n"
        "taken /etc/sysctl.d/99-zz.conf:1 = 20\n"
        "taken* /etc/sysctl.conf:1 = 10\n");
}

TEST_CASE("after a line that the kernel refuses, procps keeps the last valid one and systemd has written nothing") {
  const std::vector<BootFile> files{{.path = "/etc/sysctl.d/50-a.conf", .bytes = fin("17") + fin("17s")}};
  const std::string note =
      "/etc/sysctl.d/50-a.conf:2: the kernel refuses this value, so the line has no effect: "
      "\"17s\" is not a number to the kernel";
  const BootOutcome systemd = outcome(files, Loader::systemd);
  CHECK(said(systemd) == "default");
  CHECK(texts_of(systemd) == std::vector<std::string>{note});
  CHECK(fates(systemd) ==
        "not written /etc/sysctl.d/50-a.conf:1 = 17\n"
        "refused /etc/sysctl.d/50-a.conf:2 = 17s\n");
  const BootOutcome procps = outcome(files, Loader::procps);
  CHECK(said(procps) == "17 by /etc/sysctl.d/50-a.conf:1");
  CHECK(texts_of(procps) == std::vector<std::string>{note});
}

TEST_CASE("a value that reads otherwise than it looks is noted") {
  const std::vector<BootFile> files{{.path = "/etc/sysctl.d/50-a.conf", .bytes = fin("030 # note")}};
  const BootOutcome systemd = outcome(files, Loader::systemd);
  CHECK(said(systemd) == "24 by /etc/sysctl.d/50-a.conf:1");
  CHECK(texts_of(systemd) ==
        std::vector<std::string>{"/etc/sysctl.d/50-a.conf:1: 030 is octal: 24; \"030 # note\" is read as 24"});
}

TEST_CASE("an explicit line beats a glob wherever it stands, and an exclusion keeps globs off") {
  const std::vector<BootFile> explicit_first{
      {.path = "/etc/sysctl.d/50-a.conf", .bytes = fin("17") + "net.ipv4.tcp_fin_* = 20\n"}};
  const std::vector<BootFile> excluded{
      {.path = "/etc/sysctl.d/50-a.conf", .bytes = "net.ipv4.tcp_fin_* = 20\n-net.ipv4.tcp_fin_timeout\n"}};
  for (const Loader loader : {Loader::systemd, Loader::procps}) {
    CHECK(said(outcome(explicit_first, loader)) == "17 by /etc/sysctl.d/50-a.conf:1");
    CHECK(said(outcome(excluded, loader)) == "default");
  }
}

TEST_CASE(
    "to procps an exclusion is of what a glob comes to as it is spelled, also where both have dots in their path") {
  const auto with = [](const std::string& exclusion) {
    const std::string glob = "net/core/../ipv4/tcp_fin_* = 20\n";
    return said(outcome({{.path = "/etc/sysctl.d/50-a.conf", .bytes = glob + exclusion}}, Loader::procps));
  };
  CHECK(with("-net/core/../ipv4/tcp_fin_timeout\n") == "default");
  CHECK(with("-net/ipv4/tcp_fin_timeout\n") == "20 by /etc/sysctl.d/50-a.conf:1");
  CHECK(with("-net/core/../ipv4/tcp_fin_time*\n") == "20 by /etc/sysctl.d/50-a.conf:1");
}

TEST_CASE("an exclusion after an explicit line takes it back for systemd, not for procps") {
  const std::vector<BootFile> files{
      {.path = "/etc/sysctl.d/50-a.conf", .bytes = fin("17") + "-net.ipv4.tcp_fin_timeout\n"}};
  CHECK(said(outcome(files, Loader::systemd)) == "default");
  CHECK(said(outcome(files, Loader::procps)) == "17 by /etc/sysctl.d/50-a.conf:1");
}

TEST_CASE("a line that names the key but assigns nothing is noted") {
  const std::vector<BootFile> files{{.path = "/etc/sysctl.d/50-a.conf", .bytes = "net.ipv4.tcp_fin_timeout 17\n"}};
  CHECK(texts_of(outcome(files, Loader::systemd)) ==
        std::vector<std::string>{"/etc/sysctl.d/50-a.conf:1: the line has no effect: no '='"});
}

TEST_CASE("the port range is held to ip_unprivileged_port_start as it stands at that write") {
  const std::string range = "net.ipv4.ip_local_port_range = 500 60999\n";
  const std::string start = "net.ipv4.ip_unprivileged_port_start = 80\n";
  const std::vector<BootFile> before{{.path = "/etc/sysctl.d/50-a.conf", .bytes = start + range}};
  const std::vector<BootFile> after{{.path = "/etc/sysctl.d/50-a.conf", .bytes = range + start}};
  for (const Loader loader : {Loader::systemd, Loader::procps}) {
    CHECK(said(outcome(before, loader, "net.ipv4.ip_local_port_range")) == "500 60999 by /etc/sysctl.d/50-a.conf:2");
    const BootOutcome refused = outcome(after, loader, "net.ipv4.ip_local_port_range");
    CHECK(said(refused) == "default");
    CHECK(
        texts_of(refused) ==
        std::vector<std::string>{"/etc/sysctl.d/50-a.conf:1: the kernel refuses this value, so the line has no effect: "
                                 "500 is below ip_unprivileged_port_start (1024)"});
  }
}

TEST_CASE("a supposed port range is not held to ip_unprivileged_port_start, but other files' lines are") {
  const BootConfig config = parse_boot_files(std::vector<BootFile>{
      {.path = "/etc/sysctl.d/99-zz.conf", .bytes = "net.ipv4.ip_local_port_range = 500 60999\n"}});
  const SupposedLine line{.file = kOwnBootFile, .value = "80 60999"};
  CHECK(said(outcome_with(config, Loader::systemd, line, "net.ipv4.ip_local_port_range")) == "default");
  CHECK(said(outcome_with(config, Loader::procps, line, "net.ipv4.ip_local_port_range")) ==
        "80 60999 by /etc/sysctl.d/60-twctl.conf:0");
}

TEST_CASE("a note about a file that is read twice comes once") {
  const std::vector<BootFile> files{
      {.path = "/etc/sysctl.conf", .bytes = fin("17s")},
      {.path = "/etc/sysctl.d/99-sysctl.conf", .link_target = "../sysctl.conf", .bytes = fin("17s")}};
  CHECK(texts_of(outcome(files, Loader::procps)) ==
        std::vector<std::string>{"/etc/sysctl.conf:1: the kernel refuses this value, so the line has no effect: "
                                 "\"17s\" is not a number to the kernel"});
}

TEST_CASE("a supposed line takes its place by the file's name, and loses to a later one") {
  const BootConfig config =
      parse_boot_files(std::vector<BootFile>{{.path = "/etc/sysctl.d/50-a.conf", .bytes = fin("10")},
                                             {.path = "/etc/sysctl.d/99-zz.conf", .bytes = "\n" + fin("20")}});
  const auto with = [&](std::string_view file) {
    return said(outcome_with(config, Loader::systemd, {.file = file, .value = "30"}));
  };
  CHECK(with(kOwnBootFile) == "20 by /etc/sysctl.d/99-zz.conf:2");
  CHECK(with("/etc/sysctl.d/99-zzz.conf") == "30 by /etc/sysctl.d/99-zzz.conf:0");
  CHECK(with("/etc/sysctl.d/99-zz.conf") == "30 by /etc/sysctl.d/99-zz.conf:2");
  CHECK(with(kSysctlConf) == "20 by /etc/sysctl.d/99-zz.conf:2");
}

TEST_CASE("a line supposed in /etc/sysctl.conf counts where a link leads to it") {
  const BootConfig config = parse_boot_files(std::vector<BootFile>{
      {.path = "/etc/sysctl.conf", .bytes = fin("10")},
      {.path = "/etc/sysctl.d/99-sysctl.conf", .link_target = "../sysctl.conf", .bytes = fin("10")}});
  for (const Loader loader : {Loader::systemd, Loader::procps}) {
    const SupposedLine line{.file = kSysctlConf, .value = "30"};
    CHECK(said(outcome_with(config, loader, line)) == "30 by /etc/sysctl.conf:1");
    const SupposedLine gone{.file = kSysctlConf, .value = std::nullopt};
    CHECK(said(outcome_with(config, loader, gone)) == "default");
  }
}

TEST_CASE("whether a file is read depends on the loader, its place and what masks it") {
  const BootConfig debian13 = parse_boot_files(std::vector<BootFile>{
      {.path = "/etc/sysctl.conf"}, {.path = "/etc/sysctl.d/70-x.conf", .link_target = "/dev/null"}});
  CHECK_FALSE(reads_file(debian13, Loader::systemd, kSysctlConf));
  CHECK(reads_file(debian13, Loader::procps, kSysctlConf));
  CHECK(reads_file(debian13, Loader::systemd, kOwnBootFile));
  CHECK_FALSE(reads_file(debian13, Loader::systemd, "/etc/sysctl.d/60-twctl.txt"));
  CHECK_FALSE(reads_file(debian13, Loader::systemd, "/usr/lib/sysctl.d/70-x.conf"));
  CHECK_FALSE(reads_file(debian13, Loader::systemd, "/etc/sysctl.d/70-x.conf"));

  const BootConfig debian12 = parse_boot_files(std::vector<BootFile>{
      {.path = "/etc/sysctl.conf"}, {.path = "/etc/sysctl.d/99-sysctl.conf", .link_target = "../sysctl.conf"}});
  CHECK(reads_file(debian12, Loader::systemd, kSysctlConf));
}

TEST_CASE("lines_for lists every line that any loader reads, once") {
  const BootConfig config = parse_boot_files(std::vector<BootFile>{
      {.path = "/etc/sysctl.d/.40-hidden.conf", .bytes = "net/ipv4/tcp_tw_recycle = 1"},
      {.path = "/etc/sysctl.d/50-a.conf", .bytes = "-net.ipv4.tcp_tw_recycle = 0\n-net.ipv4.tcp_tw_recycle\n"},
      {.path = "/etc/sysctl.d/99-sysctl.conf", .link_target = "../sysctl.conf", .bytes = "net.ipv4.tcp_tw_rec* = 0"},
      {.path = "/etc/sysctl.conf", .bytes = "net.ipv4.tcp_tw_rec* = 0"}});
  const std::string key = "net.ipv4.tcp_tw_recycle";
  CHECK(BootReplay(config, {}).lines_for(row(key)) ==
        std::vector<BootLine>{{.key = key, .value = "1", .where = {"/etc/sysctl.d/.40-hidden.conf", 1}},
                              {.key = key, .value = "0", .where = {"/etc/sysctl.d/50-a.conf", 1}},
                              {.key = "net.ipv4.tcp_tw_rec*", .value = "0", .where = {"/etc/sysctl.conf", 1}}});
}

TEST_CASE("one replay has every setting, and a line that is refused for one is not there for the other") {
  const std::vector<BootFile> files{{.path = "/etc/sysctl.d/50-a.conf",
                                     .bytes = "net.ipv4.ip_local_port_range = 500 60999\n"
                                              "net.ipv4.ip_unprivileged_port_start = 600\n"
                                              "net.ipv4.tcp_fin_* = 20\n"}};
  const BootConfig config = parse_boot_files(files);
  for (const Loader loader : {Loader::systemd, Loader::procps}) {
    const LoaderReplay replay(config, loader, {});
    const BootOutcome& range = replay.outcome(row("net.ipv4.ip_local_port_range"));
    CHECK(fates(range) == "refused /etc/sysctl.d/50-a.conf:1 = 500 60999\n");
    CHECK(range.lines[0].clashes);
    CHECK(said(replay.outcome(row("net.ipv4.ip_unprivileged_port_start"))) == "600 by /etc/sysctl.d/50-a.conf:2");
    CHECK(fates(replay.outcome(row(kFin))) == "taken* /etc/sysctl.d/50-a.conf:3 = 20\n");
    CHECK(replay.outcome(row(kFin)).lines[0].wildcard);
    CHECK(fates(replay.outcome(row("net.core.somaxconn"))).empty());
  }
}

TEST_CASE("the kernel's command line comes before every file, for the key that a file's line is held to as well") {
  const std::vector<BootFile> files{
      {.path = std::string(kKernelCommandLine), .bytes = "sysctl.net.ipv4.ip_unprivileged_port_start=80"},
      {.path = "/etc/sysctl.d/50-a.conf", .bytes = "net.ipv4.ip_local_port_range = 500 60999\n"}};
  for (const Loader loader : {Loader::systemd, Loader::procps}) {
    CHECK(fates(outcome(files, loader, "net.ipv4.ip_local_port_range")) ==
          "taken* /etc/sysctl.d/50-a.conf:1 = 500 60999\n");
  }
}

TEST_CASE("a file that merely masks a name is told from one that could not be read") {
  CHECK(state_of({.path = "/a"}) == BootFileState::readable);
  CHECK(state_of({.path = "/a", .problem = "dangling link"}) == BootFileState::mask);
  CHECK(state_of({.path = "/a", .problem = "Is a directory"}) == BootFileState::mask);
  CHECK(state_of({.path = "/a", .problem = "is a directory"}) == BootFileState::mask);
  CHECK(state_of({.path = "/a", .problem = "Permission denied"}) == BootFileState::unread);
}
