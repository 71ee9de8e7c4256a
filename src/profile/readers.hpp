// Profile text of any kind -> Profile: the kind is what file_kind() says, and each has a reader of its own.
#pragma once

#include <string_view>

#include "observe/writers/tuned_profiles.hpp"
#include "profile/profile.hpp"

namespace twctl {

// Error: invalid, with file, line, caret and the nearest name (docs/contract.md, "Profiles"); or that it is of no kind
// that twctl reads, a template, or a snapshot or plan of ours.
[[nodiscard]] Result<Profile> read_profile_text(std::string_view path, std::string_view bytes);

// The readers, one a kind; for read_profile_text() and for each other alone. Our own kind: strict, the first error ends
// it.
[[nodiscard]] Result<Profile> read_ini_profile(std::string_view path, std::string_view bytes);

// The others: a line that their own loader skips, or reads as something else than it seems, becomes a note, never an
// error. Error of the first: invalid, for more than kProfileEntries lines about settings of ours.
[[nodiscard]] Result<Profile> read_sysctl_profile(std::string_view path, std::string_view bytes);
[[nodiscard]] Profile read_tuned_profile(std::string_view path, std::string_view bytes);
[[nodiscard]] Profile merged_tuned_profile(std::string_view path, const LoadedTuned& loaded);  // with what it includes
[[nodiscard]] Profile read_reg_profile(std::string_view path, std::string_view bytes);

}  // namespace twctl
