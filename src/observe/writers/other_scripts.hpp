// Scripts of other interpreters than a shell. They are not read as a shell's: what they name they may set. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "observe/writers/printed_text.hpp"

namespace twctl {

// "python3.11", "perl"; by the name of its file.
[[nodiscard]] bool is_other_interpreter(std::string_view program);

// Whether the kernel starts one for the script, by its first line.
[[nodiscard]] bool has_other_interpreter(std::string_view script);

// What such a call runs: the file "python3 /opt/tune.py", or the text of "perl -e '...'" and of what it is given to
// read.
struct InterpretedText {
  const ShellWord* file = nullptr;
  std::string_view text = {};
};
[[nodiscard]] InterpretedText interpreted_by(ShellWords words, const ShellWord& input);

// Without the lines that are remarks alone, and without Perl's POD (perlpod(1)), in as many lines.
[[nodiscard]] std::string without_remarks(std::string_view script);

struct MentionedKey {
  std::string key;    // dotted
  std::string value;  // a number right behind "="; "" for none
  int line = 0;       // from 1
};

// The kernel's settings that a text names as keys ("net.ipv4.tcp_tw_reuse", with slashes too) or by their files.
[[nodiscard]] std::vector<MentionedKey> keys_named_in(std::string_view text);

}  // namespace twctl
