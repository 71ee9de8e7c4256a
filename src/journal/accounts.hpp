// /etc/passwd of the host -> names of accounts, for people. No name service is asked: it may be far away, or be what
// this host's connections are needed for. A uid that is not in the file stays a number.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "platform/host_files.hpp"
#include "platform/run.hpp"

namespace twctl {

using Accounts = std::map<std::uint32_t, std::string>;  // uid -> name, raw; the first line of a uid counts

// Below the root that the user chose. Empty where the file is missing, cannot be read or is over 4 MiB.
[[nodiscard]] Accounts read_accounts(HostFiles& files);

// "ann (login uid 1000) as root (uid 0)"; without a name "login uid 1000 as uid 0 (SUDO_USER says ann)". Printable.
[[nodiscard]] std::string who(const RunFacts& author, const Accounts& accounts = {});

// Whom it counts as done by, in two words: "ann (uid 1000)". Printable.
[[nodiscard]] std::string who_in_short(const RunFacts& author, const Accounts& accounts);

}  // namespace twctl
