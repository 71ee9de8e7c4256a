#!/usr/bin/env python3
"""netns.py PROGRAM: --netns. A change in another network namespace is live only and bound to it: undone and recovered there,
refused from elsewhere, and over when the namespace is (hostile state N02).
"""
import os
import shutil
import subprocess
import sys
import time

import host

KEY = "net.ipv4.tcp_fin_timeout"
BLUE = ("--netns", "blue")
APPLY = ("apply", "--yes", "--set", KEY + "=30")
KILL = "renameat2:signal=SIGKILL:when=2"  # after the writes, before the decision


def ip(*args):
    subprocess.run(["ip", "netns", *args], check=True)


def value_in(name):
    shown = subprocess.run(["ip", "netns", "exec", name, "cat", host.setting_path(KEY)], check=True, capture_output=True, text=True)
    return shown.stdout.strip()


class Checks:
    def __init__(self, here):
        self.here, self.failures = here, []

    def check(self, fine, what):
        self.failures += [] if fine else [f"FAILED: {what}"]

    def run(self, code, *args, says="", inject=None, prefix=()):
        """`says`: with ID where the id of the newest change stands."""
        run = self.here.run(*args, inject=inject, prefix=prefix)
        if "ID" in says:
            says = says.replace("ID", max(os.listdir(host.CHANGES)).split("-")[1][:8])
        self.check(run.code == code, f"{' '.join(args)}: it ended with {run.code} instead of {code}: {run.err or run.out}")
        self.check(says in run.out + run.err, f"{' '.join(args)}: it does not say {says!r} but {run.out + run.err!r}")

    def values(self, blue, own="60"):
        found = (value_in("blue"), host.words(host.value_of(KEY)))
        self.check(found == (blue, own), f"blue and our own have {found} instead of {(blue, own)}")


def there_and_back(test, netns):
    """By name or by path. Never a boot file: they are of another namespace."""
    etc = host.whole_etc()
    test.run(0, *APPLY, "--netns", netns, says=f"network namespace {netns}: only live values are planned")
    test.values("30")
    test.run(3, "rollback", "--yes", says=f"its values lie in another network namespace\n  hint: run: twctl rollback ID --netns {netns}\n")
    test.values("30")
    test.run(0, "rollback", "--yes", "--netns", netns)
    test.values("60")
    test.run(0, "rollback", "--yes", "--netns", netns, says="Nothing is left to roll back.")
    test.check(host.whole_etc() == etc, "something below /etc has changed")


def by_hand(test):
    """The plain backup restores that namespace, not the one in which the line is typed."""
    test.run(0, *APPLY, *BLUE)
    backup = f"{host.CHANGES}/{sorted(os.listdir(host.CHANGES))[-1]}/restore-live.conf"
    commands = [line[4:] for line in host.read_bytes(backup).decode().splitlines() if line.startswith("#   ")]
    test.check(len(commands) == 1, f"the commands are {commands}")
    subprocess.run(["sh", "-c", commands[0]], check=True, capture_output=True)
    test.values("60")
    test.run(0, "rollback", "--yes", *BLUE)


def interrupted(test):
    test.run(-9, *APPLY, *BLUE, inject=KILL)
    test.values("30")
    for command in (("recover",), APPLY, ("rollback", "--yes")):
        test.run(3, *command, says="is unfinished, and its values lie in another network namespace\n  hint: run: twctl recover --netns blue\n")
    test.values("30")
    test.run(0, "recover", *BLUE, says="had been interrupted and was rolled back\n")
    test.values("60")


def gone(test):
    """With the namespace its values have gone: nothing is left to do, and another one of that name is not touched."""
    test.run(-9, *APPLY, *BLUE, inject=KILL)
    ip("del", "blue")
    ip("add", "blue")
    test.run(0, "recover")
    test.run(0, "recover", says="Nothing to recover.")
    test.values("60")
    test.run(0, *APPLY, *BLUE)
    ip("del", "blue")
    ip("add", "blue")
    subprocess.run(["ip", "netns", "exec", "blue", "sysctl", "-q", KEY + "=30"], check=True)
    test.run(0, "rollback", "--yes")
    test.values("30")
    endings = [done["ending"] for done in host.records(test.here.look(), "done").values()]
    test.check("gone" in endings, f"no change ended as gone: {endings}")


def kept_elsewhere(test):
    """A namespace that nothing but a mount of its file at a path of the caller's own holds."""
    kept = "/var/lib/kept-netns"
    with open(kept, "w", encoding="ascii"):
        pass
    subprocess.run(["unshare", f"--net={kept}", "true"], check=True)

    def value():
        shown = subprocess.run(["nsenter", f"--net={kept}", "cat", host.setting_path(KEY)], check=True, capture_output=True, text=True)
        return shown.stdout.strip()

    here = ("--netns", kept)
    test.run(0, *APPLY, *here)
    test.run(3, "rollback", "--yes", says=f"hint: run: twctl rollback ID --netns {kept}\n")
    test.check(value() == "30", f"it has {value()} instead of 30")
    test.run(0, "rollback", "--yes", *here)
    test.run(-9, *APPLY, "--netns", "./kept-netns", inject=KILL, prefix=("env", "-C", "/var/lib"))
    test.run(3, "recover", says="hint: run: twctl recover --netns /var/lib/./kept-netns\n")
    test.check(value() == "30", f"it has {value()} instead of 30")
    test.run(0, "recover", *here)
    test.check(value() == "60", f"it has {value()} instead of 60")
    test.run(-9, *APPLY, *here, inject=KILL)
    subprocess.run(["umount", kept], check=True)
    test.run(0, "recover", says="its network namespace is gone")
    os.unlink(kept)


def found_by_process(test):
    """N02: the PID of a path is another process's by now, or a path is no namespace any more: gone, 0. A name that means another
    one by now, while the first lives on: the hint names where that is, and works."""
    sleeper = subprocess.Popen(["unshare", "--net", "sleep", "1000"])
    path = f"/proc/{sleeper.pid}/ns/net"
    while os.readlink(path) == os.readlink("/proc/self/ns/net"):
        pass
    test.run(0, *APPLY, "--netns", path)
    test.run(0, "history", says=f"apply {KEY} (1 setting) (network namespace {path}), by root")
    sleeper.kill()
    sleeper.wait()
    host.put("/proc/sys/kernel/ns_last_pid", str(sleeper.pid - 1))
    with subprocess.Popen(["sleep", "1000"]) as other:
        test.check(other.pid == sleeper.pid, "the PID could not be had again")
        test.run(0, "status", says="gone with its network namespace\n")
        test.run(0, "rollback", "--yes", says=f"(network namespace {path}) went with its network namespace: it is closed\n")
        other.kill()
    kept = "/var/lib/kept-netns"
    with open(kept, "w", encoding="ascii"):
        pass
    subprocess.run(["unshare", f"--net={kept}", "true"], check=True)
    test.run(0, *APPLY, "--netns", kept)
    subprocess.run(["umount", kept], check=True)
    os.unlink(kept)
    os.mkdir(kept)
    test.run(66, "rollback", "--yes", "--netns", kept, says="is not a network namespace")
    test.run(0, "rollback", "--yes")
    os.rmdir(kept)
    subprocess.run(["ip", "netns", "exec", "blue", "sysctl", "-q", KEY + "=60"], check=True)
    test.run(0, *APPLY, *BLUE)
    with subprocess.Popen(["ip", "netns", "exec", "blue", "sleep", "1000"]) as inside:
        there = f"/proc/{inside.pid}/ns/net"
        while os.readlink(there) == os.readlink("/proc/self/ns/net"):
            pass
        ip("del", "blue")
        ip("add", "blue")
        for netns in ((), BLUE):
            test.run(3, "rollback", "--yes", *netns, says=f"hint: run: twctl rollback ID --netns {there}\n")
        test.run(0, "rollback", "--yes", "--netns", there)
        inside.kill()
    test.run(0, "rollback", "--yes", says="Nothing is left to roll back.")


def lost_its_name(test):
    """N17: a namespace that has lost its name while a change is pending: the hints name whoever is in it, and not the watchdog, which
    ends with the decision."""
    test.run(0, *APPLY, *BLUE, "--confirm-within", "1h")
    with subprocess.Popen(["ip", "netns", "exec", "blue", "sleep", "1000"]) as inside:
        there = f"/proc/{inside.pid}/ns/net"
        while os.readlink(there) == os.readlink("/proc/self/ns/net"):
            pass
        ip("del", "blue")
        test.run(0, "status", says=f"Keep it: twctl confirm ID --netns {there}\n")
        test.run(0, "confirm", "--netns", there, says="    undo       twctl rollback ID\n")
        test.run(3, "rollback", "--yes", says=f"hint: run: twctl rollback ID --netns {there}\n")
        test.run(0, "rollback", "--yes", "--netns", there)
        inside.kill()
    ip("add", "blue")


def sleeper_in_namespace(user=()):
    """A process in a network namespace of its own, and the path of that."""
    sleeper = subprocess.Popen(["unshare", "--net", *user, "sleep", "1000"])
    path = f"/proc/{sleeper.pid}/ns/net"
    while os.readlink(path) == os.readlink("/proc/self/ns/net"):
        pass
    return sleeper, path


def not_seen_is_not_gone(test):
    """N31: a process whose namespace only CAP_SYS_PTRACE may look at: without that no namespace counts as gone, the change stays
    undecided, and its watchdog takes it back. (Another PID namespace than the host's is a unit test: this one is none of the host's.)"""
    sleeper, path = sleeper_in_namespace(("setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups"))
    blind = ("setpriv", "--bounding-set", "-sys_ptrace", "--inh-caps", "-sys_ptrace")
    test.run(0, *APPLY, "--netns", path, "--confirm-within", "10")
    test.run(0, "recover", prefix=blind, says="awaits confirmation until")
    test.run(75, *APPLY, prefix=blind)
    shown = ["nsenter", f"--net={path}", "cat", host.setting_path(KEY)]
    until = time.monotonic() + 60
    value = "30"
    while value != "60" and time.monotonic() < until:
        time.sleep(0.2)
        value = subprocess.run(shown, check=True, capture_output=True, text=True).stdout.strip()
    test.check(value == "60", f"after its deadline it has {value} instead of 60")
    test.run(0, "recover", "--wait", "30s")
    sleeper.kill()
    sleeper.wait()


def kept_by_another_mount_namespace(test):
    """N32: a name that only another mount namespace has, and no process inside: it is found there."""
    holder = subprocess.Popen(["unshare", "--mount", "sh", "-c", "mount -t tmpfs kept /mnt && touch '/mnt/the net' && "
                               "unshare '--net=/mnt/the net' true && touch /mnt/ready && exec sleep 1000"])
    root = f"/proc/{holder.pid}/root/mnt"
    while not os.path.exists(root + "/ready"):
        time.sleep(0.05)
    path = root + "/the net"
    test.run(-9, *APPLY, "--netns", path, inject=KILL)
    test.run(3, "recover", says=f"hint: run: twctl recover --netns '{path}'\n")
    test.run(3, "recover", prefix=("env", "-C", "/"), says=f"--netns '{path}'")
    test.run(0, "recover", "--netns", path, says="had been interrupted and was rolled back\n")
    test.run(-9, *APPLY, "--netns", path, inject=KILL)
    holder.kill()
    holder.wait()
    test.run(0, "recover", says="its network namespace is gone")


def root_of_another(test):
    """N60: /proc/sys/net below the root of processes in another network namespace is that of whoever reads it."""
    holder = subprocess.Popen(["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c",
                               "for d in /etc /var/lib; do mount -t tmpfs -o mode=0755 tmpfs $d; done; mkdir /etc/sysctl.d; "
                               f"sysctl -qw {KEY}=33 && touch /var/lib/ready && exec sleep 1000"])
    process = None
    while process is None or not os.path.exists(f"/proc/{process}/root/var/lib/ready"):
        time.sleep(0.05)
        children = host.read_bytes(f"/proc/{holder.pid}/task/{holder.pid}/children").decode().split()
        process = children[0] if children else None
    root = f"/proc/{process}/root"
    bound = "/run/bound"
    for folder in ("/proc", "/etc/sysctl.d", "/var/lib"):
        os.makedirs(bound + folder)
    subprocess.run(["nsenter", f"--pid=/proc/{process}/ns/pid", "mount", "-t", "proc", "proc", bound + "/proc"], check=True)
    for path, name in ((root, process), (bound, "")):
        for command in (("plan", "--set", KEY + "=50"), (*APPLY, "--scope", "live"), APPLY, ("states",), ("doctor", "--interval", "0"), ("audit",),
                        ("snapshot",)):
            test.run(69, *command, "--root", path, says=f"twctl: {path}/proc/sys/net shows the network namespace of this run, and the processes of "
                                                       f"that root are in another one\n  hint: name theirs: --netns {name}")
        boot = ("--scope", "boot", "--accept", "no-loader", "--root", path)
        test.run(2, "plan", "--set", KEY + "=50", *boot)
        test.run(0, *APPLY, *boot)
        test.run(0, "status", "--root", path)
        test.run(0, "rollback", "--yes", "--root", path)
    os.symlink(root, "/run/link")
    for spelt in (f"//proc/./{process}/root", f"/proc/{process}/task/{process}/root/", f"{root}/var/..", f"{root}/proc/1/root", "/run/link"):
        test.run(69, *APPLY, "--scope", "live", "--root", spelt, says=f"--netns {process}")
    os.unlink("/run/link")
    os.makedirs(bound + "/nobody/etc/sysctl.d")
    os.makedirs(bound + "/nobody/proc")
    os.makedirs(bound + "/nobody/var/lib")
    subprocess.run(["unshare", "--pid", "--fork", "mount", "-t", "proc", "proc", bound + "/nobody/proc"], check=True)
    test.run(0, "plan", "--exit-zero", "--scope", "boot", "--set", KEY + "=50", "--root", bound + "/nobody")
    test.run(0, "audit", "--root", bound + "/nobody")
    subprocess.run(["umount", bound + "/nobody/proc"], check=True)
    test.check(host.words(host.value_of(KEY)) == "60", "our own value has changed")
    theirs = ("--root", root, "--netns", process)
    test.run(0, *APPLY, *theirs)
    shown = subprocess.run(["nsenter", f"--net=/proc/{process}/ns/net", "cat", host.setting_path(KEY)], check=True, capture_output=True, text=True)
    test.check(shown.stdout.strip() == "30", f"theirs is {shown.stdout!r}")
    test.run(3, "rollback", "--yes", "--root", root, says="its values lie in another network namespace\n")
    test.run(0, "rollback", "--yes", *theirs)
    test.check(host.words(host.value_of(KEY)) == "60", "our own value has changed")
    subprocess.run(["umount", bound + "/proc"], check=True)
    shutil.rmtree(bound)
    holder.kill()
    holder.wait()


def wrong_names(test):
    for netns, why in (("nope", "/run/netns/nope: No such file or directory"), ("/etc/passwd", "/etc/passwd: is not a network namespace"),
                       ("/proc/self/ns/mnt", "/proc/self/ns/mnt: is not a network namespace")):
        for command in (APPLY, ("rollback", "--yes"), ("recover",)):
            test.run(66, *command, "--netns", netns, says="twctl: cannot enter network namespace " + why)


def main(program):
    host.enter()
    here = host.Host(program, [KEY])
    probe = subprocess.run(["ip", "netns", "add", "blue"], capture_output=True, text=True, check=False)
    if probe.returncode != 0:
        sys.exit(f"{host.SKIPPED}no named network namespace can be made here: {probe.stderr.strip()}")
    start = here.look()
    test = Checks(here)
    parts = (lambda: there_and_back(test, "blue"), lambda: there_and_back(test, "/run/netns/blue"), lambda: by_hand(test),
             lambda: interrupted(test), lambda: gone(test), lambda: kept_elsewhere(test), lambda: found_by_process(test), lambda: lost_its_name(test), lambda: not_seen_is_not_gone(test), lambda: kept_by_another_mount_namespace(test),
             lambda: root_of_another(test), lambda: wrong_names(test))
    for part in parts:
        here.restore(start)
        part()
        test.failures += [f"FAILED: {line}" for line in host.litter(here.look()) + host.unfinished(here.look())]
    print("\n".join(test.failures))
    print(f"netns: {len(parts)} parts: {len(test.failures)} not as they must be")
    sys.exit(1 if test.failures else 0)


main(sys.argv[1])
