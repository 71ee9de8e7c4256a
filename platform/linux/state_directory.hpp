// StateStore below ROOT/var/lib/twctl.
#pragma once

#include <memory>

#include "platform/linux/root.hpp"
#include "platform/state_store.hpp"

namespace twctl {

[[nodiscard]] std::unique_ptr<StateStore> make_state_directory(const Root& root);

}  // namespace twctl
