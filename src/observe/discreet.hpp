// Snapshot -> the same without what may be secret: it is made to be passed on. Pure.
#pragma once

#include "observe/snapshot.hpp"

namespace twctl {

// Lines about settings of the catalogue stay as they are, and so does what is said to twctl in a comment. Of any other
// line of a boot file its key stays (a tcp_fastopen_key or stable_secret is a value), of the kernel's command line
// nothing. Every line keeps its number. twctl's own file stays whole: there is nothing else in it.
[[nodiscard]] Snapshot discreet(Snapshot snapshot);

}  // namespace twctl
