// What several documents hold has one encoding, whichever command tells it, and one strict reader.
#include "json/json.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string_view>

#include "base/escape.hpp"
#include "json/field.hpp"
#include "support/program.hpp"
#include "support/run_cli.hpp"
#include "support/schema.hpp"

using namespace twctl;
using namespace twctl::test;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

const std::string kCaptured =
    "6\x01\xc3\xa4\xff"
    "0";                                                         // as a hostile host, or a broken one, has it
const std::string kPortsInChinese = "\xe7\xab\xaf\xe5\x8f\xa3";  // 端口
const std::string kReversed =
    "\xe2\x80\xae"
    "06";                                                                        // U+202E turns round what follows
const std::string kChineseFile = "/etc/sysctl.d/\xe9\x85\x8d\xe7\xbd\xae.conf";  // 配置.conf
const std::string kKey = "net.ipv4.tcp_fin_timeout";

// A host whose tcp_fin_timeout is `value`, and where a boot file says so too.
Furnish host_with(const std::string& value) {
  return [value](MemoryHost& host) {
    stock_host(host);
    host.facts.hostname = value;
    host.store.set(kKey, value);
    host.disk.files[kChineseFile] = "# port\n" + kKey + " = " + value + "\n";
  };
}

Json printed(std::vector<std::string_view> args, const std::string& value, const char* schema) {
  args.emplace_back("--json");
  const Ran ran = run_cli(args, host_with(value));
  CAPTURE(ran.messages);
  REQUIRE(against_schema(ran.results, schema) == "");
  REQUIRE(test::is_printable(ran.results));
  return Json::parse(ran.results);
}

Json member_of_key(const Json& settings, const char* member) {
  for (const Json& setting : settings) {
    if (setting["key"] == kKey) return setting[member];
  }
  return "no such key";
}

// The value as each document has it that tells of it.
std::vector<Json> as_told(const std::string& value) {
  const Json plan = printed({"plan", "--exit-zero", "--set", "net.ipv4.tcp_fin_timeout=30"}, value, "plan");
  const Json audit = printed({"audit", "--exit-zero"}, value, "audit");
  const Json snapshot = printed({"snapshot"}, value, "snapshot");
  return {member_of_key(plan["settings"], "live"),
          printed({"explain", "tcp_fin_timeout"}, value, "explain")["here"]["live"],
          snapshot["live"][kKey]["value"],
          member_of_key(audit["settings"], "raw"),
          plan["host"]["hostname"],
          audit["host"]["hostname"],
          snapshot["host"]["hostname"],
          printed({"states"}, value, "states")["host"]["hostname"],
          printed({"doctor"}, value, "doctor")["host"]["hostname"]};
}

std::string problem_in(std::string_view document, const ReadFields& read) {
  const Result<void> done = read_json(document, "thing", read);
  return done ? "" : done.error().message;
}

}  // namespace

TEST_CASE("a value is told in the same way by every document: as it is, or its bytes where it is no text") {
  for (const std::string& value :
       {std::string("30\t60"), kPortsInChinese, kReversed, std::string("\x1b[2J"), std::string(300, 'x')}) {
    for (const Json& told : as_told(value)) CHECK(told == value);
  }
  for (const Json& told : as_told(kCaptured)) CHECK(told == Json{{"base64", "NgHDpP8w"}});
}

TEST_CASE("the place of a line names the file, whatever script its name is in") {
  const Json audit = printed({"audit", "--exit-zero"}, "45", "audit");
  CHECK(member_of_key(audit["settings"], "where") == Json{{"file", kChineseFile}, {"line", 2}});
  const Json plan = printed({"plan", "--exit-zero", "--set", "net.ipv4.tcp_fin_timeout=30"}, "45", "plan");
  CHECK(member_of_key(plan["settings"], "wanted_at")["file"] == "--set");
  CHECK(printed({"explain", "tcp_fin_timeout"}, "45", "explain")["here"]["live"] == "45");
  CHECK(place_json(Place{kChineseFile, 0}) == Json{{"file", kChineseFile}, {"line", nullptr}});
  CHECK(place_json(Place{}) == nullptr);
  CHECK(place_json(std::optional<Place>()) == nullptr);
}

TEST_CASE("what could act on a terminal, or hide from a reader, is escaped in a document's bytes") {
  CHECK(document_text(bytes_json(kReversed + "\x1b\x7f\xc2\x9b")) == "\"\\u202e06\\u001b\\u007f\\u009b\"\n");
  CHECK(document_text(bytes_json("\u00a0\u200b\U000e0061")) == "\"\\u00a0\\u200b\\udb40\\udc61\"\n");
}

TEST_CASE("X1: letters of every script stand in a document as they are") {
  CHECK(document_text(bytes_json(kPortsInChinese + "\t")) == "\"" + kPortsInChinese + "\\t\"\n");
  CHECK(document_text({{"e\u0301\U0001f600", 1}}) == "{\n  \"e\u0301\U0001f600\": 1\n}\n");
}

TEST_CASE("X1: an audit shows a value of any script as it is, in every format, and escapes what acts on a terminal") {
  for (const char* format : {"text", "json", "junit", "sarif"}) {
    const Ran ran = run_cli({"audit", "--exit-zero", "--format", format}, host_with(kPortsInChinese + "\xe2\x80\xae"));
    CAPTURE(format);
    CHECK(ran.results.find(kPortsInChinese + "\\u202e") != std::string::npos);
    CHECK(test::is_printable(ran.results));
  }
}

TEST_CASE("a record is one line, its members in the order of their names, its letters as they are") {
  CHECK(record_text({{"b", bytes_json(kPortsInChinese)}, {"a", nullptr}}) ==
        "{\"a\":null,\"b\":\"" + kPortsInChinese + "\"}\n");
}

TEST_CASE("an error as JSON names the file as it is, however long, and its text form cuts it") {
  for (const std::string& path :
       {"/" + std::string(300, 'x') + kPortsInChinese + "\x01.ini", std::string("/\xff.ini")}) {
    const Ran ran = run_cli({"plan", path, "--json"}, [&](MemoryHost& host) {
      stock_host(host);
      host.disk.files[path] = "[linux]\nno such line\n";
    });
    CHECK(against_schema(ran.results, "error") == "");
    const Json error = Json::parse(ran.results)["error"];
    CHECK(error["file"] == bytes_json(path));
    CHECK(error["line"] == 2);
    CHECK(ran.messages.starts_with("twctl: " + escape(path) + ":2: "));
  }
}

TEST_CASE("a network namespace is told as it was asked for") {
  const Ran ran =
      run_cli({"plan", "--exit-zero", "--set", "net.ipv4.tcp_fin_timeout=30", "--json"}, [&](MemoryHost& host) {
        stock_host(host);
        host.facts.netns = "/run/netns/" + kPortsInChinese;
      });
  CHECK(against_schema(ran.results, "plan") == "");
  const Json plan = Json::parse(ran.results);
  CHECK(plan["host"]["netns"] == "/run/netns/" + kPortsInChinese);
  CHECK(plan["notes"][0].get<std::string>().find("/run/netns/" + escape(kPortsInChinese)) != std::string::npos);
}

TEST_CASE("numbers are read within their bounds, to the last one, and nothing else is taken for one") {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  const auto any = [=](const Field& field) { CHECK(field.number<std::uint64_t>(0, kMost) == kMost); };
  CHECK(problem_in("18446744073709551615", any) == "");
  const auto small = [](const Field& field) { (void)field.number(-1, 7); };
  for (const char* good : {"-1", "0", "7"}) CHECK(problem_in(good, small) == "");
  for (const char* bad : {"-2", "8", "18446744073709551615", "-9223372036854775808", "1.0", "\"1\"", "true", "null"}) {
    CHECK(problem_in(bad, small) == "not a thing: the document: expected a number from -1 to 7");
  }
}

TEST_CASE("the first problem is told, with its place") {
  const auto read = [](const Field& document) {
    document.member("list").each([](const Field& item) { (void)item.member("path").bytes(); });
    (void)document.member("more").flag();
  };
  CHECK(problem_in(R"({"list": [{"path": "/x"}, {"path": {"base64": "AP8="}}], "more": true})", read) == "");
  CHECK(problem_in(R"({"list": [{"path": "/x"}, {"path": 7}], "more": 1})", read) ==
        "not a thing: list[1].path: expected text");
  CHECK(problem_in(R"({"list": [{"path": {"base64": "?"}}]})", read) == "not a thing: list[0].path: expected base64");
  CHECK(problem_in(R"({"list": [{}]})", read) == "not a thing: list[0].path: missing");
  CHECK(problem_in(R"({"list": [], "more": null})", read) == "not a thing: more: expected true or false");
  CHECK(problem_in("7", read) == "not a thing: the document: expected an object");
}

TEST_CASE("a member that stands twice in one object is a fault, wherever it stands") {
  const auto nothing = [](const Field&) {};
  CHECK(problem_in(R"({"a": 1, "b": {"a": 1}, "c": [{"a": 1}, {"a": 2}], "d": {"b": {"a": 1}}})", nothing) == "");
  for (const char* bad :
       {R"({"a": 1, "a": 1})", R"({"a": [], "b": {"b": {"c": 1}}, "a": []})", R"({"b": {"a": 1, "c": {}, "a": 2}})",
        R"([{"a": 1}, {"a": 1, "b": [{"b": 1}], "a": 2}])", R"({"\u0061": 1, "a": 1})"}) {
    CHECK(problem_in(bad, nothing) == "not a thing: 'a' stands twice in one object");
  }
}

TEST_CASE("what is no JSON is refused, be it so little wrong") {
  const auto nothing = [](const Field&) {};
  for (const std::string_view bad : {"{} {}"sv,
                                     "{}\0"sv,
                                     "{}\0{}"sv,
                                     "{\"a\": \"b\0c\"}"sv,
                                     "{\"a\": \"\n\"}"sv,
                                     "{\"a\": \"\xff\"}"sv,
                                     "{\"a\": \"\xc0\xaf\"}"sv,
                                     R"({"a": "\ud800"})"sv,
                                     R"({"a": "\ude00"})"sv,
                                     R"({"\ude00": 1})"sv,
                                     R"({"a": "\x41"})"sv,
                                     "{\"a\": 01}"sv,
                                     "{\"a\": 1.}"sv,
                                     "{\"a\": -}"sv,
                                     "{\"a\": NaN}"sv,
                                     "{\"a\": True}"sv,
                                     "{'a': 1}"sv,
                                     "{a: 1}"sv,
                                     "{\"a\": 1,}"sv,
                                     "{\"a\": [1,]}"sv,
                                     "{/**/}"sv,
                                     "{\"a\" 1}"sv,
                                     "[1"sv,
                                     "\""sv,
                                     " "sv}) {
    CAPTURE(bad);
    CHECK(problem_in(bad, nothing) == "not JSON");
  }
  // The parser's fast way, which takes over where a text is long, is no less strict.
  for (int byte = 0; byte < ' '; ++byte) {
    CAPTURE(byte);
    const std::string text =
        "{\"a\": \"" + std::string(40, 'x') + static_cast<char>(byte) + std::string(40, 'x') + "\"}";
    CHECK(problem_in(text, nothing) == "not JSON");
  }
  CHECK(problem_in(std::string(100000, '['), nothing) == "not a thing: more values or levels than one has");
}

TEST_CASE("texts and numbers are read as they were meant") {
  const auto read = [](const Field& document) {
    CHECK(document.member("text").bytes() == "a\0\n\"/\u00e4\U0001F600"s);
    CHECK(document.member("kept").bytes() == "\ud7ff\ue000");
    CHECK(document.member("after").bytes() == "as it is");
    CHECK(document.member("most").number<std::uint64_t>(0, UINT64_MAX) == UINT64_MAX);
    CHECK(document.member("least").number<std::int64_t>(INT64_MIN, 0) == INT64_MIN);
  };
  const std::string document =
      R"({"text": "a\u0000\n\"\/\u00e4\ud83d\ude00", "after": "as it is",)"
      R"("kept": "\ud7ff\ue000", "most": 18446744073709551615, "least": -9223372036854775808})";
  CHECK(problem_in(document, read) == "");
  CHECK(problem_in("\xEF\xBB\xBF" + document, read) == "");  // as an editor on Windows saves it
}
