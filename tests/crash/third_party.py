#!/usr/bin/env python3
"""third_party.py PROGRAM [--share K/N]: somebody else changes a setting, edits a boot file or deletes it, just before each single
system call of apply, rollback and recover. Promise P8: what he did is never overwritten; it is reported, both values are kept,
and the rest is all old or all new.

One moment is left to chance: between the last look at a setting and write(2). The kernel offers no compare-and-swap for its
settings, so a value that is set in between is lost. Only runs that write() without another read after his change are excused,
and they are counted.
"""
import argparse
import json
import os
import sys

import host
import tracer

KEY, OTHER, THEIRS = "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_tw_reuse", "45"
MARK = b"# somebody else was here\n"
WISH = ("--set", f"{KEY}=30", "--set", f"{OTHER}=1", "--accept", "fin-timeout-trap")
FIRST = ("--set", "net.ipv4.tcp_keepalive_intvl=60")
CONF = ("--boot-file", host.SYSCTL_CONF)


class Meddler:
    """Acts once, before the n-th system call after the lock was taken, and sees what the program does with the setting then."""

    def __init__(self, at, act):
        self.at, self.act = at, act
        self.locked = self.acted = False
        self.calls = 0
        self.next_use = None  # of the setting, after his change

    def __call__(self, call):
        self.locked = self.locked or call.name == "flock"
        if self.locked and not self.acted:
            self.calls += 1
            if self.calls == self.at:
                self.act()
                self.acted = True
        # From this very call on: he came before it.
        if self.acted and self.next_use is None and call.name in ("pread64", "write"):
            if call.file() == host.setting_path(KEY):
                self.next_use = call.name


class Scenario:
    def __init__(self, name, command, prepare, file):
        self.name, self.command, self.prepare, self.file = name, command, prepare, file


def kill_before(here, name, count, *args):
    """Leaves what a kill just before the count-th call of that name leaves."""
    seen = []

    def watch(call):
        seen.extend([name] if call.name == name else [])
        if len(seen) == count:
            call.kill()

    if tracer.run([here.program, *args], watch).code != 128 + 9:
        sys.exit(f"{args[0]} makes fewer than {count} calls of {name}")


def must(here, *args):
    ended = here.run(*args)
    if ended.code != 0:
        sys.exit(f"{' '.join(args)} ended with {ended.code}: {ended.err}")


def scenarios(here):
    def earlier():
        must(here, "apply", "--yes", *FIRST)

    def nothing():
        pass

    def applied(*more):
        must(here, "apply", "--yes", *WISH, *more)

    apply = ("apply", "--yes", *WISH)
    return [
        Scenario("apply, new file", apply, nothing, host.OWN_FILE),
        Scenario("apply, merged file", apply, earlier, host.OWN_FILE),
        Scenario("apply, sysctl.conf", (*apply, *CONF), nothing, host.SYSCTL_CONF),
        Scenario("rollback, file goes", ("rollback", "--yes"), applied, host.OWN_FILE),
        Scenario("rollback, file as before", ("rollback", "--yes"), lambda: (earlier(), applied()), host.OWN_FILE),
        Scenario("rollback, sysctl.conf", ("rollback", "--yes"), lambda: applied(*CONF), host.SYSCTL_CONF),
        # Renames: the staged file, the change's folder, its decision, the boot file, its end.
        Scenario("recover, undecided", ("recover",), lambda: kill_before(here, "renameat2", 3, *apply), host.OWN_FILE),
        Scenario("recover, decided", ("recover",), lambda: (earlier(), kill_before(here, "renameat2", 4, *apply)), host.OWN_FILE),
        Scenario("recover, new file", ("recover",), lambda: kill_before(here, "renameat2", 4, *apply), host.OWN_FILE),
        # The old file is swapped out already and not yet taken away.
        Scenario("recover, swapped", ("recover",), lambda: (earlier(), kill_before(here, "unlinkat", 1, *apply)), host.OWN_FILE),
    ]


# What he does, and whether there was anything for him to do.

def set_key(_):
    host.put(host.setting_path(KEY), THEIRS)
    return True


def content(path):
    return host.read_bytes(path) if os.path.exists(path) else b""


def inode_of(path):
    return os.stat(path).st_ino if os.path.exists(path) else 0


def edit(file):
    host.put(file, content(file) + MARK)
    return True


def replace(file):
    host.put("/etc/theirs.new", content(file) + MARK)
    os.rename("/etc/theirs.new", file)
    return True


def delete(file):
    there = os.path.exists(file)
    if there:
        os.unlink(file)
    return there


def write_the_same(file):
    """As a file of his own, with every byte that the newest change is to leave there."""
    folders = sorted(os.listdir(host.CHANGES)) if os.path.isdir(host.CHANGES) else []
    intent = f"{host.CHANGES}/{folders[-1]}/intent" if folders else ""
    record = host.read_bytes(intent) if os.path.exists(intent) else b""  # empty between open() and write()
    files = json.loads(record.split(b"\n", 1)[1])["files"] if record else []
    after = files[0]["after"] if files else None
    if after is None or content(file) == after.encode():
        return False
    host.put("/etc/theirs.new", after)
    os.rename("/etc/theirs.new", file)
    return True


SAME = "writes the same"
ACTIONS = {"sets the key": set_key, "edits the file": edit, "replaces the file": replace, "deletes the file": delete, SAME: write_the_same}


class Case:
    """One run, disturbed once, and all that is left of it."""

    def __init__(self, here, scenario, action, at):
        self.scenario, self.action = scenario, action
        self.start = here.look()
        self.effective = False
        self.meddler = Meddler(at, self.act)
        self.ended = tracer.run([here.program, *scenario.command], self.meddler)
        self.after = here.look()
        self.recovered = here.run("recover")
        self.now = here.look()
        self.said = self.ended.out + self.ended.err + here.run("status").out

    def act(self):
        self.effective = ACTIONS[self.action](self.scenario.file)
        self.theirs = inode_of(self.scenario.file)

    def intents(self):
        before = host.records(self.start, "intent")
        return [intent for folder, intent in host.records(self.after, "intent").items() if folder not in before]

    def key_is_theirs(self):
        return host.words(self.now.settings[KEY]) == THEIRS


def overwritten_key(case):
    if case.key_is_theirs() or case.meddler.next_use == "write":
        return []
    # If he came before the plan was made, then his value is the old one, and kept as such.
    kept = any(setting["key"] == KEY and setting["before"] == THEIRS for intent in case.intents() for setting in intent["settings"])
    return [] if kept else [f"P8: {KEY} is {host.words(case.now.settings[KEY])} and not {THEIRS} any more"]


def overwritten_file(case):
    path = case.scenario.file
    is_there = path in case.now.files
    if case.action == SAME:
        return [] if inode_of(path) == case.theirs else [f"P8: his {path} is another file now, or gone"]
    if case.action != "deletes the file":
        return [] if is_there and MARK in case.now.files[path][4] else [f"P8: his edit of {path} is lost"]
    made_anew = any(file["path"] == path and file["before"] is None for intent in case.intents() for file in intent["files"])
    return [f"P8: {path} is there again"] if is_there and not made_anew else []


def unreported(case):
    """Where the program found his work, it names it, and his value. What came after the last look is not its affair."""
    if case.ended.code == 0 and case.recovered.code == 0:
        return []
    names = (KEY, THEIRS) if case.action == "sets the key" else (case.scenario.file,)
    return [f"{name} is not in what it said: {case.said!r}" for name in names if name not in case.said]


def mixed(case, old, new):
    """What he left alone is all old or all new, and as the exit code says."""
    def rest(state):
        settings = {OTHER: state.settings[OTHER]}
        if case.action == "sets the key":
            return settings, state.files
        return {**settings, KEY: state.settings[KEY]}, None

    now = rest(case.now)
    allowed = {0: [rest(new)], 1: [rest(old)], 3: [rest(old)]}.get(case.ended.code, [rest(old), rest(new)])
    return [] if now in allowed else [f"the rest is {now[0]}, which does not go with {case.ended.code}"]


def wrong_in(case, here, old, new):
    wrong = [] if case.ended.code in (0, 1, 3, 4) else [f"it ended with {case.ended.code}"]
    if not case.effective and case.ended.code != 0:
        wrong.append("nobody disturbed it")
    if case.effective:
        wrong += overwritten_key(case) if case.action == "sets the key" else overwritten_file(case)
        wrong += unreported(case)
    wrong += mixed(case, old, new) + host.litter(case.now)
    wrong += [] if case.recovered.code in (0, 4) else [f"recover ended with {case.recovered.code}: {case.recovered.err}"]
    stamps = here.stamps()
    again = here.run("recover")
    if again.code != 0 or here.stamps() != stamps:
        wrong.append(f"P9: a second recover ended with {again.code} or wrote something")
    return wrong


class Tally:
    def __init__(self):
        self.cases = self.excused = 0
        self.failures = []
        self.codes = {}

    def add(self, case, wrong):
        self.cases += 1
        self.excused += case.meddler.next_use == "write" and not case.key_is_theirs()
        self.codes[case.ended.code] = self.codes.get(case.ended.code, 0) + 1
        where = f"{case.scenario.name}; he {case.action} before call {case.meddler.at} after the lock; exit {case.ended.code}"
        self.failures += [f"FAILED: {where}: {line}" for line in wrong]


def try_scenario(here, scenario, wanted, tally):
    scenario.prepare()
    old = here.look()
    length = Meddler(0, None)
    if tracer.run([here.program, *scenario.command], length).code != 0:
        sys.exit(f"{scenario.name}: does not work undisturbed")
    new = here.look()
    for action, at in host.share([(action, at) for action in ACTIONS for at in range(1, length.calls + 1)], wanted):
        here.restore(old)
        case = Case(here, scenario, action, at)
        tally.add(case, wrong_in(case, here, old, new))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--share", default="1/1", help="K/N: try every N-th of what he may do before a call, from the K-th on")
    parser.add_argument("--only", default="", help="scenarios whose name has this in it")
    options = parser.parse_args()
    host.enter()
    tracer.insist()
    here = host.Host(options.program, [KEY, OTHER, "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_time"])
    start = here.look()
    tally = Tally()
    for scenario in scenarios(here):
        if options.only in scenario.name:
            here.restore(start)
            try_scenario(here, scenario, options.share, tally)
    codes = ", ".join(f"{code}: {count}" for code, count in sorted(tally.codes.items()))
    print(f"third parties: {tally.cases} runs disturbed between two steps (exit codes {codes}); "
          f"{tally.excused} values set between the last look and write(2) were lost")
    host.end(tally.cases, tally.failures)


main()
