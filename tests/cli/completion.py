#!/usr/bin/env python3
"""completion.py SHELL PROGRAM COMPLETIONS: types half a command line and a tab into that shell, on a terminal, with the completion of the
folder COMPLETIONS loaded as the shell loads one that is installed; the line must then be whole."""
import os
import pty
import re
import select
import shutil
import sys
import tempfile
import time

CASES = {
    "twctl pl": "twctl plan",
    "twctl help his": "twctl help history",
    "twctl apply --confirm-w": "twctl apply --confirm-within",
    "twctl plan --scope=bot": "twctl plan --scope=both",
    "twctl plan busy": "twctl plan busy-client",
    "twctl plan --set net.ipv4.tcp_fin": "twctl plan --set net.ipv4.tcp_fin_timeout=",
    "twctl plan --set=net.ipv4.tcp_fin": "twctl plan --set=net.ipv4.tcp_fin_timeout=",
    "twctl plan --accept fin-timeout-trap:net.core.somax": "twctl plan --accept fin-timeout-trap:net.core.somaxconn",
    "twctl explain TIME_": "twctl explain TIME_WAIT",
    "twctl audit /etc/hostn": "twctl audit /etc/hostname",
    "twctl plan --root=/etc/hostn": "twctl plan --root=/etc/hostname",
}
TRIES = 3
WAIT = 60  # seconds, for the shell to answer


def start(shell, program, completions, home):
    """The shell on a terminal of its own, with nothing of the user's; `twctl` is the program, and its completion where the shell looks."""
    os.mkdir(f"{home}/bin")
    os.symlink(program, f"{home}/bin/twctl")
    looked_at = {"bash": "bash-completion/completions/twctl", "zsh": "_twctl", "fish": "fish/vendor_completions.d/twctl.fish"}[shell]
    os.makedirs(os.path.dirname(f"{home}/{looked_at}"), exist_ok=True)
    shutil.copy(f"{completions}/{'_twctl' if shell == 'zsh' else 'twctl.' + shell}", f"{home}/{looked_at}")
    setup = {
        "bash": f"export BASH_COMPLETION_USER_DIR={home}/bash-completion; bind 'set enable-bracketed-paste off'; "
                ". /usr/share/bash-completion/bash_completion",
        "zsh": f"fpath=({home} $fpath); unset zle_bracketed_paste; autoload -Uz compinit; compinit -D -u",
        "fish": "true",
    }[shell]
    command = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"], "fish": ["fish", "--private", "-i"]}[shell]
    environment = {"PATH": f"{home}/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": home, "TERM": "xterm", "LC_ALL": "C.UTF-8",
                   "PS1": "", "XDG_DATA_DIRS": f"{home}:/usr/share", "XDG_CONFIG_HOME": f"{home}/config"}
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(command[0], command, environment)
    return pid, terminal, setup


def read_until(terminal, pattern):
    said = ""
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            said += os.read(terminal, 65536).decode(errors="replace")
            found = re.search(pattern, said, re.S)
            if found:
                return found, said
    return None, said


def completed(terminal, typed, number):
    """What the shell makes of the line: it is then printed, as an argument of printf. A shell may write each argument by itself, so a
    second printf says that the first is through."""
    begin = "\x01printf '[%s]' " + f"{number}: "  # ^A: to the beginning of the line
    end = "\x05; printf '(%s)' " + f"{number}"  # ^E: to its end
    os.write(terminal, f"{typed}\t{begin}{end}\n".encode())
    found, said = read_until(terminal, rf"\[{re.escape(str(number))}:\]((?:\[[^\]]*\])*)\({re.escape(str(number))}\)")
    return " ".join(re.findall(r"\[([^\]]*)\]", found.group(1))) if found else f"nothing: {said!r}"


def main(shell, program, completions):
    if shutil.which(shell) is None or (shell == "bash" and not os.path.exists("/usr/share/bash-completion/bash_completion")):
        sys.exit(f"TEST SKIPPED: there is no {shell} with completion here")
    wrong = []
    with tempfile.TemporaryDirectory() as home:
        pid, terminal, setup = start(shell, os.path.abspath(program), completions, home)
        os.write(terminal, f"{setup}; printf '[%s]' ready\n".encode())
        ready, said = read_until(terminal, r"\[ready\]")
        if not ready:
            sys.exit(f"{shell} does not start: {said!r}")
        for number, (typed, expected) in enumerate(CASES.items()):
            # What is typed while a shell draws its prompt may be lost on a busy machine; a wrong completion is wrong each time.
            tries = (completed(terminal, typed, f"{number}.{again}") for again in range(TRIES))
            line = next((line for line in tries if line == expected), None) or completed(terminal, typed, number)
            if line != expected:
                wrong.append(f"{typed!r} becomes {line!r}, not {expected!r}")
        os.close(terminal)
        os.waitpid(pid, 0)
    print("\n".join(wrong) or f"{len(CASES)} lines")
    sys.exit(1 if wrong else 0)


main(*sys.argv[1:])
