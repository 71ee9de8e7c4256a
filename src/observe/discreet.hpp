// Snapshot -> the same without what may be secret: it is made to be passed on. Pure.
#pragma once

#include <string_view>

#include "observe/snapshot.hpp"

namespace twctl {

// What stands for a value, or for a line that has none.
inline constexpr std::string_view kLeftOut = "(left out)";

// An audit finds the same in it. Lines about settings of the catalogue stay as they are, and so do the names of a queue
// discipline and of a congestion control, and what is said to twctl in a comment. Of other comments the words stay that
// findings go by (catalog/comment_words.hpp), of any other assignment its key (a tcp_fastopen_key or stable_secret is a
// value), of other parameters of the kernel's command line nothing. Every line keeps its number. twctl's own file stays
// whole: there is nothing else in it.
[[nodiscard]] Snapshot discreet(Snapshot snapshot);

}  // namespace twctl
