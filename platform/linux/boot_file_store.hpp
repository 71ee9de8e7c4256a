// BootFileStore below ROOT/etc.
#pragma once

#include <memory>
#include <string>

#include "platform/boot_file_store.hpp"

namespace twctl {

[[nodiscard]] std::unique_ptr<BootFileStore> make_boot_file_store(const std::string& root);

}  // namespace twctl
