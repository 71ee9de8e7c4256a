#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "report/explain.hpp"
#include "report/explain_names.hpp"
#include "support/schema.hpp"

using namespace twctl;
using Json = nlohmann::json;

namespace {

Json document(std::string_view name, const Snapshot* here = nullptr) {
  const Result<std::string> text = explain_json(name, {.here = here, .width = 80});
  REQUIRE(text.has_value());
  CHECK(test::against_schema(*text, "explain") == "");
  return Json::parse(*text);
}

}  // namespace

TEST_CASE("explain as JSON has every row, each with its kind, its name and a source") {
  for (const ListGroup& group : everything_explained()) {
    for (const ListLine& line : group.lines) {
      CAPTURE(line.name);
      const Json row = document(line.name);
      CHECK(row["format_version"] == "1.0");
      CHECK(row["command"] == "explain");
      CHECK(row["kind"] == group.kind);
      CHECK(row["name"] == line.name);
      CHECK_FALSE(row["sources"].empty());
    }
  }
}

TEST_CASE("a setting as JSON carries the values of this host, and null without a host") {
  Snapshot here;
  here.host.kernel = {6, 1, 0};
  here.host.kernel_release = "6.1.0-30-amd64";
  here.host.loader = Loader::systemd;
  here.live["net.core.somaxconn"] = {LiveValue::State::present, "1024", true, {}};
  here.boot_files.push_back({"/etc/sysctl.d/50-x.conf", "", "# x\nnet.core.somaxconn = 2048\n", ""});
  CHECK(document("somaxconn", &here)["here"] == Json::parse(R"({"kernel": "6.1.0-30-amd64", "live": "1024",
      "live_problem": null, "read_only": true, "default": "4096", "boot": "2048",
      "boot_origin": {"file": "/etc/sysctl.d/50-x.conf", "line": 2},
      "boot_writer": null, "boot_perhaps": []})"));
  CHECK(document("somaxconn")["here"].is_null());
}

TEST_CASE("the list as JSON names every row, and an unknown name is the same error as in text") {
  std::size_t names = 0;
  for (const ListGroup& group : everything_explained()) names += group.lines.size();
  const Json list = document("");
  CHECK(list["kind"] == "list");
  CHECK(list["names"].size() == names);
  CHECK(explain_json("nonsense", {}).error() == explain("nonsense", {}).error());
}
