#!/usr/bin/env python3
"""process_cases.py TWCTL.EXE NAME: one case of what twctl.exe is to Windows as a process: its imports, its standard
streams, interrupts, its line in the event log, whom it names as its user."""
import fcntl
import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import termios
import time

from windows_host import APPLY, NAME, case, check, equal, home, main, wine

BOUND = 60  # seconds to wait for what has to come
INTERRUPTED = 130
SMALLEST_PIPE = 4096


def imports(program, library):
    """The functions that the program names of that library."""
    told = subprocess.run(["x86_64-w64-mingw32-objdump", "-p", program], stdout=subprocess.PIPE, check=True).stdout
    part = re.search(rf"DLL Name: {library}\n(.*?)\n\n", told.decode(), re.S | re.I)
    return re.findall(r"^\s+[0-9a-f]+\s+(?:<none>|\d+)\s+(?:[0-9a-f]+\s+)?(\w+)$", part.group(1), re.M)


@case("nothing that the program imports leads to a library that could lie beside it")
def forwarded(host):
    """advapi32.dll forwards its SystemFunctions, RtlGenRandom is one, to cryptbase.dll and cryptsp.dll."""
    names = imports(host.program, "ADVAPI32.dll")
    check("RegOpenKeyExW" in names, names)
    equal([name for name in names if name.startswith("SystemFunction")], [])


def begun(host, *args):
    """A run that has begun to print, into a pipe that it has filled and nobody empties."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, SMALLEST_PIPE)
    run = subprocess.Popen(["wine", host.program, *args], stdin=subprocess.DEVNULL, stdout=writer,
                           stderr=subprocess.DEVNULL)
    os.close(writer)
    check(os.read(reader, 1))
    return run, reader


@case("Ctrl-C ends a run that changes nothing with 130")
def interrupted(host):
    run, reader = begun(host, "explain", "--json")
    run.send_signal(signal.SIGINT)  # Wine makes it a Ctrl-C
    code = run.wait(timeout=BOUND)
    os.close(reader)
    equal(code, INTERRUPTED)


@case("Ctrl-C ends a watch with 130")
def watch(host):
    run = subprocess.Popen(["wine", host.program, "states", "--watch"], stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    check(run.stdout.readline())
    run.send_signal(signal.SIGINT)
    run.stdout.read()
    equal(run.wait(timeout=BOUND), INTERRUPTED)


def on_console(host, args, question, answer):
    """A run on a console, as Wine makes one of a terminal: its exit code, and all that it has shown."""
    ours, theirs = pty.openpty()
    modes = termios.tcgetattr(theirs)  # each key at once, and a return stays one; ^C is the terminal's to take
    modes[0] &= ~termios.ICRNL
    modes[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(theirs, termios.TCSANOW, modes)
    run = subprocess.Popen(["setsid", "--ctty", "wine", host.program, *args], stdin=theirs, stdout=theirs, stderr=theirs,
                           env={**os.environ, "TERM": "xterm"})
    os.close(theirs)
    shown, end = b"", time.monotonic() + BOUND
    while run.poll() is None or select.select([ours], [], [], 0)[0]:
        check(time.monotonic() < end, shown)
        if not select.select([ours], [], [], 0.1)[0]:
            continue
        try:
            shown += os.read(ours, 4096)
        except OSError:  # nobody has it open any more
            break
        if question and question in shown:
            os.write(ours, answer)
            question = b""
    os.close(ours)
    return run.wait(timeout=BOUND), shown


@case("on a console apply asks first: n and Ctrl-C change nothing, y does it")
def asked(host):
    home(host)
    for answer, code, value in ((b"n\r", 3, None), (b"\x03", INTERRUPTED, None), (b"y\r", 0, "REG_DWORD 0x3c")):
        seen, shown = on_console(host, ["apply", "classic"], b"[y/N]", answer)
        equal((seen, host.query()), (code, value), answer, shown)


@case("on a console there are colours, unless --color never says otherwise")
def colours(host):
    code, shown = on_console(host, ["plan", "classic"], b"", b"")
    check(code == 2 and b"\x1b[1m  warning  restart-needed\x1b[0m" in shown, code, shown)
    code, shown = on_console(host, ["plan", "classic", "--color", "never"], b"", b"")
    check(code == 2 and b"warning  restart-needed" in shown and b"\x1b[1m" not in shown, code, shown)


def has_begun(host):
    changes = host.drive / "ProgramData/twctl/state/changes"
    return changes.exists() and any(changes.iterdir())


@case("a change that Ctrl-C comes into is undone with 130, or was done before")
def interrupted_change(host):
    home(host)
    host.put("120")
    run = subprocess.Popen(["wine", host.program, *APPLY], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
    end = time.monotonic() + BOUND
    while run.poll() is None and not has_begun(host):
        check(time.monotonic() < end)
    run.send_signal(signal.SIGINT)
    left = {0: "REG_DWORD 0x3c", INTERRUPTED: "REG_DWORD 0x78"}
    code = run.wait(timeout=BOUND)
    check(code in left, code)
    equal(host.query(), left[code], code)
    equal(host.run("recover").out, "Nothing to recover.\n")


@case("output to a standard stream that is closed is 74, and input from one is an error")
def closed(host):
    for redirection, args, code in ((">&-", ["plan", "classic"], 74), ("<&-", ["plan", "-"], 65)):
        done = subprocess.run(["sh", "-c", f'exec "$@" {redirection}', "sh", "wine", host.program, *args],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=BOUND)
        equal(done.returncode, code, redirection, done)
    check(b"standard input is closed" in done.stderr, done)


@case("the event log gets a line of each change with its id and its author, by computer or domain, as the history does")
def event_log(host):
    home(host)
    traced = {"WINEDEBUG": "-all,+eventlog,+advapi"}
    for args, deed in ((APPLY, "apply"), (["rollback", "--yes"], "rollback")):
        run = host.run(*args, **traced)
        equal(run.code, 0, run)
        check('RegisterEventSourceW ((null),L"twctl")' in run.err, run)
        entry = json.loads(host.run("history", "--json").out)["changes"][0]
        author = entry["who"]["account"]
        check(re.fullmatch(r"[^\\]+\\[^\\]+", author), entry)
        lines = [line.replace("\\\\", "\\") for line in run.err.splitlines() if f'L"{deed} {entry["id"]}: ' in line]
        check(len(lines) == 1 and NAME in lines[0] and lines[0].endswith(f'; by {author}"'), lines, run)


@case("a profile that others may write is apply's, once it is copied as the message says")
def mended(host):
    home(host)
    path = host.file("t/mend/mended.ini", "[windows]\nTcpTimedWaitDelay = 45\n", mode=0o666)
    run = host.run("apply", "--yes", path.replace("\\", "/"))
    equal((run.code, host.query()), (77, None), run)
    command = re.search(r'xcopy "[^"]+" "[^"]+"', run.err).group(0)
    equal(command, f'xcopy "{path}" "C:\\ProgramData\\twctl\\profiles\\"')
    copied = wine("xcopy", path, "C:\\ProgramData\\twctl\\profiles\\")
    equal(copied.code, 0, copied)
    run = host.run("apply", "--yes", "mended")
    equal((run.code, host.query()), (0, "REG_DWORD 0x2d"), run)
    odd = host.file("t/mend/Prüfung.ini", "[windows]\nTcpTimedWaitDelay = 45\n", mode=0o666)
    run = host.run("apply", "--yes", odd)
    check(f'xcopy "{odd}" "C:\\ProgramData\\twctl\\profiles\\"' in run.err, run)


@case("a plan that is saved to NUL is written nowhere")
def to_nowhere(host):
    host.file("t/nul/x", "")
    for name in ("NUL", "C:\\t\\nul\\NUL"):
        run = host.run("plan", "classic", "-o", name, cwd=host.drive / "t/nul")
        equal((run.code, run.err), (2, ""), name, run)
    equal([file.name for file in (host.drive / "t/nul").iterdir()], ["x"])


@case("states by process gives TIME_WAIT to nobody")
def nobody(host):
    listener = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(listener.getsockname())
    server = listener.accept()[0]
    client.close()
    server.close()
    told = json.loads(host.run("states", "--by", "process", "--json").out)
    rows = {row["name"] for row in told["by"] if row["states"].get("TIME_WAIT")}
    equal(rows, {"no process"}, told)


if __name__ == "__main__":
    main(*sys.argv[1:])
