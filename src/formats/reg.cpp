#include "formats/reg.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/text.hpp"
#include "base/utf16.hpp"
#include "formats/text_lines.hpp"

namespace twctl {
namespace {

constexpr std::string_view kParameters = "hkey_local_machine\\system\\currentcontrolset\\services\\tcpip\\parameters";
constexpr std::string_view kInterfaces =
    "hkey_local_machine\\system\\currentcontrolset\\services\\tcpip\\parameters\\interfaces";

bool is_within(std::string_view key, std::string_view top) {
  return key.starts_with(top) && (key.size() == top.size() || key[top.size()] == '\\');
}

// The lower byte of each unit comes first. An odd byte at the end becomes U+FFFD.
std::string from_utf16_bytes(std::string_view bytes) {
  std::u16string units;
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
    const auto low = static_cast<unsigned char>(bytes[at]);
    const auto high = static_cast<unsigned char>(bytes[at + 1]);
    units += static_cast<char16_t>(low | (high << 8U));
  }
  if (bytes.size() % 2 != 0) units += u'\uFFFD';
  return from_utf16(units);
}

// regedit imports no value with more of them, zeros in front included (Wine's regproc.c, convert_hex_to_dword()).
constexpr std::size_t kDwordDigits = 8;

// "hex(4):1e,00,00,00": the four bytes of a REG_DWORD, the lowest first.
std::optional<std::uint32_t> from_bytes(std::string_view list) {
  std::uint32_t number = 0;
  int shift = 0;
  for (const std::string_view byte : split(list, ',')) {
    const std::optional<std::uint32_t> value = parse_whole<std::uint32_t>(trim(byte), 16);
    if (!value || *value > 0xFF || shift > 24) return std::nullopt;
    number |= *value << shift;
    shift += 8;
  }
  return shift == 32 ? std::optional(number) : std::nullopt;
}

// A list of bytes goes on below a line that ends in a backslash. It is put on one line, and empty ones take the place
// of the others, so that every line keeps its number.
std::string with_whole_lines(std::string_view text) {
  std::string whole;
  std::size_t taken_up = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string_view content = trim(line);
    const bool begun = taken_up > 0 || content.starts_with('"') || content.starts_with('@');
    if (begun && content.ends_with('\\')) {
      whole += content.substr(0, content.size() - 1);
      ++taken_up;
      continue;
    }
    whole.append(taken_up > 0 ? content : line).append(std::exchange(taken_up, 0) + 1, '\n');
  }
  return whole;
}

// regedit takes no other version and no other case.
bool is_header(std::string_view line) { return line == kRegistryHeader || line == "REGEDIT4"; }

RegistryPlace place_of_key(std::string_view key) {
  const std::string current = as_current_set(key);
  if (is_within(current, kInterfaces)) return RegistryPlace::interfaces;
  if (current != kParameters) return RegistryPlace::elsewhere;
  return to_lower(key) == current ? RegistryPlace::parameters : RegistryPlace::numbered_set;
}

void take_key(RegistryLine& line, std::string_view key) {
  line.deletes = key.starts_with('-');
  line.key = key.substr(line.deletes ? 1 : 0);
  line.place = line.deletes ? RegistryPlace::elsewhere : place_of_key(key);
}

std::optional<RegistryValue> value_in(std::string_view line) {
  if (!line.starts_with('"')) return std::nullopt;
  RegistryValue value;
  std::size_t at = 1;
  for (; at < line.size() && line[at] != '"'; ++at) {
    if (line[at] == '\\' && at + 1 < line.size()) ++at;
    value.name += line[at];
  }
  if (at >= line.size()) return std::nullopt;
  const std::string_view rest = trim(line.substr(at + 1));
  if (!rest.starts_with('=')) return std::nullopt;
  value.data = trim(rest.substr(1));
  value.type = to_lower(trim(std::string_view(value.data).substr(0, value.data.find(';'))));
  return value;
}

}  // namespace

std::string registry_text(std::string_view bytes) {
  constexpr std::string_view kMark = "\xFF\xFE";
  return with_whole_lines(bytes.starts_with(kMark) ? from_utf16_bytes(bytes.substr(kMark.size()))
                                                   : std::string(without_bom(bytes)));
}

std::string as_current_set(std::string_view key) {
  constexpr std::string_view kNumbered = "\\controlset";
  std::string lower = to_lower(key);
  const std::size_t at = lower.find(kNumbered);
  const std::size_t end = at == std::string::npos ? at : lower.find('\\', at + 1);
  const std::size_t digits = at == std::string::npos ? 0 : std::min(end, lower.size()) - at - kNumbered.size();
  if (digits != 3) return lower;
  if (lower.find_first_not_of("0123456789", at + kNumbered.size()) < at + kNumbered.size() + digits) return lower;
  return lower.replace(at, kNumbered.size() + digits, "\\currentcontrolset");
}

bool holds_parameters(std::string_view key) {
  const std::string current = as_current_set(key);
  return is_within(kParameters, current) || is_within(current, kInterfaces);
}

RegistryText read_registry_text(std::string_view bytes) {
  RegistryText parsed;
  const std::string text = registry_text(bytes);
  std::string_view rest = text;
  RegistryLine key;
  bool headed = false;
  for (int number = 1; !rest.empty(); ++number) {
    const std::string_view line = trim(take_line(rest, number).raw);
    if (line.empty()) continue;
    if (!headed && !is_header(line)) return {.lines = {}, .bad_header = number, .header = std::string(line)};
    headed = true;
    key.line = number;
    if (line.front() == '[') {
      take_key(key, line.substr(1, line.rfind(']') - 1));
      parsed.lines.push_back(key);
    } else if (auto value = value_in(line)) {
      parsed.lines.push_back(key);
      parsed.lines.back().value = *std::move(value);
    }
  }
  return parsed;
}

std::optional<std::uint32_t> registry_dword(std::string_view data) {
  const std::size_t colon = data.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view digits = trim(data.substr(colon + 1));
  if (data.starts_with("dword:"))
    return digits.size() > kDwordDigits ? std::nullopt : parse_whole<std::uint32_t>(digits, 16);
  return data.starts_with("hex(4):") ? from_bytes(digits) : std::nullopt;
}

std::string_view dword_digits(std::string_view data) {
  const std::string_view digits = trim(data.substr(data.find(':') + 1));
  if (digits.empty()) return digits;
  return digits.substr(std::min(digits.find_first_not_of('0'), digits.size() - 1));
}

}  // namespace twctl
