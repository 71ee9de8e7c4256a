#include "cli/command_table.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.hpp"

namespace twctl {
namespace {

constexpr std::array kCommands{
    CommandRow{Command::states, CommandGroup::trouble, "states", "ss netstat sockets connections watch count", "",
               "count the TCP sockets in each state",
               "IPv4 and IPv6 together, of one network namespace, as the kernel's socket monitoring tells them; where "
               "that is not allowed, from its text tables. Changes nothing. Processes are named as far as the rights "
               "go.\n\n"
               "Exit status: 0 counted, 69 sockets cannot be listed here, 130 an interrupt has ended --watch.",
               "twctl states|how many are in which state\n"
               "twctl states --by peer|with whom\n"
               "twctl states --by process|who holds them\n"
               "twctl states --watch|watch them come and go"},
    CommandRow{
        Command::doctor, CommandGroup::trouble, "doctor", "diagnose diagnosis health", "",
        "say what the sockets and counters show to be wrong, and what helps",
        "Looks at the sockets, at the kernel's counters over a second, and at the settings. Each finding has its "
        "numbers, what it means and what to do: a setting, a change in the application, or nothing. Changes "
        "nothing.\n\n"
        "Exit status: 0 nothing from warning up, 2 something was found.",
        "twctl doctor|what is wrong here\n"
        "twctl doctor --interval 10|watch the counters for longer\n"
        "twctl doctor --from web1.json|what `twctl snapshot --sockets` saw there\n"
        "twctl doctor --root DIR|a host that scripts/capture-host has captured\n"
        "twctl explain close-wait-held|what a finding means"},
    CommandRow{
        Command::plan, CommandGroup::change, "plan", "diff preview what-if dry-run", "[PROFILE...]",
        "show what a profile would change here, why, and what stands in the way",
        "Compares what the profiles want with the live values and with what the next boot will set. Changes "
        "nothing.\n\n"
        "A PROFILE is a name (see `twctl profile list`) or a file: ours (.ini), sysctl.conf style, TuneD or .reg. "
        "Without one the profile is baseline; with --set and no PROFILE, only the settings given.\n\n"
        "Exit status: 0 nothing to do, 2 a value or a boot file would change, 3 a hazard blocks it, 65 a profile is "
        "invalid, "
        "66 a file is missing, 77 this host forbids a write that is needed.",
        "twctl plan|hold this host to the built-in baseline\n"
        "twctl plan busy-client --json|for scripts\n"
        "twctl plan --set net.ipv4.tcp_fin_timeout=30|one setting\n"
        "twctl plan /etc/sysctl.conf|what a sysctl.conf means for this kernel\n"
        "twctl plan --root /mnt/image classic|an image that is not running"},
    CommandRow{
        Command::trial, CommandGroup::change, "trial", "measure benchmark bench load-test experiment", "[PROFILE...]",
        "measure what a profile would change, in network namespaces that vanish",
        "Measures a client that connects, sends a byte, gets one back and closes: with this host's present settings "
        "and "
        "with the profile, side by side, each held against the model of `twctl explain port-exhaustion`. It happens in "
        "network namespaces made for it, which vanish with the processes in them; nothing on the host changes, and "
        "where user namespaces are allowed it needs no root. Several PROFILEs count as one, as for plan; without one "
        "the present settings are measured alone.\n\n"
        "So that seconds suffice the port range is scaled down to 1000 ports, or fewer where the machine would be the "
        "limit and not the settings; --full takes the real one.\n\n"
        "--myths tries the claims that people copy, those of `twctl explain`, and says of each what came of it.\n\n"
        "Exit status: 0 measured, 65 a profile is invalid, 66 a file is missing, 69 this system has no namespaces to "
        "measure in or its /proc/sys is read-only, 77 a policy forbids them, 130 an interrupt has ended it: what was "
        "measured so far is shown.",
        "twctl trial busy-client|the present settings and busy-client\n"
        "twctl trial --set net.ipv4.tcp_tw_reuse=1 --destinations 4|one setting, four destinations\n"
        "twctl trial --bind-first busy-client|a program that calls bind() before connect()\n"
        "twctl trial --myths|what is true of the field's claims, on this kernel"},
    CommandRow{
        Command::apply, CommandGroup::change, "apply", "set write tune", "PROFILE...",
        "make the plan true: live, and at the next boot",
        "Makes the plan true: keeps the old values in a journal, sets each setting and reads it back, then writes the "
        "boot file. If one write fails, everything goes back. What was applied once changes nothing the second "
        "time.\n\n"
        "It asks before it changes anything; where there is no terminal to ask on, it needs --yes.\n\n"
        "On a host that it could cut you off from, --confirm-within lets the change go back by itself unless you "
        "confirm it from a second session: `twctl explain confirm-within`.\n\n"
        "Exit status: 0 live now and at the next boot (or nothing to do), 1 failed and everything is as before, "
        "3 refused before anything changed, 4 neither wholly old nor new (the message lists what), 75 another twctl "
        "is at work, 77 not permitted.",
        "twctl apply busy-client|show the plan, ask, do it\n"
        "twctl apply --set net.ipv4.tcp_fin_timeout=30 --yes|without asking\n"
        "twctl apply busy-client --dry-run|only whether it would be done\n"
        "twctl apply busy-client --confirm-within 2m|gone in 2 min unless confirmed\n"
        "twctl apply --plan p.json|a saved, reviewed plan"},
    CommandRow{
        Command::confirm, CommandGroup::change, "confirm", "keep commit accept", "[ID]",
        "keep a change that was applied with --confirm-within",
        "Makes the pending change permanent: its boot file is written. Without it the change goes back at its "
        "deadline, or at a reboot.\n\n"
        "Exit status: 0 kept (or confirmed before), 3 nothing is pending, it comes too late, or somebody else has "
        "changed a value since, 4 neither wholly old nor new (the message lists what), 77 not permitted.",
        "twctl apply busy-client --confirm-within 2m|try it; then, if all is well:\n"
        "twctl confirm|keep it"},
    CommandRow{Command::rollback, CommandGroup::change, "rollback", "undo revert restore", "[ID]", "undo a change",
               "Puts back what a change found: live values and boot files. Without ID the newest change that is in "
               "force. A rollback is a change too, with an entry in the history.\n\n"
               "What somebody else has changed since is never overwritten: with such a value in the way nothing is "
               "rolled back (3), unless --force names it.\n\n"
               "Exit status: 0 undone (or nothing was left to undo), 1 failed and everything is as before, 3 refused, "
               "with nothing changed, 4 something could not be put back (the message lists it), 75 another twctl is "
               "at work, 77 not permitted.",
               "twctl rollback|undo the newest change\n"
               "twctl rollback 3f2a --dry-run|what undoing that one would do\n"
               "twctl rollback --to 3f2a|that one and all later ones"},
    CommandRow{Command::recover, CommandGroup::record, "recover", "repair", "",
               "finish or undo what a crash or a power cut interrupted",
               "Every command that changes something does this first; the boot unit does it before the boot files "
               "are read. Where nothing was interrupted it does nothing.\n\n"
               "Exit status: 0 nothing is left unfinished, 4 something could not be put back (the message lists it), "
               "65 a record of the journal is damaged: its change was left as it is.",
               "twctl recover|what the boot unit runs"},
    CommandRow{
        Command::history, CommandGroup::record, "history", "log list changes journal", "[ID]",
        "list the changes made on this host, or show one",
        "Newest first: who, when, why, what, and whether it is still in force. With ID the whole change, with "
        "the commands that undo it without twctl.\n\n"
        "Exit status: 0, or 65 where a record is damaged: what is sound is listed, and each damaged one named; 3 no "
        "change fits ID, 77 the journal may not be read: it is for root only.",
        "twctl history|all of them\n"
        "twctl history 3f2a|one"},
    CommandRow{
        Command::status, CommandGroup::record, "status", "drift pending", "",
        "one screen: what is interrupted, what has drifted, the last change",
        "Compares what twctl left with what is there now. Changes nothing.\n\n"
        "Exit status: 0 wherever the journal may be read, with --exit-code 2 where something wants a look; 77 where "
        "it may not be read: it is for root only.",
        "twctl status --exit-code|2 where something has drifted\n"
        "twctl status --format prometheus -o FILE|for a node exporter"},
    CommandRow{
        Command::audit, CommandGroup::trouble, "audit", "check lint validate verify scan", "[FILE...]",
        "find what is wrong in this host, a file or a snapshot",
        "Without FILE: this host's live values, boot files, drift and what goes together badly. With FILEs: those "
        "files "
        "by themselves, whatever their kind (sysctl.conf style, TuneD, .reg, ours). With --from: captured hosts; more "
        "of them, and directories of them, may follow. Changes nothing.\n\n"
        "A comment `# twctl: ignore ID reason` in a file leaves a finding about that file out.\n\n"
        "Exit status: 0 nothing from warning up, 2 findings, 65 a file is of no known kind, 66 a file is missing.",
        "twctl audit|this host\n"
        "twctl audit /etc/sysctl.conf --kernel 4.9|a file, for another kernel\n"
        "twctl audit --from fleet/|all snapshots of a directory\n"
        "twctl audit --fix sysctl.conf > fix.diff|a diff that mends it, for patch"},
    CommandRow{Command::explain, CommandGroup::trouble, "explain", "man info describe what why show",
               "[KEY|STATE|FINDING|TOPIC]", "what a setting, TCP state, hazard or finding is, does and does not do",
               "Without a name it lists everything that can be explained. Live values of this host are shown where "
               "they can be read.\n\n"
               "Exit status: 0 shown, 64 nothing is known of that name.",
               "twctl explain tcp_fin_timeout|a setting, by short or full name\n"
               "twctl explain TIME_WAIT|a TCP state\n"
               "twctl explain fin-timeout-trap|a hazard that plan reported"},
    CommandRow{Command::snapshot, CommandGroup::elsewhere, "snapshot", "capture save dump export", "",
               "save the facts that plan needs, as JSON, for use elsewhere",
               "Captures live values, boot files and facts of this host. Changes nothing. "
               "Read it before you send it: it holds the text of this host's sysctl files, and with --sockets the "
               "addresses of its busiest peers.\n\n"
               "Exit status: 0 captured, 69 not here, 74 FILE cannot be written.",
               "twctl snapshot -o web1.json|save it\n"
               "twctl snapshot --sockets -o web1.json|for `twctl doctor --from web1.json` too\n"
               "twctl plan --from web1.json classic|plan for that host, from anywhere"},
    CommandRow{Command::profile, CommandGroup::elsewhere, "profile", "profiles", "list|show NAME",
               "list profiles, or show one resolved",
               "Profiles are looked for in --profile-dir, /etc/twctl/profiles, /usr/share/twctl/profiles (on Windows "
               "%ProgramData%\\twctl\\profiles), and among the built-in ones. `show` prints a profile of any kind as "
               "INI, with what it extends merged in.\n\n"
               "Exit status: 0 shown, 65 the profile is invalid, 66 there is no such profile.",
               "twctl profile list|which there are\n"
               "twctl profile show classic > /etc/twctl/profiles/mine.ini|start one of your own\n"
               "twctl profile show busy-client --as ansible|for those who set values by other means"},
};

constexpr std::string_view kFirstExamples =
    "twctl doctor|what is wrong here, and what helps\n"
    "twctl plan|hold this host to the built-in baseline\n"
    "twctl plan classic|what the recipe that people copy would do here\n"
    "twctl explain TIME_WAIT|why it exists, and who has to act";

}  // namespace

std::span<const CommandRow> command_rows() { return kCommands; }

const CommandRow& row_of(Command command) {
  return *std::find_if(kCommands.begin(), kCommands.end(), [&](const auto& row) { return row.command == command; });
}

const CommandRow* command_meant_by(std::string_view word) {
  for (const CommandRow& row : kCommands) {
    const std::vector<std::string_view> also = words(row.meant_by);
    if (std::find(also.begin(), also.end(), word) != also.end()) return &row;
  }
  return nullptr;
}

const CommandRow* find_command(std::string_view name) {
  const auto* row = std::find_if(kCommands.begin(), kCommands.end(), [&](const auto& r) { return r.name == name; });
  return row == kCommands.end() ? nullptr : row;
}

std::vector<Example> examples_of(Command command) {
  std::vector<Example> examples;
  for (const std::string_view line :
       split(command == Command::none ? kFirstExamples : row_of(command).examples, '\n')) {
    const std::size_t bar = line.find('|');
    examples.push_back({.line = line.substr(0, bar), .text = line.substr(bar + 1)});
  }
  return examples;
}

std::string help_hint(Command command) {
  return command == Command::none ? "`twctl --help` lists the commands and options"
                                  : "`twctl " + std::string(row_of(command).name) + " --help` lists the options";
}

}  // namespace twctl
