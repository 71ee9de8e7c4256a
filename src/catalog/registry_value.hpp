// A value of the registry, type and raw bytes, <-> Value: a plain number if it is what Windows reads as one, else its
// spelling in a .reg file, which loses nothing. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "catalog/value.hpp"

namespace twctl {

struct RegistryBytes {
  std::uint32_t type = 0;  // REG_DWORD is 4
  std::string bytes;
  friend bool operator==(const RegistryBytes&, const RegistryBytes&) = default;
};

inline constexpr std::size_t kRegistryBytesLimit = 4096;  // of a value that stands where a number belongs

// "30" for a REG_DWORD of four bytes; "hex(1):33,00,30,00,00,00" for anything else.
[[nodiscard]] Value to_value(const RegistryBytes& value);

// The other way round. nullopt: neither a number of 32 bits nor such a spelling.
[[nodiscard]] std::optional<RegistryBytes> to_registry(std::string_view value);

}  // namespace twctl
