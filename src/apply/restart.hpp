// Journal x this boot -> the settings that wait for a restart: what the system took when it started is not what was
// left in them.
#pragma once

#include <string>
#include <vector>

#include "journal/change.hpp"
#include "platform/durable_store.hpp"
#include "platform/host_facts.hpp"

namespace twctl {

// Pure. Keys, in the order in which they were first changed. What a boot took is what its first change found. Where a
// boot has no identity, a change counts as of this one: rather one restart too many.
[[nodiscard]] std::vector<std::string> awaiting_restart(const std::vector<Change>& journal, const std::string& boot_id);

// The same of the journal as it is, read only where the system has such settings at all. What cannot be read counts as
// none here: the change stands, and `status` says what is wrong with the journal.
[[nodiscard]] std::vector<std::string> restart_awaited(StateStore& store, const HostFacts& facts);

}  // namespace twctl
