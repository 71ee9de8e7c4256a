"""What is killed, lied to and cut short: each command over each scope and kind of boot file, from prepared states."""
import json
import os
import re
import subprocess
import zlib
from typing import NamedTuple

import host as h

FIN, REUSE, RESERVED = "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_tw_reuse", "net.ipv4.ip_local_reserved_ports"
KEYS = (FIN, REUSE, RESERVED)
SETS = ("--set", FIN + "=30", "--set", REUSE + "=1", "--set", RESERVED + "=30000-30010")
APPLY = ("apply", "--yes", *SETS)
CONF = ("--boot-file", h.SYSCTL_CONF)
IMAGE, NETWORK = "/run/image", "blue"


class Scenario(NamedTuple):
    name: str
    args: tuple
    start: h.State
    old: h.State       # what a change that is undone leaves
    new: h.State       # what a change that is committed leaves
    original: h.State  # before the first of the program's changes that is still in force
    first: str = "F_GETFD"  # from this call on it differs from another scenario

    def undo_is_clean(self):
        """Whether the scenario's own command may be given again on what recovery leaves."""
        return self.args[0] == "apply"


class Call(NamedTuple):
    name: str
    count: int  # of this name, from 1
    text: str

    def fault(self, what):
        return f"{self.name}:{what}:when={self.count}"


_CALL = re.compile(r"^\d+ +([a-z_0-9]+)\(")


def calls_in(trace):
    """The calls of a run in their order, each with its number among those of its name."""
    counts, calls = {}, []
    for line in trace:
        if found := _CALL.match(line):
            name = found.group(1)
            counts[name] = counts.get(name, 0) + 1
            calls.append(Call(name, counts[name], line))
    return calls


# What changes nothing that outlives the process: whoever is killed before such a call leaves what he leaves before the next one.
LEAVE_NOTHING = {"access", "brk", "clock_gettime", "close", "epoll_wait", "faccessat2", "fcntl", "fdatasync", "fgetxattr", "flock",
                 "fstat", "fstatfs", "fsync", "futex", "getdents64", "geteuid", "getpid", "getrandom", "getuid", "getxattr", "lseek",
                 "mmap", "mprotect", "munmap", "newfstatat", "poll", "ppoll", "pread64", "prlimit64", "read", "readlink", "readlinkat",
                 "rt_sigaction", "rt_sigprocmask", "statfs", "statx", "sysinfo", "umask", "uname"}


def leaves_something(call):
    if call.name.startswith("openat"):
        return "O_CREAT" in call.text
    return call.name not in LEAVE_NOTHING


def must(run):
    if run.code != 0:
        raise AssertionError(f"a run that nothing disturbs ended {run.code}: {run.err}")
    return run


def calls_of(host, scenario):
    """But for the execve that starts the program: before it there is none."""
    host.restore(scenario.start)
    return calls_in(host.run(*scenario.args, trace="all").trace)[1:]


def first_that_differs(scenario, calls):
    """Before it: the dynamic linker's calls, or (for pruning) the same as in an apply that does not prune."""
    return next(index for index, call in enumerate(calls) if scenario.first in call.text)


def call_with(calls, name, text):
    """The last call of that name that mentions the text."""
    return [call for call in calls if call.name == name and text in call.text][-1]


def first_at_a_file(calls):
    """The first call after the decision that changes a boot file."""
    decided = calls.index(call_with(calls, "renameat2", '"decision"'))
    changing = ("renameat", "renameat2", "unlinkat")
    return next(call for call in calls[decided:] if call.name in changing and "</etc" in call.text)


def after(host, start, args):
    host.restore(start)
    must(host.run(*args))
    return host.look()


def applying(host, blank, name, extra):
    args = (*APPLY, *extra)
    return Scenario("apply " + name, args, blank, blank, after(host, blank, args), blank)


def rolling_back(host, apply):
    args = ("rollback", "--yes")
    name = apply.name.replace("apply", "rollback")
    return Scenario(name, args, apply.new, apply.new, after(host, apply.new, args), apply.start)


def recovering(host, killed, name, call):
    host.restore(killed.start)
    host.run(*killed.args, inject=call.fault("signal=SIGKILL"))
    return Scenario(f"recover {name}", ("recover",), host.look(), killed.old, killed.new, killed.original)


def framed(members):
    payload = (json.dumps(members, separators=(",", ":"), sort_keys=True) + "\n").encode()
    return b"twctl-record 1 %d %08x\n" % (len(payload), zlib.crc32(payload)) + payload


def renumbered(journal, folder, number):
    """That change once more, as the number-th, with an id of its own."""
    new_id = f"{number:032x}"
    copy = {}
    for path, entry in journal.items():
        if not path.startswith(f"{h.CHANGES}/{folder}"):
            continue
        content = entry[4]
        if path.endswith("/intent"):
            content = framed({**h.record(entry), "id": new_id, "sequence": number})
        copy[path.replace(folder, f"{number:08}-{new_id}")] = (*entry[:4], content)
    return copy


def full_journal(host, blank, changes):
    """A host that has gone between two values so often that the next apply prunes."""
    there = after(host, blank, ("apply", "--yes", "--scope", "live", "--set", FIN + "=59"))
    must(host.run("apply", "--yes", "--scope", "live", "--set", FIN + "=60"))
    back = host.look()
    pair = sorted(h.records(back, "intent"))
    journal = {path: entry for path, entry in there.journal.items() if "-" not in path}
    for number in range(1, changes + 1):
        journal.update(renumbered(back.journal, pair[(number - 1) % 2], number))
    return h.State(back.settings, back.files, journal)


def pruning(host, blank):
    start = full_journal(host, blank, 106)
    args = ("apply", "--yes", "--scope", "live", "--set", FIN + "=59")
    scenario = Scenario("apply that prunes", args, start, start, after(host, start, args), blank)
    return scenario._replace(first='"done"')


def image(program, kind=h.Host):
    """An image below a folder: the same settings, and boot files and a journal of its own."""
    for folder in ("etc/sysctl.d", "var/lib", "proc", "run/systemd"):
        os.makedirs(f"{IMAGE}/{folder}")
    # By this alone, too, it is a container: who cannot read the environment of process 1 takes it for none.
    h.put(f"{IMAGE}/run/systemd/container", "test\n")
    subprocess.run(["mount", "--bind", "/proc", IMAGE + "/proc"], check=True)
    return kind(program, KEYS, ("--root", IMAGE))


def network(program, kind=h.Host):
    """Another network namespace; None where no named one can be made."""
    made = subprocess.run(["ip", "netns", "add", NETWORK], capture_output=True, text=True, check=False)
    return kind(program, KEYS, ("--netns", NETWORK)) if made.returncode == 0 else print(f"--netns is not tried: {made.stderr.strip()}")


def everywhere(program):
    """Every scenario with its host."""
    found = []
    for make, scenarios_of in ((lambda program: h.Host(program, KEYS), all_of), (image, elsewhere), (network, elsewhere)):
        if host := make(program):
            found += [(host, scenario) for scenario in scenarios_of(host).values()]
    return found


def elsewhere(host):
    """Those with --root or --netns."""
    blank = host.look()
    # What is written later in a boot is not to be seen in an image.
    apply = applying(host, blank, host.name[1:], ("--accept", "later-writer") if host.where[0] == "--root" else ())
    back = rolling_back(host, apply)
    calls, calls_back = calls_of(host, apply), calls_of(host, back)
    found = [apply, back]
    for what, killed, of_killed in (("an apply", apply, calls), ("a rollback", back, calls_back)):
        for when in ("decision", "done"):
            found.append(recovering(host, killed, f"{what}{host.name} before its {when}", call_with(of_killed, "renameat2", f'"{when}"')))
    host.restore(blank)
    return {scenario.name: scenario for scenario in found}


def all_of(host):
    """Every scenario on the host as it is, by name. It is left as it was."""
    blank = host.look()
    found = []
    for name, extra in (("both", ()), ("live", ("--scope", "live")), ("boot", ("--scope", "boot")),
                        ("both into sysctl.conf", CONF), ("boot into sysctl.conf", ("--scope", "boot", *CONF))):
        apply = applying(host, blank, name, extra)
        found += [apply, rolling_back(host, apply)]
    found.append(pruning(host, blank))
    found[0] = found[0]._replace(first="")  # this one shows the dynamic linker's, too
    both, back, conf = found[0], found[1], found[6]
    calls, calls_back, calls_conf = calls_of(host, both), calls_of(host, back), calls_of(host, conf)
    found += [
        recovering(host, both, "an apply before its decision", call_with(calls, "renameat2", '"decision"')),
        recovering(host, both, "an apply after its decision", first_at_a_file(calls)),
        recovering(host, both, "an apply before its end", call_with(calls, "renameat2", '"done"')),
        recovering(host, conf, "an apply into sysctl.conf after its decision", first_at_a_file(calls_conf)),
        recovering(host, back, "a rollback before its decision", call_with(calls_back, "renameat2", '"decision"')),
        recovering(host, back, "a rollback after its decision", first_at_a_file(calls_back)),
    ]
    host.restore(blank)
    return {scenario.name: scenario for scenario in found}
