// Words that people type, and messages of the kernel and of tools -> the name that `explain` has a page of. Rows, no
// logic but the search.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace twctl {

struct AliasRow {
  std::string_view word;  // lower case; one with a blank is a part of a message: "time wait bucket table overflow"
  std::string_view name;  // as `explain` lists it
};

[[nodiscard]] std::span<const AliasRow> aliases();

// How a name may stand in the catalogue that was typed as nstat or netstat prints it, with a value, in capitals or with
// blanks: to be looked for in turn where `text` itself is nothing known.
[[nodiscard]] std::vector<std::string> spellings_of(std::string_view text);

// "TcpExtListenOverflows 5 TcpExtListenDrops 5": the names of counters that stand with their numbers in one line; none
// for fewer than two.
[[nodiscard]] std::vector<std::string> counters_in(std::string_view text);

// What `text`, of any case, is another word for, or a message that contains one; "" for none.
[[nodiscard]] std::string_view meant_by(std::string_view text);

}  // namespace twctl
