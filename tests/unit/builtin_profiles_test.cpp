#include <doctest/doctest.h>

#include "profile/desired.hpp"
#include "profile/profile_search.hpp"
#include "profile/readers.hpp"
#include "report/error_text.hpp"
#include "support/memory_host.hpp"

using namespace twctl;

namespace {

// Every wish of a built-in profile with its parents merged in: "linux KEY = WISH", one a line.
std::string wishes_of(const std::string& name) {
  test::MemoryFiles files;
  const Result<Profile> profile = load_profile(name, "", files);
  REQUIRE_MESSAGE(profile.has_value(), error_text(profile.error()));
  std::string text;
  for (const Entry& entry : profile->entries) {
    text += entry.setting->os == Os::windows ? "windows " : "linux ";
    text += (entry.optional ? "-" : "") + std::string(entry.setting->key) + " = " + to_text(entry.wanted) + "\n";
  }
  return text;
}

// Reads back to the same wishes, reasons, summary and parent; places and kind are the new text's own.
void check_round_trip(const Profile& profile) {
  const std::string text = to_ini(profile);
  CAPTURE(text);
  const Result<Profile> again = read_profile_text("again.ini", text);
  REQUIRE_MESSAGE(again.has_value(), error_text(again.error()));
  CHECK(again->summary == profile.summary);
  CHECK(again->parent == profile.parent);
  REQUIRE(again->entries.size() == profile.entries.size());
  for (std::size_t n = 0; n < profile.entries.size(); ++n) {
    Entry entry = again->entries[n];
    entry.where = profile.entries[n].where;
    CHECK(entry == profile.entries[n]);
  }
  CHECK(to_ini(*again) == text);
}

std::string wish_for(const Setting& setting, std::string_view kind) {
  const std::string low = std::to_string(setting.accepted.min);
  const std::string high = std::to_string(setting.accepted.max);
  if (kind == "unset") return "unset";
  if (setting.type == ValueType::integer_pair) return low + " " + high;
  if (kind == "exactly") return low;
  if (setting.type == ValueType::integer) return "<= " + high;
  if (setting.type == ValueType::port_set) return "includes 8080,9000-9010";
  return low + " | " + high;
}

// Every second one has a reason, every third is optional.
Entry entry_for(const Setting& setting, std::string_view kind, std::size_t number) {
  const Result<Wanted> wanted = parse_wanted(setting, wish_for(setting, kind));
  REQUIRE_MESSAGE(wanted.has_value(), error_text(wanted.error()));
  const std::string reason = number % 2 == 0 ? "" : "why; as #" + std::string(150, 'x') + " says ; so";
  return {&setting, *wanted, number % 3 == 0, reason_in(reason), {}};
}

}  // namespace

TEST_CASE("the built-in profiles want exactly what the contract says") {
  const std::string baseline =
      "linux net.ipv4.tcp_syncookies = 1 | 2\n"
      "linux net.ipv4.tcp_timestamps = 1 | 2\n";
  const std::string rest =
      "linux net.ipv4.tcp_abort_on_overflow = 0\n"
      "linux -net.ipv4.tcp_tw_recycle = 0\n";
  const std::string client =
      "linux net.ipv4.tcp_tw_reuse = 1\n"
      "windows TcpTimedWaitDelay = 60\n";
  CHECK(wishes_of("baseline") ==
        baseline + "linux net.ipv4.tcp_fin_timeout = <= 60\nlinux net.core.somaxconn = >= 4096\n" + rest);
  CHECK(wishes_of("busy-client") ==
        baseline + "linux net.ipv4.tcp_fin_timeout = <= 60\nlinux net.core.somaxconn = >= 4096\n" + rest + client);
  CHECK(wishes_of("reverse-proxy") ==
        baseline + "linux net.ipv4.tcp_fin_timeout = <= 60\nlinux net.core.somaxconn = >= 16384\n" + rest + client);
  CHECK(wishes_of("classic") ==
        "linux net.ipv4.tcp_syncookies = 1\n"
        "linux net.ipv4.tcp_tw_reuse = 1\n"
        "linux net.ipv4.tcp_tw_recycle = 1\n"
        "linux net.ipv4.tcp_fin_timeout = 30\n"
        "windows TcpTimedWaitDelay = 60\n");
  CHECK(builtin_profiles().size() == 4);
}

TEST_CASE("every value of a built-in profile says why and cites a source") {
  for (const BuiltinProfile& builtin : builtin_profiles()) {
    CAPTURE(builtin.name);
    const Result<Profile> profile = read_profile_text(std::string(builtin.name) + ".ini", builtin.text);
    REQUIRE_MESSAGE(profile.has_value(), error_text(profile.error()));
    CHECK(profile->summary.size() > 10);
    CHECK(profile->notes.empty());
    for (const Entry& entry : profile->entries) {
      CAPTURE(entry.setting->key);
      CHECK(entry.reason.why.size() > 30);
      CHECK_FALSE(entry.reason.source.empty());
    }
  }
}

TEST_CASE("a built-in profile prints as INI that reads back to the same") {
  test::MemoryFiles files;
  for (const BuiltinProfile& builtin : builtin_profiles()) {
    CAPTURE(builtin.name);
    check_round_trip(*read_profile_text(std::string(builtin.name) + ".ini", builtin.text));
    check_round_trip(*load_profile(std::string(builtin.name), "", files));
  }
}

TEST_CASE("a profile of every setting with every kind of wish reads back to the same") {
  for (const std::string_view kind : {"exactly", "bound", "unset"}) {
    CAPTURE(kind);
    Profile profile;
    profile.summary = "all of it";
    for (const Os os : {Os::linux_kernel, Os::windows}) {
      for (const Setting& setting : settings(os)) {
        if (setting.writable) profile.entries.push_back(entry_for(setting, kind, profile.entries.size()));
      }
    }
    check_round_trip(profile);
  }
}
