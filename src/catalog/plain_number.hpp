// One word as a person wrote it -> the number that it says, or the reason why it says none. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "catalog/setting.hpp"

namespace twctl {

// What is wrong with a value, and where: `at` counts bytes from 0 within the text that was judged.
struct Fault {
  std::size_t at = 0;
  std::string why;  // printable
  friend bool operator==(const Fault&, const Fault&) = default;
};

// `word` has no blanks in it. Plain decimal with an optional '-' only; a number too large for int64 becomes the
// largest or smallest one, so that every range refuses it. `os` decides who would read it otherwise.
[[nodiscard]] tl::expected<std::int64_t, Fault> plain_number(std::string_view word, Os os);

}  // namespace twctl
