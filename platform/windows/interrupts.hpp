// Ctrl-C, Ctrl-Break, a closed console, a logoff and a shutdown.
#pragma once

namespace twctl {

// From now on each of them ends the program at once, as interrupted.
void end_on_interrupts();

// From now on they only set a flag. Windows ends the program by itself some seconds (5, unless somebody has set
// something else) after all of them but Ctrl-C and Ctrl-Break: what has begun must be undone by then.
void catch_interrupting_signals();
[[nodiscard]] bool interrupting_signal_came();

}  // namespace twctl
