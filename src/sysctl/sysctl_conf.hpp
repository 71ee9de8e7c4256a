// /etc/sysctl.conf, edited losslessly: the value of the line in force is replaced where it stands, a missing key is
// appended under one heading, every other byte stays (comments, order, blanks, CRLF, a missing last newline). Pure.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "sysctl/boot_edit.hpp"

namespace twctl {

// nullopt before: the file is not there, and is made. A change without a value takes every line of its key out.
// Error: invalid for lone CR line ends, which systemd reads as line ends and procps does not.
[[nodiscard]] Result<std::optional<std::string>> edit_sysctl_conf(const std::optional<std::string>& before,
                                                                  std::span<const LineChange> changes);

}  // namespace twctl
