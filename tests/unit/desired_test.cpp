#include "profile/desired.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "profile/profile_search.hpp"
#include "report/error_text.hpp"
#include "support/memory_host.hpp"

using namespace twctl;
using twctl::test::MemoryFiles;

namespace {

constexpr std::string_view kAdmins = "/etc/twctl/profiles/";
constexpr std::string_view kPackages = "/usr/share/twctl/profiles/";

void add(MemoryFiles& files, std::string_view directory, std::string_view name, std::string text) {
  files.files[std::string(directory) + std::string(name) + ".ini"] = std::move(text);
}

std::string one(std::string_view line) { return "[linux]\n" + std::string(line) + "\n"; }

Desired resolve(const ProfileRequest& request, MemoryFiles& files) {
  Result<Desired> desired = resolve_desired(request, files);
  REQUIRE_MESSAGE(desired.has_value(), error_text(desired.error()));
  return *std::move(desired);
}

std::string problem(const ProfileRequest& request, MemoryFiles& files) {
  const Result<Desired> desired = resolve_desired(request, files);
  REQUIRE_FALSE(desired.has_value());
  return error_text(desired.error());
}

ProfileRequest named(std::vector<std::string> profiles) {
  return {.profiles = std::move(profiles), .assignments = {}, .profile_dir = {}};
}

ProfileRequest set(std::vector<std::string> assignments) {
  return {.profiles = {}, .assignments = std::move(assignments), .profile_dir = {}};
}

// "-net.ipv4.tcp_tw_recycle = 0 @ built-in/baseline.ini", one line an entry.
std::string text_of(const std::vector<Entry>& entries) {
  std::string text;
  for (const Entry& entry : entries) {
    text += (entry.optional ? "-" : "") + std::string(entry.setting->key) + " = " + to_text(entry.wanted) + " @ " +
            entry.where.file + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("a profile and its parent become one wish a key, the child's before the parent's") {
  MemoryFiles files;
  const Desired desired = resolve(named({"busy-client"}), files);
  CHECK(text_of(desired.entries).find("net.ipv4.tcp_tw_reuse = 1 @ built-in/busy-client.ini\n") != std::string::npos);
  CHECK(text_of(desired.entries).find("net.ipv4.tcp_abort_on_overflow = 0 @ built-in/baseline.ini\n") !=
        std::string::npos);
  CHECK(desired.entries.size() == 7);
  CHECK(desired.names == std::vector<std::string>{"busy-client"});
  CHECK(desired.notes.empty());
}

TEST_CASE("entries come in the catalogue's order and of one operating system only") {
  MemoryFiles files;
  const Desired linux_wishes = resolve(named({"classic"}), files);
  CHECK(std::is_sorted(linux_wishes.entries.begin(), linux_wishes.entries.end(),
                       [](const Entry& a, const Entry& b) { return a.setting < b.setting; }));
  CHECK(linux_wishes.entries.size() == 4);

  ProfileRequest request = named({"classic"});
  request.os = Os::windows;
  CHECK(text_of(resolve(request, files).entries) == "TcpTimedWaitDelay = 60 @ built-in/classic.ini\n");
}

TEST_CASE("a name is searched in --profile-dir, then the administrator's, the package's and the built-in profiles") {
  MemoryFiles files;
  ProfileRequest request = named({"baseline"});
  request.profile_dir = "/home/me";
  files.files["/home/me/other.txt"] = "";
  const auto timeout = [&] { return text_of(resolve(request, files).entries); };

  CHECK(timeout().find("@ built-in/baseline.ini") != std::string::npos);
  add(files, kPackages, "baseline", one("net.ipv4.tcp_fin_timeout = 57"));
  CHECK(timeout() == "net.ipv4.tcp_fin_timeout = 57 @ /usr/share/twctl/profiles/baseline.ini\n");
  add(files, kAdmins, "baseline", one("net.ipv4.tcp_fin_timeout = 58"));
  CHECK(timeout() == "net.ipv4.tcp_fin_timeout = 58 @ /etc/twctl/profiles/baseline.ini\n");
  add(files, "/home/me/", "baseline", one("net.ipv4.tcp_fin_timeout = 59"));
  CHECK(timeout() == "net.ipv4.tcp_fin_timeout = 59 @ /home/me/baseline.ini\n");
}

TEST_CASE(
    "H09: a --profile-dir that is not there, is no directory or cannot be read is no reason for another profile") {
  MemoryFiles files;
  files.files["/home/me/file"] = "x";
  files.errors["/home/me/closed"] = {.code = ErrorCode::denied, .message = "cannot read /home/me/closed"};
  for (const auto& row : {std::pair("/home/me/none", ErrorCode::no_input),
                          {"/home/me/file", ErrorCode::no_input},
                          {"/home/me/closed", ErrorCode::denied}}) {
    const auto& directory = row.first;
    const auto& code = row.second;
    CAPTURE(directory);
    for (const char* name : {"baseline", "./mine.ini"}) {
      ProfileRequest request = named({name});
      request.profile_dir = directory;
      CHECK(resolve_desired(request, files).error().code == code);
      CHECK(load_profile(name, directory, files).error().code == code);
    }
    CHECK(list_profiles(directory, files).error().code == code);
  }
}

TEST_CASE("H09: no other profile stands in for one that a directory lists and that cannot be read") {
  MemoryFiles files;
  files.links["/etc/twctl/profiles/baseline.ini"] = "/nowhere";
  CHECK(resolve_desired(named({"baseline"}), files).error().code == ErrorCode::no_input);
  files.links.clear();
  files.errors["/etc/twctl/profiles"] = {.code = ErrorCode::denied, .message = "cannot read /etc/twctl/profiles"};
  CHECK(resolve_desired(named({"baseline"}), files).error().code == ErrorCode::denied);
}

TEST_CASE("what is no name is a path, and a file in the current directory never stands in for a name") {
  MemoryFiles files;
  files.files["./mine"] = "net.ipv4.tcp_fin_timeout = 30\n";
  files.files["mine"] = "net.ipv4.tcp_fin_timeout = 30\n";
  files.files["mine.ini"] = one("net.ipv4.tcp_fin_timeout = 20");
  CHECK(text_of(resolve(named({"./mine"}), files).entries) == "net.ipv4.tcp_fin_timeout = 30 @ ./mine\n");
  CHECK(text_of(resolve(named({"mine.ini"}), files).entries) == "net.ipv4.tcp_fin_timeout = 20 @ mine.ini\n");
  CHECK(problem(named({"mine"}), files) ==
        "twctl: mine: no profile of that name\n"
        "  hint: twctl profile list shows them all; a file in this directory is written ./mine\n");
}

TEST_CASE("a missing profile is 66 and names the nearest one") {
  MemoryFiles files;
  CHECK(problem(named({"busy-cleint"}), files)
            .starts_with("twctl: busy-cleint: no profile of that name; did you mean busy-client?\n"));
  CHECK(resolve_desired(named({"busy-cleint"}), files).error().code == ErrorCode::no_input);
  CHECK(resolve_desired(named({"/none.ini"}), files).error().code == ErrorCode::no_input);
  CHECK(resolve_desired(named({"$(reboot)"}), files).error().code == ErrorCode::no_input);
}

TEST_CASE("a parent that is missing, or that is an ancestor of itself, is shown in the line that names it") {
  MemoryFiles files;
  add(files, kAdmins, "a", "; top\n[profile]\nextends  =  baselin\n");
  CHECK(problem(named({"a"}), files) ==
        "twctl: /etc/twctl/profiles/a.ini:3: baselin: no profile of that name; did you mean baseline?\n"
        "    extends  =  baselin\n"
        "                ^\n"
        "  hint: a parent is searched by name like any profile\n");
  CHECK(resolve_desired(named({"a"}), files).error().code == ErrorCode::invalid);

  add(files, kAdmins, "a", "[profile]\nextends = b\n");
  add(files, kAdmins, "b", "[profile]\nextends = a\n");
  CHECK(problem(named({"a"}), files) ==
        "twctl: /etc/twctl/profiles/b.ini:2: extends in a circle: /etc/twctl/profiles/a.ini -> "
        "/etc/twctl/profiles/b.ini -> /etc/twctl/profiles/a.ini\n"
        "    extends = a\n"
        "              ^\n"
        "  hint: rename the profile that has its parent's name, or leave out one extends\n");
}

TEST_CASE("a line of parents has an end") {
  MemoryFiles files;
  for (int n = 0; n < 20; ++n) {
    add(files, kAdmins, "p" + std::to_string(n), "[profile]\nextends = p" + std::to_string(n + 1) + "\n");
  }
  CHECK(problem(named({"p0"}), files) ==
        "twctl: /etc/twctl/profiles/p7.ini:2: more than 8 generations\n"
        "    extends = p8\n"
        "              ^\n");
  add(files, kAdmins, "p20", one("net.ipv4.tcp_tw_reuse = 1"));
  CHECK(resolve(named({"p13"}), files).entries.size() == 1);
}

TEST_CASE("profiles that disagree on a key are refused naming both, and those that agree are fine") {
  MemoryFiles files;
  CHECK(problem(named({"busy-client", "classic"}), files) ==
        "twctl: net.ipv4.tcp_syncookies: busy-client wants 1 | 2 (built-in/baseline.ini:9), classic wants 1 "
        "(built-in/classic.ini:9)\n"
        "  hint: name one of the two profiles, or decide with --set net.ipv4.tcp_syncookies=VALUE\n");
  CHECK(resolve_desired(named({"busy-client", "classic"}), files).error().code == ErrorCode::invalid);

  add(files, kAdmins, "a", one("-net.ipv4.tcp_tw_reuse = 1"));
  add(files, kAdmins, "b", one("net.ipv4.tcp_tw_reuse = 1"));
  CHECK(text_of(resolve(named({"a", "b"}), files).entries) ==
        "net.ipv4.tcp_tw_reuse = 1 @ /etc/twctl/profiles/a.ini\n");
}

TEST_CASE("--set wins over profiles, also where they disagree, and stands alone") {
  MemoryFiles files;
  add(files, kAdmins, "a", one("net.ipv4.tcp_tw_reuse = 1"));
  add(files, kAdmins, "b", one("net.ipv4.tcp_tw_reuse = 2"));
  ProfileRequest request = named({"a", "b"});
  request.assignments = {"net/ipv4/tcp_tw_reuse=0"};
  CHECK(text_of(resolve(request, files).entries) == "net.ipv4.tcp_tw_reuse = 0 @ --set\n");
  CHECK(text_of(resolve(set({"net.ipv4.tcp_fin_timeout=unset", "-net.ipv4.tcp_tw_reuse=1|2"}), files).entries) ==
        "-net.ipv4.tcp_tw_reuse = 1 | 2 @ --set\nnet.ipv4.tcp_fin_timeout = unset @ --set\n");
}

TEST_CASE("a --set option is judged like a profile's line, with the caret in it") {
  MemoryFiles files;
  CHECK(problem(set({"net.ipv4.tcp_fin_timout=30"}), files) ==
        "twctl: --set: net.ipv4.tcp_fin_timout: unknown setting; did you mean net.ipv4.tcp_fin_timeout?\n"
        "    net.ipv4.tcp_fin_timout=30\n"
        "    ^\n"
        "  hint: twctl explain lists every setting that a profile may name\n");
  CHECK(problem(set({"net.ipv4.tcp_fin_timeout= <= x"}), files)
            .starts_with("twctl: --set: net.ipv4.tcp_fin_timeout: x is not a whole number: 'x' is not a digit\n"
                         "    net.ipv4.tcp_fin_timeout= <= x\n"
                         "                                 ^\n"));
  CHECK(problem(set({"net.ipv4.tcp_fin_timeout"}), files) ==
        "twctl: --set: no '='\n"
        "    net.ipv4.tcp_fin_timeout\n"
        "    ^\n"
        "  hint: --set KEY=VALUE\n");
  CHECK(problem(set({"=30"}), files).starts_with("twctl: --set: no key before '='\n"));
  CHECK(problem(set({"net.ipv4.tcp_fin_timeout=30\n40"}), files).starts_with("twctl: --set: line break\n"));
  CHECK(problem(set({"net.ipv4.tcp_fin_timeout=\x1b"}), files).starts_with("twctl: --set: control character \\x1b\n"));
  CHECK(problem(set({"net.ipv4.tcp_tw_reuse=1", "net/ipv4/tcp_tw_reuse=2"}), files) ==
        "twctl: net.ipv4.tcp_tw_reuse: two --set options disagree: 1 and 2\n");
}

TEST_CASE("what somebody else could have changed is told, of parents too, with the command that mends it") {
  MemoryFiles files;
  add(files, kAdmins, "a", "[profile]\nextends = b\n");
  add(files, kAdmins, "b", one("net.ipv4.tcp_tw_reuse = 1"));
  files.distrust["/etc/twctl/profiles/b.ini"] = "/etc/twctl/profiles/b.ini is writable by others";
  const Desired desired = resolve(named({"a", "b"}), files);
  CHECK(desired.distrusted == std::vector<std::string>{"/etc/twctl/profiles/b.ini is writable by others"});
  CHECK(desired.mend == "install -o root -g root -m 0644 /etc/twctl/profiles/b.ini");
}

TEST_CASE("a profile without anything for this system says so") {
  MemoryFiles files;
  files.files["/tmp/w.ini"] = "[windows]\nTcpTimedWaitDelay = 60\n";
  const Desired desired = resolve(named({"/tmp/w.ini"}), files);
  CHECK(desired.entries.empty());
  CHECK(desired.notes == std::vector<std::string>{"/tmp/w.ini: nothing for this operating system"});
}

TEST_CASE("the notes of a file of another kind come along") {
  MemoryFiles files;
  files.files["/etc/sysctl.conf"] = "# nothing\n";
  CHECK(resolve(named({"/etc/sysctl.conf"}), files).notes ==
        std::vector<std::string>{"/etc/sysctl.conf: sets nothing in twctl's scope"});
}

TEST_CASE("a profile to show has its parents merged in and says what is long gone") {
  MemoryFiles files;
  const Result<Profile> classic = load_profile("classic", "", files);
  REQUIRE(classic.has_value());
  REQUIRE(classic->notes.size() == 1);
  CHECK(classic->notes[0].starts_with("built-in/classic.ini:17: net.ipv4.tcp_tw_recycle was removed in Linux 4.12: "));
  const Result<Profile> proxy = load_profile("reverse-proxy", "", files);
  REQUIRE(proxy.has_value());
  CHECK(proxy->parent.empty());
  CHECK(proxy->summary == "Busy on both sides: reverse proxies, load balancers, API gateways");
  CHECK(proxy->entries.size() == 8);
}

TEST_CASE("a built-in profile that a package brings as a file, too, is listed once") {
  MemoryFiles files;
  for (const BuiltinProfile& one : builtin_profiles()) {
    add(files, "/usr/share/twctl/profiles/", std::string(one.name), std::string(one.text));
  }
  const auto listings = list_profiles("", files).value();
  CHECK(listings.size() == builtin_profiles().size());
  for (const ProfileListing& listing : listings) {
    CHECK(listing.origin == "/usr/share/twctl/profiles/" + listing.name + ".ini");
    CHECK(listing.problem == "");
  }
}

TEST_CASE("a folder of profiles is listed once for all that are in it") {
  struct Counted : MemoryFiles {
    int lists = 0;
    Result<std::vector<std::string>> list(std::string_view directory) override {
      lists += directory == "/p" ? 1 : 0;
      return MemoryFiles::list(directory);
    }
  } files;
  for (int number = 0; number < 20; ++number) {
    files.files["/p/e" + std::to_string(number) + ".ini"] = "[linux]\nnet.ipv4.tcp_fin_timeout = 30\n";
  }
  REQUIRE(list_profiles("/p", files).value().size() >= 20);
  CHECK(files.lists <= 2);  // once more to see that it is there
}

TEST_CASE("N104: a thousand profiles are listed, and with one more none is") {
  MemoryFiles files;
  for (std::size_t i = builtin_profiles().size(); i < kMostProfiles; ++i) {
    files.files["/p/e" + std::to_string(i) + ".ini"] = "[linux]\nnet.ipv4.tcp_fin_timeout = 30\n";
  }
  CHECK(list_profiles("/p", files).value().size() == kMostProfiles);
  files.files["/p/more.ini"] = "";
  CHECK(list_profiles("/p", files).error().message == "there are 1001 profiles; more than 1000 are not listed");
}

TEST_CASE("profiles are listed in search order, with what hides or spoils them") {
  MemoryFiles files;
  add(files, kAdmins, "baseline", "[profile]\nsummary = ours\n[linux]\nnet.ipv4.tcp_tw_reuse = 1\n");
  add(files, kAdmins, "broken", one("net.ipv4.tcp_tw_reuse = 7"));
  add(files, kAdmins, "ill name", one("net.ipv4.tcp_tw_reuse = 1"));
  files.files["/etc/twctl/profiles/notes.txt"] = "not a profile";
  std::string text;
  const auto listings = list_profiles("", files).value();
  for (const ProfileListing& listing : listings) {
    text += listing.name + " | " + listing.origin + " | " + listing.summary + " | " + listing.problem + "\n";
  }
  CHECK(
      text ==
      "baseline | /etc/twctl/profiles/baseline.ini | ours | \n"
      "broken | /etc/twctl/profiles/broken.ini |  | line 2: net.ipv4.tcp_tw_reuse: 7 is more than 2\n"
      "ill name | /etc/twctl/profiles/ill name.ini |  | a name has letters, digits, '-' and '_' only; the file can be "
      "used by its path\n"
      "baseline | built in |  | hidden by /etc/twctl/profiles/baseline.ini\n"
      "busy-client | built in | Many short outgoing connections: proxies, crawlers, load generators | \n"
      "classic | built in | The old recipe that is copied everywhere; for comparison, not advised | \n"
      "reverse-proxy | built in | Busy on both sides: reverse proxies, load balancers, API gateways | \n");
}
