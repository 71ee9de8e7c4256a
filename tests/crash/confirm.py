#!/usr/bin/env python3
"""confirm.py PROGRAM: a change that awaits confirmation, its author gone, stopped or late, its timers alive or not.

Kill points need no waiting: the deadline is an hour off, and for whoever is to come after it the record is given one that has
been. What only real time can show runs at once in hosts of its own; that a suspend counts, a guest (tests/guest/clocks.py).
"""
import argparse
import json
import os
import pty
import random
import re
import shutil
import signal
import subprocess
import sys
import time

import host as h
import scenarios

FIN = scenarios.FIN
SET = ("--set", FIN + "=33")
AHEAD, BEHIND = (("unshare", "--time", "--boottime", offset, "--fork", "--kill-child") for offset in ("7200", "-600"))
SHORTEST = 5  # seconds; of --confirm-within
GRACE = 5     # seconds after the deadline by which the old value is back; alone it takes 0.1, and the machine is busy
ENDS_WITHIN = 10  # seconds after a decision; it takes half a second, and the machine is busy when all hosts begin at once
ROUNDS_A_HOST = 4
SIDE_BY_SIDE = 20


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--only", default="", help="cases in real time whose name matches this expression, or where there is none, commands that are killed")
    parser.add_argument("--share", default="1/1", help="K/N: kill only at every N-th system call, from the K-th on")
    parser.add_argument("--long", action="store_true", help="kill at every call, not only before those that leave something; the watchdog, too; and with --root, --netns, --boot-file")
    parser.add_argument("--races", type=int, default=40, help="confirm against the deadline, so many times")
    parser.add_argument("--removals", type=int, default=12, help="the state directory removed while a change is pending, so many times")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--case", default="", help="one case of those in real time, in this process")
    return parser.parse_args()


def boot_time():
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def newest(state, name):
    found = h.records(state, name)
    return found.get(max(h.records(state, "intent")))


def deadline_of(state):
    return newest(state, "intent")["deadline"] / 1e9


def others():
    return [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and int(pid) not in (1, os.getpid())]


def end_others():
    """Watchdogs of the runs before; the process namespace is this script's own."""
    for pid in others():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    reap()


def reap():
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0 and not others():
                return
        except ChildProcessError:
            return
        time.sleep(0.001)


def soon(holds, seconds):
    """Whether it came to hold within that time."""
    end = boot_time() + seconds
    while boot_time() < end:
        if holds():
            return True
        time.sleep(0.01)
    return holds()


class Waiting(h.Host):
    """A host on which changes await confirmation."""

    def __init__(self, program, keys=scenarios.KEYS, where=()):
        super().__init__(program, keys, where)
        self.more = ("--accept", "later-writer") if where[:1] == ("--root",) else ()
        self.old = self.look()

    def apply(self, within, **how):
        return self.run("apply", "--yes", *SET, *self.more, "--confirm-within", str(within), **how)

    def value(self):
        return h.value_of(FIN).strip()

    def is_old(self):
        return self.look().host() == self.old.host()

    def status(self):
        return json.loads(self.run("status", "--json").out)

    def parent_only(self, *args, inject=None, trace=None):
        """strace without -f: a watchdog is neither followed nor waited for."""
        log = "/run/trace" if trace else "/dev/null"
        calls = trace or inject.split(":")[0]
        fault = ["-e", "inject=" + inject] if inject else []
        command = ["setarch", "-R", "strace", "-qq", "-y", "-s", "512", "-o", log, "-e", "trace=" + calls, *fault,
                   self.program, *self.command_line(args)]
        ended = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               check=False, timeout=20)
        lines = ["1 " + line for line in h.read_bytes(log).decode(errors="replace").splitlines()] if trace else []
        return h.Run(ended.returncode, "", "", lines)


class Kills:
    """Every system call of apply --confirm-within, of confirm, and of the rollback of what is overdue."""

    def __init__(self, host, wanted, failures):
        self.host, self.wanted, self.failures = host, wanted, failures
        self.points = 0
        scenarios.must(host.apply("1h"))
        self.pending = host.look()
        end_others()
        scenarios.must(host.run("confirm"))
        self.new = host.look()
        host.restore(self.pending)
        host.expire()
        self.overdue = host.look()

    def fail(self, what, wrong):
        self.failures += [f"FAILED kill {what}: {line}" for line in wrong]

    def calls(self, start, run):
        self.host.restore(start)
        calls = scenarios.calls_in(run(trace="all").trace)[1:]
        end_others()
        return calls if self.wanted.long else list(filter(scenarios.leaves_something, calls))

    def recovered(self, what):
        """After the deadline: one recovery, and a second that has nothing to do."""
        self.host.expire()
        killed = self.host.look()
        first = self.host.run("recover")
        now = self.host.look()
        committed = any(h.decisions_new_in(self.host.old, now).values())
        wrong = [] if first.code == 0 else [f"recover ended {first.code}: {first.err.strip()}"]
        wrong += h.not_old_or_new(self.host.old, self.new, now) + h.changed_decisions(killed, now) + h.litter(now)
        wrong += h.unfinished(now)
        if now.host() != (self.new if committed else self.host.old).host():
            wrong.append("P3: the host is not on the side of the decision")
        stamps = self.host.stamps()
        second = self.host.run("recover")
        then = self.host.stamps()
        changed = sorted(path for path in stamps.keys() | then if stamps.get(path) != then.get(path))
        if second.code != 0 or changed:
            wrong.append(f"P9: a second recover ended {second.code} and changed {changed}: {second.err.strip()}")
        self.fail(what, wrong)

    def every_point(self, name, start, *args):
        if not re.search(self.wanted.only, name):
            return

        def run(**how):
            return self.host.parent_only(*args, **how)
        for call in h.share(self.calls(start, run), self.wanted.share):
            self.host.restore(start)
            run(inject=call.fault("signal=SIGKILL"))
            end_others()
            self.points += 1
            killed = self.host.look()
            what = f"{name}: {call.name} {call.count}"
            wrong = h.not_in_journal(self.host.old, killed) + h.changed_decisions(start, killed)
            self.fail(what, wrong + h.persisted_before_decision(self.host.old, killed))
            self.recovered(what)
        end_others()

    def run_all(self):
        name = self.host.name + "".join(" into sysctl.conf" for word in self.host.more if word == h.SYSCTL_CONF)
        self.every_point("apply --confirm-within" + name, self.host.old, "apply", "--yes", *SET, *self.host.more, "--confirm-within", "1h")
        self.every_point("confirm" + name, self.pending, "confirm")
        self.every_point("rollback of what is overdue" + name, self.overdue, "recover")
        self.every_point("rollback of what is pending" + name, self.pending, "rollback")
        self.host.restore(self.host.old)


# What real time has to show. Each case has a host of its own; it returns what is wrong.

def author_is_gone(host, _):
    """The shell, its session and its process group, by SIGKILL: the value is back in time, and no file was touched."""
    shell = subprocess.Popen(["/bin/sh", "-c", f"{host.program} apply --yes {' '.join(SET)} --confirm-within {SHORTEST} && "
                              "exec sleep 60"], start_new_session=True, stdout=subprocess.DEVNULL)
    if not soon(lambda: newest_is_applied(host), 5):
        return ["the change was not applied"]
    deadline = deadline_of(host.look())
    os.killpg(shell.pid, signal.SIGKILL)
    shell.wait()
    wrong = [] if host.value() == "33" else ["it is not live while pending"]
    wrong += h.persisted_before_decision(host.old, host.look())
    return wrong + back_in_time(host, deadline)


def newest_is_applied(host):
    state = host.look()
    return any(h.records(state, "applied").values()) if h.records(state, "intent") else False


def back_in_time(host, deadline):
    if not soon(host.is_old, deadline + GRACE - boot_time()):
        return [f"P6: {GRACE} s after the deadline the host is not as before: {host.status()}"]
    if boot_time() < deadline:
        return ["it went back before its deadline"]
    if not soon(lambda: not alive_others(), 2):
        return h.processes_left()
    return h.litter(host.look()) + h.unfinished(host.look())


def alive_others():
    reap_some()
    return others()


def reap_some():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def stopped_starter(host, _):
    """E17: apply is stopped before it can publish that it is applied, and holds the lock past the deadline."""
    calls = scenarios.calls_in(host.parent_only("apply", "--yes", *SET, "--confirm-within", "1h", trace="renameat2").trace)
    end_others()
    host.restore(host.old)
    call = scenarios.call_with(calls, "renameat2", '"applied"')
    command = ["setarch", "-R", "strace", "-qq", "-o", "/dev/null", "-e", "trace=renameat2", "-e",
               "inject=" + call.fault("signal=SIGSTOP"), host.program, "apply", "--yes", *SET, "--confirm-within", str(SHORTEST)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        if not soon(lambda: host.value() == "33", 5):
            return ["the change was not applied"]
        deadline = deadline_of(host.look())
        busy = host.run("recover")
        wrong = [] if busy.code == 75 else [f"the stopped run does not hold the lock: recover ended {busy.code}"]
        wrong += back_in_time(host, deadline)
        run.wait()
    return wrong


def watchdog_is_killed(host, _):
    """C15: with no timer left status says overdue, and recover repairs."""
    scenarios.must(host.apply(SHORTEST))
    standing = host.status()["pending"]
    wrong = [] if standing["timers"]["watchdog"] and not standing["overdue"] else [f"status while it waits: {standing}"]
    end_others()
    if host.status()["pending"]["timers"]["watchdog"]:
        wrong.append("status says that a killed watchdog lives")
    soon(lambda: False, deadline_of(host.look()) + 0.1 - boot_time())
    if not host.status()["pending"]["overdue"] or host.value() != "33":
        wrong.append(f"status after the deadline: {host.status()['pending']}")
    scenarios.must(host.run("recover"))
    return wrong + ([] if host.is_old() else ["recover did not repair"])


def terminal_hangs_up(host, _):
    """E28: the terminal goes away with its session; the change stays pending until its deadline."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv("/bin/sh", ["sh", "-c", f"{host.program} apply --yes {' '.join(SET)} --confirm-within {SHORTEST}; sleep 60"])
    if not soon(lambda: newest_is_applied(host), 5):
        return ["the change was not applied"]
    os.close(terminal)
    os.waitpid(pid, 0)
    pending = host.status()["pending"]
    wrong = [] if pending and pending["timers"]["watchdog"] and host.value() == "33" else [f"after the hang-up: {pending}"]
    return wrong + back_in_time(host, deadline_of(host.look()))


def something_else_stands_there(host, argument):
    """N42: what takes the place of a boot file that the change has never written keeps no value from going back."""
    scenarios.must(host.apply(SHORTEST))
    deadline = deadline_of(host.look())
    {"mask": lambda: os.symlink("/dev/null", h.OWN_FILE), "pipe": lambda: os.mkfifo(h.OWN_FILE), "folder": lambda: os.mkdir(h.OWN_FILE)}[argument]()
    soon(lambda: host.value() == words_of(host.old) and not alive_others(), deadline + GRACE - boot_time())
    state = host.look()
    ended = host.run("recover")
    wrong = [] if host.value() == words_of(host.old) else [f"P6: the value is {host.value()}"]
    wrong += [] if ended.code == 0 else [f"it has no end: recover ended {ended.code}: {ended.err}"]
    wrong += [] if os.path.lexists(h.OWN_FILE) else ["what stood there is gone"]
    return wrong + h.unfinished(state) + h.processes_left()


def limited_processor(host, seconds):
    """N43: a limit of the session on processor time, which a day of waiting would reach, does not hold for the watchdog; where it
    cannot be lifted that is refused, by the dry run too."""
    seconds, bound = seconds.partition(" ")[::2]
    may_lift = int(re.search("CapEff:\t(.*)", h.read_bytes("/proc/self/status").decode()).group(1), 16) >> 24 & 1 and not bound
    drop = "setpriv --bounding-set=-sys_resource --inh-caps=-sys_resource " if bound else ""
    limited = f"ulimit -t {seconds}; exec {drop}{host.program} apply --yes {' '.join(SET)} --confirm-within 1h"
    rehearsed = subprocess.run(["/bin/sh", "-c", limited + " --dry-run"], capture_output=True, check=False).returncode
    ended = subprocess.run(["/bin/sh", "-c", limited], capture_output=True, text=True, check=False)
    if rehearsed != ended.returncode:
        return [f"the dry run ended {rehearsed}, the run {ended.returncode}"]
    if seconds == "60" and not may_lift:
        refused = ended.returncode == 3 and "this run's processor time is limited" in ended.stderr
        return ([] if refused else [f"it ended {ended.returncode}: {ended.stderr}"]) + ([] if host.is_old() else ["it changed something"])
    if ended.returncode != 0:
        return [f"apply ended {ended.returncode}: {ended.stderr}"]
    limits = h.read_bytes(f"/proc/{others()[0]}/limits").decode()
    said = re.search(r"Max cpu time +(\S+) +(\S+)", limits).groups()
    wanted = ("unlimited", "unlimited") if may_lift else ("6000", "6000")
    return [] if said == wanted else [f"P6: the watchdog has {said} seconds of processor time"]


def full_disk_foreseen(host, _):
    """N46: the dry runs end as the runs do where the disk of the journal is full."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=192k,mode=0755", "tmpfs", "/var/lib"], check=True)
    scenarios.must(host.apply("1h"))
    try:
        with open("/var/lib/fill", "wb", buffering=0) as fill:
            while fill.write(b"x" * 4096):
                pass
    except OSError:
        pass
    codes = [host.run(verb, "--dry-run").code for verb in ("confirm", "rollback")] + [host.run("rollback", "--yes").code]
    wrong = [] if codes == [4, 4, 4] else [f"dry runs of confirm and rollback, and rollback, ended {codes}"]
    os.unlink("/var/lib/fill")
    scenarios.must(host.run("recover"))
    wrong += [] if host.value() == words_of(host.old) else [f"the value is {host.value()}"]
    return wrong + h.unfinished(host.look())


def full_boot_disk_foreseen(host, _):
    """N57: the same of the file system of the boot file, before anything is changed; what is staged already needs no more room."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=0755", "tmpfs", os.path.dirname(h.OWN_FILE)], check=True)
    scenarios.must(host.apply("1h"))
    try:
        with open(os.path.dirname(h.OWN_FILE) + "/fill", "wb", buffering=0) as fill:
            while fill.write(b"x" * 4096):
                pass
    except OSError:
        pass
    codes = [host.run("confirm", "--dry-run").code, host.run("confirm").code]
    wrong = [] if codes == [0, 0] else [f"the dry run of confirm and confirm ended {codes}"]
    another = ("--yes", "--set", FIN + "=44")
    refusal = json.loads(host.run("plan", "--json", *another[1:]).out)["refusal"]
    codes = [refusal["code"], host.run("apply", "--dry-run", *another).code, host.run("apply", *another).code]
    return wrong + ([] if codes == [1, 1, 1] else [f"plan, the dry run of apply, and apply ended {codes}"])


def record_removed_beside_older(host, _):
    """N44: an older change of the same key is none since: the value of before the pending one comes back, which it had set."""
    scenarios.must(host.run("apply", "--yes", "--set", FIN + "=44"))
    end_others()
    scenarios.must(host.apply(SHORTEST))
    deadline = deadline_of(host.look())
    shutil.rmtree(h.CHANGES + "/" + max(os.listdir(h.CHANGES)))
    soon(lambda: not alive_others(), deadline + GRACE - boot_time())
    return ([] if host.value() == "44" else [f"P6: the value is {host.value()}"]) + h.processes_left()


def installed_again(host, how):
    """N44: what is applied after the state directory has gone stays, though the watchdog of before knows nothing of it."""
    scenarios.must(host.apply(SHORTEST))
    deadline = deadline_of(host.look())
    remove_state(how)
    scenarios.must(host.run("apply", "--yes", *SET))
    soon(lambda: not alive_others(), deadline + GRACE - boot_time())
    kept = host.value() == "33" and b"tcp_fin_timeout = 33" in h.read_bytes(h.OWN_FILE)
    wrong = [] if kept else [f"P4: applied with 0, and {host.value()} is live"]
    return wrong + h.processes_left() + (moved_back(host, "33") if how == "rename" else [])


def moved_away(host, _):
    """N49: the state directory is moved away while a change is pending: it goes back at its deadline, and moved back its record says so."""
    scenarios.must(host.apply(SHORTEST))
    deadline = deadline_of(host.look())
    remove_state("rename")
    wrong = [] if soon(lambda: host.value() == words_of(host.old), deadline + GRACE - boot_time()) else [f"P6: the value is {host.value()}"]
    wrong += ["it went back before its deadline"] if boot_time() < deadline else []
    soon(lambda: not alive_others(), GRACE)
    wrong += h.processes_left()
    h.put(h.setting_path(FIN), "33\n")  # by somebody else, who takes the same value
    return wrong + moved_back(host, "33")


def moved_back(host, value):
    """The next run of the directory that was moved away finds nothing to do there."""
    shutil.rmtree(h.STATE, ignore_errors=True)
    os.rename(h.STATE + ".away", h.STATE)
    ended = host.run("recover")
    wrong = [] if (ended.code, ended.err) == (0, "") else [f"moved back, recover ended {ended.code}: {ended.err}"]
    wrong += [] if host.value() == value else [f"moved back, recover made {host.value()} of {value}"]
    return wrong + h.litter(host.look()) + h.unfinished(host.look())


def copied_away(host, kept):
    """N76: a copy stands in the place of the state directory (on another disk, say): what is confirmed there stays, and else it goes back."""
    scenarios.must(host.apply(SHORTEST))
    deadline = deadline_of(host.look())
    remove_state("rename")
    subprocess.run(["cp", "-a", h.STATE + ".away", h.STATE], check=True)
    if kept:
        scenarios.must(host.run("confirm"))
    soon(lambda: not alive_others(), deadline + GRACE - boot_time())
    value = "33" if kept else words_of(host.old)
    wrong = [] if (host.value(), os.path.exists(h.OWN_FILE)) == (value, bool(kept)) else [f"P4, P6: the value is {host.value()}"]
    scenarios.must(host.run("recover"))
    wrong += h.litter(host.look()) + h.unfinished(host.look()) + h.processes_left()
    shutil.rmtree(h.STATE)
    os.rename(h.STATE + ".away", h.STATE)
    scenarios.must(host.run("recover"))
    return wrong + ([] if host.value() == value else [f"moved back, recover made {host.value()} of {value}"])


def pending_on_top(host, argument):
    """N77: two changes await confirmation, one of them in the directory that stands in the place of the other's: in whatever order their
    deadlines come, all is old in the end, and what is the first one's alone goes back at its own."""
    first, second, kept = argument.split("-")
    alone = "net.ipv4.tcp_keepalive_intvl"
    before = h.value_of(alone)
    scenarios.must(host.run("apply", "--yes", *SET, "--set", alone + "=61", "--confirm-within", first))
    deadline = deadline_of(host.look())
    remove_state("rename")
    scenarios.must(host.run("apply", "--yes", "--set", FIN + "=44", "--confirm-within", second))
    last = max(deadline, deadline_of(host.look()))
    if kept:
        scenarios.must(host.run("confirm"))
    soon(lambda: h.value_of(alone) == before, deadline + GRACE - boot_time())
    wrong = [] if h.value_of(alone) == before else [f"P6: {alone} is {h.value_of(alone)}"]
    if not kept and last > deadline + 1 and host.value() != "44":
        wrong.append(f"P6: what is pending still is {host.value()}")
    soon(lambda: not alive_others(), last + GRACE - boot_time())
    value = "44" if kept else words_of(host.old)
    return wrong + ([] if host.value() == value else [f"P6: the value is {host.value()}"]) + h.processes_left()


def confirmed_in_time(host, _):
    """It stays and is on disk, and the watchdog ends although the deadline has not come."""
    pipe, held = os.pipe()[1], os.open("/run/held", os.O_RDWR | os.O_CREAT)
    ended = subprocess.run([host.program, "apply", "--yes", *SET, "--confirm-within", "1h"], stdin=subprocess.DEVNULL,
                           capture_output=True, text=True, pass_fds=(pipe, held), check=False)
    if ended.returncode != 0:
        return [f"apply ended {ended.returncode}: {ended.stderr}"]
    watchdog = others()
    wrong = [] if len(watchdog) == 1 else [f"{len(watchdog)} processes wait"]
    wrong += foreign_descriptors(watchdog[0])
    if wrong:
        return wrong
    scenarios.must(host.run("confirm"))
    if host.value() != "33" or b"tcp_fin_timeout = 33" not in h.read_bytes(h.OWN_FILE):
        wrong.append("P4: confirmed, and not live or not on disk")
    if not soon(lambda: not alive_others(), ENDS_WITHIN):
        wrong.append(f"P10: {ENDS_WITHIN} s after the decision the watchdog is still there")
    return wrong


def foreign_descriptors(pid):
    """P10: it holds nothing that somebody waits for, nothing that its starter was given, and not the lock."""
    wrong = []
    for number in os.listdir(f"/proc/{pid}/fd"):
        target = os.readlink(f"/proc/{pid}/fd/{number}")
        if target.startswith(("pipe:", "socket:", "/dev/pts", "/dev/tty")) or target in ("/run/held", h.STATE + "/lock"):
            wrong.append(f"the watchdog holds {target}")
    return wrong


def end_of_input_is_no_answer(host, _):
    """A terminal at which nobody answers, or that is at its end, in the middle of an answer too, applies nothing."""
    wrong = []
    for keys in (b"\x04", b"y\x04\x04"):
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(host.program, ["twctl", "apply", *SET, "--confirm-within", str(SHORTEST)])
        read_until(terminal, b"[y/N] ")
        os.write(terminal, keys)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        wrong += [] if code == 3 else [f"at the end of input, after {keys}, apply ended {code}"]
    return wrong + ([] if host.is_old() else ["it changed something"])


def read_until(terminal, text):
    seen = b""
    while text not in seen:
        seen += os.read(terminal, 4096)


def no_timer_can_stand(host, _):
    """Neither a watchdog nor a path unit: refused before anything has changed."""
    run = host.apply("1h", inject=("clone:error=EAGAIN", "clone3:error=EAGAIN"))
    wrong = [] if run.code == 3 and "no watchdog can be started" in run.err else [f"it ended {run.code}: {run.err}"]
    return wrong + ([] if host.is_old() else ["it changed something"]) + h.litter(host.look()) + h.unfinished(host.look())


def no_descriptor_for_the_watchdog(host, _):
    """H13: that is this run's own trouble: 1, and no hint about other timers."""
    run = host.apply("1h", inject="pipe2:error=EMFILE")
    fine = run.code == 1 and "no watchdog can be started: Too many open files; nothing has changed\n" in run.err and "hint" not in run.err
    return ([] if fine else [f"it ended {run.code}: {run.err}"]) + ([] if host.is_old() else ["it changed something"])


def watchdog_ends_at_once(host, _):
    """A watchdog that is killed before it has said that it waits is none."""
    run = host.apply("1h", inject="setsid:signal=SIGKILL:when=1")
    wrong = [] if run.code == 3 and "has ended at once" in run.err else [f"it ended {run.code}: {run.err}"]
    return wrong + ([] if host.is_old() else ["it changed something"]) + h.litter(host.look()) + h.unfinished(host.look())


def path_unit_alone(host, _):
    """No watchdog: a path unit whose service begins to wait is enough, and one that is only enabled is not."""
    wants = "/etc/systemd/system/multi-user.target.wants"
    for folder in ("/run/systemd/system", wants):
        os.makedirs(folder, exist_ok=True)
    h.put(wants + "/twctl-deadline.path", "")
    no_fork = ("clone:error=EAGAIN", "clone3:error=EAGAIN")
    run = host.apply("1h", inject=no_fork)
    wrong = [] if run.code == 3 and host.is_old() else [f"nothing waits, and it ended {run.code}: {run.err}"]
    with_service = subprocess.Popen(["/bin/sh", "-c", f"until [ -e {h.STATE}/pending ]; do sleep 0.02; done; "
                                     f"exec {host.program} recover --when-due"], stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL)
    scenarios.must(host.apply(SHORTEST, inject=no_fork))
    timers = host.status()["pending"]["timers"]
    wrong += [] if timers == {"watchdog": False, "path_unit": True} else [f"status with the service alone: {timers}"]
    wrong += back_in_time(host, deadline_of(host.look()))
    with_service.wait()
    return wrong


def reading_takes_nothing(host, _):
    """C18: status tells whether the watchdog lives, and opens nothing for writing."""
    scenarios.must(host.apply("1h"))
    stamps = host.stamps()
    run = host.run("status", trace="openat,fcntl,flock")
    writes = [line for line in run.trace if "O_RDWR" in line or "O_WRONLY" in line or "SETLK" in line or "flock(" in line]
    wrong = [f"status does {line}" for line in writes if "/dev/" not in line]
    return wrong + ([] if host.stamps() == stamps and "Pending: " in run.out else ["status wrote, or did not see it"])


def damaged_neighbour(host, _):
    """A record of a change that has long ended is damaged: what nobody confirms goes back all the same, and recover says so."""
    scenarios.must(host.run("apply", "--yes", "--scope", "live", "--set", scenarios.REUSE + "=1"))
    host.old = host.look()
    ended = f"{h.CHANGES}/{os.listdir(h.CHANGES)[0]}/intent"
    whole = h.read_bytes(ended)
    scenarios.must(host.apply(SHORTEST))
    deadline = deadline_of(host.look())
    h.put(ended, whole[:-1])
    if not soon(host.is_old, deadline + GRACE - boot_time()):
        return [f"P6: {GRACE} s after the deadline it has not gone back: {host.run('recover')}"]
    recover = host.run("recover", "--wait", "10s")  # the watchdog may not have let go yet
    wrong = [] if recover.code == 65 and "its length is wrong" in recover.err else [f"recover ended {recover.code}: {recover.err}"]
    h.put(ended, whole)
    scenarios.must(host.run("recover"))
    return wrong + h.litter(host.look()) + h.unfinished(host.look())


def relative_root(host, _):
    """The deadline of a change below `--root .` finds its image, and leaves the running host's own files alone."""
    scenarios.must(host.run("apply", "--yes", *SET))  # the host's file is the very one that the image is to have
    h.put(h.setting_path(FIN), "60\n")
    image = "/run/image"
    for folder in ("etc/sysctl.d", "var/lib", "proc"):
        os.makedirs(f"{image}/{folder}")
    subprocess.run(["mount", "--bind", "/proc", image + "/proc"], check=True)
    before = host.look()
    scenarios.must(host.run("apply", "--root", ".", "--yes", *SET, "--confirm-within", str(SHORTEST), "--accept", "later-writer",
                            prefix=("env", "-C", image)))
    wrong = [] if host.value() == "33" else ["it is not live while pending"]
    soon(lambda: not alive_others(), SHORTEST + GRACE)
    if host.look() != before:
        wrong.append(f"the host is not as before: {h.differences(before.files, host.look().files)}, {host.value()}")
    left = os.listdir(image + "/etc/sysctl.d") + [name for name in os.listdir(image + h.STATE) if name not in ("lock", "changes")]
    return wrong + [f"{name} is left in the image" for name in left]


def seconds_left(host, *prefix):
    pending = json.loads(host.run("status", "--json", prefix=prefix).out)["pending"]
    return 0 if pending["overdue"] else pending["seconds_left"]


def one_boot_clock(host, _):
    """H23: whatever a time namespace adds to its boot clock, a deadline is the host's, wherever the change was made."""
    wrong = []
    for made_in in ((), AHEAD, BEHIND):
        host.restore(host.old)
        scenarios.must(host.run("apply", "--yes", *SET, "--confirm-within", "30m", prefix=made_in))
        left = [seconds_left(host, *seen_from) for seen_from in ((), AHEAD, BEHIND)]
        wrong += [] if all(1790 <= seconds <= 1800 for seconds in left) else [f"made in {made_in}, it has {left} s left"]
        scenarios.must(host.run("confirm", prefix=AHEAD))
        end_others()
    return wrong


def deadline_in_time_namespace(host, _):
    """H23: the watchdog of a time namespace acts at that moment, too."""
    command = (*AHEAD[:-1], host.program, "apply", "--yes", *SET, "--confirm-within", str(SHORTEST))
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    return back_in_time(host, deadline_of(host.look()))


def ignored_signals(host, _):
    """H10: what is ignored at the start (nohup) stays so; what is not, interrupts. It comes with the first of two writes."""
    wrong = []
    for ignored, sent, code in (("SIGHUP", "SIGHUP", 0), ("SIGINT", "SIGINT", 0), ("SIGTERM", "SIGTERM", 0), ("SIGHUP", "SIGTERM", 130),
                                ("SIGWINCH", "SIGHUP", 130)):
        host.restore(host.old)
        command = ["env", f"--ignore-signal={ignored}", "strace", "-qq", "-o", "/dev/null", "-P", h.setting_path(FIN), "-P",
                   h.setting_path(scenarios.REUSE), "-e", "trace=write", "-e", f"inject=write:signal={sent}:when=1", host.program, "apply", "--yes", *SET,
                   "--set", scenarios.REUSE + "=1"]
        ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if ended.returncode != code:
            wrong.append(f"{ignored} ignored, {sent} sent: it ended {ended.returncode}, not {code}: {ended.stderr}")
    return wrong


def no_null_device(host, _):
    """H16: without /dev/null the watchdog lets go of the descriptors of its caller all the same: who reads from it sees the end."""
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/dev"], check=True)
    given, held = os.pipe()
    run = subprocess.run([host.program, "apply", "--yes", *SET, "--confirm-within", "1h"], stdin=given, capture_output=True,
                         check=False, timeout=20)  # had the watchdog its pipes, it would wait in vain for their end
    os.close(given)
    wrong = [] if run.returncode == 0 and others() else [f"apply ended {run.returncode}: {run.stderr}"]
    try:
        os.write(held, b"x")
        wrong.append("the watchdog has its caller's standard input")
    except BrokenPipeError:
        pass
    subprocess.run(["umount", "/dev"], check=True)
    scenarios.must(host.run("confirm"))
    return wrong


def process_one(host, _):
    """H05: in a pid namespace of its own, whose process 1 is a shell, the watchdog would end with that: 3, unless it is accepted."""
    inside = ("unshare", "--pid", "--fork", "--mount-proc", "sh", "-c", '"$@"; exit $?', "sh")
    blind = ("unshare", "--pid", "--fork", "sh", "-c", '"$@"; exit $?', "sh")  # /proc is that of the namespace outside
    itself = ("unshare", "--pid", "--fork", "--mount-proc")
    wrong = []
    for prefix, says in ((inside, "is sh, which"), (blind, "cannot be seen"), (itself, f"is {os.path.basename(host.program)[:15]}, which")):
        run = host.run("apply", "--yes", *SET, "--confirm-within", "1h", prefix=prefix)
        if run.code != 3 or "timer-dies-with-container" not in run.err or says not in run.err or not host.is_old():
            wrong.append(f"{prefix}: it ended {run.code}: {run.err}")
    run = host.run("apply", "--yes", *SET, "--confirm-within", "1h", "--accept", "timer-dies-with-container", prefix=inside)
    wrong += [] if run.code == 0 and not others() else [f"accepted: it ended {run.code}: {run.err}"]
    scenarios.must(host.run("rollback", "--yes"))
    return wrong


def remove_state(how):
    if how == "rename":
        os.rename(h.STATE, h.STATE + ".away")
    elif how == "changes":
        shutil.rmtree(h.CHANGES + "/" + os.listdir(h.CHANGES)[0])
    else:
        subprocess.run(["rm", "-rf", h.STATE], check=True)


def state_removed(host, argument):
    """H06: the state directory goes (a package is purged) while a change is pending: what was confirmed stays, and else it goes back."""
    chance = random.Random(argument)
    wrong = []
    for number in range(ROUNDS_A_HOST):
        shutil.rmtree(h.STATE + ".away", ignore_errors=True)
        host.restore(host.old)
        scenarios.must(host.apply(SHORTEST))
        deadline, confirms = deadline_of(host.look()), number % 2 == 0
        time.sleep(chance.uniform(0, 0.6))
        if confirms:
            scenarios.must(host.run("confirm"))
        how = chance.choice(["purge", "purge", "rename", "changes"])
        remove_state(how)
        soon(lambda: not alive_others(), deadline + GRACE + 1 - boot_time())
        value, persisted = host.value(), os.path.exists(h.OWN_FILE)
        if (value, persisted) != (("33", True) if confirms else (words_of(host.old), False)):
            wrong.append(f"P6: {how}, confirmed: {confirms}: the value is {value}, on disk: {persisted}")
        wrong += h.processes_left()
    return wrong


def words_of(state):
    return h.words(state.settings[FIN])


def removed_while_confirmed(host, argument):
    """H06: the same at the very moment of confirm. Its 0 is never taken back, and what it refuses goes back."""
    chance = random.Random(argument)
    wrong = []
    for _ in range(ROUNDS_A_HOST):
        host.restore(host.old)
        scenarios.must(host.apply(SHORTEST))
        deadline = deadline_of(host.look())
        with subprocess.Popen([host.program, "confirm"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as confirm:
            time.sleep(chance.uniform(0, 0.03))
            subprocess.run(["rm", "-rf", h.STATE], check=False, stderr=subprocess.DEVNULL)
        soon(lambda: not alive_others(), deadline + GRACE + 1 - boot_time())
        found, code = (host.value(), os.path.exists(h.OWN_FILE)), confirm.returncode
        if code == 0 and found != ("33", True) or code not in (0, 4) and found != (words_of(host.old), False):
            wrong.append(f"P3: confirm ended {code}, and then the value and the file are {found}")
    return wrong


# What makes the record of a pending change, or the lock, of no use to anybody.
HARMS = {
    "mode": "chmod -R 755 {state}",
    "owner": "chown -R 1000 {state}",
    "cut intent": "truncate -s 100 {change}/intent",
    "no intent": "rm {change}/intent; mkdir {change}/intent",
    "linked intent": "ln {change}/intent {state}/other",
    "odd applied": "echo x >{change}/applied",
    "odd decision": "echo x >{change}/decision",
    "folder as decision": "mkdir {change}/decision",
    "odd end": "echo x >{change}/done",
    "folder as lock": "rm {state}/lock; mkdir {state}/lock",
    "link as lock": "ln -sf /etc/passwd {state}/lock",
    "lock without end": "exec 9<{state}/lock; flock 9; exec sleep 60",
    "odd pending": "chmod -R 755 {state}; echo x >>{state}/pending",
}


def unusable_record(host, argument):
    """H06: a record that is there and cannot be used, or a lock that cannot be had, keeps nothing from going back."""
    how = list(HARMS)[int(argument)]
    scenarios.must(host.apply(SHORTEST))
    deadline, old = deadline_of(host.look()), words_of(host.old)
    change = h.CHANGES + "/" + os.listdir(h.CHANGES)[0]
    with subprocess.Popen(["sh", "-c", HARMS[how].format(state=h.STATE, change=change)]) as harm:
        held = how == "lock without end"
        patience = 10 + GRACE if held else 0  # the watchdog's own, and once more for the busy machine
        wrong = [] if soon(lambda: host.value() == old, deadline + GRACE + patience - boot_time()) else [f"P6: {how}: the value is {host.value()}"]
        wrong += ["the values went back before the deadline"] if boot_time() < deadline else []
        if held:
            harm.kill()
    soon(lambda: not alive_others(), 5)
    wrong += h.processes_left()
    wrong += [f"{how}: it is announced still"] if os.path.exists(h.STATE + "/pending") else []
    end_others()
    return wrong


# The calls by which the watchdog takes the lock, decides, restores, ends the change and tidies up.
WATCHDOG_CALLS = ["flock/1", "renameat2/1", "renameat2/2", "fsync/1", "fsync/2", "fsync/4", "write/1", "write/2", "write/3", "unlinkat/1",
                  "pread64/2", "sendto/1"]


def about_to_act(host):
    """A watchdog that sleeps for the last time before its deadline. Many of these begin at once, so that apply has more time."""
    scenarios.must(host.apply(3 * SHORTEST))
    time.sleep(deadline_of(host.look()) - 0.2 - boot_time())
    return others()[0]


def watchdog_is_traced(host, _):
    """The calls that it makes from there on."""
    watchdog = about_to_act(host)
    subprocess.run(["strace", "-qq", "-y", "-o", "/run/trace", "-p", str(watchdog)], check=False)
    calls = scenarios.calls_in("1 " + line for line in h.read_bytes("/run/trace").decode(errors="replace").splitlines())
    print("calls " + " ".join(f"{call.name}/{call.count}" for call in calls))
    return [] if host.is_old() and len(calls) > 50 else [f"the trace has {len(calls)} calls"]


def killed_watchdog_call(host, argument):
    """Killed in its own rollback; then one recovery."""
    name, count = argument.split("/")
    for _ in range(3):
        tracer = subprocess.run(["strace", "-qq", "-p", str(about_to_act(host)), "-e", "trace=" + name, "-e",
                                 f"inject={name}:signal=SIGKILL:when={count}"], capture_output=True, text=True, check=False)
        if "killed by SIGKILL" in tracer.stderr:
            break
        end_others()  # the machine is busy: the call, or all, was over before strace was there
        host.restore(host.old)
    if "killed by SIGKILL" not in tracer.stderr:
        return [f"{name} {count} was not reached: {tracer.stderr[-300:]}"]
    end_others()
    killed = host.look()
    run = host.run("recover")
    wrong = [] if run.code == 0 else [f"recover ended {run.code}: {run.err.strip()}"]
    wrong += h.changed_decisions(killed, host.look()) + h.litter(host.look()) + h.unfinished(host.look())
    return wrong + ([] if host.is_old() else ["not as before"])


APPLY_KILLS = 10


def killed_apply_call(host, argument):
    """P6: apply killed anywhere between the fork and its end; the watchdog lives, and it alone sees to it."""
    calls = scenarios.calls_in(host.parent_only("apply", "--yes", *SET, "--confirm-within", "1h", trace="all").trace)
    end_others()
    host.restore(host.old)
    forked = next(index for index, call in enumerate(calls) if call.name in ("clone", "clone3", "fork"))
    after_fork = calls[forked + 1:]
    call = after_fork[int(argument) * len(after_fork) // APPLY_KILLS]
    host.parent_only("apply", "--yes", *SET, "--confirm-within", str(SHORTEST), inject=call.fault("signal=SIGKILL"))
    if not others():
        return [f"killed at {call.name} {call.count}, and no watchdog lives"]
    return [f"killed at {call.text}: {line}" for line in ends_in_time(host, deadline_of(host.look()))]


def ends_in_time(host, deadline):
    """The watchdog has nothing to put back where apply had not begun to write."""
    soon(lambda: not alive_others(), deadline + GRACE - boot_time())
    wrong = [] if host.is_old() else [f"P6: {GRACE} s after the deadline the host is not as before: {host.status()}"]
    wrong += h.processes_left() if boot_time() >= deadline else ["the watchdog ended before the deadline"]
    return wrong + h.litter(host.look()) + h.unfinished(host.look())


# What may fail it there, once.
WATCHDOG_FAULTS = ["flock:error=EIO:when=1", "getdents64:error=ENOMEM:when=1", "getdents64:error=EIO:when=2",
                   "renameat2:error=ENOSPC:when=1", "renameat2:error=EIO:when=2", "fsync:error=EIO:when=1",
                   "fsync:error=EIO:when=2", "fsync:error=EIO:when=4", "write:error=EIO:when=2"]


def failing_watchdog_call(host, argument):
    """P6: what fails the watchdog once does not end it."""
    scenarios.must(host.apply(SHORTEST))
    deadline, watchdog = deadline_of(host.look()), others()[0]
    fault = WATCHDOG_FAULTS[int(argument)]
    log = "/run/failed"
    with subprocess.Popen(["strace", "-qq", "-o", log, "-p", str(watchdog), "-e", "trace=" + fault.split(":")[0],
                           "-e", "inject=" + fault], stderr=subprocess.DEVNULL) as tracer:
        wrong = [] if soon(host.is_old, deadline + 2 * GRACE + 1 - boot_time()) else ["P6: it has not gone back"]
        wrong += [] if soon(lambda: tracer.poll() is not None, 2 * GRACE + 1) else ["P10: the watchdog has not ended"]
        tracer.kill()
    wrong += [] if b"(INJECTED)" in h.read_bytes(log) else [f"{fault} was not reached"]
    host.run("recover")  # what could not be tidied up is left to the next run
    return wrong + h.litter(host.look()) + h.unfinished(host.look())


def races(host, argument):
    """confirm and the deadline at the same instant: one decision, and the exit code agrees with it."""
    chance = random.Random(argument)
    wrong, outcomes = [], []
    start = chance.uniform(-0.06, 0.01)  # against the deadline; what a busy machine adds, the next round takes away
    for _ in range(ROUNDS_A_HOST):
        host.restore(host.old)
        scenarios.must(host.apply(SHORTEST))
        moment = deadline_of(host.look()) + start + chance.uniform(-0.005, 0.005)
        time.sleep(max(0, moment - 0.02 - boot_time()))
        while boot_time() < moment:
            pass
        run = host.run("confirm", "--wait", "5s")
        soon(lambda: not alive_others(), 3)
        now = host.look()
        committed = any(h.decisions_new_in(host.old, now).values())
        outcomes.append(committed)
        start += 0.05 if committed else -0.05
        live, persisted = host.value() == "33", os.path.exists(h.OWN_FILE)
        if (run.code == 0) != committed or live != committed or persisted != committed or run.code not in (0, 3):
            wrong.append(f"P3: confirm ended {run.code}, decision commit: {committed}, live: {live}, on disk: {persisted}")
        wrong += h.litter(now) + h.unfinished(now)
    print(f"committed {sum(outcomes)} of {len(outcomes)}")
    return wrong


CASES = {case.__name__: case for case in (
    something_else_stands_there, limited_processor, full_disk_foreseen, full_boot_disk_foreseen, record_removed_beside_older, installed_again, moved_away, copied_away, pending_on_top, author_is_gone, stopped_starter, watchdog_is_killed, terminal_hangs_up, confirmed_in_time, end_of_input_is_no_answer,
    no_timer_can_stand, no_descriptor_for_the_watchdog, watchdog_ends_at_once, path_unit_alone, reading_takes_nothing, one_boot_clock,
    deadline_in_time_namespace, ignored_signals, no_null_device, process_one, state_removed, removed_while_confirmed, relative_root, damaged_neighbour, unusable_record, watchdog_is_traced, killed_watchdog_call,
    failing_watchdog_call, killed_apply_call, races)}
WAYS = {"copied_away": ("", "kept"), "pending_on_top": ("5-9-", "8-5-", "5-9-kept"), "something_else_stands_there": ("mask", "pipe", "folder"), "installed_again": ("purge", "rename"), "limited_processor": ("60", "6000", "60 bound", "6000 bound")}
NUMBERED = {"unusable_record": len(HARMS), "failing_watchdog_call": len(WATCHDOG_FAULTS), "killed_apply_call": APPLY_KILLS}


def in_own_host(wanted, case):
    return subprocess.Popen([sys.executable, __file__, wanted.program, "--case", case], stdout=subprocess.PIPE, text=True,
                            env={name: value for name, value in os.environ.items() if name != h.NETWORK_OUTSIDE})


def watchdog_calls(wanted):
    """Those at which it is killed."""
    if not wanted.long or not re.search(wanted.only, "killed_watchdog_call:"):
        return WATCHDOG_CALLS
    said = in_own_host(wanted, "watchdog_is_traced").communicate(timeout=120)[0]
    calls = re.search("^calls (.*)", said, re.M).group(1).split()
    sleeps = ("restart_syscall", "clock_nanosleep")  # in which it was found
    return h.share((call for call in calls if not call.startswith(sleeps)), wanted.share)


def cases_of(wanted):
    seeded = {"state_removed": wanted.removals // 2, "removed_while_confirmed": wanted.removals // 2, "races": wanted.races}
    cases = [name for name in CASES
             if name not in (*NUMBERED, *seeded, *WAYS, "watchdog_is_traced", "killed_watchdog_call")]
    cases += [f"{name}:{way}" for name, ways in WAYS.items() for way in ways]
    cases += [f"{name}:{n}" for name, count in NUMBERED.items() for n in range(count)]
    cases += [f"killed_watchdog_call:{call}" for call in watchdog_calls(wanted)]
    cases += [f"{name}:{wanted.seed * 1000 + n}" for name, count in seeded.items() for n in range(count // ROUNDS_A_HOST)]
    return [case for case in cases if re.search(wanted.only, case)]


def real_time(wanted):
    """All cases side by side; they sleep nearly all of their time. Returns how many were tried, and what is wrong."""
    cases = cases_of(wanted)
    failures, committed, rounds = [], 0, 0
    for start in range(0, len(cases), SIDE_BY_SIDE):
        running = [(case, in_own_host(wanted, case)) for case in cases[start:start + SIDE_BY_SIDE]]
        for case, process in running:
            said = process.communicate(timeout=120)[0].splitlines()
            failures += [f"FAILED {case}: {line}" for line in said if not line.startswith("committed ")]
            if process.returncode != 0 and not said:
                failures.append(f"FAILED {case}: ended {process.returncode}")
            for line in said:
                if line.startswith("committed "):
                    committed, rounds = committed + int(line.split()[1]), rounds + int(line.split()[3])
    print(f"{len(cases)} hosts in real time; {rounds} races, {committed} confirmed and {rounds - committed} rolled back")
    if rounds and committed in (0, rounds):
        failures.append("FAILED races: one side won them all; they were none")
    by_seed = sum(case.startswith(("races:", "state_removed:", "removed_while_confirmed:")) for case in cases)
    return len(cases) + by_seed * (ROUNDS_A_HOST - 1), failures


def one_case(wanted):
    name, _, argument = wanted.case.partition(":")
    wrong = CASES[name](Waiting(wanted.program), argument)
    end_others()
    print("\n".join(wrong), end="")
    sys.exit(1 if wrong else 0)


def hosts(wanted):
    yield Waiting(wanted.program)
    if wanted.long:
        into_conf = Waiting(wanted.program)
        into_conf.more = scenarios.CONF
        yield into_conf
        yield scenarios.image(wanted.program, Waiting)
        if other := scenarios.network(wanted.program, Waiting):
            yield other


def main():
    wanted = options()
    if wanted.case:
        h.enter()
        one_case(wanted)
    if h.NETWORK_OUTSIDE not in os.environ:
        tried, failures = real_time(wanted)
        if failures or tried and wanted.only:
            h.end(tried, failures)
        sys.stdout.flush()
    h.enter()
    points, failures = 0, []
    for host in hosts(wanted):
        kills = Kills(host, wanted, failures)
        kills.run_all()
        points += kills.points
    h.end(points, failures)


if __name__ == "__main__":
    main()
