// `twctl audit` as a program: its exit codes, its formats, and that it is quiet about hosts that are fine.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>

#include "support/program.hpp"
#include "support/shell.hpp"
#include "support/skip.hpp"
#include "support/tree.hpp"

using namespace twctl::test;
namespace fs = std::filesystem;

namespace {

const std::string kSource = TWCTL_SOURCE_DIR;

Finished audit(std::vector<std::string> args) {
  args.insert(args.begin(), "audit");
  return run_program({.args = std::move(args)});
}

Finished audit_of(const std::string& bytes, std::vector<std::string> options = {}) {
  Tree tree;
  tree.file("/x.conf", bytes);
  options.push_back(tree.at("/x.conf"));
  return audit(std::move(options));
}

}  // namespace

TEST_CASE("stock hosts have nothing from warning up") {
  for (const char* host : {"debian-12", "debian-13", "ubuntu-24.04", "almalinux-9", "almalinux-9-tuned",
                           "opensuse-tumbleweed", "kubernetes-node"}) {
    CAPTURE(host);
    const Finished run = audit({"--root", kSource + "/tests/hosts/" + host, "-q"});
    CHECK((run.out == "" || run.out.starts_with("info    fin-timeout-not-time-wait")));  // TuneD's profile sets 15
    CHECK(run.err == "");
    CHECK(run.code == 0);
  }
}

TEST_CASE("an audit of a host's snapshot finds what an audit of the host finds, word for word") {
  std::size_t hosts = 0;
  for (const auto& entry : fs::directory_iterator(kSource + "/tests/hosts")) {
    if (!entry.is_directory()) continue;
    CAPTURE(entry.path().string());
    const Finished snapshot = run_program({.args = {"snapshot", "--root", entry.path().string()}});
    Tree tree;
    tree.file("/s.json", snapshot.out);
    const Finished host = audit({"--root", entry.path().string(), "--json"});
    const Finished saved = audit({"--from", tree.at("/s.json"), "--json"});
    CHECK(saved.code == host.code);
    const auto found = [](const Finished& run) { return nlohmann::json::parse(run.out).at("findings"); };
    CHECK(found(saved) == found(host));
    ++hosts;
  }
  CHECK(hosts > 10);
}

TEST_CASE("the files of stock hosts and the built-in profiles, by themselves, have nothing from warning up") {
  std::vector<std::string> files;
  for (const char* host :
       {"debian-12", "debian-13", "ubuntu-24.04", "almalinux-9", "opensuse-tumbleweed", "kubernetes-node"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kSource + "/tests/hosts/" + host)) {
      const std::string path = entry.path().string();
      const bool boot_file = path.find("sysctl") != std::string::npos && path.ends_with(".conf");
      if (boot_file && entry.is_regular_file()) files.push_back(path);
    }
  }
  for (const char* name : {"baseline", "busy-client", "reverse-proxy"}) {
    files.push_back(kSource + "/profiles/" + name + ".ini");
  }
  REQUIRE(files.size() > 15);
  for (const std::string& file : files) {
    CAPTURE(file);
    CHECK(audit({"-q", "--kernel", "6.1", file}).code == 0);
  }
  CHECK(audit({"-q", "--kernel", "6.1", kSource + "/profiles/classic.ini"})
            .out.starts_with("warning removed-key  net.ipv4.tcp_tw_recycle"));
}

TEST_CASE("the exit code is 2 from the severity of --fail-on up, whatever the format") {
  Tree tree;
  tree.file("/warning.conf", "net.ipv4.tcp_timestamps = 0\n").file("/info.conf", "net.ipv4.tcp_fin_timeout = 120\n");
  CHECK(audit({tree.at("/warning.conf")}).code == 2);
  CHECK(audit({tree.at("/info.conf")}).code == 0);
  CHECK(audit({tree.at("/info.conf"), "--fail-on", "info"}).code == 2);
  CHECK(audit({tree.at("/warning.conf"), "--fail-on", "error"}).code == 0);
  CHECK(audit({tree.at("/warning.conf"), "--exit-zero"}).code == 0);
  CHECK(audit({tree.at("/warning.conf"), "--ignore", "timestamps-off"}).code == 0);
  for (const char* format : {"json", "junit", "sarif", "prometheus"}) {
    CHECK(audit({tree.at("/warning.conf"), "--format", format}).code == 2);
  }
}

TEST_CASE("what is wrong with the command line is 64, with a file 65 or 66") {
  Tree tree;
  tree.file("/x.yml", "a: 1\n").directory("/d");
  REQUIRE(mkfifo(tree.at("/fifo").c_str(), 0600) == 0);
  CHECK(audit({"--ignore", "nonsense"}).code == 64);
  CHECK(audit({"--kernel", "x", tree.at("/x.yml")}).code == 64);
  CHECK(audit({"--kernel", "0.0", tree.at("/x.yml")}).code == 64);
  CHECK(audit({"--kernel", "6.1"}).code == 64);
  CHECK(audit({"--format", "xml"}).code == 64);
  CHECK(audit({"--from", "x.json", "--root", "/mnt"}).code == 64);
  CHECK(audit({tree.at("/x.yml")}).code == 65);
  CHECK(audit({tree.at("/x.yml")}).err ==
        "twctl: " + tree.at("/x.yml") +
            ": this is YAML; twctl does not read that\n"
            "  hint: it reads sysctl.conf style, TuneD profiles, .reg files and its own profiles. Of anything else "
            "write the settings as lines KEY=VALUE and pipe them in: `echo net.ipv4.tcp_tw_reuse=1 | twctl audit -`; "
            "add --container if a container gets them\n");
  CHECK(audit({tree.at("/d")}).code == 66);
  CHECK(audit({tree.at("/fifo")}).code == 66);
  CHECK(audit({tree.at("/none.conf")}).code == 66);
}

TEST_CASE("an empty tree is no host without mistakes: 66, and a plan for it promises no command") {
  Tree tree;
  tree.directory("/empty").directory("/image/var/lib").file("/image/etc/os-release", "PRETTY_NAME=\"X\"\n");
  const Finished empty = audit({"--root", tree.at("/empty")});
  CHECK(empty.code == 66);
  CHECK(empty.out == "");
  CHECK(empty.err == "twctl: " + tree.at("/empty") +
                         ": nothing of a host is there: no boot file, no os-release, no host name, no procfs\n"
                         "  hint: mount the image first, or name the folder that has its /etc\n");
  CHECK(audit({"--root", tree.at("/image")}).code == 0);
  const auto plan = [&](const char* folder) {
    return run_program({.args = {"plan", "--set", "net.core.somaxconn=8192", "--root", tree.at(folder)}}).out;
  };
  CHECK(plan("/empty").starts_with("Plan for the tree " + tree.at("/empty") + ": the settings given\n"));
  CHECK(plan("/empty").find("twctl apply") == std::string::npos);
  CHECK(plan("/image").find("\n  twctl apply --set net.core.somaxconn=8192 --root " + tree.at("/image") + "\n") !=
        std::string::npos);
}

TEST_CASE("bad bytes of every kind end in findings, and nothing of them reaches the terminal") {
  const std::string line = "net.ipv4.tcp_fin_timeout = 30";
  for (const std::string& bytes : std::vector<std::string>{
           std::string("\xff\xfen\0e\0t\0", 8), std::string("\xfe\xff\0n\0e", 6), "\xef\xbb\xbf" + line, line + "\xa0",
           line + "\xc2\xa0", "net.ipv4.tcp\xe2\x80\x8b_fin_timeout = 30", line + "\xe3\x80\x80",
           line + std::string("\0x", 2), line + "\r" + line, "\x1b[2J" + line, line + "\x1b]0;x\x07",
           "net.ipv4.tcp_fin_timeout = " + std::string(1 << 20, '\x9b'), std::string(1 << 20, 'x'),
           std::string(1 << 20, '='), std::string(20000, '\n') + line + "s", "\xf8\x88\x80\x80" + line}) {
    CAPTURE(bytes.substr(0, 60));
    const Finished run = audit_of(bytes, {"-v"});
    CHECK((run.code == 0 || run.code == 2 || run.code == 65));
    CHECK(is_printable(run.out));
    CHECK(is_printable(run.err));
    CHECK(run.peak_kib < 64 * 1024);
  }
}

TEST_CASE("many lines about few settings do not take long") {
  std::string many;
  for (int i = 0; i < 1000; ++i)
    many += "net.ipv4.tcp_f*" + std::string(static_cast<std::size_t>(i % 50), '*') + " = 5\nnet.x" + std::to_string(i) +
            ".y = 1\n";
  CHECK(audit_of(many).code != 70);
}

TEST_CASE("SARIF has what the standard requires of a log") {
  const Finished run = audit({"--format", "sarif", "--kernel", "6.1", kSource + "/tests/files/quirks.conf"});
  const auto log = nlohmann::json::parse(run.out);
  CHECK(log.at("version") == "2.1.0");
  CHECK(log.at("$schema") == "https://json.schemastore.org/sarif-2.1.0.json");
  const auto& one = log.at("runs").at(0);
  CHECK(one.at("tool").at("driver").at("name") == "twctl");
  std::vector<std::string> rules;
  for (const auto& rule : one.at("tool").at("driver").at("rules")) rules.push_back(rule.at("id"));
  REQUIRE(one.at("results").size() > 5);
  for (const auto& result : one.at("results")) {
    CHECK(std::count(rules.begin(), rules.end(), result.at("ruleId").get<std::string>()) == 1);
    CHECK((result.at("level") == "note" || result.at("level") == "warning" || result.at("level") == "error"));
    CHECK_FALSE(result.at("message").at("text").get<std::string>().empty());
    const auto& place = result.at("locations").at(0).at("physicalLocation");
    CHECK(place.at("artifactLocation").at("uri").get<std::string>().starts_with("file:///"));
    if (place.contains("region")) CHECK(place.at("region").at("startLine").get<int>() > 0);
  }
}

TEST_CASE("JUnit XML is well-formed, with a case for each check and a failure for each mistake") {
  Tree tree;
  tree.file("/out.xml", audit({"--format", "junit", "--kernel", "6.1", kSource + "/tests/files/quirks.conf"}).out);
  const auto read = shell(
      "python3 -c 'import sys,xml.etree.ElementTree as e\n"
      "s=e.parse(sys.argv[1]).getroot()[0]\n"
      "c=s.findall(\"testcase\"); f=s.findall(\".//failure\")\n"
      "print(len(c)==int(s.get(\"tests\")), len(f)==int(s.get(\"failures\")), len(f)>5)' " +
      tree.at("/out.xml"));
  CHECK(read.output == "True True True\n");
}

TEST_CASE("each form of the report says what made it, of what, when, and what was left out with which reason") {
  Tree tree;
  tree.file("/x.conf", "# twctl: ignore timestamps-off a scanner <asks> for it\nnet.ipv4.tcp_timestamps = 0\n");
  const std::string reason = tree.at("/x.conf") + ":1)";
  const auto report = [&](const std::string& format) {
    const Finished run =
        audit({"--root", kSource + "/tests/hosts/debian-12", "--format", format, "--ignore", "dev-sec-timestamps"});
    const Finished of_file = audit({"--format", format, "--kernel", "6.1", tree.at("/x.conf")});
    return run.out + of_file.out;
  };
  const auto has = [](const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  };
  const std::regex catalogue("[0-9.]+[+][0-9a-f]{8}");
  const std::regex time("20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}");
  for (const std::string format : {"text", "json", "junit", "sarif"}) {
    CAPTURE(format);
    const std::string text = report(format);
    CHECK(std::regex_search(text, time));
    CHECK(std::regex_search(text, catalogue));
    CHECK(has(text, "debian1"));
    CHECK(has(text, "scanner"));
  }
  CHECK(has(report("text"), "\nsuppressed: timestamps-off: a scanner <asks> for it (" + reason + "\n"));
  CHECK(
      has(report("junit"), "      <skipped message=\"suppressed: a scanner &lt;asks&gt; for it (" + reason + "\"/>\n"));
  CHECK(has(report("prometheus"),
            "\ntwctl_audit_suppressed{id=\"timestamps-off\",reason=\"a scanner <asks> for it\"} 1\n"));
}

TEST_CASE("Prometheus text has its types and one line a series") {
  const std::string text =
      audit({"--format", "prometheus", "--kernel", "6.1", kSource + "/tests/files/quirks.conf"}).out;
  CHECK(text.find("# TYPE twctl_audit_findings gauge\ntwctl_audit_findings{severity=\"error\"} ") != std::string::npos);
  CHECK(text.find("twctl_audit_finding{id=\"timestamps-off\",severity=\"warning\"} 1\n") != std::string::npos);
  CHECK(text.find("twctl_audit_finding{id=\"utf-16\",severity=\"error\"} 0\n") != std::string::npos);
  CHECK(text.ends_with("\n"));
}

TEST_CASE("patch takes the diff of --fix, and what it makes has none of those mistakes any more") {
  if (shell("command -v patch").code != 0) SKIP_TEST("patch is not installed");
  for (const std::string& end : {std::string("\n"), std::string("\r\n")}) {
    Tree tree;
    std::string bytes =
        file_content(kSource + "/tests/files/quirks.conf") + "net.ipv4.tcp_retries2 = 8s\nnet.ipv4.tcp_tw_recycle = 0";
    for (std::size_t at = 0; end.size() > 1 && (at = bytes.find('\n', at)) != std::string::npos; at += 2)
      bytes.replace(at, 1, end);
    tree.file("/x.conf", bytes);
    const std::string fix = TWCTL_PROGRAM " audit --kernel 6.1 --fix x.conf > fix.diff";
    const auto done =
        shell("cd " + tree.root() + " && " + fix + "; patch --binary -p0 < fix.diff && " + fix + "; cat fix.diff");
    CHECK(done.output == "patching file x.conf\n");
    const std::string mended = file_content(tree.at("/x.conf"));
    CHECK(mended.find("net.ipv4.tcp_tw_recycle") == std::string::npos);
    CHECK(mended.find("net.ipv4.tcp_fin_timeout = 15" + end) != std::string::npos);
    CHECK(mended.find("net.ipv4.tcp_max_tw_buckets = 5000" + end) != std::string::npos);
    CHECK(mended.find(end + "net.ipv4.tcp_syncookies=1" + end) != std::string::npos);
    CHECK(mended.find("net.core.somaxconn = 65,535" + end) != std::string::npos);  // nobody knows what was meant
    CHECK(mended.find("# hardening" + end + "net.ipv4.tcp_timestamps = 0" + end) != std::string::npos);
  }
}

TEST_CASE("--fix writes nothing") {
  Tree tree;
  tree.file("/x.conf", "net.ipv4.tcp_tw_recycle = 1\n");
  CHECK(audit({"--fix", tree.at("/x.conf")}).out != "");
  CHECK(file_content(tree.at("/x.conf")) == "net.ipv4.tcp_tw_recycle = 1\n");
}

TEST_CASE("a broken snapshot is named and does not stop the others") {
  const Finished run = audit({"--from", kSource + "/tests/fleet", "-q"});
  CHECK(run.code == 65);
  CHECK(run.err == "twctl: " + kSource + "/tests/fleet/broken.json:2: not JSON\n");
  CHECK(run.out.find("recycle-on") != std::string::npos);
}

TEST_CASE("collected trees in a directory count as hosts, by their hostname or else by their folder") {
  Tree tree;
  tree.file("/a/etc/hostname", "web1\n").file("/a/etc/sysctl.d/x.conf", "net.ipv4.tcp_fin_timeout = 75\n");
  tree.file("/b/etc/sysctl.d/x.conf", "net.ipv4.tcp_fin_timeout = 75\n").file("/notes.txt", "of no host\n");
  tree.file("/c.json", file_content(kSource + "/tests/fleet/debian-12.json"));
  const Finished run = audit({"--from", tree.root(), "--hosts", "fin-timeout-61-to-119"});
  CHECK(run.out == "b\nweb1\n");
  CHECK(nlohmann::json::parse(audit({"--from", tree.root(), "--json"}).out).at("hosts") == 3);
}

TEST_CASE("a tree of which nothing was collected is named beside those that can be judged") {
  Tree tree;
  tree.file("/a/etc/hostname", "web1\n").directory("/b/var").directory("/c/etc").directory("/.cache");
  const Finished run = audit({"--from", tree.root(), "--json"});
  CHECK(run.code == 66);
  const auto document = nlohmann::json::parse(run.out);
  CHECK(document.at("hosts") == 1);
  REQUIRE(document.at("broken").size() == 2);
  CHECK(document.at("broken").at(0).at("file") == tree.at("/b"));
  CHECK(run.err.find(tree.at("/c") + ": nothing of a host is there") != std::string::npos);
}

TEST_CASE("--from of a folder without a snapshot says so, and how one is made") {
  Tree tree;
  tree.directory("/empty").file("/other/x", "").directory("/odd/x.json/y");
  const auto said = [&](const std::string& folder) { return audit({"--from", tree.at(folder)}); };
  const std::string hint = "\n  hint: `twctl snapshot -o FOLDER/HOST.json` takes one on each host\n";
  CHECK(said("/empty").err == "twctl: " + tree.at("/empty") + ": no snapshot in this folder: it is empty" + hint);
  CHECK(said("/empty").code == 66);
  CHECK(said("/other").err ==
        "twctl: " + tree.at("/other") + ": no snapshot in this folder: none of its files ends in .json" + hint);
  CHECK(said("/odd").err == "twctl: cannot read " + tree.at("/odd/x.json") + ": is a directory\n");
}

TEST_CASE("--from -: several snapshots on standard input, a line each, and a broken one is named by its line") {
  const auto line = [](const char* name) {
    return nlohmann::json::parse(file_content(kSource + "/tests/fleet/" + name)).dump() + "\n";
  };
  Tree tree;
  tree.file("/lines", line("debian-12.json") + "{}\n" + line("debian-9-recycle.json"));
  Program program{.args = {"audit", "--json", "--from", "-"}};
  program.prepare = [file = tree.at("/lines")] { (void)::dup2(::open(file.c_str(), O_RDONLY), 0); };
  const Finished run = run_program(program);
  CHECK(run.code == 65);
  const auto document = nlohmann::json::parse(run.out);
  CHECK(document.at("hosts") == 2);
  CHECK(document.at("broken").at(0).at("file") == "standard input:2");
}

TEST_CASE("--from -: where the first line was cut off the others are judged, and such lines in a file have a hint") {
  const std::string line = nlohmann::json::parse(file_content(kSource + "/tests/fleet/debian-12.json")).dump() + "\n";
  Tree tree;
  tree.file("/cut", line.substr(0, 500) + "\n" + line + line).file("/hosts.jsonl", line + line);
  Program program{.args = {"audit", "--json", "--from", "-"}};
  program.prepare = [file = tree.at("/cut")] { (void)::dup2(::open(file.c_str(), O_RDONLY), 0); };
  const auto document = nlohmann::json::parse(run_program(program).out);
  CHECK(document.at("hosts") == 2);
  CHECK(document.at("broken").at(0).at("file") == "standard input:1");
  CHECK(audit({"--from", tree.at("/hosts.jsonl")}).err ==
        "twctl: " + tree.at("/hosts.jsonl") +
            ":2: not JSON\n  hint: snapshots that are a line each are taken from standard input: --from - <FILE\n");
}

TEST_CASE(
    "--from -: one snapshot on standard input is one host, on one line or on many, and what is too large is named") {
  const std::string pretty = file_content(kSource + "/tests/fleet/debian-12.json");
  const std::string line = nlohmann::json::parse(pretty).dump() + "\n";
  const std::string too_large(std::size_t{5} * 1024 * 1024, ' ');
  Tree tree;
  tree.file("/pretty", "\n" + pretty).file("/line", line).file("/empty", "");
  tree.file("/lines", line + "{" + too_large + "}\n\n" + line).file("/whole", "{\n" + too_large + "}\n");
  const auto said = [&](const std::string& name) {
    Program program{.args = {"audit", "-q", "--from", "-"}};
    program.prepare = [file = tree.at(name)] { (void)::dup2(::open(file.c_str(), O_RDONLY), 0); };
    return run_program(program);
  };
  CHECK(said("/pretty").out == audit({"-q", "--from", kSource + "/tests/fleet/debian-12.json"}).out);
  CHECK(said("/line").out == said("/pretty").out);
  CHECK(said("/empty").err == "twctl: standard input is empty\n");
  CHECK(said("/whole").err == "twctl: standard input: larger than 4 MiB\n");
  CHECK(said("/lines").err == "twctl: standard input:2: larger than 4 MiB\n");
  CHECK(said("/lines").code == 65);
}

TEST_CASE("N110: --from - of a pipe that never ends comes to an end, with the limit's name") {
  const auto said = [&](const char* source) {
    Program program{.args = {"audit", "-q", "--from", "-"}};
    program.prepare = [source] {
      FILE* pipe = ::popen(source, "r");
      if (pipe != nullptr) (void)::dup2(::fileno(pipe), 0);
    };
    return run_program(program);
  };
  for (const char* source : {"cat /dev/zero", "tr '\\0' '[' </dev/zero", "yes y"}) {
    CAPTURE(source);
    const Finished run = said(source);
    CHECK(run.code == 65);
    CHECK(run.err.find("larger than ") != std::string::npos);
  }
  CHECK(said("cat /dev/zero").err == "twctl: standard input:1: larger than 64 MiB\n");
  CHECK(said("yes ''").err == "twctl: standard input: more than 200000 lines\n");
}

TEST_CASE("--hosts takes a finding that there is, and several hosts") {
  const Finished unknown = audit({"--from", kSource + "/tests/fleet", "--hosts", "recycle-off"});
  CHECK(unknown.code == 64);
  CHECK(unknown.err.find("\n  hint: `twctl audit --from FOLDER` names those that there are\n") != std::string::npos);
  CHECK(audit({"--hosts", "recycle-on"}).code == 64);
  CHECK(audit({"--from", kSource + "/tests/fleet", "--hosts", "recycle-on", "--json"}).code == 64);
}

TEST_CASE("a file that is fine, beside one that is not, has no finding of its own") {
  Tree tree;
  tree.file("/bad.conf", "net.ipv4.tcp_timestamps = 0\n").file("/good.conf", "net.ipv4.tcp_tw_reuse = 1\n");
  CHECK(audit({"-q", tree.at("/bad.conf"), tree.at("/good.conf")}).out ==
        "warning timestamps-off  net.ipv4.tcp_timestamps  " + tree.at("/bad.conf") + ":1\n");
}

TEST_CASE("--against holds a host to a profile") {
  const std::string host = kSource + "/tests/hosts/debian-12";
  CHECK(audit({"--root", host, "--against", "baseline", "-q"}).code == 0);
  const Finished run = audit({"--root", host, "--against", "busy-client", "-q"});
  CHECK(run.out == "warning profile-unmet  net.ipv4.tcp_tw_reuse\n");
  CHECK(run.code == 2);
}

TEST_CASE("H14: a fleet is audited with the threads that can be started, if need be with one") {
  Tree tree;
  const std::string snapshot = file_content(kSource + "/tests/fleet/debian-12.json");
  for (int i = 0; i < 64; ++i) tree.file("/" + std::to_string(i) + ".json", snapshot);
  const Program audit_all{.args = {"audit", "--json", "--from", tree.root()}};
  Program without_threads = audit_all;
  without_threads.prepare = [] {  // the stack of a thread is as large as the limit, and larger than all there is
    constexpr rlim_t kGiB = rlim_t{1} << 30U;
    const rlimit stack{.rlim_cur = 8 * kGiB, .rlim_max = RLIM_INFINITY};
    const rlimit memory{.rlim_cur = 2 * kGiB, .rlim_max = 2 * kGiB};
    (void)::setrlimit(RLIMIT_STACK, &stack);
    (void)::setrlimit(RLIMIT_AS, &memory);
  };
  const Finished whole = run_program(audit_all);
  const Finished alone = run_program(without_threads);
  CHECK(whole.code != 70);
  CHECK(alone.code == whole.code);
  CHECK(alone.err == whole.err);
  CHECK(nlohmann::json::parse(alone.out).at("findings") == nlohmann::json::parse(whole.out).at("findings"));
}

TEST_CASE("H21: links and placeholders in a message of SARIF are text") {
  const Finished run =
      audit_of("net.ipv4.tcp_fin_timeout = [x](https://e.example){0}\n", {"--format", "sarif", "--exit-zero"});
  const auto results = nlohmann::json::parse(run.out).at("runs").at(0).at("results");
  std::string all;
  for (const auto& result : results) all += result.at("message").at("text").get<std::string>();
  CHECK(all.find("\\[x\\](https://e.example){{0}}") != std::string::npos);
  CHECK(all.find(" [x]") == std::string::npos);
}
