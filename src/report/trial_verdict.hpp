// Trial -> what it comes to, in words: the limits of the candidates by the model, and whether the measurement agrees.
#pragma once

#include <string>
#include <string_view>

#include "trial/trial.hpp"

namespace twctl {

// In one sentence or two: "busy-client lifts the limit to one destination from 16/s to 1000/s."
[[nodiscard]] std::string verdict_text(const Trial& trial);

// "this host's", or "the sockets'" where they have a range of their own.
[[nodiscard]] std::string_view whose_ports(const Trial& trial);

[[nodiscard]] std::string percent_text(double part);  // "4.2 %"

}  // namespace twctl
