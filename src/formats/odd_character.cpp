#include "formats/odd_character.hpp"

#include <fmt/format.h>

#include <optional>

#include "base/escape.hpp"
#include "base/utf8.hpp"

namespace twctl {
namespace {

std::string_view name_of(char32_t value) {
  switch (value) {
    case 0xA0:
      return "a no-break space";
    case 0x200B:
      return "a zero-width space";
    case 0x3000:
      return "an ideographic space";
    case 0xFEFF:
      return "a byte order mark";
    case 0xFF1D:
      return "a full-width equals sign";
    case 0x2212:
      return "a minus sign of typography";
    default:
      break;
  }
  if (value >= 0xFF10 && value <= 0xFF19) return "a full-width digit";
  if (value >= 0x2018 && value <= 0x201F) return "a quotation mark of typography";
  return is_invisible_or_bidi(value) ? "which is invisible" : "";
}

// What a look-alike stands for; nullopt: it is none.
std::optional<std::string> meant_by(char32_t value) {
  if (value == 0xA0 || value == 0x3000) return " ";
  if (value == 0xFF1D) return "=";
  if (value == 0x2212) return "-";
  if (value >= 0xFF10 && value <= 0xFF19) return std::string(1, static_cast<char>('0' + (value - 0xFF10)));
  if (value >= 0x2018 && value <= 0x201B) return "'";
  if (value >= 0x201C && value <= 0x201F) return "\"";
  if (is_invisible_or_bidi(value)) return "";
  return std::nullopt;
}

}  // namespace

std::string odd_character_in(std::string_view text, OddCharacter kind) {
  while (!text.empty()) {
    const CodePoint point = decode_utf8(text);
    if (!point.valid) return fmt::format("the byte {}, which is not UTF-8", escape(text.substr(0, 1)));
    const bool control = (point.value < 0x20 && point.value != '\t') || point.value == 0x7F;
    if (point.value > 0x7E || control) {
      const std::string_view name = name_of(point.value);
      text.remove_prefix(point.bytes);
      if (kind == OddCharacter::look_alike && name.empty()) continue;
      return code_point_name(point.value) + (name.empty() ? "" : ", ") + std::string(name);
    }
    text.remove_prefix(point.bytes);
  }
  return {};
}

std::string without_look_alikes(std::string_view text) {
  std::string plain;
  for (; !text.empty();) {
    const CodePoint point = decode_utf8(text);
    const std::optional<std::string> meant = point.valid ? meant_by(point.value) : std::nullopt;
    plain += meant ? *meant : text.substr(0, point.bytes);
    text.remove_prefix(point.bytes);
  }
  return plain;
}

}  // namespace twctl
