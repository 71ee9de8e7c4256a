#include "report/settings_md.hpp"

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "catalog/setting.hpp"
#include "support/shell.hpp"

using namespace twctl;

TEST_CASE("docs/settings.md is what the catalogue's rows say (if it is stale: scripts/gen-docs)") {
  const std::string rows = settings_markdown();
  const std::string file = test::file_content(TWCTL_SOURCE_DIR "/docs/settings.md");
  const bool up_to_date = rows == file;  // not CHECK(rows == file): it would print both
  CHECK_MESSAGE(up_to_date, "docs/settings.md is stale: run scripts/gen-docs and commit what it writes");
}

TEST_CASE("docs/settings.md has a heading and an index line for every setting") {
  const std::string text = settings_markdown();
  for (const Os os : {Os::linux_kernel, Os::windows}) {
    for (const Setting& setting : settings(os)) {
      const std::string key(setting.key);
      CAPTURE(key);
      CHECK(text.find("\n### " + key + "\n") != std::string::npos);
      CHECK(text.find("\n- [" + key + "](#") != std::string::npos);
    }
  }
}
