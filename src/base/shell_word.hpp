// Words of a command line that is shown to be typed into a shell: quoted where they must be, and printable.
#pragma once

#include <string>
#include <string_view>

namespace twctl {

[[nodiscard]] std::string shell_word(std::string_view word);

// " --root /img --netns blue": what a command of ours needs to act on the host that this run acts on. `root`: as it was
// typed, "" or "/" for the running system; `netns` too, "" for the caller's own.
[[nodiscard]] std::string where_words(std::string_view root, std::string_view netns);

// "nsenter --net=/run/netns/blue ": before a command that is to run in that network namespace, which is named as
// --netns takes it; "" for the caller's own.
[[nodiscard]] std::string nsenter_words(const std::string& netns);

}  // namespace twctl
