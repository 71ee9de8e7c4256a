// Bytes of a .reg file -> UTF-8, and what its lines say. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace twctl {

// UTF-16LE with its byte order mark; else the bytes without a UTF-8 mark: bytes of an ANSI code page stay as they
// are, for nothing that we look for has any. Data that goes on over several lines stands on its first one, and every
// line keeps its number.
[[nodiscard]] std::string registry_text(std::string_view bytes);

// The line that a registry file begins with, to the letter: regedit takes no other version and no other case.
[[nodiscard]] bool is_registry_header(std::string_view line);

// Where the lines of a file stand: under the key that counts, under that of a numbered control set (ControlSet001),
// which counts only where Windows has started from that set, under the interfaces of either, or elsewhere.
enum class RegistryPlace { parameters, numbered_set, interfaces, elsewhere };

[[nodiscard]] RegistryPlace place_of_key(std::string_view key);

// The key in lower case, with "currentcontrolset" for the name of a numbered one.
[[nodiscard]] std::string as_current_set(std::string_view key);

// Whether parameters of TCP/IP go when that key is deleted: theirs, one above it, or one of their interfaces.
[[nodiscard]] bool holds_parameters(std::string_view key);

// `"Name"=data`: both parts.
struct RegistryValue {
  std::string name;
  std::string_view data;
};

// nullopt: the line is no such line.
[[nodiscard]] std::optional<RegistryValue> registry_value(std::string_view line);

// The digits of "dword:0000001e", which are hexadecimal, as a person reads them: "1e". And whether they look decimal.
[[nodiscard]] std::string_view dword_digits(std::string_view data);
[[nodiscard]] bool looks_decimal(std::string_view digits);

// The number of "dword:1e" or "hex(4):1e,00,00,00", in lower case. nullopt: it is of another type, or no number.
[[nodiscard]] std::optional<std::uint32_t> registry_dword(std::string_view data);

}  // namespace twctl
