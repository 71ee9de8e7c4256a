#!/usr/bin/env python3
"""storm.py PROGRAM [--processes N] [--waves N] [--seed N]: waves of processes that apply, roll back, recover, look at the status
and at the history all at once; some are killed at a random one of their system calls. After each wave one recovery; then the
host must be what the journal's committed changes make of it (P1, P2), no decision may have changed (P3) and nothing may be
left behind (P10). Then 100 readers while somebody holds the lock: none waits, none takes it, none writes.
"""
import argparse
import fcntl
import random
import re
import subprocess
import sys

import host

FIN, REUSE, INTVL = "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_tw_reuse", "net.ipv4.tcp_keepalive_intvl"
KILLS = (("fsync", 12), ("renameat2", 5), ("openat", 80), ("openat2", 30), ("write", 12), ("pread64", 20), ("close", 80))
# What each command may end with here. 75: the lock was held for too long. Nobody else is at work: there is no conflict, no 4.
CODES = {"apply": (0, 75), "rollback": (0, 75), "recover": (0, 75), "status": (0,), "history": (0,)}
READERS = 100


def random_command(chance):
    name = chance.choice(["apply", "apply", "apply", "rollback", "rollback", "recover", "status", "history"])
    if name == "apply":
        wish = chance.choice([f"{FIN}={chance.randint(20, 59)}", f"{REUSE}={chance.randint(0, 1)}", f"{INTVL}={chance.randint(10, 74)}"])
        return name, ["--yes", "--set", wish, "--wait", chance.choice(["0", "60s"])]
    if name == "rollback":
        return name, ["--yes", "--wait", chance.choice(["0", "60s"])]
    return name, []


def started(here, chance, name, args):
    """(process, whether it is to be killed)"""
    command, killed = [here.program, name, *args], chance.random() < 0.3
    if killed:
        call, most = chance.choice(KILLS)
        fault = f"inject={call}:signal=SIGKILL:when={chance.randint(1, most)}"
        command = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", fault, *command]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return process, killed


def wave(here, chance, processes, tally):
    """Lines of what went wrong."""
    plans = [random_command(chance) for _ in range(processes)]
    running = [(name, args, *started(here, chance, name, args)) for name, args in plans]
    wrong = []
    for name, args, process, to_be_killed in running:
        out, err = process.communicate(timeout=300)
        killed = to_be_killed and process.returncode == -9
        outcome = f"{name} {'killed' if killed else process.returncode}"
        tally[outcome] = tally.get(outcome, 0) + 1
        if not killed and process.returncode not in CODES[name]:
            wrong.append(f"{name} {' '.join(args)} ended with {process.returncode}: {err or out}")
    return wrong


def committed(state):
    done = host.records(state, "done")
    return [intent for folder, intent in host.records(state, "intent").items()
            if done.get(folder) and done[folder]["ending"] == "committed"]


def not_as_the_journal_says(start, now):
    """P1: each setting and the boot file are as the last committed change of it left them."""
    values = {key: host.words(value) for key, value in start.settings.items()}
    file = None
    for intent in committed(now):
        values.update({setting["key"]: setting["after"] for setting in intent["settings"]})
        for entry in intent["files"]:
            file = entry["after"]
    wrong = [f"P1: {key} is {host.words(now.settings[key])} and the journal says {value}"
             for key, value in values.items() if host.words(now.settings[key]) != value]
    there = now.files[host.OWN_FILE][4].decode() if host.OWN_FILE in now.files else None
    return wrong + ([] if there == file else [f"P1: the boot file is {there!r} and the journal says {file!r}"])


def check(here, start, earlier):
    recovered = here.run("recover")
    now = here.look()
    wrong = [] if recovered.code == 0 else [f"recover ended with {recovered.code}: {recovered.err}"]
    wrong += not_as_the_journal_says(start, now) + host.not_in_journal(start, now) + host.changed_decisions(earlier, now)
    wrong += host.litter(now) + host.unfinished(now) + host.processes_left()
    return wrong, now


def fill(here):
    """So many changes that every wave prunes (more than 105 are folded)."""
    for number in range(104):
        run = here.run("apply", "--yes", "--set", f"{INTVL}={10 + number % 60}")
        if run.code != 0:
            sys.exit(f"apply ended with {run.code}: {run.err}")


def way_back(here, start):
    """H27: one rollback after another, however much was pruned, leads to the first values."""
    code = 2
    while code == 2:
        run = here.run("rollback", "--yes", "--detailed-exitcode")
        code = run.code
    now = here.look()
    wrong = [] if code == 0 else [f"H27: rollback ended with {code}: {run.err}"]
    wrong += [] if now.settings == start.settings else [f"H27: not the first values: {now.settings}, and not {start.settings}"]
    return wrong + ([] if now.files.keys() == start.files.keys() else [f"H27: not the first boot files: {now.files.keys()}"])


WRITES = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|flock\(|fcntl\(.*F_(OFD_)?SETLK|mkdir|rename|unlink|fsync|chmod|nanosleep")


def readers(here):
    """C18, while this process holds the lock."""
    wrong = []
    stamps = here.stamps()
    with open(host.STATE + "/lock", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        busy = here.run("recover")
        wrong += [] if busy.code == 75 else [f"the lock is held, and recover ended with {busy.code}"]
        calls = here.run("status", trace="all").trace
        wrong += [f"status does not only read: {line}" for line in calls if WRITES.search(line)]
        wrong += [] if len(calls) > 50 else ["the trace of status is empty"]
        commands = [[here.program, ("status", "history")[number % 2]] for number in range(READERS)]
        running = [subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) for command in commands]
        codes = {process.wait(timeout=120) for process in running}
    wrong += [] if codes == {0} else [f"readers ended with {codes}"]
    return wrong + ([] if here.stamps() == stamps else ["a reader has written something"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--processes", type=int, default=24)
    parser.add_argument("--waves", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    host.enter()
    here = host.Host(options.program, [FIN, REUSE, INTVL])
    start = here.look()
    fill(here)
    earlier = here.look()
    chance, tally, failures = random.Random(options.seed), {}, []
    for number in range(options.waves):
        wrong = wave(here, chance, options.processes, tally)
        more, earlier = check(here, start, earlier)
        failures += [f"FAILED: seed {options.seed}, wave {number + 1}: {line}" for line in wrong + more]
    failures += [f"FAILED: readers: {line}" for line in readers(here)]
    failures += [f"FAILED: seed {options.seed}: {line}" for line in way_back(here, start)]
    ends = ", ".join(f"{outcome}: {count}" for outcome, count in sorted(tally.items()))
    print(f"storm: {options.waves} waves of {options.processes} processes ({ends}), {len(committed(earlier))} changes committed; "
          f"{READERS} readers beside a held lock")
    host.end(options.waves * options.processes + READERS, failures)


main()
