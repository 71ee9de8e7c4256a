// BootFileStore below ROOT/etc.
#pragma once

#include <memory>

#include "platform/boot_file_store.hpp"
#include "platform/linux/root.hpp"

namespace twctl {

[[nodiscard]] std::unique_ptr<BootFileStore> make_boot_file_store(const Root& root);

}  // namespace twctl
