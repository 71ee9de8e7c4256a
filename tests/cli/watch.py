#!/usr/bin/env python3
"""watch.py PROGRAM: `states --watch` on a terminal, as a person sees it: a pseudo terminal, an emulator of the few sequences
that a redraw may use, and sockets of its own in a network namespace of its own."""
import errno
import fcntl
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import time

PATIENCE = 60  # seconds until something counts as never coming
STATES = ["LISTEN", "SYN_SENT", "SYN_RECV", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "CLOSE_WAIT", "CLOSING", "LAST_ACK",
          "TIME_WAIT"]


class Screen:
    """What stands on the glass. Like a real one it scrolls after a line break in the last line, and where a line is full it
    clears that line's last character when it is to clear the rest of the line."""

    def __init__(self, columns, lines):
        self.scrolled = self.wrapped = self.redraws = self.clearings = 0
        self.rest = ""
        self.resize(columns, lines)

    def resize(self, columns, lines):
        self.columns, self.lines = columns, lines
        self.cells = [[" "] * columns for _ in range(lines)]
        self.row = self.column = 0

    def feed(self, text):
        text, self.rest = self.rest + text, ""
        while text:
            if text[0] == "\x1b":
                sequence = re.match(r"\x1b\[[0-9;?]*[A-Za-z]", text)
                if not sequence:
                    self.rest = text
                    return
                self.obey(sequence[0][1:])
                text = text[sequence.end():]
            else:
                self.put(text[0])
                text = text[1:]

    def obey(self, sequence):
        column = min(self.column, self.columns - 1)
        if sequence == "[H":
            self.row = self.column = 0
            self.redraws += 1
        elif sequence == "[K":
            self.cells[self.row][column:] = [" "] * (self.columns - column)
        elif sequence == "[J":
            self.obey("[K")
            self.cells[self.row + 1:] = [[" "] * self.columns for _ in range(self.row + 1, self.lines)]
        elif sequence == "[2J":
            self.cells = [[" "] * self.columns for _ in range(self.lines)]
            self.clearings += 1
            self.scrolled = self.wrapped = 0  # what was drawn for another size does not count
        elif not sequence.endswith("m"):  # ink
            raise AssertionError(f"a sequence that no redraw needs: {sequence!r}")

    def put(self, character):
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self.feed_line()
        elif not " " <= character <= "~":
            raise AssertionError(f"a character that no redraw needs: {character!r}")
        else:
            if self.column == self.columns:
                self.wrapped += 1
                self.column = 0
                self.feed_line()
            self.cells[self.row][self.column] = character
            self.column += 1

    def feed_line(self):
        if self.row + 1 < self.lines:
            self.row += 1
        else:
            self.scrolled += 1
            self.cells = [*self.cells[1:], [" "] * self.columns]

    def text(self):
        return "\n".join("".join(line).rstrip() for line in self.cells).rstrip()

    def rows(self):
        """{state: (count, history)}"""
        found = re.findall(r"^  ([A-Z_0-9]+) +(\d+)(?:  (.*))?$", self.text(), re.M)
        return {name: (int(count), history) for name, count, history in found}


class Watch:
    """The program on a terminal of that size."""

    def __init__(self, program, columns, lines, *options):
        self.screen = Screen(columns, lines)
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            self.start(program, columns, lines, options)
        self.modes = termios.tcgetattr(self.terminal)

    @staticmethod
    def start(program, columns, lines, options):
        try:
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            os.execve(program, ["twctl", "states", "--watch", *options], {"TERM": "xterm"})
        finally:
            os._exit(127)

    def resize(self, columns, lines):
        """Until it has noticed, and drawn anew."""
        self.screen.resize(columns, lines)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        cleared = self.screen.clearings
        self.until("cleared after its size changed", lambda: self.screen.clearings > cleared)
        self.redrawn()

    def read(self, seconds):
        """False at the end."""
        if not select.select([self.terminal], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.terminal, 65536)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return False
        self.screen.feed(data.decode("utf-8"))
        return bool(data)

    def until(self, what, holds):
        deadline = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > deadline or not self.read(1):
                raise AssertionError(f"never {what}; the screen:\n{self.screen.text()}")

    def redrawn(self, times=2):
        """Until so many whole pictures more have come."""
        wanted = self.screen.redraws + times
        self.until("redrawn", lambda: self.screen.redraws >= wanted)

    def interrupt(self):
        """Ctrl-C, as a person presses it; the exit code."""
        os.write(self.terminal, b"\x03")
        deadline = time.monotonic() + PATIENCE
        while self.read(1):
            if time.monotonic() > deadline:
                raise AssertionError("Ctrl-C does not end it")
        return os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1])

    def close(self):
        try:
            os.kill(self.child, signal.SIGKILL)
            os.waitpid(self.child, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        os.close(self.terminal)


def expect(what, found, expected):
    if found != expected:
        raise AssertionError(f"{what}: {found!r}, expected {expected!r}")


class Sockets:
    """Some of several states, held until the end."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 9000))
        self.held = []

    def pair(self, source="127.0.0.1"):
        client = socket.create_connection(("127.0.0.1", 9000), source_address=(source, 0))
        server = self.listener.accept()[0]
        return client, server

    def established(self, count):
        for _ in range(count):
            self.held += self.pair()

    def peers(self, count):
        """Each another one: more than a screen has lines."""
        for number in range(count):
            self.held += self.pair(f"127.0.1.{number}")

    def close_wait(self, count):
        for _ in range(count):
            client, server = self.pair()
            client.close()
            self.held.append(server)

    def time_wait(self, count):
        for _ in range(count):
            client, server = self.pair()
            client.close()
            server.recv(1)
            server.close()


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP


def shows_every_state_with_its_history(program, sockets):
    watch = Watch(program, 80, 24)
    try:
        watch.until("complete", lambda: "total" in watch.screen.text())
        expect("the states on the screen", [name for name in STATES if name in watch.screen.rows()], STATES)
        watch.redrawn()
        before = watch.screen.rows()
        expect("ESTABLISHED", before["ESTABLISHED"][0], 6)
        expect("CLOSE_WAIT", before["CLOSE_WAIT"][0], 2)
        expect("TIME_WAIT", before["TIME_WAIT"][0], 4)
        expect("a steady history", set(before["ESTABLISHED"][1]), {"@"})
        expect("an empty history", before["SYN_SENT"][1].strip(), "")
        sockets.established(6)
        watch.until("counted anew", lambda: watch.screen.rows().get("ESTABLISHED", (0,))[0] == 18)
        watch.redrawn()
        history = watch.screen.rows()["ESTABLISHED"][1]
        expect("a history that rises", re.sub(r"(.)\1+", r"\1", history), "-@")
        expect("lines that did not fit", (watch.screen.scrolled, watch.screen.wrapped), (0, 0))
        leaves_the_terminal_as_it_was(watch)
    finally:
        watch.close()


def leaves_the_terminal_as_it_was(watch):
    modes = watch.modes
    expect("the modes while it runs", termios.tcgetattr(watch.terminal), modes)
    expect("the exit code after Ctrl-C", watch.interrupt(), 130)
    line = watch.screen.row
    expect("what stands above the prompt", "".join(watch.screen.cells[line - 1]).rstrip(), "^C")
    expect("the prompt's own line, and column", ("".join(watch.screen.cells[line]).strip(), watch.screen.column), ("", 0))


def fits_with_groups_and_follows_the_size(program):
    watch = Watch(program, 80, 24, "--by", "peer")
    try:
        watch.until("with groups", lambda: "127.0.0.1" in watch.screen.text())
        watch.redrawn()
        for columns, lines in (80, 24), (100, 12), (64, 40):
            if (columns, lines) != (80, 24):
                watch.resize(columns, lines)
            first = "TCP" if lines > 12 else "LISTEN"  # the heading gives way to the states
            expect(f"the first word at {columns} x {lines}", watch.screen.text().split()[0], first)
            expect(f"the total at {columns} x {lines}", "\n  total " in watch.screen.text(), True)
            expect(f"lines that did not fit {columns} x {lines}", (watch.screen.scrolled, watch.screen.wrapped), (0, 0))
        expect("the exit code after Ctrl-C", watch.interrupt(), 130)
    finally:
        watch.close()


def inside(program):
    loopback_up()
    sockets = Sockets()
    sockets.established(3)
    sockets.close_wait(2)
    sockets.time_wait(4)
    shows_every_state_with_its_history(program, sockets)
    sockets.peers(50)
    fits_with_groups_and_follows_the_size(program)


def main(program):
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    space = ["unshare", *user, "--net"]
    probe = subprocess.run([*space, "true"], capture_output=True, text=True, check=False)
    if probe.returncode != 0:
        sys.exit(f"TEST SKIPPED: this system lets us make no namespaces: {probe.stderr.strip()}")
    sys.exit(subprocess.run([*space, sys.executable, __file__, "--inside", program], check=False).returncode)


if sys.argv[1] == "--inside":
    inside(sys.argv[2])
else:
    main(os.path.abspath(sys.argv[1]))
