// Snapshot, and the examination taken with it <-> the JSON document that `twctl snapshot` saves and `--from` reads
// (docs/schema/snapshot.schema.json). Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "diagnose/examination.hpp"
#include "json/words.hpp"
#include "observe/snapshot.hpp"

namespace twctl {

inline constexpr std::array kWriteTimeWords = {Word<WriteTime>{WriteTime::before_network, "before-network"},
                                               Word<WriteTime>{WriteTime::at_boot, "at-boot"},
                                               Word<WriteTime>{WriteTime::unknown, "unknown"}};

// One document with a newline at its end. What it reads back to is equal. `examination`: what doctor judges by; may be
// null. `whole`: nothing has been left out of the boot files (observe/discreet.hpp).
[[nodiscard]] std::string snapshot_json(const Snapshot& snapshot, const Examination* examination = nullptr,
                                        bool whole = true);

// Error: invalid, with `path` as the file: no JSON, not a snapshot, of a format that this version does not know.
[[nodiscard]] Result<Snapshot> read_snapshot(std::string_view path, std::string_view bytes);

// What doctor makes of it is what it would have said on the host. The same errors; and unsupported, where the snapshot
// was taken without the sockets.
[[nodiscard]] Result<Examination> read_examination(std::string_view path, std::string_view bytes);

}  // namespace twctl
