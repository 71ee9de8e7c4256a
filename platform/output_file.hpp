// A user's own output file, before it is written with HostFiles::write_output().
#pragma once

#include <string_view>

#include "base/result.hpp"

namespace twctl {

// Whether it could be written, as far as that can be told without writing: for what takes long to make. Error: output.
[[nodiscard]] Result<void> check_output(std::string_view path);

}  // namespace twctl
