// TuneD's profiles as profiles of ours: sections by their type, and what they include.
#include <doctest/doctest.h>

#include "audit/audit.hpp"
#include "audit/file_lines.hpp"
#include "formats/tuned.hpp"
#include "profile/desired.hpp"
#include "profile/readers.hpp"
#include "report/profile_text.hpp"
#include "support/growth.hpp"
#include "support/memory_host.hpp"

using namespace twctl;
using twctl::test::MemoryFiles;

namespace {

// "net.ipv4.tcp_fin_timeout = 15 @ /etc/tuned/a/tuned.conf:3", one line an entry; then the notes.
std::string told(const Profile& profile) {
  std::string text;
  for (const Entry& entry : profile.entries) {
    text += std::string(entry.setting->key) + " = " + to_text(entry.wanted) + " @ " + entry.where.file + ":" +
            std::to_string(entry.where.line) + "\n";
  }
  for (const std::string& note : profile.notes) text += note + "\n";
  return text;
}

std::string loaded(MemoryFiles& files, const std::string& path) {
  const auto profile = load_profile(path, "", files);
  return profile ? told(*profile) : profile.error().message;
}

}  // namespace

TEST_CASE("B1: a section counts by its type in a profile and in an audit of its file") {
  const std::string text = "[main]\nsummary=x\n[net_tuning]\ntype=sysctl\nnet.ipv4.tcp_fin_timeout=15\n";
  CHECK(told(*read_profile_text("t.conf", text)) == "net.ipv4.tcp_fin_timeout = 15 @ t.conf:5\n");
  CHECK(judge_tuned_file("t.conf", text, AuditContext({}))->lines.size() == 1);
  const std::string other = "[main]\nsummary=x\n[sysctl]\ntype=sysfs\nnet.ipv4.tcp_fin_timeout=15\n";
  CHECK(told(*read_profile_text("t.conf", other)) == "t.conf: sets nothing in twctl's scope\n");
  CHECK(judge_tuned_file("t.conf", other, AuditContext({}))->lines.empty());
}

TEST_CASE("B6: a TuneD profile has the keys of the profiles that it includes, from where TuneD finds them") {
  MemoryFiles files;
  files.files = {{"/srv/profiles/a/tuned.conf", "[main]\ninclude=b,network\n[sysctl]\nnet.ipv4.tcp_fin_timeout=15\n"},
                 {"/srv/profiles/b/tuned.conf", "[sysctl]\nnet.ipv4.tcp_fin_timeout=20\nnet.core.somaxconn=5000\n"},
                 {"/usr/lib/tuned/network/tuned.conf", "[sysctl]\nnet.ipv4.tcp_tw_reuse=1\n"}};
  CHECK(loaded(files, "/srv/profiles/a/tuned.conf") ==
        "net.ipv4.tcp_fin_timeout = 15 @ /srv/profiles/a/tuned.conf:4\n"
        "net.core.somaxconn = 5000 @ /srv/profiles/b/tuned.conf:3\n"
        "net.ipv4.tcp_tw_reuse = 1 @ /usr/lib/tuned/network/tuned.conf:2\n");
  files.files.erase("/usr/lib/tuned/network/tuned.conf");
  CHECK(loaded(files, "/srv/profiles/a/tuned.conf") ==
        "/srv/profiles/a/tuned.conf:1: it finds no profile network, so it sets nothing\n"
        "/srv/profiles/a/tuned.conf: sets nothing in twctl's scope\n");
}

TEST_CASE("B6: an included file that others could change makes the profile one that they could") {
  MemoryFiles files;
  files.files = {{"/srv/profiles/a/tuned.conf", "[main]\ninclude=b\n[sysctl]\nnet.ipv4.tcp_fin_timeout=15\n"},
                 {"/srv/profiles/b/tuned.conf", "[sysctl]\nnet.core.somaxconn=5000\n"}};
  files.distrust = {{"/srv/profiles/b/tuned.conf", "/srv/profiles/b is writable by others"}};
  const auto desired =
      resolve_desired({.profiles = {"/srv/profiles/a/tuned.conf"}, .assignments = {}, .profile_dir = {}}, files);
  REQUIRE(desired.has_value());
  CHECK(desired->distrusted == std::vector<std::string>{"/srv/profiles/b is writable by others"});
}

TEST_CASE("B6: what only TuneD knows of a profile is said, by `profile show` and by an audit of the file") {
  const std::string text =
      "[main]\ninclude=-${base}\n[sysctl]\nnet.ipv4.tcp_fin_timeout=${t}\nnet.ipv4.tcp_${what}=1\nnet.core.somaxconn="
      "5000\n";
  MemoryFiles files;
  files.files = {{"/srv/profiles/a/tuned.conf", text}};
  const auto profile = load_profile("/srv/profiles/a/tuned.conf", "", files);
  REQUIRE(profile);
  CHECK(
      profile_text(*profile) ==
      "[profile]\n\n[linux]\nnet.core.somaxconn = 5000\n\n"
      "; note: /srv/profiles/a/tuned.conf:1: which profile ${base} is, only TuneD knows\n"
      "; note: /srv/profiles/a/tuned.conf:4: net.ipv4.tcp_fin_timeout: ${t} is known to TuneD only; left alone\n"
      "; note: /srv/profiles/a/tuned.conf:5: net.ipv4.tcp_${what}: which key that is, only TuneD knows; left alone\n");
  CHECK(read_profile_text("x.ini", profile_text(*profile)));
  const auto audit = audit_file("t.conf", text, AuditContext({}));
  REQUIRE(audit);
  std::vector<std::string> open;
  for (const Unjudged& one : audit->unjudged) open.push_back(one.what + ": " + one.why);
  CHECK(open == std::vector<std::string>{"t.conf:2: include=-${base}: what that sets",
                                         "t.conf:4: net.ipv4.tcp_fin_timeout = ${t}: only TuneD knows what that is",
                                         "t.conf:5: net.ipv4.tcp_${what} = 1: only TuneD knows what that is"});
}

TEST_CASE("H04: a TuneD profile is read and merged in time that grows with its lines") {
  const auto read = [](const std::string& begin, const std::string& before, const std::string& after) {
    return [=](std::size_t lines) {
      std::string text = begin;
      for (std::size_t i = 0; i < lines; ++i) text += before + std::to_string(i) + after;
      text += "drop=";
      for (std::size_t i = 0; i < lines; ++i) text += ",x" + std::to_string(i);
      const TunedText parsed = read_tuned_text(text);
      TunedProfile profile = tuned_profile_of(parsed);
      merge_into(profile, tuned_profile_of(parsed));
      CHECK(sysctl_options(parsed).size() <= lines);
    };
  };
  CHECK(test::growth(read("[sysctl]\n", "a.b", "=1\n"), 4000) < test::kLinear);
  CHECK(test::growth(read("", "[s", "]\n"), 4000) < test::kLinear);
  CHECK(test::growth(read("", "[s", "]\ntype=sysctl\na=1\n"), 2000) < test::kLinear);
}

TEST_CASE("N20: a profile and what it includes have 8000 lines at most, and so many names") {
  MemoryFiles files;
  files.files = {{"/srv/a/tuned.conf", "[main]\ninclude=b\n[sysctl]\nnet.ipv4.tcp_fin_timeout=15\n"},
                 {"/srv/b/tuned.conf", "[sysctl]\n"}};
  for (int i = 0; i < 7994; ++i) files.files["/srv/b/tuned.conf"] += "#\n";
  CHECK(loaded(files, "/srv/a/tuned.conf") == "net.ipv4.tcp_fin_timeout = 15 @ /srv/a/tuned.conf:4\n");
  files.files["/srv/b/tuned.conf"] += "#\n";
  const std::string refused = "/srv/a/tuned.conf and what it includes have more than 8000 lines, which is not read";
  CHECK(loaded(files, "/srv/a/tuned.conf") == refused);
  files.files["/srv/b/tuned.conf"] = "[main]\ninclude=";
  for (int i = 0; i < 8000; ++i) files.files["/srv/b/tuned.conf"] += "-c,";
  CHECK(loaded(files, "/srv/a/tuned.conf") == refused);
}
