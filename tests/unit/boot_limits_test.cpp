// How much the boot files of a host may hold, at the limit and beyond.
#include "sysctl/boot_limits.hpp"

#include <doctest/doctest.h>

#include <ctime>
#include <map>

#include "formats/sysctl.hpp"
#include "observe/writers/script_writes.hpp"
#include "platform/boot_file_store.hpp"
#include "support/growth.hpp"
#include "support/run_cli.hpp"

using namespace twctl;
using namespace twctl::test;

namespace {

std::string lines(std::size_t count, const std::string& line) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += line + "\n";
  return text;
}

const std::string kMebibyte = "#" + std::string(kBootFileLimit - 2, 'x') + "\n";

Ran plan_with(const std::map<std::string, std::string>& files) {
  return run_cli({"plan", "--exit-zero", "-q"}, [&](MemoryHost& host) {
    stock_host(host);
    for (const auto& [path, bytes] : files) host.disk.files[path] = bytes;
  });
}

}  // namespace

TEST_CASE("H04: a host of 250 lines with wildcards is planned for, and one of 251 is refused by name") {
  const std::string line = "net.ipv4.* = 1";
  CHECK(plan_with({{"/etc/sysctl.d/a.conf", lines(kMostWildcardLines, line)}}).status == 0);
  const Ran ran = plan_with({{"/etc/sysctl.d/a.conf", lines(kMostWildcardLines, line)}, {"/etc/sysctl.conf", line}});
  CHECK(ran.status == 65);
  CHECK(ran.messages.starts_with("twctl: the boot files have 251 lines with wildcards; more than 250 are not read\n"));
}

TEST_CASE("N24: boot files whose braces have 1000 alternatives are planned for, and one more is refused by name") {
  const auto braces = [](std::size_t alternatives) {
    return "net.ipv4.{" + std::string(alternatives - 1, ',') + "x}* = 1\n";
  };
  CHECK(plan_with({{"/etc/sysctl.d/a.conf", braces(998)}, {"/etc/sysctl.conf", braces(2)}}).status == 0);
  const Ran ran = plan_with({{"/etc/sysctl.d/a.conf", braces(998)}, {"/etc/sysctl.conf", braces(3)}});
  CHECK(ran.status == 65);
  CHECK(ran.messages.starts_with(
      "twctl: the boot files have too many alternatives in braces; more than 1000 are not read\n"));
}

TEST_CASE("N24: a pattern of 4096 bytes in a boot file is planned for, and a longer one is refused by name") {
  const auto pattern = [](std::size_t bytes) { return "net.*" + std::string(bytes - 5, '.') + " = 1\n"; };
  CHECK(plan_with({{"/etc/sysctl.d/a.conf", pattern(4096)}}).status == 0);
  const Ran ran = plan_with({{"/etc/sysctl.d/a.conf", pattern(4097)}});
  CHECK(ran.status == 65);
  CHECK(ran.messages.starts_with(
      "twctl: /etc/sysctl.d/a.conf has a pattern of 4097 bytes; more than 4096 bytes are not read\n"));
}

TEST_CASE("N24: what a carriage return or a NUL hides counts as a line with a wildcard too") {
  for (const char end : {'\r', '\0'}) {
    const std::string line = std::string("#") + end + "net.ipv4.* = 1";
    CHECK(plan_with({{"/etc/sysctl.d/a.conf", lines(kMostWildcardLines, line)}}).status == 0);
    CHECK(plan_with({{"/etc/sysctl.d/a.conf", lines(kMostWildcardLines + 1, line)}}).status == 65);
  }
}

TEST_CASE("H04: a host of 1000 boot files is planned for, and one of 1001 is refused by name") {
  std::map<std::string, std::string> files;
  for (std::size_t i = 0; i < kMostBootFiles; ++i) files["/etc/sysctl.d/" + std::to_string(i) + ".conf"] = "# x\n";
  CHECK(plan_with(files).status == 0);
  files["/etc/sysctl.d/more.conf"] = "# x\n";
  const Ran ran = plan_with(files);
  CHECK(ran.status == 65);
  CHECK(ran.messages.starts_with("twctl: the boot files have 1001 files; more than 1000 files are not read\n"));
}

TEST_CASE("H04: boot files of 2 MiB are read, and one byte more is refused by name") {
  CHECK(plan_with({{"/etc/sysctl.d/a.conf", kMebibyte}, {"/etc/sysctl.d/b.conf", kMebibyte}}).status == 0);
  const Ran ran =
      plan_with({{"/etc/sysctl.d/a.conf", kMebibyte}, {"/etc/sysctl.d/b.conf", kMebibyte}, {"/etc/sysctl.conf", "#"}});
  CHECK(ran.status == 65);
  CHECK(ran.messages.starts_with("twctl: the boot files have 2097153 bytes; more than 2 MiB are not read\n"));
}

TEST_CASE("P16: a boot file of 1 MiB is read, and of one byte more plan and apply say that nothing can be judged: 65") {
  for (const std::string path : {"/etc/sysctl.d/a.conf", "/etc/sysctl.d/60-twctl.conf", "/etc/sysctl.conf"}) {
    CAPTURE(path);
    const auto furnish = [&](const std::string& bytes) {
      return [&, bytes](MemoryHost& host) {
        stock_host(host);
        host.disk.files[path] = bytes;
        host.disk.links["/etc/sysctl.d/99-sysctl.conf"] = "/etc/sysctl.conf";
      };
    };
    CHECK(run_cli({"plan", "--exit-zero"}, furnish(kMebibyte)).status == 0);
    const Ran plan = run_cli({"plan", "--exit-zero"}, furnish(kMebibyte + "#"));
    const Ran apply = run_cli({"apply", "--yes", "baseline"}, furnish(kMebibyte + "#"));
    CHECK(plan.status == 65);
    CHECK(apply.status == 65);
    CHECK(plan.messages == apply.messages);
    CHECK(plan.messages.find(" (larger than 1 MiB): what it sets at the next boot is not known\n") !=
          std::string::npos);
    CHECK(run_cli({"apply", "--yes", "--scope", "live", "baseline"}, furnish(kMebibyte + "#")).status == 0);
  }
}

TEST_CASE("P16: a change that is too large to be recorded is refused by plan as by apply: 1") {
  StockHost host;
  std::string& conf = host.disk.files["/etc/sysctl.conf"];
  for (int line = 0; line < 398; ++line) conf += "# " + std::string(1000, '\x01') + "\n";
  conf += "net.ipv4.tcp_fin_timeout = 45\n";
  const Args wish{"--set",           "net.ipv4.tcp_fin_timeout=30", "--boot-file", "/etc/sysctl.conf", "-q", "--accept",
                  "not-read-at-boot"};
  const auto run = [&](Args args) {
    args.insert(args.end(), wish.begin(), wish.end());
    return run_on(host, args);
  };
  const std::string why =
      "twctl: the change is too large to be recorded: over 4194304 bytes\n"
      "  hint: its boot file has bytes that are no text; take them out\n";
  const Ran planned = run({"plan"});
  CHECK(planned.status == 1);
  CHECK(planned.messages == why);
  const Ran applied = run({"apply", "--yes"});
  CHECK(applied.status == 1);
  CHECK(applied.messages == why);
  const Ran rehearsed = run({"apply", "--dry-run"});
  CHECK(rehearsed.status == 1);
  CHECK(rehearsed.messages == why);
  CHECK(host.fin() == "60");
  CHECK(run({"plan", "--scope", "live"}).status == 2);
}

TEST_CASE("P16: a boot file that would grow beyond 1 MiB is refused before anything: 65") {
  const std::string_view line = "net.ipv4.tcp_fin_timeout = 60\n";  // is replaced by as many bytes
  const auto edit = [&](const std::string& bytes, const std::string& wish) {
    const auto furnish = [&](MemoryHost& host) {
      stock_host(host);
      host.disk.files["/etc/sysctl.conf"] = bytes;
      host.disk.links["/etc/sysctl.d/99-sysctl.conf"] = "/etc/sysctl.conf";
    };
    return run_cli({"apply", "--yes", "--boot-file", "/etc/sysctl.conf", "--set", wish}, furnish);
  };
  const std::string full = std::string(line) + "#" + std::string(kBootFileLimit - line.size() - 2, 'x') + "\n";
  CHECK(edit(full, "net.ipv4.tcp_fin_timeout=30").status == 0);
  const Ran ran = edit(full, "net.ipv4.tcp_tw_reuse=1");
  CHECK(ran.status == 65);
  CHECK(ran.messages.starts_with("twctl: /etc/sysctl.conf would be larger than 1 MiB\n"));
}

TEST_CASE("H04: boot files of 8000 lines are read, and one line more is refused by name, a lone CR ending one too") {
  CHECK(plan_with({{"/etc/sysctl.d/a.conf", lines(kMostBootLines, "#\r")}}).status == 0);
  const Ran ran = plan_with({{"/etc/sysctl.d/a.conf", lines(kMostBootLines, "#")}, {"/etc/sysctl.conf", "#\r#"}});
  CHECK(ran.status == 65);
  CHECK(ran.messages.starts_with("twctl: the boot files have 8001 lines; more than 8000 are not read\n"));
}

TEST_CASE("H04: a single file over a limit is refused by its own name") {
  const Ran ran = run_cli({"audit", "/x.conf"}, [](MemoryHost& host) {
    stock_host(host);
    host.disk.files["/x.conf"] = lines(kMostBootLines + 1, "net.core.rmem_max = 1");
  });
  CHECK(ran.status == 65);
  CHECK(ran.messages.starts_with("twctl: /x.conf has 8001 lines; more than 8000 are not read\n"));
}

TEST_CASE("H04: later writers that write 5000 times are judged, and once more is refused by name") {
  const std::string script = "#!/bin/sh\n" + lines(kMostLaterWrites, "sysctl -w net.ipv4.tcp_fin_timeout=30");
  CHECK(plan_with({{"/etc/rc.local", script}}).status == 0);
  const Ran ran = plan_with({{"/etc/rc.local", script + "sysctl -w net.ipv4.tcp_fin_timeout=30\n"}});
  CHECK(ran.status == 65);
  CHECK(ran.messages.starts_with(
      "twctl: what runs after the boot files writes to settings more than 5000 times, which is not read\n"));
}

TEST_CASE("H04: an audit takes four times as long for four times the lines, whatever they say") {
  const std::string tuned = "/etc/tuned/a/tuned.conf";
  const auto seconds_for = [&](const std::string& path, const std::string& text) {
    const std::clock_t begin = std::clock();
    const Ran ran = run_cli({"audit", "-q"}, [&](MemoryHost& host) {
      stock_host(host);
      host.disk.links["/etc/systemd/system/multi-user.target.wants/tuned.service"] = "/x/tuned.service";
      host.disk.files["/etc/tuned/active_profile"] = "a\n";
      host.disk.files["/etc/tuned/tuned-main.conf"] = "reapply_sysctl = 1\n";
      host.disk.files[tuned] = "[sysctl]\nnet.ipv4.ip_local_port_range = 32768 60999\n";
      host.disk.files[path] += text;
    });
    CHECK(ran.status != 65);
    return static_cast<double>(std::clock() - begin);
  };
  const std::string pair = "net.ipv4.ip_local_port_range = 1024 65535\nnet.ipv4.ip_unprivileged_port_start = 1024";
  for (const auto& row :
       std::map<std::string, std::string>{{"/etc/sysctl.d/a.conf", pair},
                                          {"/etc/sysctl.d/b.conf", "net.ipv4.tcp_fin_timeout = 020 s"},
                                          {"/etc/rc.local", "sysctl -w net.ipv4.tcp_fin_timeout=30"},
                                          {"/etc/cron.d/a", "* * * * * root sysctl -w net.ipv4.tcp_fin_timeout=30"}}) {
    const auto& path = row.first;
    const auto& line = row.second;
    CAPTURE(path);
    CHECK(seconds_for(path, lines(3200, line)) < 9 * seconds_for(path, lines(800, line)));
  }
}

TEST_CASE("H04: scripts that run themselves, or one another, on a thousand lines are not followed round and round") {
  const auto plan_of = [](const std::string& first, const std::string& second) {
    return plan_with({{"/etc/rc.local", "#!/bin/sh\n" + first + "\n"},
                      {first, lines(1000, second) + "sysctl -w net.ipv4.tcp_fin_timeout=30\n"},
                      {second, lines(90, first)}});
  };
  CHECK(plan_of("/opt/a", "/opt/a").status == 0);
  CHECK(plan_of("/opt/a", "/opt/b").status == 0);
}

TEST_CASE("N11: what runs after the boot files may have 100,000 commands, and one more is refused by name") {
  const auto plan_of = [](std::size_t more) {
    std::map<std::string, std::string> files{{"/opt/x.sh", lines(998, "/bin/true") + "sysctl -w x=1\n"}};
    for (int i = 0; i < 10; ++i) files["/etc/cron.d/" + std::to_string(i)] = lines(10, "* * * * * root /opt/x.sh");
    files["/etc/rc.local"] = "#!/bin/sh\n" + lines(more, "/opt/none.sh");
    return plan_with(files);
  };
  CHECK(plan_of(0).status == 0);
  const Ran ran = plan_of(1);
  CHECK(ran.status == 65);
  CHECK(ran.messages.starts_with(
      "twctl: what runs after the boot files runs more than 100000 commands, scripts and units "
      "that it starts among them, which is not read\n"));
}

TEST_CASE(
    "N11: a script that many run is read once, and 4 MiB of commands are read in all tables; more is refused by name") {
  const std::string writes = "sysctl -w net.ipv4.tcp_fin_timeout=30\n";
  const auto script_of = [&](std::size_t bytes) { return writes + std::string(bytes - writes.size(), '#'); };
  const auto plan_of = [&](std::size_t last) {
    std::map<std::string, std::string> files{{"/opt/x.sh", script_of(1 << 20)}};
    for (int i = 0; i < 4; ++i) files["/etc/cron.d/" + std::to_string(i)] = lines(10, "@daily root /opt/x.sh");
    for (int i = 0; i < 3; ++i) files["/etc/profile.d/" + std::to_string(i) + ".sh"] = script_of(last);
    return plan_with(files);
  };
  const std::size_t lines_of_cron = std::size_t{4} * 10 * std::string("@daily root /opt/x.sh").size();
  const std::size_t room = kMostLaterText - (1 << 20) - lines_of_cron;
  CHECK(plan_of(room / 3).status == 0);
  const Ran ran = plan_of(room / 3 + 1);
  CHECK(ran.status == 65);
  CHECK(
      ran.messages.starts_with("twctl: what runs after the boot files has more than 4 MiB of commands that may set a "
                               "setting, and of names of units, which is not read\n"));
}

TEST_CASE("N11: a line with a wildcard in a file that sysctl -p reads counts as a hundred commands") {
  const auto plan_of = [](std::size_t count) {
    return plan_with({{"/etc/rc.local", "sysctl -p /x.conf\n"}, {"/x.conf", lines(count, "net.*.none = 1")}});
  };
  CHECK(plan_of(999).status == 0);
  CHECK(plan_of(1000).status == 65);
}

TEST_CASE("H17: a snapshot that could not be read again is not written: 65") {
  MemoryHost host;
  stock_host(host);
  for (int i = 0; i < 2; ++i) {
    host.disk.files["/etc/sysctl.d/" + std::to_string(i) + ".conf"] = "#" + std::string(1024 * 1024 - 2, '\x01') + "\n";
  }
  const Ran ran = run_on(host, {"snapshot", "--all", "-o", "/out"});
  CHECK(ran.status == 65);
  CHECK(ran.messages.find("is not read again") != std::string::npos);
  CHECK(host.disk.written.empty());
}

TEST_CASE("N79: the NULs that a power cut leaves in a file are read in linear time, and are no lines to speak of") {
  const auto read = [](std::size_t count) {
    return read_assignments(std::string(count, '\0') + "\nnet.ipv4.tcp_fin_timeout = 30\n", Loader::systemd);
  };
  CHECK(read(100).assignments.size() == 1);
  CHECK(test::growth([&](std::size_t count) { CHECK(read(count).assignments.size() == 1); }, 20000) < test::kLinear);
  CHECK(plan_with({{"/etc/sysctl.d/a.conf", std::string(kMostBootLines * 2, '\0')}}).status == 0);
  std::string lines;
  for (std::size_t i = 0; i <= kMostBootLines; ++i) lines += std::string("#\0", 2);
  CHECK(plan_with({{"/etc/sysctl.d/a.conf", lines}}).status == 65);
}
