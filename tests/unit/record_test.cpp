#include "journal/record.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/crc32.hpp"
#include "platform/boot_file_store.hpp"

using namespace twctl;

namespace {

Intent whole_intent() {
  return Intent{.id = "0123456789abcdef0123456789abcdef",
                .sequence = 7,
                .kind = ChangeKind::rollback,
                .undoes = {"ffffffffffffffffffffffffffffffff"},
                .author = {.uid = 0, .login_uid = 1000, .sudo_user = "a\xff\"b", .account = {}, .time = 1700000000},
                .reason = "ticket 12\nline",
                .profiles = {"classic"},
                .accepted = {"not-time-wait:net.ipv4.tcp_fin_timeout"},
                .origin = {"boot", "net:[4026531840]", "blue"},
                .settings = {{"net.ipv4.tcp_fin_timeout", "60", "30"}},
                .files = {{std::string(kSysctlConf), "old \xfe bytes\r\n", std::nullopt}}};
}

std::string reframed(const std::string& payload) {
  char heading[64];
  (void)std::snprintf(heading, sizeof heading, "twctl-record 1 %zu %08x\n", payload.size(), crc32(payload));
  return heading + payload;
}

}  // namespace

TEST_CASE("what is encoded is decoded, bytes that are not UTF-8 included") {
  CHECK(decode_intent(encode(whole_intent())) == whole_intent());
  Intent waits = whole_intent();
  waits.deadline = std::chrono::seconds(3720);
  waits.deadline_time = 1700000120;
  CHECK(decode_intent(encode(waits)) == waits);
  for (const Decision decision : {Decision::commit, Decision::roll_back}) {
    const DecisionRecord record{.decision = decision, .by = whole_intent().author};
    CHECK(decode_decision(encode(record)) == record);
  }
  const DecisionRecord nobodys{
      .decision = Decision::roll_back, .by = whole_intent().author, .lapsed = true, .reason = "a\xff"};
  CHECK(decode_decision(encode(nobodys)) == nobodys);
  const Done done{.ending = Ending::gone, .conflicts = {{"net.ipv4.tcp_fin_timeout", "45"}}};
  CHECK(decode_done(encode(done)) == done);
}

TEST_CASE("a record of Windows keeps the account, absent values and those of a wrong type") {
  Intent windows = whole_intent();
  windows.author.account = "WEB1\\ann";
  windows.settings = {{"TcpTimedWaitDelay", "hex(1):33,00,30,00,00,00", std::nullopt}};
  windows.files = {};
  CHECK(decode_intent(encode(windows)) == windows);
  windows.settings[0].before = "hex(1):33,0";
  CHECK_FALSE(decode_intent(encode(windows)));
  windows.settings = {{"MaxUserPort", "65534", "5000"}};  // known, and never written
  CHECK_FALSE(decode_intent(encode(windows)));
  windows.settings = {{"net.ipv4.tcp_fin_timeout", "hex(1):33,00", "30"}};
  CHECK_FALSE(decode_intent(encode(windows)));
}

TEST_CASE("a record of an earlier twctl, which knows no account, is read") {
  const std::string whole = encode(whole_intent());
  std::string payload = whole.substr(whole.find('\n') + 1);
  const std::string account = R"("account":"",)";
  REQUIRE(payload.find(account) != std::string::npos);
  payload.erase(payload.find(account), account.size());
  CHECK(decode_intent(reframed(payload)) == whole_intent());
}

TEST_CASE("a decision of an earlier twctl, which says not whose it is, is read, and one that says half of it is not") {
  const std::string commit = R"({"decision":"commit","record":"decision"})";
  CHECK(decode_decision(reframed(commit)) == DecisionRecord{.decision = Decision::commit, .by = {}});
  CHECK_FALSE(decode_decision(reframed(R"({"author":{"uid":0},"decision":"commit","record":"decision"})")));
  CHECK_FALSE(decode_decision(reframed(R"({"author":null,"decision":"commit","record":"decision"})")));
  CHECK_FALSE(decode_decision(reframed(R"({"decision":"roll-back","lapsed":1,"record":"decision"})")));
}

TEST_CASE("a record cut at any length, or with any byte changed, is corrupt") {
  const std::string whole = encode(whole_intent());
  for (std::size_t length = 0; length < whole.size(); ++length) CHECK_FALSE(decode_intent(whole.substr(0, length)));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CAPTURE(at);
    CHECK_FALSE(decode_intent(changed));
  }
}

TEST_CASE("a record of another kind, version or with foreign keys and paths is refused, whatever its checksum") {
  CHECK_FALSE(decode_decision(encode(Done{})));
  CHECK_FALSE(decode_intent(reframed("[]")));
  CHECK_FALSE(decode_intent(reframed("{}")));
  std::string payload = encode(whole_intent());
  payload.erase(0, payload.find('\n') + 1);
  REQUIRE(decode_intent(reframed(payload)));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = payload;
    text.replace(text.find(from), from.size(), to);
    return reframed(text);
  };
  CHECK_FALSE(decode_intent(with("/etc/sysctl.conf", "/etc/passwd")));
  CHECK_FALSE(decode_intent(with("\"key\":\"net.ipv4.tcp_fin_timeout\"", "\"key\":\"kernel.core_pattern\"")));
  CHECK_FALSE(
      decode_intent(with("\"key\":\"net.ipv4.tcp_fin_timeout\"", "\"key\":\"net.ipv4.tcp_mem\"")));  // not written
  CHECK_FALSE(decode_intent(with("\"60\"", "\" 60\"")));
  CHECK_FALSE(decode_intent(with("0123456789abcdef0123456789abcdef", "../../../../../../../../../etc/x")));
  const Result<Intent> newer = decode_intent("twctl-record 2 3 00000000\n{}\n");
  REQUIRE_FALSE(newer);
  CHECK(newer.error().message == "the record is not one of ours or is damaged: its version is 2; this twctl knows 1");
}

TEST_CASE("H19: an intent that names a setting or a file twice is a corrupt record") {
  Intent twice = whole_intent();
  twice.settings.push_back({"net.ipv4.tcp_tw_reuse", "2", "1"});
  CHECK(decode_intent(encode(twice)) == twice);
  twice.settings.push_back({"net.ipv4.tcp_fin_timeout", "30", "45"});
  CHECK(decode_intent(encode(twice)).error().code == ErrorCode::invalid);
  Intent files = whole_intent();
  files.files.push_back(files.files.front());
  CHECK(decode_intent(encode(files)).error().code == ErrorCode::invalid);
}

TEST_CASE("H19: a forged sequence, deadline or time is a corrupt record, at its limit and beyond") {
  std::string payload = encode(whole_intent());
  payload.erase(0, payload.find('\n') + 1);
  nlohmann::json whole = nlohmann::json::parse(payload);
  const auto with = [&](const char* member, const nlohmann::json& value) {
    nlohmann::json changed = whole;
    changed[member] = value;
    return decode_intent(reframed(changed.dump())).has_value();
  };
  CHECK(with("sequence", 1));
  CHECK(with("sequence", 99'999'999));
  CHECK_FALSE(with("sequence", 0));
  CHECK_FALSE(with("sequence", 100'000'000));
  CHECK_FALSE(with("sequence", 18'446'744'073'709'551'615U));
  CHECK(with("deadline", 0));
  CHECK(with("deadline", 4'000'000'000'000'000'000));
  CHECK_FALSE(with("deadline", -1));
  CHECK_FALSE(with("deadline", 4'000'000'000'000'000'001));
  CHECK_FALSE(with("deadline", std::numeric_limits<std::int64_t>::max()));
  CHECK_FALSE(with("deadline", std::numeric_limits<std::int64_t>::min()));
  CHECK(with("deadline_time", 253'402'300'799));
  CHECK_FALSE(with("deadline_time", 253'402'300'800));
  whole["author"]["time"] = std::numeric_limits<std::int64_t>::min();
  CHECK_FALSE(decode_intent(reframed(whole.dump())));
}

TEST_CASE("H27: a fold is read as it was written, and an intent of an earlier twctl has none") {
  Intent fold = whole_intent();
  fold.folded = Folded{.count = 3, .until = 1700000000, .ids = {std::string(32, 'a'), std::string(32, 'b')}};
  CHECK(decode_intent(encode(fold)) == fold);
  CHECK(encode(fold).find("between") == std::string::npos);
  fold.folded->between = {{"net.ipv4.tcp_fin_timeout", "45"}};
  CHECK(decode_intent(encode(fold)) == fold);
  fold.folded->ids = {"../x"};
  CHECK_FALSE(decode_intent(encode(fold)));
  CHECK(encode(whole_intent()).find("folded") == std::string::npos);
}
