// Prints docs/settings.md; scripts/gen-docs puts it there.
#include "report/settings_md.hpp"

#include <cstdio>

int main() {
  const std::string text = twctl::settings_markdown();
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}
