#!/usr/bin/env python3
"""errors.py PROGRAM: every system call that can fail fails, with each error that it can have, once and from then on;
and real short writes, by a limit on the size of files and by file systems that are nearly full.

Whatever the run then says has to be true: 0 only with all work done, 1 and the refusals only with the host as it was.
And once the fault is gone, one recovery leaves all old or all new.
"""
import argparse
import random
import re
import subprocess

import host as h
import scenarios

DISK = ("EIO", "ENOSPC", "EROFS", "EACCES", "EDQUOT")
FAULTS = {
    "openat": ("EIO", "EACCES", "EMFILE", "EROFS", "ENOSPC", "EDQUOT", "EINTR"),
    "openat2": ("EIO", "EACCES", "EMFILE", "EROFS", "EINTR"),
    "read": ("EIO", "EINTR"), "pread64": ("EIO", "EINTR"), "getdents64": ("EIO",),
    "write": ("EIO", "ENOSPC", "EDQUOT", "EINTR"), "close": ("EIO", "ENOSPC", "EDQUOT", "EINTR"),
    "fsync": ("EIO", "ENOSPC", "EDQUOT", "EROFS", "EINTR"),
    "renameat": DISK, "renameat2": DISK, "mkdirat": DISK, "unlinkat": ("EIO", "EROFS", "EACCES"),
    "fchmod": ("EIO", "EROFS", "EACCES"), "fchmodat": ("EIO", "EROFS", "EACCES"),
    "fchown": ("EIO", "EROFS", "EACCES", "EDQUOT"),
    "newfstatat": ("EIO", "EACCES"), "fstat": ("EIO",), "statx": ("EIO", "EACCES"), "fstatfs": ("EIO",),
    "access": ("EIO", "EACCES"), "faccessat2": ("EIO", "EROFS", "EACCES"),
    "readlinkat": ("EIO", "EACCES"), "readlink": ("EIO", "EACCES"), "flistxattr": ("EIO", "EACCES"),
    "fgetxattr": ("EIO", "EACCES"), "fsetxattr": ("EIO", "ENOSPC", "EDQUOT", "EACCES"),
    "flock": ("EIO", "EINTR"), "getrandom": ("EIO", "EINTR"), "fcntl": ("EMFILE", "EINTR"),
    "socket": ("EMFILE", "EACCES"), "connect": ("EACCES", "EINTR"), "sendto": ("EIO", "EINTR"), "getsockopt": ("EIO",),
}
# The rest has no such error: memory, signals, identity, the end.
AS_BEFORE = (1, 3, 65, 66, 69, 75, 77)  # what the run says when the host is exactly as it was
ALLOWED = (0, 4, 74, *AS_BEFORE)


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--only", default="", help="scenarios whose name matches this expression")
    parser.add_argument("--calls", default="", help="fail only calls whose name matches this expression")
    parser.add_argument("--cases", type=int, default=50, help="errors a scenario, each at another call; -1: all")
    parser.add_argument("--sizes", type=int, default=10, help="file size limits a scenario; -1: all")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def chosen(groups, wanted):
    """Every fault, or of so many calls one each."""
    if wanted.cases < 0:
        return [fault for group in groups for fault in group]
    chance = random.Random(wanted.seed)
    return [chance.choice(group) for group in chance.sample(groups, min(wanted.cases, len(groups)))]


def faults_at(calls, others):
    """[[fault, ...] for each call that can fail]. EINTR once only: no kernel interrupts a call for ever."""
    found = []
    for call in calls:
        if call.name not in FAULTS:
            others.add(call.name)
            continue
        once = [f"{call.name}:error={error}:when={call.count}" for error in FAULTS[call.name]]
        found.append(once + [fault + "+" for fault in once if "EINTR" not in fault])
    return found


class Suite:
    """Lies to the program, and keeps what did not hold."""

    def __init__(self):
        self.host = None  # that of the scenario
        self.failures = []
        self.codes = {}
        self.cases = 0

    def check(self, scenario, what, run, lift=lambda: None):
        """lift: takes the fault away."""
        self.cases += 1
        self.codes[run.code] = self.codes.get(run.code, 0) + 1
        now = self.host.look()
        wrong = [] if run.code in ALLOWED else [f"it ended {run.code}"]
        if run.code == 0 and now.host() not in self.finished(scenario):
            wrong.append("P4: it ended 0, and not everything is done")
        # A staged file that could not be swept, either, is no boot file; the next run takes it away.
        changed = h.without_litter(now) != h.without_litter(scenario.start)
        if run.code in AS_BEFORE and changed and not self.reported(scenario, run):
            wrong.append(f"it ended {run.code}, and the host is not as before")
        wrong += h.not_in_journal(scenario.original, now) + h.changed_decisions(scenario.start, now)
        lift()
        wrong += self.after_the_fault(scenario, run, now)
        for line in wrong:
            self.failures.append(f"FAILED {scenario.name}: {what}: {line}; it said: {h.words(run.err)[:300]}")

    @staticmethod
    def finished(scenario):
        """A recovery may end either way; the other commands are done only with the new state."""
        return [scenario.old.host(), scenario.new.host()] if scenario.args[0] == "recover" else [scenario.new.host()]

    @staticmethod
    def reported(scenario, run):
        """Finishing or undoing an interrupted change is no secret, whatever fails after it (P11)."""
        return scenario.args[0] == "recover" and "had been interrupted and was" in run.err

    def after_the_fault(self, scenario, run, then):
        recovery = self.host.run("recover")
        now = self.host.look()
        wrong = [] if recovery.code == 0 else [f"then recover ended {recovery.code}: {h.words(recovery.err)[:300]}"]
        wrong += h.not_old_or_new(scenario.old, scenario.new, now) + h.changed_decisions(then, now) + h.litter(now)
        wrong += h.unfinished(now)
        if run.code == 0 and now.host() != then.host():
            wrong.append("it ended 0, and then recover changed the host")
        if run.code in AS_BEFORE and scenario.args[0] != "recover" and now.host() != scenario.start.host():
            wrong.append(f"it ended {run.code}, and then recover changed the host")
        return wrong + h.processes_left()

    def errors(self, scenario, wanted, others):
        calls = scenarios.calls_of(self.host, scenario)
        after_start = calls[scenarios.first_that_differs(scenario._replace(first="F_GETFD"), calls):]
        groups = faults_at([call for call in after_start if re.search(wanted.calls, call.name)], others)
        todo = chosen(groups, wanted)
        for fault in todo:
            self.host.restore(scenario.start)
            self.check(scenario, fault, self.host.run(*scenario.args, inject=fault))
        return f"{len(todo)} of {sum(map(len, groups))} errors at {len(groups)} calls"

    def size_limits(self, scenario, wanted):
        """write(2) takes as many bytes as fit below the limit, and the next one none."""
        largest = max([len(entry[4]) for entry in [*scenario.new.journal.values(), *scenario.new.files.values()]])
        sizes = range(largest + 2)
        if wanted.sizes >= 0:
            sizes = random.Random(wanted.seed).sample(sizes, min(wanted.sizes, len(sizes)))
        for size in sizes:
            self.host.restore(scenario.start)
            limit = ("prlimit", f"--fsize={size}")
            self.check(scenario, " ".join(limit), self.host.run(*scenario.args, prefix=limit))
        return f"{len(sizes)} of {largest + 2} file sizes"

    def full_file_systems(self, scenario):
        """The journal, then the boot files, on a file system with room for so many pages or names."""
        limits = [f"size={4 * pages}k" for pages in range(1, 9)] + [f"nr_inodes={names}" for names in range(2, 12)]
        tried = 0
        for folder, mode in ((h.STATE, "0700"), ("/etc/sysctl.d", "0755")):
            for limit in limits:
                self.host.restore(scenario.start)
                with Mounted(folder, f"{limit},mode={mode}") as mounted:
                    if mounted.refilled:
                        tried += 1
                        self.check(scenario, f"{folder} with {limit}", self.host.run(*scenario.args), mounted.lift)
        return f"{tried} full file systems"


class Mounted:
    """A small tmpfs over a folder, with what was in it where that fits."""

    def __init__(self, folder, how):
        self.folder, self.how, self.refilled = folder, how, False

    def __enter__(self):
        h.insist_on_own_namespace()
        subprocess.run(["mkdir", "-p", "-m", "0700", self.folder], check=True)
        subprocess.run(["mount", "--bind", self.folder, "/mnt"], check=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", self.how, "tmpfs", self.folder], check=True)
        copied = subprocess.run(["cp", "-a", "/mnt/.", self.folder], check=False, capture_output=True)
        self.refilled = copied.returncode == 0
        return self

    def lift(self):
        subprocess.run(["mount", "-o", "remount,size=1m,nr_inodes=1000", self.folder], check=True)

    def __exit__(self, *_):
        subprocess.run(["umount", self.folder], check=True)
        subprocess.run(["umount", "/mnt"], check=True)


def main():
    wanted = options()
    h.enter()
    suite = Suite()
    others = set()
    for host, scenario in scenarios.everywhere(wanted.program):
        if not re.search(wanted.only, scenario.name):
            continue
        suite.host = host
        tried = [suite.errors(scenario, wanted, others), suite.size_limits(scenario, wanted)]
        if scenario.name in ("apply both", "rollback both"):
            tried.append(suite.full_file_systems(scenario))
        print(f"{scenario.name}: {', '.join(tried)}", flush=True)
    print(f"no such error for: {', '.join(sorted(others))}")
    ends = ", ".join(f"{code}: {count}" for code, count in sorted(suite.codes.items()))
    print(f"{suite.cases} cases ({ends})")
    h.end(suite.cases, suite.failures)


if __name__ == "__main__":
    main()
