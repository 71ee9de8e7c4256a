"""Power cuts at random moments of apply, confirm, rollback and recover: what was acknowledged is there, and nothing is half.

One disk goes through all cuts. Between two of them the guest works through operations and acknowledges each on the serial
port, until qemu is killed; the next boot recovers as the boot unit does, loads the boot files, and is looked at.
"""
import collections
import dataclasses
import json
import random
import re
import sys
import time

from image import empty_disk
from machine import GuestError

BOOT_FILE = "/etc/sysctl.d/60-twctl.conf"
OPERATIONS = 40  # more than any boot gets through before its power is cut
# One generation of values for each apply, so that any two states differ in every key.
KEYS = {
    "net.ipv4.tcp_fin_timeout": lambda n: 1 + n % 59,
    "net.core.somaxconn": lambda n: 4096 + n,
    "net.ipv4.tcp_keepalive_time": lambda n: 1 + n,
    "net.ipv4.tcp_max_syn_backlog": lambda n: 4096 + n,
    "net.ipv4.ip_local_port_range": lambda n: f"{20001 + 2 * n} 60000",
}


class NotDurable(Exception):
    """A disk on which something acknowledged is missing, or which holds a part of a change."""


def values(generation):
    return {key: str(value(generation)) for key, value in KEYS.items()}


@dataclasses.dataclass(frozen=True)
class State:
    """The generations that were applied and not undone, the newest last."""
    applied: tuple = ()

    def boot_values(self):
        return values(self.applied[-1]) if self.applied else {}


@dataclasses.dataclass(frozen=True)
class Operation:
    kind: str
    command: str
    before: State
    after: State


def settings(generation):
    return " ".join(f"--set '{key}={value}'" for key, value in values(generation).items())


def apply(state, generation):
    return Operation("apply", f"twctl apply {settings(generation)} --yes", state, State(state.applied + (generation,)))


def apply_pending(state, generation):
    """Nothing of it is there after a boot."""
    return Operation("apply --confirm-within", f"twctl apply {settings(generation)} --yes --confirm-within 1h", state, state)


def confirm(state, generation):
    return Operation("confirm", "twctl confirm", state, State(state.applied + (generation,)))


def roll_back(state):
    return Operation("rollback", "twctl rollback --yes", state, State(state.applied[:-1]))


def roll_back_pending(state):
    return Operation("rollback of what is pending", "twctl rollback --yes", state, state)


class Plan:
    """The operations to come, by a seed; they continue from whatever state a cut has left."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.generation = 0

    def operations(self, state):
        found = []
        while len(found) < OPERATIONS:
            found += self.next_operations(found[-1].after if found else state)
        return found

    def next_operations(self, state):
        if state.applied and self.random.random() < 0.4:
            return [roll_back(state)]
        self.generation += 1
        if self.random.random() < 0.5:
            return [apply(state, self.generation)]
        decision = confirm(state, self.generation) if self.random.random() < 0.7 else roll_back_pending(state)
        return [apply_pending(state, self.generation), decision]


class Disk:
    """A host that is cut off again and again: its disk, and the states that may be found on it."""

    def __init__(self, parts, path, seed, launcher=""):
        self.parts = parts
        self.path = empty_disk(path)
        self.plan = Plan(seed)
        self.launcher = launcher
        self.allowed = [State()]
        self.under_way = "nothing"
        self.defaults = {}
        self.pace = 0.2  # seconds that an operation takes here
        self.findings = []
        self.cuts = collections.Counter()

    def cut(self, at_least=0):
        """One boot: recover, look, work on, and be cut off."""
        with self.boot() as guest:
            if self.allowed[1:] and self.plan.random.random() < 0.2:
                self.cut_recovery(guest)
                return
            state = self.look(guest)
            operation = self.work_until_cut(guest, state, at_least)
        self.under_way = operation.kind
        self.allowed = [operation.before, operation.after]

    def last_look(self):
        with self.boot() as guest:
            self.look(guest)

    def boot(self):
        return self.parts.boot(self.path, self.launcher)

    def cut_recovery(self, guest):
        guest.begin("twctl recover")
        time.sleep(self.plan.random.uniform(0, self.pace))
        guest.cut_power()
        self.cuts["recovery"] += 1

    def work_until_cut(self, guest, state, at_least):
        """Returns the operation that was under way. What was said up to the cut counts, when it is read only after it."""
        operations = self.plan.operations(state)
        guest.begin("".join(step(i, one) for i, one in enumerate(operations)))
        started, wanted = time.monotonic(), self.plan.random.randrange(at_least, at_least + 6)
        for _ in range(wanted):
            self.acknowledgement(guest)
        self.pace = (time.monotonic() - started) / wanted if wanted else self.pace
        time.sleep(self.plan.random.uniform(0, 1.2 * self.pace))
        guest.cut_power()
        while self.acknowledgement(guest):
            wanted += 1
        return operations[wanted]

    @staticmethod
    def acknowledgement(guest):
        line = guest.line(time.monotonic() + 120)
        if line is not None and not re.fullmatch(r"@ack \d+ 0", line):
            raise GuestError(f"an operation failed: {line}; {guest.line(time.monotonic() + 1)}")
        return line

    def look(self, guest):
        """Recovers, loads the boot file, and says which of the allowed states it is; what is wrong goes into findings."""
        status, said = guest.run("twctl recover")
        if status != 0:
            raise NotDurable(f"recover ends with {status} after a cut of {self.under_way}: {said}")
        found = boot_values(guest)
        states = [state for state in self.allowed if state.boot_values() == found]
        if not states:
            wrong = self.what_is_wrong(found)
            raise NotDurable(f"{wrong} after a cut of {self.under_way}: {found}; allowed: {self.allowed}")
        self.look_at_live_values(guest, states[0])
        self.look_around(guest)
        self.count(states[0])
        return states[0]

    def count(self, state):
        if self.under_way != "nothing":
            both = self.allowed[0] == self.allowed[-1]
            self.cuts[self.under_way + ("" if both else ": new" if state == self.allowed[-1] else ": old")] += 1

    def look_at_live_values(self, guest, state):
        """Before the loader has run they are the kernel's own, or those of a decision that recovery has carried out."""
        live = live_values(guest)
        self.defaults = self.defaults or live
        if live not in (self.defaults, state.boot_values()):
            self.report(f"live values before the loader: {live}")
        guest.output(f"[ ! -e {BOOT_FILE} ] || sysctl -p {BOOT_FILE}")
        if live_values(guest) != (state.boot_values() or self.defaults):
            self.report(f"live values after the loader: {live_values(guest)}")

    def what_is_wrong(self, found):
        whole = [{}, *(values(n) for n in range(1, self.plan.generation + 1))]
        return "lost" if found in whole else "half"

    def look_around(self, guest):
        litter = guest.output(r"find /etc/sysctl.d /var/lib/twctl -name '*.tmp*' -o -name '.t*'")
        if litter:
            self.report(f"litter: {litter}")
        status = json.loads(guest.output("twctl status --json"))
        for what in ("drift", "pending", "interrupted", "conflicts"):
            if status[what]:
                self.report(f"status: {what}: {status[what]}")

    def report(self, finding):
        self.findings.append(f"after a cut of {self.under_way}: {finding}")


def step(number, operation):
    return f"{operation.command} >/run/said 2>&1; r=$?; echo @ack {number} $r; [ $r = 0 ] || {{ cat /run/said; exit; }}\n"


def boot_values(guest):
    text = guest.output(f"cat {BOOT_FILE} 2>/dev/null || true")
    pairs = (line.split(" = ", 1) for line in text.splitlines() if not line.startswith("#") and " = " in line)
    return dict(pairs)


def live_values(guest):
    lines = guest.output("for key in " + " ".join(KEYS) + "; do sysctl -n $key; done").splitlines()
    return dict(zip(KEYS, (" ".join(line.split()) for line in lines)))


def run(parts, count, seed):
    """Findings of COUNT cuts of one disk; prints what was cut and what came of it. An interrupt ends it early, and it says so."""
    disk = Disk(parts, parts.path("power-cut.img"), seed)
    try:
        while sum(disk.cuts.values()) < count:
            disk.cut()
            show_progress(disk, count)
    except NotDurable as finding:
        disk.findings.append(str(finding))
    except KeyboardInterrupt:
        disk.findings.append(f"interrupted before {count} cuts")
    parts.tried = max(sum(disk.cuts.values()), len(disk.findings))  # what is found ends a cut that is not counted
    print(f"power cuts on {parts.kernel.package}, seed {seed}: {parts.tried}")
    for what, times in sorted(disk.cuts.items()):
        print(f"  {times:4} of {what}")
    return disk.findings


def show_progress(disk, count):
    done = sum(disk.cuts.values())
    if done and done % 20 == 0:
        print(f"{done} of {count} cuts, {len(disk.findings)} findings", file=sys.stderr, flush=True)


def control(parts, count, seed):
    """The same with a program whose fsync does nothing: one of up to COUNT disks has to lose something."""
    for i in range(count):
        disk = Disk(parts, parts.path("control.img"), seed + i, launcher="/bin/no_fsync")
        try:
            disk.cut(at_least=1)
            disk.last_look()
        except NotDurable as finding:
            print(f"negative control, fsync does nothing: {finding}")
            return []
    return [f"none of {count} disks lost anything without fsync: the cuts test nothing"]
