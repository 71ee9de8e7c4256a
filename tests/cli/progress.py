#!/usr/bin/env python3
"""progress.py PROGRAM SNAPSHOT: an audit of so many snapshots that it takes over a second tells on a terminal how far it is, and leaves nothing
of that; nobody is told whose report goes elsewhere, or who said -q."""
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import time

WIPE = b"\r\x1b[K"


def timeless(report):
    return re.sub(rb"\d{4}-\d\d-\d\dT[0-9:]+Z", b"", report.replace(b"\r\n", b"\n"))


def on_terminal(command, **streams):
    """(what a terminal got, seconds): standard output and standard error are one, but for those that are named."""
    ours, theirs = pty.openpty()
    begun = time.monotonic()
    with subprocess.Popen(command, **{"stdin": subprocess.DEVNULL, "stdout": theirs, "stderr": theirs, **streams}) as process:
        os.close(theirs)
        seen = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the last of them has closed it
                break
            if not part:
                break
            seen += part
        process.wait()
    os.close(ours)
    return seen, time.monotonic() - begun


def main(program, snapshot):
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        audit = [program, "audit", "--color", "never", "--from", folder]
        count, seconds, seen = 0, 0, b""
        while seconds < 1.5:
            for number in range(count, 2 * count or 500):
                shutil.copy(snapshot, f"{folder}/{number}.json")
            count = 2 * count or 500
            seen, seconds = on_terminal(audit)
        *lines, report = seen.split(WIPE)
        if len(lines) < 2 or not all(b"auditing snapshot " in line for line in lines[1:]):
            wrong.append(f"in {seconds:.1f} s of {count} snapshots the terminal got {seen[:400]}")
        plain = subprocess.run(audit, capture_output=True, check=False)
        if plain.stderr or timeless(report) != timeless(plain.stdout):
            wrong.append(f"the terminal's report is not that of a pipe: {report[:400]} {plain.stderr[:400]}")
        for told in (on_terminal(audit + ["-q"])[0], on_terminal(audit, stdout=subprocess.DEVNULL)[0]):
            if b"auditing" in told or WIPE in told:
                wrong.append(f"told where nobody looks, or who asked for quiet: {told[:400]}")
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)


main(*sys.argv[1:])
