// Bytes of a .reg file -> UTF-8, and what its lines say. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace twctl {

// What regedit writes first, and wants to read first.
inline constexpr std::string_view kRegistryHeader = "Windows Registry Editor Version 5.00";

// The text of the file: UTF-16LE with its byte order mark; else the bytes without a UTF-8 mark: bytes of an ANSI code
// page stay as they are, for nothing that we look for has any. Data that goes on over several lines stands on its first
// one, and every line keeps its number.
[[nodiscard]] std::string registry_text(std::string_view bytes);

// Where the lines of a file stand: under the key that counts, under that of a numbered control set (ControlSet001),
// which counts only where Windows has started from that set, under the interfaces of either, or elsewhere.
enum class RegistryPlace { parameters, numbered_set, interfaces, elsewhere };

// The key in lower case, with "currentcontrolset" for the name of a numbered one.
[[nodiscard]] std::string as_current_set(std::string_view key);

// Whether parameters of TCP/IP go when that key is deleted: theirs, one above it, or one of their interfaces.
[[nodiscard]] bool holds_parameters(std::string_view key);

// `"Name"=data` below a key.
struct RegistryValue {
  std::string name;
  std::string data;  // as written
  std::string type;  // what counts of it: in lower case, without the comment
};

// "[KEY]", "[-KEY]" or a value below it.
struct RegistryLine {
  int line = 0;
  std::string key;       // of this line or the last one before it, as written, without the '-'; "" before the first
  bool deletes = false;  // "[-KEY]", which deletes the key with everything in it
  RegistryPlace place = RegistryPlace::elsewhere;  // of the key; elsewhere where it is deleted
  std::optional<RegistryValue> value = {};         // nullopt: the line is a key's
};

struct RegistryText {
  std::vector<RegistryLine> lines;
  // The file does not begin with kRegistryHeader or "REGEDIT4", to the letter: regedit refuses
  // it. The first line that is not empty, with its number; 0: it does.
  int bad_header = 0;
  std::string header = {};
};
[[nodiscard]] RegistryText read_registry_text(std::string_view bytes);

// The digits of "dword:0000001e", which are hexadecimal, as a person reads them: "1e".
[[nodiscard]] std::string_view dword_digits(std::string_view data);

// The number of "dword:1e" or "hex(4):1e,00,00,00", in lower case. nullopt: it is of another type, or no number.
[[nodiscard]] std::optional<std::uint32_t> registry_dword(std::string_view data);

}  // namespace twctl
