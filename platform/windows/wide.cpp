#include "platform/windows/wide.hpp"

#include "base/utf16.hpp"

namespace twctl {

std::wstring to_wide(std::string_view utf8) {
  const std::u16string units = to_utf16(utf8);
  return {units.begin(), units.end()};
}

std::string to_utf8(std::wstring_view wide) { return from_utf16(std::u16string(wide.begin(), wide.end())); }

}  // namespace twctl
