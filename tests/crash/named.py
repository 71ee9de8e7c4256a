#!/usr/bin/env python3
"""named.py PROGRAM: faults with a name, each with its one outcome, and what the order of the system calls must be.

The letters are those of the list of hostile cases; P3, P8 and P10 are promises. Not here: a short write that the kernel
has taken all the same (F04's 0), which only a store in memory can play.
"""
import argparse
import os
import re
import signal
import subprocess
import time

import host as h
import scenarios
from scenarios import APPLY, CONF, FIN, RESERVED, REUSE

CASES = {}
IN_KEYS = re.compile(r"^\d+ +write\(\d+</proc/sys/")


def case(name):
    def keep(function):
        CASES[name] = function
        return function
    return keep


class Known:
    """What an undisturbed apply does here, for the cases to disturb."""

    def __init__(self, host):
        self.host = host
        self.old = host.look()
        self.scenario = scenarios.applying(host, self.old, "both", ())
        self.new = self.scenario.new
        self.calls = scenarios.calls_of(host, self.scenario)

    def call(self, name, text):
        return scenarios.call_with(self.calls, name, text)

    def apply(self, fault, **more):
        self.host.restore(self.old)
        return self.host.run(*APPLY, inject=fault, **more)

    def expect(self, run, code, *said):
        """The code, each of these texts on stderr, and (for 1, 77 ...) nothing changed."""
        told = h.words(run.err)
        wrong = [] if run.code == code else [f"it ended {run.code} and not {code}"]
        wrong += [f"it did not say '{text}'" for text in said if text not in told]
        if code not in (0, 4) and self.host.look().host() != self.old.host():
            wrong.append("the host is not as before")
        return [f"{line}; it said: {told[:400]}" for line in wrong]

    def recovered(self, state, code=0):
        run = self.host.run("recover")
        now = self.host.look()
        wrong = [] if run.code == code else [f"recover ended {run.code}: {h.words(run.err)}"]
        if now.host() != state.host():
            wrong.append("recover led to another state than it should have")
        return wrong + h.litter(now) + h.unfinished(now)


@case("F01 the intent cannot be synced: refused, and no setting is written")
def f01(known):
    run = known.apply(known.call("fsync", "/intent>").fault("error=EIO"), trace="fsync,write")
    return refused_unrecorded(known, run)


def refused_unrecorded(known, run):
    wrong = known.expect(run, 1, "cannot be recorded", "Input/output error")
    wrong += ["a setting was written: " + line for line in run.trace if IN_KEYS.match(line)]
    return wrong + known.recovered(known.old)


@case("F02 the folder of the change cannot be synced: refused, and no setting is written")
def f02(known):
    wrong = []
    for folder in (r"/changes/\.tmp-\d+-[0-9a-f]+", "/changes"):  # under its first name, then the one it is renamed in
        call = [call for call in known.calls if call.name == "fsync" and re.search(f"{folder}>\\)", call.text)][-1]
        wrong += refused_unrecorded(known, known.apply(call.fault("error=EIO"), trace="fsync,write"))
    return wrong


@case("F04 write(2) says done and has done nothing: the read-back finds out, all goes back")
def f04(known):
    wrong = []
    for key in (FIN, RESERVED, REUSE):
        for claimed in (1, 100):
            call = known.call("write", h.setting_path(key))
            run = known.apply(call.fault(f"retval={claimed}"))
            wrong += known.expect(run, 1, f"{key} was set to", "and reads back as", "every value is back as it was")
    return wrong


@case("F05 a value cannot be put back: 4 with exactly that one, and the next run does it")
def f05(known):
    run = known.apply("write:error=EPERM:when=2+", paths=(h.setting_path(FIN), h.setting_path(REUSE)))
    wrong = known.expect(run, 4, f"{REUSE} = 1: Operation not permitted; not everything could be put back: "
                                 f"{FIN} = 60: Operation not permitted hint:")
    now = known.host.look()
    if now.settings != {**known.old.settings, FIN: "30\n"} or now.files != {**known.old.files}:
        if [path for path in h.differences(known.old.files, now.files) if "/.twctl-" not in path]:
            wrong.append("more than that value differs")
    return wrong + known.recovered(known.old)


@case("F07 the directory of the boot file cannot be synced: 4, not proven to be on disk; the next run proves it")
def f07(known):
    run = known.apply(known.call("fsync", "</etc/sysctl.d>").fault("error=EIO"))
    wrong = known.expect(run, 4, "is in place, but not proven to be on disk: Input/output error")
    return wrong + known.recovered(known.new)


@case("F08 the decision cannot be renamed into place: rolled back, 1; and if that cannot be recorded either, 4")
def f08(known):
    call = known.call("renameat2", '"decision"')
    run = known.apply(call.fault("error=EIO"))
    wrong = known.expect(run, 1, "decision cannot be recorded", "every value is back as it was")
    wrong += known.recovered(known.old)
    wrong += known.expect(known.apply(call.fault("error=EIO") + "+"), 4, "decision cannot be recorded: Input/output error; "
                          "every value is back as it was, but that could not be recorded")
    if known.host.look().settings != known.old.settings:
        wrong.append("the settings have not been put back")
    return wrong + known.recovered(known.old)


@case("P3 a decision that stands and could not be synced is not taken back")
def p3_unsynced(known):
    wrong = []
    after = known.calls.index(known.call("renameat2", '"decision"'))
    call = next(call for call in known.calls[after:] if call.name == "fsync")
    for more in ("", "+"):
        run = known.apply(call.fault("error=EIO") + more)
        wrong += known.expect(run, 4, "live, but not finished; the next run sees to it") + known.recovered(known.new)
    return wrong


@case("P3 a decision is written once: who comes second, even past the lock, finds it and obeys")
def p3_second(known):
    known.host.restore(known.old)
    # Its last look before it writes its own decision.
    slow = Stopped(known.host, known.call("newfstatat", '-decision"'))
    second = known.host.run("recover", inject="flock:retval=0:when=1")
    decided = known.host.look()
    code, said = slow.go_on()
    now = known.host.look()
    wrong = h.changed_decisions(decided, now)
    if second.code != 0 or decided.settings != known.old.settings:
        wrong.append(f"the second one ended {second.code}: {h.words(second.err)}")
    if code == 0 or now.host() != known.old.host():
        wrong.append(f"P3: the first one ended {code} and did not obey: {h.words(said)}")
    return wrong + known.recovered(known.old)


class Stopped:
    """An apply that has been stopped after that call."""

    def __init__(self, host, call):
        if os.path.exists("/run/trace"):
            os.unlink("/run/trace")
        command = [*host.tracer([call.fault("signal=SIGSTOP")], trace=call.name), host.program, *APPLY]
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE)
        poll(self.stopped)

    def stopped(self):
        """The number of its process, once strace says that it has stopped."""
        if not os.path.exists("/run/trace"):
            return None
        return re.search(r"^(\d+) +--- stopped by SIGSTOP", h.read_bytes("/run/trace").decode(errors="replace"), re.M)

    def go_on(self):
        """(exit code, stderr)."""
        os.kill(int(self.stopped().group(1)), signal.SIGCONT)
        _, said = self.process.communicate(timeout=20)
        return self.process.returncode, said.decode()


def poll(condition):
    until = time.monotonic() + 20
    while not condition():
        if time.monotonic() > until:
            raise AssertionError("what was waited for did not come")
        time.sleep(0.002)


@case("P8 after a kill somebody else's value is kept by recovery, and reported")
def p8(known):
    known.apply(known.call("renameat2", '"decision"').fault("signal=SIGKILL"))
    h.put(h.setting_path(FIN), "45")
    run = known.host.run("recover")
    wrong = known.expect(run, 4, FIN, "45")
    if known.host.look().settings != {**known.old.settings, FIN: "45\n"}:
        wrong.append(f"P8: {FIN} is {known.host.look().settings[FIN].strip()}, and somebody else had set 45")
    return wrong


@case("P1 an old boot file that cannot be read once it is moved aside is not taken for somebody else's")
def p1_moved_aside(known):
    scenario = scenarios.applying(known.host, known.old, "both", CONF)
    calls = scenarios.calls_of(known.host, scenario)
    swapped = calls.index(scenarios.first_at_a_file(calls))
    call = next(call for call in calls[swapped:] if call.name == "openat" and '".twctl-' in call.text)
    known.host.restore(known.old)
    run = known.host.run(*scenario.args, inject=call.fault("error=EIO"))
    wrong = known.expect(run, 4, "not finished; the next run tries again: /etc/sysctl.conf: Input/output error")
    return wrong + known.recovered(scenario.new)


@case("F10 no random number: refused")
def f10(known):
    run = known.apply("getrandom:error=EIO:when=2")
    return known.expect(run, 1, "no random number for the change's id: Input/output error")


@case("F13 ext4 gives up its journal in the middle: 1 or 4, and whole again after the next mount")
def f13(known):
    known.host.restore(known.old)
    with Ext4("/var/lib") as disk:
        if not disk.mounted:
            return f13_read_only(known)
        slow = Stopped(known.host, known.call("write", h.setting_path(RESERVED)))
        disk.give_up()
        code, said = slow.go_on()
        wrong = [] if code in (1, 4) and h.STATE in said else [f"it ended {code}: {h.words(said)}"]
        if known.host.look().settings != known.old.settings:
            wrong.append("the settings have not been put back")
        disk.mount_again()
        print("    (a real ext4 on a loop device, its journal aborted by the kernel)")
        return wrong + known.recovered(known.old)


def f13_read_only(known):
    """Where there is no loop device to be had: a tmpfs that turns read-only."""
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/var/lib"], check=True)
    try:
        slow = Stopped(known.host, known.call("write", h.setting_path(RESERVED)))
        subprocess.run(["mount", "-o", "remount,ro", "/var/lib"], check=True)
        code, said = slow.go_on()
        wrong = [] if code in (1, 4) and h.STATE in said else [f"it ended {code}: {h.words(said)}"]
        subprocess.run(["mount", "-o", "remount,rw", "/var/lib"], check=True)
        print("    (no loop device here: a tmpfs that was remounted read-only)")
        return wrong + known.recovered(known.old)
    finally:
        subprocess.run(["umount", "/var/lib"], check=True)


class Ext4:
    """A small file system of its own over a folder, as long as loop devices can be had."""

    def __init__(self, folder):
        self.folder, self.image, self.mounted = folder, "/run/ext4", False

    def __enter__(self):
        h.insist_on_own_namespace()
        with open(self.image, "wb") as image:
            image.truncate(16 << 20)
        made = subprocess.run(["mkfs.ext4", "-q", self.image], check=False, capture_output=True)
        self.mounted = made.returncode == 0 and self.mount().returncode == 0
        return self

    def mount(self):
        command = ["mount", "-o", "loop,errors=remount-ro", self.image, self.folder]
        return subprocess.run(command, check=False, capture_output=True)

    def give_up(self):
        device = os.path.basename(next(line.split()[0] for line in h.read_bytes("/proc/mounts").decode().splitlines()
                                       if line.split()[1] == self.folder and line.split()[2] == "ext4"))
        with open(f"/sys/fs/ext4/{device}/trigger_fs_error", "w", encoding="ascii") as file:
            file.write("1")

    def mount_again(self):
        subprocess.run(["umount", self.folder], check=True)
        subprocess.run(["fsck.ext4", "-p", self.image], check=False, capture_output=True)
        if self.mount().returncode != 0:
            raise AssertionError("the file system cannot be mounted again")

    def __exit__(self, *_):
        if self.mounted:
            subprocess.run(["umount", self.folder], check=True)


@case("F14 an old value cannot be read: refused")
def f14(known):
    run = known.apply("pread64:error=EIO:when=1+", paths=(h.setting_path(FIN),))
    return known.expect(run, 77, f"{FIN}: cannot be read: Input/output error")


@case("S24 a boot file that is a link is refused, and what it points to stays as it is")
def s24(known):
    known.host.restore(known.old)
    victim = "/run/victim"
    h.put(victim, "root:x:0:0\n")
    os.symlink(victim, h.OWN_FILE)
    before = known.host.look()
    run = known.host.run(*APPLY)
    now = known.host.look()
    wrong = [] if run.code == 77 and "symbolic link" in run.err else [f"it ended {run.code}: {h.words(run.err)}"]
    if now.host() != before.host() or h.read_bytes(victim) != b"root:x:0:0\n":
        wrong.append("something has changed")
    os.unlink(h.OWN_FILE)
    return wrong


# But for a staged file, which gets its staged name so: where a power cut takes that, the next run stages it anew.
_RENAME = re.compile(r"^\d+ +renameat2?\(\d+<[^>]*>, \"(?!\.twctl-\w*-new\.tmp\")[^\"]*\", \d+<(?P<folder>[^>]*)>, \"(?P<new>[^\"]*)\".* = 0")
_UNLINK = re.compile(r"^\d+ +unlinkat\(\d+<(?P<folder>/etc[^>]*)>, \"(?P<new>[^.\"][^\"]*)\".* = 0")
_SYNC = re.compile(r"^\d+ +fsync\(\d+<([^>]*)>\) += 0")


def unsynced(trace):
    """What was renamed into place, or removed from /etc, and not synced before the next thing that relies on it."""
    wrong, waiting = [], {}
    for line in trace:
        moved, synced = _RENAME.match(line) or _UNLINK.match(line), _SYNC.match(line)
        if synced:
            waiting.pop(synced.group(1), None)
        relies = IN_KEYS.match(line) or "exit_group(" in line or ".trash-" in line and "unlinkat(" in line
        if relies or moved and moved.group("folder") not in waiting:
            wrong += [f"{name} was put into {folder}, and its directory not synced" for folder, name in waiting.items()]
            waiting = {}
        if moved:
            waiting[moved.group("folder")] = moved.group("new")
    return wrong


@case("P4 each rename into place is followed by a sync of its directory, before anything relies on it")
def synced_directories(known):
    host, wrong, renames = known.host, [], 0
    whole = scenarios.all_of(host)
    for scenario in whole.values():
        host.restore(scenario.start)
        trace = host.run(*scenario.args, trace="renameat,renameat2,unlinkat,fsync,write,exit_group").trace
        renames += sum(1 for line in trace if _RENAME.match(line) or _UNLINK.match(line))
        wrong += [f"{scenario.name}: {line}" for line in unsynced(trace)]
    return wrong if renames > 40 else [*wrong, f"only {renames} renames seen"]


@case("P2 each setting is written after its intent was synced, renamed and its directory synced")
def intent_first(known):
    host, wrong, writes = known.host, [], 0
    for scenario in scenarios.all_of(host).values():
        if scenario.args[0] == "recover":
            continue
        host.restore(scenario.start)
        durable = [False, False, False]
        for line in host.run(*scenario.args, trace="renameat2,fsync,write").trace:
            durable[0] = durable[0] or bool(_SYNC.match(line) and "/intent>" in line)
            moved = _RENAME.match(line)
            durable[1] = durable[1] or bool(durable[0] and moved and moved.group("folder") == h.CHANGES)
            durable[2] = durable[2] or bool(durable[1] and _SYNC.match(line) and f"<{h.CHANGES}>" in line)
            if IN_KEYS.match(line):
                writes += 1
                wrong += [] if all(durable) else [f"P2: {scenario.name}: written before its intent: {line}"]
    return wrong if writes > 10 else [*wrong, f"only {writes} settings written"]


_OPENED = re.compile(r"^\d+ +(?:open|openat|openat2|socket)\(.* = (\d+)<")
_CLOSED = re.compile(r"^\d+ +close\((\d+)<")
MOST_DESCRIPTORS = 16


@case("P10 no descriptor is left open, and few are open at a time")
def descriptors(known):
    host, wrong = known.host, []
    for scenario in scenarios.all_of(host).values():
        host.restore(scenario.start)
        is_open, most = set(), 0
        for line in host.run(*scenario.args, trace="open,openat,openat2,socket,close").trace:
            if found := _OPENED.match(line):
                is_open.add(found.group(1))
            elif found := _CLOSED.match(line):
                is_open.discard(found.group(1))
            most = max(most, len(is_open))
        if is_open or most > MOST_DESCRIPTORS:
            wrong.append(f"P10: {scenario.name}: {sorted(is_open)} still open at the end, {most} at most")
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--only", default="", help="cases whose name matches this expression")
    wanted = parser.parse_args()
    h.enter()
    host = h.Host(wanted.program, scenarios.KEYS)
    known = Known(host)
    tried, failures = 0, []
    for name, function in CASES.items():
        if not re.search(wanted.only, name):
            continue
        host.restore(known.old)
        wrong = function(known) + h.processes_left()
        tried += 1
        print(f"{'FAILED' if wrong else 'held  '} {name}")
        failures += [f"FAILED {name}: {line}" for line in wrong]
    host.restore(known.old)
    h.end(tried, failures)


if __name__ == "__main__":
    main()
