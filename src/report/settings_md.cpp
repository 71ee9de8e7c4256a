#include "report/settings_md.hpp"

#include <fmt/format.h>

#include "report/explain_pages.hpp"

namespace twctl {
namespace {

constexpr std::string_view kIntroduction =
    "# Settings\n\n"
    "Every setting that twctl knows, from the same rows that `twctl plan` works with and `twctl explain` prints.\n"
    "Made by `scripts/gen-docs`; edit the rows in `src/catalog`, not this file.\n\n";

// The anchor that Markdown viewers make of a heading: lower case, without dots.
std::string anchor(std::string_view heading) {
  std::string text;
  for (const char c : heading) {
    if (c != '.') text += (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return text;
}

std::string index_of(Os os) {
  std::string text;
  for (const Setting& setting : settings(os)) {
    text += fmt::format("- [{0}](#{1}): {2}\n", setting.key, anchor(setting.key), setting.summary);
  }
  return text;
}

std::string pages_of(Os os) {
  std::string text;
  for (const Setting& setting : settings(os)) text += to_markdown(setting_page(setting, nullptr), 3);
  return text;
}

std::string chapter(std::string_view heading, Os os) {
  if (settings(os).empty()) return "";
  return fmt::format("## {}\n\n{}\n{}", heading, index_of(os), pages_of(os));
}

}  // namespace

std::string settings_markdown() {
  std::string text(kIntroduction);
  text += chapter("Linux", Os::linux_kernel);
  text += chapter("Windows", Os::windows);
  while (text.ends_with("\n\n")) text.pop_back();
  return text;
}

}  // namespace twctl
