// Journal values <-> bytes of a record: one line "twctl-record VERSION LENGTH CRC32", then JSON. Pure.
// A record is whole or it is corrupt: decoding trusts no length, no key and no path.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "journal/change.hpp"

namespace twctl {

inline constexpr int kRecordVersion = 1;
inline constexpr std::size_t kRecordLimit = 4 * 1024 * 1024;  // bytes; an intent holds two boot files
inline constexpr std::uint64_t kMostChanges = 99'999'999;     // of a host; a folder's name has eight digits for it

[[nodiscard]] std::string encode(const Intent& intent);
[[nodiscard]] std::string encode_applied();
[[nodiscard]] std::string encode(const DecisionRecord& record);
[[nodiscard]] std::string encode(const Done& done);

// Whether it is one of ours and undamaged, whatever it says: true, or an error (invalid).
[[nodiscard]] Result<bool> check_whole(std::string_view bytes);

// Error: invalid. Keys must be of the catalogue, paths one of the boot files that twctl may write.
[[nodiscard]] Result<Intent> decode_intent(std::string_view bytes);
[[nodiscard]] Result<bool> decode_applied(std::string_view bytes);  // true, or an error
[[nodiscard]] Result<DecisionRecord> decode_decision(std::string_view bytes);
[[nodiscard]] Result<Done> decode_done(std::string_view bytes);

}  // namespace twctl
