// ExecStart= and its kin -> what they do (systemd.service(5), and systemd.unit(5) of specifiers). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "observe/writers/command_effects.hpp"
#include "observe/writers/unit_lines.hpp"

namespace twctl {

// With what systemd would put for the specifiers of a unit of that name. What stands behind a '$' is not known,
// and neither is what they would put into a word beyond kMostExpandedInWord, or into all beyond `room`.
void expand_specifiers(ShellWord& word, const std::string& unit, std::size_t& room);

// Of each command of the line by itself.
[[nodiscard]] std::vector<std::vector<CommandEffect>> effects_of_unit(const UnitLine& line, const std::string& unit,
                                                                      const UnitStreams& streams);

}  // namespace twctl
