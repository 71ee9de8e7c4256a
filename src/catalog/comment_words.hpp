// The words in comments of boot files that findings go by. All in lower case.
#pragma once

#include <array>
#include <string_view>
#include <utility>

namespace twctl {

inline constexpr std::array<std::string_view, 4> kTimeWaitNames{"time_wait", "time-wait", "timewait", "time wait"};

// What a comment says that has it right, or speaks of the other state.
inline constexpr std::array<std::string_view, 7> kTimeWaitDenials{"not ",     "n't",      "never",  "\xE4\xB8\x8D",
                                                                  "fin_wait", "fin-wait", "finwait"};

// What a file that was made by a hardening guide says of it, and the guide.
inline constexpr std::string_view kAnssiGuide = "ANSSI";
inline constexpr std::string_view kDevSecGuide = "dev-sec";
inline constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kGuideNames{
    {{"anssi", kAnssiGuide},
     {"bp-028", kAnssiGuide},
     {"bp_028", kAnssiGuide},
     {"dev-sec", kDevSecGuide},
     {"devsec", kDevSecGuide},
     {"os_hardening", kDevSecGuide},
     {"os-hardening", kDevSecGuide}}};

}  // namespace twctl
