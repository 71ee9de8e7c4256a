#!/usr/bin/env python3
"""progress.py PROGRAM SNAPSHOT: an audit of snapshots that do not end tells on a terminal how far it is, and leaves nothing of that when they do;
nobody is told whose report goes elsewhere, or who said -q. A plan for a folder of them and doctor tell it too."""
import json
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import threading

WIPE = b"\r\x1b[K"
TOLD = b"auditing snapshot "


def timeless(report):
    return re.sub(rb"\d{4}-\d\d-\d\dT[0-9:]+Z", b"", report.replace(b"\r\n", b"\n"))


def feed(pipe, line, enough):
    """How many lines it takes until somebody has had enough."""
    count = 0
    while not enough.is_set():
        pipe.write(line)
        pipe.flush()
        count += 1
    pipe.close()
    return count


def on_terminal(command, line):
    """(what a terminal got, how many snapshots there were): they end as soon as it has been told twice how far it is."""
    ours, theirs = pty.openpty()
    enough, fed, seen = threading.Event(), [], b""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        writer = threading.Thread(target=lambda: fed.append(feed(process.stdin, line, enough)))
        writer.start()
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the last of them has closed it
                break
            seen += part
            if seen.count(TOLD) > 1:
                enough.set()
        writer.join()
        process.stdin = None
    os.close(ours)
    return seen, fed[0]


def over_a_folder(command, snapshot, told):
    """What a terminal gets until it has been told twice: of many snapshots, the last of which is broken, so that no result comes first."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(snapshot, f"{folder}/0.json")
        for number in range(1, 19999):
            os.link(f"{folder}/0.json", f"{folder}/{number}.json")
        with open(f"{folder}/zzz.json", "w", encoding="utf-8") as file:
            file.write("oops")
        ours, theirs = pty.openpty()
        with subprocess.Popen([*command, "--from", folder], stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs) as process:
            os.close(theirs)
            seen = b""
            while seen.count(told) < 2:
                seen += os.read(ours, 65536)  # an error, which fails the test, if it has ended without
            process.kill()
        os.close(ours)
        return seen


def main(program, snapshot):
    wrong = []
    audit = [program, "audit", "--color", "never", "--from", "-"]
    with open(snapshot, encoding="utf-8") as file:
        line = json.dumps(json.load(file)).encode() + b"\n"
    seen, count = on_terminal(audit, line)
    *lines, report = seen.split(WIPE)
    if not all(TOLD in one for one in lines[1:]):
        wrong.append(f"the terminal got {seen[:400]}")
    plain = subprocess.run(audit, input=line * count, capture_output=True, check=False)
    if plain.stderr or timeless(report) != timeless(plain.stdout):
        wrong.append(f"the terminal's report is not that of a pipe: {report[:400]} {plain.stderr[:400]}")
    for more, out in ((["-q"], None), ([], subprocess.DEVNULL)):
        ours, theirs = pty.openpty()
        subprocess.run(audit + more, input=line * count, stdout=out or theirs, stderr=theirs, check=False)
        os.write(theirs, b"\n")
        if WIPE in os.read(ours, 65536):
            wrong.append(f"told where nobody looks, or who asked for quiet: {more}")
    for command, told in (("plan", b"planning for snapshot "), ("doctor", b"reading snapshot ")):
        first, *lines = over_a_folder([program, command, "--color", "never"], snapshot, told).split(WIPE)
        if first or not all(told in line and b" of 20000" in line for line in lines[:-1]):
            wrong.append(f"{command} of a folder says {first} {lines[:3]}")
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)


main(*sys.argv[1:])
