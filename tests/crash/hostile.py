#!/usr/bin/env python3
"""hostile.py PROGRAM [--only TEXT]: the hostile states of a host that concern apply, rollback and recover, each with its exact
exit code and message. Every run is also held to promise P11 (refused means that /proc/sys/net and /etc are byte for byte as
before), P13 (nothing in the output acts on a terminal) and two seconds of CPU time; and before it comes its dry run, which leaves
nothing behind and is refused as it is.
"""
import argparse
import fcntl
import json
import os
import re
import resource
import shutil
import signal
import stat
import struct
import subprocess
import time

import host

KEY, FILE = "net.ipv4.tcp_fin_timeout", host.setting_path("net.ipv4.tcp_fin_timeout")
APPLY = ("apply", "--yes", "--set", KEY + "=30")
UNCHANGED = (3, 64, 65, 66, 69, 75, 77)
PRINTABLE = re.compile(r"[\x20-\x7e\n…]*")
CASES = []


def case(name):
    def add(function):
        CASES.append((name, function))
        return function
    return add


def untouched():
    """Equal twice only if nobody wrote: every setting, and of every entry below /etc all that a write changes."""
    stamps = {}
    folders = ["/etc"]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                stamps[entry.path] = (status.st_mode, status.st_uid, status.st_gid, status.st_ino, status.st_size, status.st_mtime_ns)
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
    return host.whole_tree(), stamps


class Shell:
    """The host, with the checks that hold for every run."""

    def __init__(self, program):
        self.here = host.Host(program, [KEY, "net.ipv4.tcp_tw_reuse", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_time"])
        self.start = self.here.look()
        self.wrapper = ()  # what each run is started by
        self.wrong = []
        self.runs = 0

    def twctl(self, *args, prepare=None, stdout=subprocess.PIPE, seconds=2):
        """The run, held to what must be true of each."""
        before = untouched()
        rehearsed = self.rehearse(args, before) if prepare is None else None
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        ended = subprocess.run([*self.wrapper, self.here.program, *args], stdin=subprocess.DEVNULL, stdout=stdout, check=False,
                               stderr=subprocess.PIPE, timeout=300, preexec_fn=prepare)
        now = resource.getrusage(resource.RUSAGE_CHILDREN)
        run = host.Run(ended.returncode, (ended.stdout or b"").decode(errors="replace"), ended.stderr.decode(errors="replace"), [])
        self.runs += 1
        spent = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
        self.check(spent < seconds or self.wrapper, f"it took {spent:.1f} s of CPU time")
        self.check(PRINTABLE.fullmatch(run.out + run.err), f"P13: it printed {run.out + run.err!r}")
        if run.code in UNCHANGED:
            self.check(before == untouched(), f"P11: it ended with {run.code} and changed something")
        if rehearsed and (rehearsed.code or run.code in UNCHANGED):  # a full disk, say, only a write shows
            said_the_same = rehearsed.err == run.err or run.code not in UNCHANGED  # what a run has come to its dry run cannot say
            self.check(rehearsed.code == run.code and said_the_same, f"its dry run ended with {rehearsed}, and not {run}")
        return run

    def rehearse(self, args, before):
        """The dry run of a command that changes the host and asks nobody. None: it is none, or something is to be recovered first."""
        if args[0] not in ("apply", "confirm", "rollback") or "--dry-run" in args or not ("--yes" in args or args[0] == "confirm"):
            return None
        before = before, self.here.look(), os.path.exists(host.STATE)
        ended = subprocess.run([*self.wrapper, self.here.program, *args, "--dry-run"], stdin=subprocess.DEVNULL, capture_output=True,
                               check=False, timeout=300)
        self.check(before == (untouched(), self.here.look(), os.path.exists(host.STATE)), f"{args}: its dry run changed something")
        run = host.Run(ended.returncode, ended.stdout.decode(errors="replace"), ended.stderr.decode(errors="replace"), [])
        return None if " first\n  hint: run: twctl recover" in run.err else run

    def check(self, fine, what):
        if not fine:
            self.wrong.append(what)

    def expect(self, run, code, *texts):
        """The exit code, and what the messages or results say."""
        self.check(run.code == code, f"it ended with {run.code} instead of {code}: {run.err or run.out}")
        for text in texts:
            self.check(text in run.out + run.err, f"it does not say {text!r} but {run.out + run.err!r}")

    def value_is(self, value, key=KEY):
        self.check(host.words(host.value_of(key)) == value, f"{key} is {host.value_of(key)!r} instead of {value}")


def mount(*args):
    subprocess.run(["mount", *args], check=True)


def unmount(path):
    """The watchdog of a change that is decided by now has it open until it looks again."""
    deadline = time.monotonic() + 60
    while subprocess.run(["umount", path], check=False, stderr=subprocess.DEVNULL).returncode != 0:
        if time.monotonic() > deadline:
            subprocess.run(["umount", path], check=True)
        time.sleep(0.2)


def newest_folder(root=""):
    changes = root + host.CHANGES
    return f"{changes}/{sorted(os.listdir(changes))[-1]}"


def rewrite(name, change):
    """The record of the newest change, with one thing changed and its checksum right again."""
    path = f"{newest_folder()}/{name}"
    members = json.loads(host.read_bytes(path).split(b"\n", 1)[1])
    change(members)
    host.put(path, host.as_record(members))


def mode_of(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


# The state directory.

@case("S02: a state directory that others may write is refused")
def _(shell):
    os.mkdir(host.STATE)
    os.chmod(host.STATE, 0o777)
    for args in (APPLY, ("rollback", "--yes"), ("recover",), ("history",), ("status",)):
        shell.expect(shell.twctl(*args), 77, "twctl: /var/lib/twctl is not safe: it belongs to uid 0 and has mode 0777\n"
                     "  hint: it must be root's alone: look at what is in it, then `chown root /var/lib/twctl && chmod 0700 /var/lib/twctl`\n")


@case("S03: a state directory of another user is refused")
def _(shell):
    os.mkdir(host.STATE, 0o700)
    os.chown(host.STATE, 1000, 0)
    shell.expect(shell.twctl(*APPLY), 77, "twctl: /var/lib/twctl is not safe: it belongs to uid 1000 and has mode 0700\n")


def with_lock(shell, make):
    os.mkdir(host.STATE, 0o700)
    make(host.STATE + "/lock")
    return shell.twctl(*APPLY)


@case("S05: a lock that is a link is not followed")
def _(shell):
    before = host.read_bytes("/etc/passwd")
    run = with_lock(shell, lambda lock: os.symlink("/etc/passwd", lock))
    shell.expect(run, 77, "twctl: /var/lib/twctl/lock: Too many levels of symbolic links\n")
    shell.check(host.read_bytes("/etc/passwd") == before and mode_of("/etc/passwd") == 0o644, "/etc/passwd was touched")


@case("S06: a lock that is a FIFO keeps nobody waiting")
def _(shell):
    shell.expect(with_lock(shell, lambda lock: os.mkfifo(lock, 0o600)), 77,
                 "twctl: /var/lib/twctl/lock is not a plain file with one name\n")


@case("S08: no other user can open the lock or read the journal")
def _(shell):
    shell.expect(shell.twctl(*APPLY), 0)
    for path in ("/lock", "/changes", ""):
        probe = subprocess.run(["setpriv", "--reuid=1000", "--clear-groups", "cat", host.STATE + path], capture_output=True, check=False)
        shell.check(b"Permission denied" in probe.stderr, f"uid 1000 may open {host.STATE}{path}: {probe.stderr}")


@case("S09: planted links that look like our half-made files are taken away, not followed")
def _(shell):
    os.makedirs(host.CHANGES, 0o700)
    os.chmod(host.STATE, 0o700)
    before = host.whole_etc()
    for link in (f"{host.CHANGES}/.tmp-00000001-x", f"{host.CHANGES}/.trash-y", "/etc/sysctl.d/.twctl-z.tmp", "/etc/.twctl-z.tmp"):
        os.symlink("/etc/passwd", link)
    shell.expect(shell.twctl(*APPLY), 0)
    del before["/etc/sysctl.d"]  # whose size may differ
    now = host.whole_etc()
    shell.check(all(now.get(path) == entry for path, entry in before.items()), "a link was followed")
    shell.check(not host.litter(shell.here.look()), str(host.litter(shell.here.look())))


ALL_COMMANDS = (APPLY, ("rollback", "--yes"), ("recover",), ("history",))


def corrupt(shell, why, commands=ALL_COMMANDS):
    """Every command says so, status with 0, and touches nothing, in the state directory either."""
    journal = shell.here.stamps()
    for args in commands:
        shell.expect(shell.twctl(*args), 65, why, "it has been left as it is; its folder holds plain files that restore the old values by hand")
    shell.expect(shell.twctl("status", "--json"), 0, why)
    shell.check(shell.here.stamps() == journal, "the journal or a boot file was written")
    shell.value_is("30")


@case("S11: an intent with a second name is corrupt")
def _(shell):
    shell.expect(shell.twctl(*APPLY), 0)
    os.link(f"{newest_folder()}/intent", "/var/lib/second")
    corrupt(shell, "is not a plain file with one name")
    os.unlink("/var/lib/second")


@case("H08, H19: a change's folder or record that is not root's alone, or that a link leads to, is neither believed nor touched")
def _(shell):
    shell.expect(shell.twctl(*APPLY), 0)
    folder = newest_folder()
    os.unlink(folder + "/done")  # so that recovery would act on it
    mend = "it has been left as it is"
    for path, spoil in ((folder, lambda path: os.chown(path, 1000, 0)), (folder, lambda path: os.chmod(path, 0o770)),
                        (folder + "/intent", lambda path: os.chown(path, 1000, 0)), (folder + "/intent", lambda path: os.chmod(path, 0o666)),
                        (folder + "/decision", lambda path: os.chown(path, 1000, 0))):
        spoil(path)
        for args in (("recover",), APPLY, ("rollback", "--yes")):
            shell.expect(shell.twctl(*args), 77, f"{path} is not safe: it belongs to uid ", mend)
        shell.expect(shell.twctl("status"), 0, f"{path} is not safe")
        os.chown(path, 0, 0)
        os.chmod(path, 0o700 if path == folder else 0o600)
        shell.value_is("30")
    os.rename(folder, "/var/lib/elsewhere")
    os.symlink("/var/lib/elsewhere", folder)
    for args in (("recover",), APPLY, ("rollback", "--yes")):
        shell.expect(shell.twctl(*args), 77, folder + ": Too many levels of symbolic links", mend)
    shell.value_is("30")
    os.unlink(folder)
    os.rename("/var/lib/elsewhere", folder)
    shell.expect(shell.twctl("recover"), 0)
    shell.expect(shell.twctl("rollback", "--yes"), 0)
    shell.value_is("60")


@case("S12: an intent cut off at any length is corrupt")
def _(shell):
    shell.expect(shell.twctl(*APPLY), 0)
    path = f"{newest_folder()}/intent"
    whole = host.read_bytes(path)
    lengths = range(len(whole)) if shell.long else [*range(0, len(whole), 61), *range(len(whole) - 3, len(whole))]
    for length in lengths:
        host.put(path, whole[:length])
        run = shell.here.run("recover")
        shell.check(run.code == 65 and "damaged" in run.err, f"cut at {length}: {run.code}: {run.err}")
        shell.runs += 1
    shell.value_is("30")


@case("S14: a record of a later version is not guessed at")
def _(shell):
    shell.expect(shell.twctl(*APPLY), 0)
    path = f"{newest_folder()}/intent"
    host.put(path, host.read_bytes(path).replace(b"twctl-record 1 ", b"twctl-record 2 ", 1))
    corrupt(shell, "its version is 2; this twctl knows 1")


@case("S15: an intent of 100 MB is not read")
def _(shell):
    shell.expect(shell.twctl(*APPLY), 0)
    os.truncate(f"{newest_folder()}/intent", 100 * 1000 * 1000)
    corrupt(shell, "it is larger than ")


@case("S17: a path or a key that is none of ours is corrupt, even with the right checksum")
def _(shell):
    shell.expect(shell.twctl(*APPLY), 0)
    os.unlink(f"{newest_folder()}/done")  # so that recovery would act on it
    whole = host.read_bytes(f"{newest_folder()}/intent")
    for change in (lambda intent: intent["files"][0].update(path="../../etc/passwd"),
                   lambda intent: intent["files"][0].update(path="/etc/passwd"),
                   lambda intent: intent["settings"][0].update(key="kernel.core_pattern"),
                   lambda intent: intent["settings"][0].update(key="net.ipv4.../../kernel/core_pattern")):
        rewrite("intent", change)
        corrupt(shell, "a member of the intent is missing, or is not what it should be", [("recover",)])
        host.put(f"{newest_folder()}/intent", whole)


@case("S18: a decision that is garbage is corrupt")
def _(shell):
    shell.expect(shell.twctl(*APPLY), 0)
    os.unlink(f"{newest_folder()}/done")
    for garbage in (b"", b"\0" * 64, b"commit\n", host.as_record({"record": "decision", "decision": "perhaps"}).encode()):
        host.put(f"{newest_folder()}/decision", garbage)
        corrupt(shell, "record decision: the record is not one of ours or is damaged")


def write_changes(last):
    """After the first change, which twctl has made: of one setting each, up to that number."""
    template = {name: host.read_bytes(f"{newest_folder()}/{name}") for name in ("intent", "decision", "done")}
    intent = json.loads(template["intent"].split(b"\n", 1)[1])
    for number in range(2, last + 1):
        intent.update(id=f"{number:032x}", sequence=number, files=[],
                      settings=[{"key": "net.ipv4.tcp_keepalive_intvl", "before": str(number % 100 + 1), "after": str((number + 1) % 100 + 1)}])
        folder = f"{host.CHANGES}/{number:08}-{number:032x}"
        os.mkdir(folder, 0o700)
        for name, data in {**template, "intent": host.as_record(intent).encode()}.items():
            host.put(f"{folder}/{name}", data)


@case("S20, H27: 10,000 old changes are read, and folded to the bound, and the first values of all come back")
def _(shell):
    shell.expect(shell.twctl(*APPLY), 0)
    intent_id = os.path.basename(newest_folder())[-32:]
    write_changes(10001)
    shell.expect(shell.twctl("apply", "--yes", "--set", "net.ipv4.tcp_tw_reuse=1", seconds=20), 0)  # a build for development
    left = sorted(os.listdir(host.CHANGES))
    shell.check(len(left) == 100, f"{len(left)} changes are left")
    oldest = host.record((None, None, None, None, host.read_bytes(f"{host.CHANGES}/{left[0]}/intent")))
    shell.check(oldest["id"] == intent_id, f"the oldest change is {oldest['id']}")
    shell.check(oldest["folded"]["count"] == 9902, f"it stands for {oldest['folded']['count']} later ones")
    befores = {setting["key"]: setting["before"] for setting in oldest["settings"]}
    shell.check(befores == {"net.ipv4.tcp_fin_timeout": "60", "net.ipv4.tcp_keepalive_intvl": "3"}, f"it leads back to {befores}")
    shell.check(not host.litter(shell.here.look()), str(host.litter(shell.here.look())))


@case("N07: a change whose record has no room for what pruning would fold into it stays as it is, and the rest is folded")
def _(shell):
    text = "# " + "\x01" * 1000 + "\n"
    whole = text * 348 + "#" * 300 + f"\n{KEY} = 45\n"
    host.put("/etc/sysctl.conf", whole)
    host.put(FILE, "45")
    shell.expect(shell.twctl(*APPLY, "--boot-file", "/etc/sysctl.conf"), 0)
    large = newest_folder()
    room = (4 << 20) - os.path.getsize(large + "/intent")
    rewrite("intent", lambda intent: intent.update(reason="x" * (room - 40)))
    for number in range(2, 108):
        shell.expect(shell.here.run("apply", "--yes", "--scope", "live", "--set", f"net.ipv4.tcp_keepalive_intvl={number}"), 0)
    left = sorted(os.listdir(host.CHANGES))
    shell.check(len(left) == 100, f"{len(left)} changes are left")
    shell.check(f"{host.CHANGES}/{left[0]}" == large, f"the oldest is {left[0]}")
    shell.expect(shell.twctl("history"), 0)
    shell.expect(shell.twctl("rollback", "--yes", "--to", left[0][9:]), 0)
    shell.value_is("45")
    shell.check(host.read_bytes("/etc/sysctl.conf") == whole.encode(), "sysctl.conf is not as it was")


@case("N08: changes in a lower layer, whose folders cannot be renamed, are pruned too, and a kill in between leaves nothing")
def _(shell):
    mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/mnt")
    for folder in ("lower", "upper", "work"):
        os.mkdir("/mnt/" + folder)
    shell.expect(shell.twctl(*APPLY), 0)
    write_changes(106)
    shutil.copytree(host.STATE, "/mnt/lower/twctl", copy_function=shutil.copy2)
    layers = "lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work,redirect_dir=off"
    if subprocess.run(["mount", "-t", "overlay", "-o", layers, "overlay", "/var/lib"], capture_output=True, check=False).returncode != 0:
        shell.skipped.append("N08: no overlayfs here")
        unmount("/mnt")
        return
    prune = ("apply", "--yes", "--set", "net.ipv4.tcp_tw_reuse=1")
    shell.check(shell.here.run(*prune, inject="unlinkat:signal=SIGKILL:when=20").was_killed(), "it was not killed")
    shell.check(any(name.startswith(".trash-") for name in os.listdir(host.CHANGES)), "nothing was half-deleted")
    shell.expect(shell.twctl("history"), 0)
    shell.expect(shell.twctl("recover"), 0, "Nothing to recover.\n")
    left = os.listdir(host.CHANGES)
    shell.check(not [name for name in left if name.startswith(".")], f"it left {left}")
    for number in range(2, 9):
        shell.expect(shell.twctl("apply", "--yes", "--set", KEY + f"={number}"), 0)
    left = os.listdir(host.CHANGES)
    shell.check(100 <= len(left) <= 105, f"{len(left)} changes are left")
    shell.expect(shell.twctl("history"), 0)
    unmount("/var/lib")
    unmount("/mnt")


@case("N09: after change 99,999,999 none is begun, because it could not be read again; that one can")
def _(shell):
    shell.expect(shell.twctl(*APPLY), 0)
    folder, last_but_one = newest_folder(), 99999998
    rewrite("intent", lambda intent: intent.update(sequence=last_but_one))
    os.rename(folder, f"{host.CHANGES}/{last_but_one}-{folder[-32:]}")
    shell.expect(shell.twctl("apply", "--yes", "--set", KEY + "=25"), 0)
    before = shell.here.stamps()
    for args in (APPLY, ("rollback", "--yes")):
        shell.expect(shell.twctl(*args), 65, "twctl: the journal has had 99999999 changes, and more are not recorded\n")
    shell.check(shell.here.stamps() == before, "a refused change wrote to the journal")
    shell.expect(shell.twctl("history"), 0)
    shell.expect(shell.twctl("recover"), 0, "Nothing to recover.\n")
    shell.value_is("25")


@case("S21: a full disk at the intent is a failure with nothing changed")
def _(shell):
    before = (host.whole_tree(), host.whole_etc())
    mount("-t", "tmpfs", "-o", "size=4k,mode=0755", "tmpfs", "/var/lib")
    shell.expect(shell.twctl(*APPLY), 1, "recorded in /var/lib/twctl/changes: No space left on device\n")
    left = [name for name in os.listdir(host.CHANGES)] if os.path.isdir(host.CHANGES) else []
    unmount("/var/lib")
    shell.check(before == (host.whole_tree(), host.whole_etc()) and not left, f"something has changed, or is left: {left}")


@case("N18: where a change could begin and not end, for want of room, it does not begin")
def _(shell):
    for limit, free in (("nr_inodes=40", 5), ("size=1m", 20)):
        mount("-t", "tmpfs", "-o", f"{limit},mode=0755", "tmpfs", "/var/lib")
        shell.expect(shell.twctl(*APPLY), 0)
        os.mkdir("/var/lib/fill", 0o700)
        space = os.statvfs("/var/lib")
        if "inodes" in limit:
            for number in range(space.f_ffree - free):
                os.mknod(f"/var/lib/fill/{number}")
        else:
            with open("/var/lib/fill/it", "wb") as file:
                file.write(bytes((space.f_bfree * space.f_frsize) - free * 1024))
        before = (host.whole_tree(), host.whole_etc())
        for args in (("apply", "--yes", "--set", KEY + "=26"), ("apply", "--dry-run", "--set", KEY + "=26"), ("rollback", "--dry-run"),
                     ("rollback", "--yes")):
            run = shell.twctl(*args)
            shell.expect(run, 1, "No space left on device\n")
        way = f"twctl history {os.path.basename(newest_folder())[9:17]}"
        shell.check(f"hint: mend that, or undo it by hand, as `{way}` shows\n" in run.err, f"rollback says no way out: {run.err}")
        shell.expect(shell.twctl(*way.split()[1:]), 0, "by hand    without twctl:\n")
        for scope in ("live", "both"):
            shell.check(shell.twctl("plan", "--scope", scope, "--set", KEY + "=26").code == 1, f"{limit}: plan --scope {scope} is not 1")
        shell.value_is("30")
        shell.check(before == (host.whole_tree(), host.whole_etc()), f"{limit}: something has changed")
        shell.expect(shell.twctl("recover"), 0, "Nothing to recover.\n")
        subprocess.run(["rm", "-r", "/var/lib/fill"], check=True)
        shell.expect(shell.twctl("rollback", "--yes"), 0)
        unmount("/var/lib")


@case("N71: that a first change has no room plan and the dry run know as well: 1")
def _(shell):
    for limit in ("nr_inodes=4", "size=16k"):
        mount("-t", "tmpfs", "-o", f"{limit},mode=0755", "tmpfs", "/var/lib")
        for args in (("plan", *APPLY[2:]), ("apply", "--dry-run", *APPLY[2:]), APPLY):
            shell.expect(shell.twctl(*args), 1, "twctl: no change can be recorded in /var/lib/twctl/changes: No space left on device\n")
        shell.value_is("60")
        unmount("/var/lib")


@case("N72: where the journal and the boot file have room, but not both of them, plan and the dry run say so: 1")
def _(shell):
    folders = {"/var/lib": "/run/one/state", "/etc/sysctl.d": "/run/one/boot"}
    os.mkdir("/run/one")
    mount("-t", "tmpfs", "-o", "size=1m,mode=0755", "tmpfs", "/run/one")
    for folder, place in folders.items():
        os.mkdir(place)
        mount("--bind", place, folder)
    shell.expect(shell.twctl(*APPLY), 0)
    shell.expect(shell.twctl("rollback", "--yes"), 0)
    with open("/run/one/fill", "wb") as fill:
        fill.write(bytes((os.statvfs("/run/one").f_bfree - 6) * 4096))
    shell.check(os.statvfs("/run/one").f_bfree == 6, "it is not as full as it should be")
    for args in (("plan", *APPLY[2:]), ("apply", "--dry-run", *APPLY[2:]), APPLY):
        shell.expect(shell.twctl(*args), 1, "No space left on device\n")
    shell.value_is("60")
    os.truncate("/run/one/fill", os.path.getsize("/run/one/fill") - 4096)
    for args, code in ((("plan", *APPLY[2:]), 2), (APPLY, 0)):
        shell.expect(shell.twctl(*args), code)
    for folder in (*folders, "/run/one"):
        unmount(folder)


@case("N72: with one inode left, and /etc/sysctl.d to be made, plan and the dry run say that there is no room: 1")
def _(shell):
    os.unlink("/etc/sysctl.d/99-sysctl.conf")
    os.rmdir("/etc/sysctl.d")
    system = os.statvfs("/run/root")
    mount("-o", f"remount,nr_inodes={system.f_files - system.f_ffree + 1}", "/run/root")
    for args in (("plan", *APPLY[2:]), ("apply", "--dry-run", *APPLY[2:]), APPLY):
        shell.expect(shell.twctl(*args), 1, "twctl: the new /etc/sysctl.d/60-twctl.conf cannot be prepared: No space left on device\n")
    mount("-o", f"remount,nr_inodes={system.f_files}", "/run/root")
    shell.check(not os.path.exists("/etc/sysctl.d"), "/etc/sysctl.d was made")


@case("N72: however few inodes are left where /etc/sysctl.d is to be made beside the journal, plan and the dry run end as apply")
def _(shell):
    os.unlink("/etc/sysctl.d/99-sysctl.conf")
    os.rmdir("/etc/sysctl.d")
    seen = []
    for older in (False, True):
        for free in range(1, 16):
            if older:
                shell.expect(shell.twctl("apply", "--yes", "--scope", "live", "--set", "net.ipv4.tcp_keepalive_intvl=61"), 0)
            system = os.statvfs("/run/root")
            mount("-o", f"remount,nr_inodes={system.f_files - system.f_ffree + free}", "/run/root")
            codes = [shell.twctl(*args).code for args in (("plan", *APPLY[2:]), ("apply", "--dry-run", *APPLY[2:]), APPLY)]
            mount("-o", f"remount,nr_inodes={system.f_files}", "/run/root")
            shell.check(codes in ([1, 1, 1], [2, 0, 0]), f"with {free} inodes plan, dry run and apply end with {codes}")
            seen.append(codes[2])
            if codes[2] == 0:
                shell.expect(shell.twctl("rollback", "--yes"), 0)
            if older:
                shell.expect(shell.twctl("rollback", "--yes"), 0)
            shutil.rmtree(host.STATE)
    shell.check(set(seen) == {0, 1}, f"apply ends with {seen}")


def leave_free(folder, inodes=None, pages=None):
    """The tmpfs there has room for so many more files, or pages of bytes."""
    system = os.statvfs(folder)
    limit = (f"size={4 * (system.f_blocks - system.f_bfree + pages)}k" if inodes is None else
             f"nr_inodes={system.f_files - system.f_ffree + inodes}")
    mount("-o", f"remount,{limit}", folder)


@case("N106: a change that is to await confirmation has room for the file `pending` too, or it and its dry run are refused: 1")
def _(shell):
    within = ("apply", "--yes", "--set", KEY + "=26", "--confirm-within", "1h", "--accept", "timer-dies-with-container")
    for ending in (("confirm",), ("rollback", "--yes")):
        for how in ("inodes", "pages"):
            codes = []
            for free in range(6, 11):
                mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/var/lib")
                shell.expect(shell.twctl(*APPLY), 0)
                leave_free("/var/lib", **{how: free})
                codes.append(shell.twctl(*within).code)
                if codes[-1] == 0:
                    shell.expect(shell.twctl(*ending), 0)
                shell.value_is("26" if codes[-1] == 0 and ending == ("confirm",) else "30")
                mount("-o", "remount,size=1m,nr_inodes=200", "/var/lib")
                shell.expect(shell.twctl("rollback", "--yes", "--to", min(os.listdir(host.CHANGES))[9:17]), 0)
                unmount("/var/lib")
            shell.check(codes == [1, 1, 0, 0, 0], f"with ever more {how} apply ends with {codes}")


@case("N107: where /var/lib/twctl is a file system of its own plan and the dry run know as apply whether there is room, lock or not")
def _(shell):
    os.mkdir(host.STATE, 0o700)
    limits = [f"nr_inodes={names}" for names in range(1, 16)] + [f"size={4 * pages}k" for pages in range(1, 13)]
    for made in ((), (host.CHANGES,)):
        seen = []
        for limit in limits[len(made):]:
            mount("-t", "tmpfs", "-o", f"{limit},mode=0700", "tmpfs", host.STATE)
            for folder in made:
                os.mkdir(folder, 0o700)
            seen.append([shell.twctl(*args).code for args in (("plan", *APPLY[2:]), ("apply", "--dry-run", *APPLY[2:]), APPLY)])
            shell.check(seen[-1] in ([1, 1, 1], [2, 0, 0]), f"with {limit} and {made} plan, dry run and apply end with {seen[-1]}")
            if seen[-1][2] == 0:
                mount("-o", "remount,size=1m,nr_inodes=200", host.STATE)
                shell.expect(shell.twctl("rollback", "--yes"), 0)
            unmount(host.STATE)
        shell.check([1, 1, 1] in seen and [2, 0, 0] in seen, f"all end with {seen}")


@case("N108: a boot file goes also where there is room for no other file beside it, and by a rollback as its dry run says")
def _(shell):
    for limit in ("nr_inodes=2", "size=4k"):
        mount("-t", "tmpfs", "-o", f"{limit},mode=0755", "tmpfs", "/etc/sysctl.d")
        shell.expect(shell.twctl(*APPLY), 0)
        shell.check(os.listdir("/etc/sysctl.d") == ["60-twctl.conf"], f"there is {os.listdir('/etc/sysctl.d')}")
        for args in (("rollback", "--dry-run"), ("rollback", "--yes")):
            shell.expect(shell.twctl(*args), 0)
        shell.check(not os.listdir("/etc/sysctl.d"), f"left is {os.listdir('/etc/sysctl.d')}")
        shell.value_is("60")
        unmount("/etc/sysctl.d")


@case("N73: how long a file may be (ulimit -f) plan and dry runs know as the runs do")
def _(shell):
    def limited(code, *args, size=0, text="File too large\n"):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
        shell.expect(shell.twctl(*args, prepare=limit), code, text)

    def each(code, wish, **how):
        for args in (("plan",), ("apply", "--dry-run"), ("apply", "--yes")):
            limited(code, *args, *wish, **how)

    each(1, APPLY[2:])
    each(1, (*APPLY[2:], "--scope", "live"))
    shell.value_is("60")
    host.put(host.SYSCTL_CONF, "# a long one\n" * 1000)
    each(1, (*APPLY[2:], "--boot-file", host.SYSCTL_CONF), size=8192)
    shell.expect(shell.twctl(*APPLY, "--confirm-within", "1h", "--accept", "timer-dies-with-container"), 0)
    for args in (("confirm", "--dry-run"), ("rollback", "--dry-run")):
        limited(4, *args, text="File too large; nothing was changed: a dry run\n")
    shell.expect(shell.twctl("confirm"), 0)
    for args in (("rollback", "--dry-run"), ("rollback", "--yes")):
        limited(1, *args, text="File too large\n")
    shell.value_is("30")
    shell.expect(shell.twctl("rollback", "--yes"), 0)


@case("F15: a confirm for which there is no space, or no right to write a file that large, takes the values back and says so")
def _(shell):
    mount("-t", "tmpfs", "-o", "size=256k,mode=0755", "tmpfs", "/var/lib")
    said = "decision cannot be recorded: {}; every value is back as it was, but that could not be recorded\n  hint: `twctl recover` ends the change"

    def fill():
        descriptor = os.open("/var/lib/fill", os.O_CREAT | os.O_WRONLY)
        try:
            while True:
                os.write(descriptor, bytes(4096))
        except OSError:
            os.close(descriptor)

    def no_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))

    for why, full in (("No space left on device", True), ("File too large", False)):
        shell.expect(shell.twctl(*APPLY, "--confirm-within", "1h"), 0)
        if full:
            fill()
        shell.expect(shell.twctl("confirm", prepare=None if full else no_files), 4, said.format(why))
        shell.value_is("60")
        run = shell.twctl("status")
        shell.check("Interrupted: change" in run.out and "Keep it" not in run.out, f"status says {run.out}")
        if full:
            shell.expect(shell.twctl("recover"), 4, " could not be finished: ", "No space left on device")
            os.unlink("/var/lib/fill")
        shell.expect(shell.twctl("recover"), 0)
        shell.expect(shell.twctl("status"), 0)
        shell.value_is("60")
        shell.expect(shell.twctl(*APPLY), 0)
        shell.expect(shell.twctl("rollback", "--yes"), 0)
    unmount("/var/lib")


# Boot files.

@case("S23: a missing /etc/sysctl.d is made, 0755 and on disk; a read-only /etc is refused")
def _(shell):
    os.unlink("/etc/sysctl.d/99-sysctl.conf")
    os.rmdir("/etc/sysctl.d")
    traced = shell.here.run(*APPLY, trace="mkdirat,fsync", prefix=())
    shell.expect(traced, 0)
    shell.check(mode_of("/etc/sysctl.d") == 0o755, f"/etc/sysctl.d has mode {mode_of('/etc/sysctl.d'):o}")
    made = [number for number, line in enumerate(traced.trace) if 'mkdirat(' in line and '"sysctl.d"' in line]
    shell.check(made and "fsync(" in traced.trace[made[0] + 1], f"no fsync after it was made: {traced.trace}")
    shell.expect(shell.twctl("rollback", "--yes"), 0)
    shell.check(not os.path.exists("/etc/sysctl.d"), "what was made for our file is left, empty")
    for fault in ("renameat2:error=EIO:when=1", "renameat2:error=EIO:when=2", "renameat2:error=EIO:when=3"):  # staged, intent, decision
        shell.expect(shell.here.run(*APPLY, inject=fault), 1)
        shell.check(not os.path.exists("/etc/sysctl.d"), f"it is left, empty, after {fault}")
    os.mkdir("/etc/sysctl.d")
    mount("-o", "remount,bind,ro", "/etc")
    shell.expect(shell.twctl(*APPLY), 77, "twctl: /etc/sysctl.d/60-twctl.conf: Read-only file system\n")
    mount("-o", "remount,bind,rw", "/etc")
    os.symlink("../sysctl.conf", "/etc/sysctl.d/99-sysctl.conf")


@case("N74: /etc/sysctl.d goes with our file where twctl has made it and nothing else is in it, whoever takes the change back")
def _(shell):
    within = (*APPLY, "--confirm-within", "1h", "--accept", "timer-dies-with-container")
    rollback, recover = ("rollback", "--yes"), ("recover",)

    def gone(what):
        shell.check(not os.path.exists("/etc/sysctl.d"), f"{what}: /etc/sysctl.d is left")
        shell.value_is("60")

    def stays(what, names=()):
        shell.check(os.path.isdir("/etc/sysctl.d") and os.listdir("/etc/sysctl.d") == list(names), f"{what}: /etc/sysctl.d is not as it was")
        shell.value_is("60")
        shutil.rmtree("/etc/sysctl.d", ignore_errors=True)

    os.unlink("/etc/sysctl.d/99-sysctl.conf")
    os.rmdir("/etc/sysctl.d")
    shell.expect(shell.twctl(*APPLY), 0)
    shell.expect(shell.twctl(*rollback), 0)
    gone("a rollback")
    shell.expect(shell.twctl(*rollback, json.loads(shell.here.run("history", "--json").out)["changes"][0]["id"]), 0)
    shell.check(os.path.exists(host.OWN_FILE), "a rollback of the rollback has not made it")
    shell.expect(shell.twctl(*rollback), 0)
    gone("a rollback of that")
    shell.expect(shell.twctl(*within), 0)
    shell.expect(shell.twctl(*rollback), 0)
    gone("a rollback of what is pending")
    for when in (1, 2, 3):  # staged, intent, decision
        shell.check(shell.here.run(*APPLY, inject=f"renameat2:signal=SIGKILL:when={when}").was_killed(), "it was not killed")
        shell.expect(shell.twctl(*recover), 0)
        gone(f"recover after a kill at rename {when}")
    shell.expect(shell.twctl(*APPLY), 0)
    shell.check(shell.here.run(*rollback, inject="renameat2:signal=SIGKILL:when=4").was_killed(), "it was not killed")
    shell.expect(shell.twctl(*recover), 0)
    gone("recover of a rollback")
    for what, act, names in (("somebody else's file", lambda: host.put("/etc/sysctl.d/50-his.conf", "# his\n"), ["50-his.conf"]),
                             ("a copy of it", lambda: (os.rename("/etc/sysctl.d", "/etc/made"),
                                                       subprocess.run(["cp", "-a", "/etc/made", "/etc/sysctl.d"], check=True)), [])):
        shell.expect(shell.twctl(*APPLY), 0)
        act()
        shell.expect(shell.twctl(*rollback), 0)
        stays(what, names)
    shutil.rmtree("/etc/made")
    os.mkdir("/etc/sysctl.d")
    shell.expect(shell.twctl(*APPLY), 0)
    shell.expect(shell.twctl(*rollback), 0)
    stays("one that was there")
    os.mkdir("/etc/sysctl.d")
    os.symlink("../sysctl.conf", "/etc/sysctl.d/99-sysctl.conf")


@case("N75: a boot file that somebody else writes as a decided change would is theirs, and stays when that is taken back")
def _(shell):
    for existed in (False, True):
        if existed:
            shell.expect(shell.twctl("apply", "--yes", "--set", "net.ipv4.tcp_keepalive_intvl=60"), 0)
        shell.check(shell.here.run(*APPLY, inject="renameat2:signal=SIGKILL:when=4").was_killed(), "it was not killed")
        staged = f"/etc/sysctl.d/.twctl-{os.path.basename(newest_folder())[9:]}.tmp"
        shutil.copy(staged, "/etc/theirs")
        theirs = os.stat("/etc/theirs").st_ino
        os.rename("/etc/theirs", host.OWN_FILE)
        shell.expect(shell.twctl("recover"), 4, "/etc/sysctl.d/60-twctl.conf is somebody else's and was kept\n")
        shell.expect(shell.twctl("recover"), 0, "Nothing to recover.\n")
        shell.check(not os.path.exists(staged), "what was staged is left")
        shell.value_is("30")
        shell.expect(shell.twctl("rollback", "--yes"), 0)
        shell.value_is("60")
        shell.check(os.path.exists(host.OWN_FILE) and os.stat(host.OWN_FILE).st_ino == theirs, "their file is gone")
        os.unlink(host.OWN_FILE)


@case("S24: a boot file that is a link is refused, and what it points to is left alone")
def _(shell):
    os.symlink("/etc/passwd", host.OWN_FILE)
    shell.expect(shell.twctl(*APPLY), 77, "/etc/sysctl.d/60-twctl.conf")
    shell.expect(shell.twctl(*APPLY, "--scope", "live"), 0)


@case("S26: our boot file, edited by somebody else, makes rollback refuse, and stays")
def _(shell):
    shell.expect(shell.twctl(*APPLY), 0)
    edited = host.read_bytes(host.OWN_FILE) + b"# his\n"
    host.put(host.OWN_FILE, edited)
    shell.expect(shell.twctl("rollback", "--yes"), 3, "twctl: changed by somebody else since: /etc/sysctl.d/60-twctl.conf\n")
    shell.check(host.read_bytes(host.OWN_FILE) == edited, "his edit is lost")
    shell.value_is("30")
    # The way out that the hint names.
    change = os.path.basename(newest_folder())[9:17]
    shell.expect(shell.twctl("rollback", "--yes"), 3, f"run the line for it that `twctl history {change}` shows, then roll back\n")
    line = [line for line in shell.twctl("history", change).out.splitlines() if line.endswith(host.OWN_FILE)][-1]
    subprocess.run(["sh", "-c", line], check=True)
    shell.expect(shell.twctl("rollback", "--yes"), 0)
    shell.value_is("60")


@case("S27: an immutable boot file is refused")
def _(shell):
    shell.expect(shell.twctl(*APPLY), 0)
    if subprocess.run(["chattr", "+i", host.OWN_FILE], capture_output=True, check=False).returncode != 0:
        shell.skipped.append("S27: this file system knows no immutable files")
        return
    try:
        for args in (("apply", "--yes", "--set", KEY + "=25"), ("rollback", "--yes")):
            shell.expect(shell.twctl(*args), 77, "twctl: /etc/sysctl.d/60-twctl.conf is immutable or append-only\n")
        shell.expect(shell.twctl("plan", "--set", KEY + "=25"), 77, "twctl: /etc/sysctl.d/60-twctl.conf is immutable or append-only\n")
    finally:
        subprocess.run(["chattr", "-i", host.OWN_FILE], check=True)


@case("P16, N15: a state directory that chattr or a mount keeps from being written to is refused by plan as by apply and rollback: 77")
def _(shell):
    def all_four():
        for args in (("plan", "--set", KEY + "=25"), ("apply", "--yes", "--set", KEY + "=25"), ("rollback", "--dry-run"), ("rollback", "--yes")):
            shell.expect(shell.twctl(*args), 77, "twctl: /var/lib/twctl")
        shell.value_is("30")

    shell.expect(shell.twctl(*APPLY), 0)
    pending = host.STATE + "/pending"
    with open(pending, "wb"):  # as a watchdog that was killed leaves it
        pass
    for path in ("/var/lib/twctl", host.CHANGES, "/var/lib/twctl/lock", pending):
        for flag in ("i", "a"):
            if subprocess.run(["chattr", "+" + flag, path], capture_output=True, check=False).returncode != 0:
                shell.skipped.append(f"P16: this file system knows no chattr +{flag}")
                continue
            try:
                all_four()
            finally:
                subprocess.run(["chattr", "-" + flag, path], check=True)
    subprocess.run(["mount", "--bind", host.CHANGES, host.CHANGES], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", host.CHANGES], check=True)
    all_four()
    subprocess.run(["umount", host.CHANGES], check=True)
    subprocess.run(["mount", "--bind", pending, pending], check=True)
    all_four()
    subprocess.run(["umount", pending], check=True)
    shell.expect(shell.twctl("rollback", "--yes"), 0)


@case("P16, N15: where the boot cannot be told, plan and rollback --dry-run end as apply and rollback do: 1")
def _(shell):
    shell.expect(shell.twctl(*APPLY), 0)
    subprocess.run(["mount", "--bind", "/dev/null", "/proc/sys/kernel/random/boot_id"], check=True)
    for args in (("plan", "--set", KEY + "=25"), ("apply", "--yes", "--set", KEY + "=25"), ("rollback", "--dry-run"), ("rollback", "--yes")):
        shell.expect(shell.twctl(*args), 1, "it cannot be told which boot and network namespace this is")
    subprocess.run(["umount", "/proc/sys/kernel/random/boot_id"], check=True)
    shell.expect(shell.twctl("rollback", "--yes"), 0)


@case("N50: without /var/lib, where the journal is kept, plan ends as apply does: 1, with what to do")
def _(shell):
    mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/var")
    for user in ((), ("setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups")):
        shell.wrapper = user
        for value in ("25", "60"):  # a change, and nothing to do
            shell.expect(shell.twctl("plan", "--set", f"{KEY}={value}"), 1, "twctl: /var/lib: No such file or directory\n"
                         "  hint: the journal is kept below it: mkdir -p /var/lib\n")
    shell.wrapper = ()
    shell.expect(shell.twctl(*APPLY), 1, "twctl: /var/lib: No such file or directory\n  hint: the journal is kept below it: mkdir -p /var/lib\n")
    unmount("/var")


@case("N51: what is staged for a pending change becomes immutable: confirm is 77, a rollback 4, each names it, and the next run takes it away")
def _(shell):
    within = (*APPLY, "--confirm-within", "1h", "--accept", "timer-dies-with-container")
    for args, code in ((("confirm",), 77), (("rollback", "--yes"), 4)):
        shell.expect(shell.twctl(*within), 0)
        staged = f"/etc/sysctl.d/.twctl-{os.path.basename(newest_folder())[9:]}.tmp"
        if subprocess.run(["chattr", "+i", staged], capture_output=True, check=False).returncode != 0:
            shell.skipped.append("N51: this file system knows no chattr +i")
            shell.expect(shell.twctl("rollback", "--yes"), 0)
            return
        try:
            shell.expect(shell.twctl(*args), code, f"{staged} is immutable or append-only")
        finally:
            subprocess.run(["chattr", "-i", staged], check=True)
        shell.expect(shell.twctl("confirm" if code == 77 else "recover"), 0)
        shell.check(not os.path.exists(staged), f"{staged} is left")
        shell.value_is("30" if code == 77 else "60")
        shell.expect(shell.twctl("rollback", "--yes"), 0)


@case("N81: what is staged for a pending change is given to others: confirm puts it right; it gets a second name: 77, and a rollback is 0")
def _(shell):
    within = (*APPLY, "--confirm-within", "1h", "--accept", "timer-dies-with-container")
    for existed in (False, True):
        if existed:
            shell.expect(shell.twctl("apply", "--yes", "--set", "net.ipv4.tcp_keepalive_intvl=60"), 0)

        def pending():
            shell.expect(shell.twctl(*within), 0)
            return f"/etc/sysctl.d/.twctl-{os.path.basename(newest_folder())[9:]}.tmp"

        for give in (lambda path: os.chmod(path, 0o666), lambda path: os.chown(path, 1000, 1000), lambda path: os.chmod(path, 0o600)):
            give(pending())
            shell.expect(shell.twctl("confirm"), 0)
            now = os.lstat(host.OWN_FILE)
            shell.check((stat.S_IMODE(now.st_mode), now.st_uid, now.st_gid) == (0o644, 0, 0), f"{now} is what it has been given to")
            shell.expect(shell.twctl("rollback", "--yes"), 0)
        for spoil in (lambda path: os.link(path, "/etc/twin"), lambda path: (os.rename(path, "/etc/twin"), os.symlink("/etc/twin", path))):
            staged = pending()
            spoil(staged)
            shell.expect(shell.twctl("confirm"), 77, f"twctl: {staged} is ")
            shell.expect(shell.twctl("rollback", "--yes"), 0)
            shell.check(os.path.exists("/etc/twin") and not os.path.lexists(staged), "it is left, or what it led to is gone")
            shell.value_is("60")
            os.unlink("/etc/twin")
        staged = pending()
        os.link(staged, "/etc/sysctl.d/twin")
        os.rename("/etc/sysctl.d/twin", host.OWN_FILE)
        for args in (("rollback", "--dry-run"), ("rollback", "--yes")):
            shell.expect(shell.twctl(*args), 4, f"{host.OWN_FILE} is not a plain file with one name")
        shell.expect(shell.twctl("recover"), 0)
        shell.value_is("60")


@case("N78: the folder of the boot file becomes read-only while a change is pending: 4 for a rollback and its dry run alike")
def _(shell):
    shell.expect(shell.twctl(*APPLY, "--confirm-within", "1h", "--accept", "timer-dies-with-container"), 0)
    subprocess.run(["mount", "--bind", "/etc/sysctl.d", "/etc/sysctl.d"], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", "/etc/sysctl.d"], check=True)
    for args in (("rollback", "--dry-run"), ("rollback", "--yes")):
        shell.expect(shell.twctl(*args), 4, "/etc/sysctl.d/60-twctl.conf")
    unmount("/etc/sysctl.d")
    shell.expect(shell.twctl("recover"), 0)
    shell.value_is("60")


@case("N100: a file system where nobody makes files lies over the boot file's folder or /var/lib: plan, dry run and apply are 77 alike")
def _(shell):
    kinds = ("proc", "sysfs", "hugetlbfs")  # whose mounts are not those of the system
    for folder, target in (("/etc/sysctl.d", host.OWN_FILE), ("/var/lib", host.STATE)):
        for kind in kinds:
            if subprocess.run(["mount", "-t", kind, "none", folder], capture_output=True, check=False).returncode != 0:
                shell.skipped.append(f"N100: {kind} cannot be mounted here")
                continue
            for args in (("plan", "--set", KEY + "=30"), (*APPLY, "--dry-run"), APPLY):
                shell.expect(shell.here.run(*args), 77, f"twctl: {target} cannot be made: the file system of {folder} takes no new files\n"
                             f"  hint: it is proc, sysfs or the like, mounted there: see `findmnt -T {folder}`\n")
            unmount(folder)
    shell.value_is("60")


@case("N103: a folder of over 10,000 entries that a boot reads, or profiles lie in, is refused by name: 65; a rollback needs none of it")
def _(shell):
    shell.expect(shell.twctl(*APPLY), 0)
    for folder, args in (("/etc/cron.d", ("--set", KEY + "=25")), ("/etc/systemd/system/multi-user.target.wants", ("--set", KEY + "=25")),
                         ("/etc/sysctl.d", ("--set", KEY + "=25")), ("/etc/modules-load.d", ("--set", "net.netfilter.nf_conntrack_max=9999")),
                         ("/etc/twctl/profiles", ("busy-client",))):
        os.makedirs(folder, exist_ok=True)
        names = [f"{folder}/{number:05}{'x' * 240}.conf" for number in range(10001)]
        for name in names:
            host.put(name, "")
        for command in (("plan",), ("apply", "--yes", "--dry-run"), ("apply", "--yes")):
            shell.expect(shell.here.run(*command, *args), 65, f"twctl: {folder} has more than 10000 entries, which are not read\n"
                         "  hint: see which package or person has put them there\n")
        for name in names:
            os.unlink(name)
    host.put("/etc/twctl/profiles/none", "")
    shell.expect(shell.twctl("rollback", "--yes"), 0)
    shell.value_is("60")
    shutil.rmtree("/etc/twctl")  # the next case makes one of its own


@case("N101: /etc/sysctl.d that twctl has made goes again where the file system has no user's attributes")
def _(shell):
    os.unlink("/etc/sysctl.d/99-sysctl.conf")
    os.rmdir("/etc/sysctl.d")
    try:
        os.setxattr("/etc", "trusted.twctl", b"x")
        os.removexattr("/etc", "trusted.twctl")
        shell.expect(shell.here.run(*APPLY, inject="fsetxattr:error=EOPNOTSUPP:when=1"), 0)
        shell.expect(shell.twctl("rollback", "--yes"), 0)
        shell.check(not os.path.exists("/etc/sysctl.d"), "/etc/sysctl.d is left, empty")
    except OSError:
        shell.skipped.append("N101: nothing here may be given a trusted attribute")
    os.makedirs("/etc/sysctl.d", exist_ok=True)
    os.symlink("../sysctl.conf", "/etc/sysctl.d/99-sysctl.conf")


@case("N51: what is staged becomes immutable after the decision: 4 with its name, and the next run finishes it")
def _(shell):
    shell.check(shell.here.run(*APPLY, inject="renameat2:signal=SIGKILL:when=4").was_killed(), "it was not killed")
    staged = f"/etc/sysctl.d/.twctl-{os.path.basename(newest_folder())[9:]}.tmp"
    if subprocess.run(["chattr", "+i", staged], capture_output=True, check=False).returncode == 0:
        shell.expect(shell.twctl("recover"), 4, f"{staged} is immutable or append-only")
        subprocess.run(["chattr", "-i", staged], check=True)
    shell.expect(shell.twctl("recover"), 0)
    shell.value_is("30")
    shell.check(b"tcp_fin_timeout = 30" in host.read_bytes(host.OWN_FILE), "the boot file is not the new one")


@case("N52: a journal of changes to a boot file of 900 KiB is told of in 64 MiB")
def _(shell):
    host.put(host.SYSCTL_CONF, ("# " + "x" * 240 + "\n") * 3800)
    for value in range(20, 60):
        shell.expect(shell.here.run("apply", "--yes", "--boot-file", host.SYSCTL_CONF, "--set", f"{KEY}={value}"), 0)
    for args in (("status",), ("history",), ("apply", "--yes", "--set", KEY + "=59"), ("rollback", "--yes")):
        shell.expect(shell.twctl(*args, prepare=lambda: resource.setrlimit(resource.RLIMIT_AS, (64 << 20, 64 << 20)), seconds=5), 0)


@case("N80: a boot file with a value of over 32 KiB has not drifted, and is not taken for somebody else's change")
def _(shell):
    line = "net.ipv4.ip_local_reserved_ports = " + ",".join(str(port) for port in range(1025, 20000, 2)) + "\n"
    shell.check(len(line) > 32 << 10, "the line is short")
    host.put(host.SYSCTL_CONF, line)
    in_conf, live = ("--boot-file", host.SYSCTL_CONF), ("--scope", "live")
    other = "net.ipv4.tcp_keepalive_intvl="
    for wish in ((KEY + "=30", *in_conf), (other + "61", *live), (KEY + "=25", *in_conf), (other + "62", *live)):
        shell.expect(shell.twctl("apply", "--yes", "--set", *wish), 0)
        shell.expect(shell.twctl("status", "--exit-code"), 0)
    first = os.path.basename(sorted(os.listdir(host.CHANGES))[0])[9:]
    shell.expect(shell.twctl("rollback", "--yes", first), 3, "twctl: set again by a later change: ")
    shell.expect(shell.twctl("rollback", "--yes", "--to", first), 0)
    shell.value_is("60")
    shell.check(host.read_bytes(host.SYSCTL_CONF).decode() == line, "sysctl.conf is not as it was")


def made_often(path, text, values):
    """The journal of so many changes of a setting and of its line at the end of that file, the first of which the program has made."""
    first = newest_folder()
    members = json.loads(host.read_bytes(f"{first}/intent").split(b"\n", 1)[1])
    after = members["files"][0]["after"]
    for number, (old, new) in enumerate(zip(values, values[1:]), 2):
        lines = [after.replace(f"{KEY} = {values[0]}\n", f"{KEY} = {value}\n") for value in (old, new)]
        members.update(id=f"{number:032x}", sequence=number, settings=[{"key": KEY, "before": str(old), "after": str(new)}],
                       files=[{"path": path, "before": lines[0], "after": lines[1]}])
        folder = f"{host.CHANGES}/{number:08}-{members['id']}"
        shutil.copytree(first, folder)
        host.put(f"{folder}/intent", host.as_record(members))
    host.put(path, lines[1])
    host.put(FILE, f"{values[-1]}\n")


@case("N70: a journal of changes to a long boot file is pruned, and undone as a whole to the byte, in 64 MiB")
def _(shell):
    text = ("# " + "x" * 240 + "\n") * 1200  # two of each change are more than 64 MiB
    host.put(host.SYSCTL_CONF, text)
    wish = ("apply", "--yes", "--boot-file", host.SYSCTL_CONF, "--set")

    def in_little(*args):
        return shell.twctl(*args, prepare=lambda: resource.setrlimit(resource.RLIMIT_AS, (64 << 20, 64 << 20)), seconds=20)

    shell.expect(shell.here.run(*wish, KEY + "=20"), 0)
    first = os.path.basename(newest_folder())[9:]
    made_often(host.SYSCTL_CONF, text, [20 + number % 30 for number in range(107)])
    shell.expect(in_little(*wish, KEY + "=59"), 0)
    shell.check(len(os.listdir(host.CHANGES)) == 100, f"{len(os.listdir(host.CHANGES))} changes are left")
    with open("/run/history.json", "w+b") as whole:
        run = shell.twctl("history", "--json", stdout=whole, seconds=60,
                          prepare=lambda: resource.setrlimit(resource.RLIMIT_AS, (64 << 20, 64 << 20)))
        shell.expect(run, 0)
        whole.seek(0)
        changes = json.load(whole)["changes"]
    shell.check(len(changes) == 100 and all(change["files"][0]["after"].startswith(text[:-1]) for change in changes), "history --json is not whole")
    for args, code in ((("confirm",), 3), (("status",), 0), (("history", first), 0), (("history", first, "--json"), 0),
                       (("rollback", "--dry-run", "--to", first), 0), (("rollback", "--yes", "--to", first), 0)):
        shell.expect(in_little(*args), code)
    shell.check(host.read_bytes(host.SYSCTL_CONF) == text.encode(), "the boot file is not as before the first change")
    shell.value_is("60")


@case("H08, N16: confirm refuses a boot file's directory that others may write to by now: 77, and it goes back at the deadline")
def _(shell):
    shell.expect(shell.twctl(*APPLY, "--confirm-within", "1h", "--accept", "timer-dies-with-container"), 0)
    os.chmod("/etc/sysctl.d", 0o777)
    shell.expect(shell.twctl("confirm"), 77, "/etc/sysctl.d is writable by others")
    os.chmod("/etc/sysctl.d", 0o755)
    shell.expect(shell.twctl("confirm"), 0)
    shell.expect(shell.twctl("rollback", "--yes"), 0)


@case("P16: what root lacks without some capability, plan and rollback --dry-run foresee as apply and rollback meet it: 77")
def _(shell):
    def both(wish, why):
        for args in (("plan", *wish), ("apply", "--yes", *wish), ("rollback", "--dry-run"), ("rollback", "--yes")):
            shell.expect(shell.twctl(*args), 77, why)

    def without(capability):
        return ("setpriv", f"--bounding-set=-{capability}", f"--inh-caps=-{capability}", "--clear-groups")

    wish = ("--set", KEY + "=30")
    os.chmod("/var/lib", 0o555)
    shell.wrapper = without("dac_override")
    for args in (("plan", *wish), ("apply", "--yes", *wish)):
        shell.expect(shell.twctl(*args), 77, "twctl: /var/lib/twctl cannot be made: Permission denied\n")
    shell.wrapper = ()
    os.chmod("/var/lib", 0o755)
    shell.expect(shell.twctl(*APPLY), 0)
    os.chmod(host.CHANGES, 0o500)
    shell.wrapper = without("dac_override")
    both(("--set", KEY + "=35"), "Permission denied")
    shell.wrapper = ()
    os.chmod(host.CHANGES, 0o700)
    shell.expect(shell.twctl("rollback", "--yes"), 0)
    host.put("/etc/sysctl.conf", "net.core.somaxconn = 100\n")
    os.chown("/etc/sysctl.conf", 0, 4)
    wish = ("--boot-file", "/etc/sysctl.conf", *wish)
    shell.expect(shell.twctl("apply", "--yes", *wish), 0)
    shell.wrapper = without("chown")
    both((*wish[:-1], KEY + "=35"), "twctl: the new /etc/sysctl.conf cannot be prepared: Operation not permitted\n")
    shell.wrapper = ()
    shell.expect(shell.twctl("rollback", "--yes"), 0)


@case("P16: a boot file that cannot be read is refused by plan and apply, ours and any other, and status names it")
def _(shell):
    shell.expect(shell.twctl(*APPLY), 0)
    ours = host.read_bytes(host.OWN_FILE)
    too_large, no_file = "larger than 1 MiB", "is not a plain file with one name\n"

    def sparse(path):
        host.put(path, "")
        os.truncate(path, (1 << 20) + 1)

    makers = {"large": sparse, "fifo": os.mkfifo, "folder": os.mkdir, "dangling": lambda path: os.symlink("/none", path)}
    other = "/etc/sysctl.d/50-x.conf"
    for path, kind, code, text in ((host.OWN_FILE, "large", 65, too_large), (host.OWN_FILE, "fifo", 77, no_file),
                                   (host.OWN_FILE, "folder", 77, no_file), (host.OWN_FILE, "dangling", 77, "is a symbolic link"),
                                   (other, "large", 65, too_large), (other, "fifo", 65, "is not a regular file"),
                                   (other, "folder", 0, ""), (other, "dangling", 0, "")):
        if path == host.OWN_FILE:
            os.unlink(path)
        makers[kind](path)
        plan, status = shell.twctl("plan", "--exit-zero", "--set", KEY + "=25"), shell.twctl("status")
        shell.expect(plan, code, text)
        if code:
            shell.expect(shell.twctl("apply", "--yes", "--set", KEY + "=25"), code, text, path)
            shell.expect(status, 0, path)
            shell.expect(shell.twctl("apply", "--yes", "--set", KEY + "=25", "--scope", "live"), 0)
            shell.expect(shell.twctl("rollback", "--yes"), 0)
        os.rmdir(path) if kind == "folder" else os.unlink(path)
        host.put(host.OWN_FILE, ours)
        os.chmod(host.OWN_FILE, 0o644)
    host.put(other, b"#" * (1 << 20))
    shell.expect(shell.twctl("apply", "--yes", "--set", KEY + "=25"), 0)
    os.unlink(other)
    shell.value_is("25")


@case("S29: what a killed run left staged is applied by no loader, and recover takes it away")
def _(shell):
    for left in ("/etc/sysctl.d/.twctl-dead.tmp", "/etc/.twctl-dead.tmp"):
        host.put(left, KEY + " = 99\n")
    subprocess.run(["sysctl", "--system", "--pattern", "^net.ipv4.tcp_fin_timeout$"], capture_output=True, check=False)
    systemd = "/usr/lib/systemd/systemd-sysctl"
    if os.path.exists(systemd):
        subprocess.run([systemd, "--prefix=/net/ipv4/tcp_fin_timeout"], capture_output=True, check=False)
    shell.value_is("60")
    shell.expect(shell.twctl("recover"), 0, "Nothing to recover.\n")
    shell.check(not host.litter(shell.here.look()), str(host.litter(shell.here.look())))


# Found on the program itself.

@case("H01: links that lead out of an image lead nowhere out of it, and the host's own journal is not the image's")
def _(shell):
    shell.check(shell.here.run(*APPLY, inject="renameat2:signal=SIGKILL:when=3").was_killed(), "it was not killed")
    here = shell.here.look()
    mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/mnt")
    os.makedirs("/mnt/var")
    os.makedirs("/mnt/proc")
    os.symlink("/var/lib", "/mnt/var/lib")
    os.symlink("/etc", "/mnt/etc")
    root = ("--root", "/mnt")
    for args in (("recover", *root), ("rollback", "--yes", *root), ("apply", "--yes", "--set", KEY + "=20", "--scope", "boot", *root)):
        run = shell.twctl(*args)
        shell.check(run.code not in (0, 4), f"{args[0]} ended with {run.code}: {run.out}")
        shell.check(shell.here.look() == here, f"{args[0]} --root changed the host")
    os.unlink("/mnt/var/lib")
    os.makedirs("/mnt/var/lib")
    mount("--bind", "/var/lib", "/mnt/var/lib")
    shell.expect(shell.twctl("recover", *root), 77, "is the running system's own /var/lib")
    shell.check(shell.here.look() == here, "recover --root changed the host")
    subprocess.run(["umount", "-R", "/mnt"], check=True)
    shell.expect(shell.twctl("recover"), 0, "was rolled back")
    shell.value_is("60")


@case("H01: the host's /etc, mounted over that of an image with an unfinished change, is not written to, and nothing in it is taken away")
def _(shell):
    mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/mnt")
    os.makedirs("/mnt/var/lib")
    os.makedirs("/mnt/etc/sysctl.d")
    root = ("--root", "/mnt")
    change = ("apply", "--yes", "--set", KEY + "=20", "--scope", "boot", "--accept", "later-writer", *root)
    for when, after in ((3, None), (4, f"{KEY} = 20\n")):  # before the decision, and after it
        shell.check(shell.here.run(*change, inject=f"renameat2:signal=SIGKILL:when={when}").was_killed(), "it was not killed")
        mount("--bind", "/etc", "/mnt/etc")
        host.put("/etc/sysctl.d/.twctl-0.tmp", "staged\n")
        before = untouched()
        for args in (("recover", *root), ("rollback", "--yes", *root), change):
            shell.expect(shell.twctl(*args), 4, "/mnt/etc is the running system's own /etc")
        shell.check(untouched() == before, "the host's /etc has changed")
        os.unlink("/etc/sysctl.d/.twctl-0.tmp")
        unmount("/mnt/etc")
        shell.expect(shell.twctl("recover", *root), 0)
        path = "/mnt" + host.OWN_FILE
        shell.check(after in host.read_bytes(path).decode() if after else not os.path.exists(path), "it is not as decided")
    unmount("/mnt")


@case("N91: the host's /etc/sysctl.d, mounted into an image at the same place, keeps what is staged there for the host's pending change")
def _(shell):
    mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/mnt")
    os.makedirs("/mnt/var/lib")
    os.makedirs("/mnt/etc/sysctl.d")
    shell.expect(shell.twctl("apply", "--yes", "--set", KEY + "=40", "--confirm-within", "60", "--accept", "timer-dies-with-container"), 0)
    mount("--bind", "/etc/sysctl.d", "/mnt/etc/sysctl.d")
    before = untouched()
    root = ("--root", "/mnt")
    apply = ("apply", "--yes", "--set", KEY + "=20", "--scope", "boot")
    for code, args in ((0, ("recover",)), (0, ("rollback", "--yes")), (3, ("confirm",)), (77, apply)):
        run = shell.twctl(*args, *root, prepare=lambda: None)  # a dry run takes nothing away, so it does not say what it left
        shell.expect(run, code, "left as it is: /mnt/etc/sysctl.d/60-twctl.conf", "/mnt/etc/sysctl.d is the running system's own /etc/sysctl.d")
        shell.check(untouched() == before, f"{args}: something in the host's /etc has changed")
    unmount("/mnt/etc/sysctl.d")
    shell.expect(shell.twctl("confirm"), 0)
    shell.value_is("40")
    unmount("/mnt")


@case("N94: in a namespace of users that has no number for who runs twctl, plan, dry run and apply say alike that no file can be made")
def _(shell):
    shell.wrapper = ("unshare", "--user")
    for command in (("plan",), ("apply", "--yes")):
        shell.expect(shell.twctl(*command, "--set", KEY + "=30", "--accept", "later-writer"), 1, "the new /etc/sysctl.d/60-twctl.conf cannot be prepared: Invalid")
    shell.wrapper = ()
    shell.value_is("60")


@case("H01: a link of an image leads to where it would if the image were /, and nothing is written where it leads from here")
def _(shell):
    mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/mnt")
    for folder in ("/run/elsewhere/lib", "/run/elsewhere/etc"):
        os.makedirs(folder)
        os.makedirs("/mnt" + folder)
    os.makedirs("/mnt/var")
    os.symlink("/run/elsewhere/lib", "/mnt/var/lib")
    os.symlink("/run/elsewhere/etc", "/mnt/etc")
    shell.expect(shell.twctl("apply", "--yes", "--set", KEY + "=20", "--scope", "boot", "--accept", "later-writer", "--root", "/mnt"), 0)
    shell.check(os.listdir("/run/elsewhere/lib") == os.listdir("/run/elsewhere/etc") == [], "it wrote outside of the image")
    shell.check(os.listdir("/mnt/run/elsewhere/lib") == ["twctl"], f"in the image is {os.listdir('/mnt/run/elsewhere/lib')}")
    shutil.rmtree("/run/elsewhere")
    unmount("/mnt")


@case("H03: a boot file that is a mount point is refused by plan and apply; one that becomes it later is 4, and finished after it")
def _(shell):
    shell.expect(shell.twctl(*APPLY), 0)
    other = (*APPLY[:-1], KEY + "=25")
    host.put("/run/other", "x\n")
    mount("--bind", "/run/other", host.OWN_FILE)
    refusal = "twctl: /etc/sysctl.d/60-twctl.conf is a mount point, so it cannot be replaced\n"
    shell.expect(shell.twctl(*other), 77, refusal)
    shell.expect(shell.twctl("plan", *other[2:]), 77, refusal)
    shell.value_is("30")
    unmount(host.OWN_FILE)
    shell.check(shell.here.run(*other, inject="renameat2:signal=SIGKILL:when=4").was_killed(), "it was not killed")
    mount("--bind", host.OWN_FILE, host.OWN_FILE)
    shell.expect(shell.twctl("recover"), 4, "/etc/sysctl.d/60-twctl.conf is a mount point")
    unmount(host.OWN_FILE)
    shell.expect(shell.twctl("recover"), 0)
    shell.value_is("25")
    shell.check(b"tcp_fin_timeout = 25" in host.read_bytes(host.OWN_FILE), "the boot file is not the new one")


@case("H13: a state directory that cannot be opened for want of memory, descriptors or a disk is 1, with the reason")
def _(shell):
    shell.expect(shell.twctl(*APPLY), 0)
    for error, reason in (("EIO", "Input/output error"), ("EMFILE", "Too many open files"), ("ENFILE", "Too many open files in system"),
                          ("ENOMEM", "Cannot allocate memory")):
        for args in (("status",), ("rollback", "--yes")):
            run = shell.here.run(*args, inject=f"openat:error={error}:when=1+", paths=("/var/lib/twctl",))
            shell.expect(run, 1, "twctl: /var/lib/twctl", f": {reason}\n")
    shell.value_is("30")


@case("H13, N109: with few descriptors, however few, it is done, or it is 1 before anything is changed, and says so")
def _(shell):
    wish = ("--set", KEY + "=25")
    whole = shell.twctl("plan", *wish).out
    codes = set()
    for most in range(4, 28):
        refused = set()
        for args in (("plan", *wish), ("apply", "--yes", *wish), ("rollback", "--yes"), ("status",), ("recover",),
                     ("apply", "--yes", *wish, "--confirm-within", "1h")):
            run = shell.twctl(*args, prepare=lambda most=most: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most)))
            codes.add((args[0], run.code))
            named = run.code == 1 and not run.out and run.err == (
                "twctl: too few open files are allowed (ulimit -n): twctl needs 20 more\n  hint: raise it, as with: ulimit -n 1024\n")
            refused.add(named)
            fine = named or run.code == 0 or run.code == 2 and run.out == whole
            shell.check(fine, f"{args[0]} with {most} descriptors ended with {run.code}: {run.err}{run.out}")
        shell.check(len(refused) == 1, f"with {most} descriptors some commands are done and others are not")
        shell.expect(shell.twctl("recover"), 0)
        shell.expect(shell.twctl("rollback", "--yes"), 0)
        shell.value_is("60")
    shell.check({("plan", 1), ("plan", 2), ("apply", 1), ("apply", 0)} <= codes, f"not both was seen: {codes}")


# The environment.

def applied(shell, run, code, *texts):
    shell.expect(run, code, *texts)
    shell.value_is("30")
    shell.check(host.read_bytes(host.OWN_FILE).endswith(b"net.ipv4.tcp_fin_timeout = 30\n"), "the boot file is not right")
    shell.check(not host.unfinished(shell.here.look()), "the change has no end")


@case("E03: a full disk behind standard output: applied, 74, and said")
def _(shell):
    with open("/dev/full", "wb") as full:
        applied(shell, shell.twctl(*APPLY, stdout=full), 74, "twctl: the output could not be written: No space left on device\n")
        shell.expect(shell.twctl("rollback", "--yes", stdout=full), 74)
    shell.value_is("60")


@case("E04: a reader who has gone away: applied all the same")
def _(shell):
    reader, writer = os.pipe()
    os.close(reader)
    applied(shell, shell.twctl(*APPLY, stdout=writer), 74)
    os.close(writer)


@case("closed standard descriptors: nothing of ours gets the output")
def _(shell):
    def close_all():
        for descriptor in (0, 1, 2):
            os.close(descriptor)

    applied(shell, shell.twctl(*APPLY, prepare=close_all, stdout=None), 74)


@case("E10, E11: the umask decides nothing")
def _(shell):
    for mask in (0o000, 0o777):
        applied(shell, shell.twctl(*APPLY, prepare=lambda mask=mask: os.umask(mask) and None), 0)
        folder = newest_folder()
        modes = {path: mode_of(path) for path in (host.STATE, host.CHANGES, folder, host.OWN_FILE)}
        shell.check(list(modes.values()) == [0o700, 0o700, 0o700, 0o644], f"umask {mask:o}: {modes}")
        for path in [host.STATE + "/lock", *(f"{folder}/{name}" for name in os.listdir(folder))]:
            shell.check(mode_of(path) == 0o600, f"umask {mask:o}: {path} has mode {mode_of(path):o}")
        shell.expect(shell.twctl("rollback", "--yes"), 0)


@case("E13, E14: few descriptors and little memory: done, or refused with nothing changed")
def _(shell):
    for what, amount in ((resource.RLIMIT_NOFILE, 8), (resource.RLIMIT_NOFILE, 16), (resource.RLIMIT_AS, 32 << 20)):
        before = (host.whole_tree(), host.whole_etc())
        run = shell.twctl(*APPLY, prepare=lambda what=what, amount=amount: resource.setrlimit(what, (amount, amount)))
        if run.code == 0:
            applied(shell, run, 0)
            shell.expect(shell.twctl("rollback", "--yes"), 0)
        else:
            shell.check(run.code in (1, 69, 70, 77, 127), f"{amount}: it ended with {run.code}: {run.err}")
            shell.check(before == (host.whole_tree(), host.whole_etc()), f"{amount}: {run.code}, and something has changed")


@case("E14: a small stack that may be made larger ends no run in the middle")
def _(shell):
    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    for allowed in (hard, 512 << 10):  # the second may be all that there is, without CAP_SYS_RESOURCE

        def small(allowed=allowed):
            resource.setrlimit(resource.RLIMIT_STACK, (64 << 10, allowed))

        applied(shell, shell.twctl(*APPLY, prepare=small), 0)
        shell.expect(shell.twctl("rollback", "--yes", prepare=small), 0)


@case("E18: a killed apply is undone by whichever changing command comes next")
def _(shell):
    for args in (APPLY, ("rollback", "--yes"), ("recover",)):
        shell.here.restore(shell.start)
        shell.check(shell.here.run(*APPLY, inject="renameat2:signal=SIGKILL:when=3").was_killed(), "it was not killed")
        shell.value_is("30")
        shell.expect(shell.twctl("status"), 0, "twctl recover")
        shell.expect(shell.twctl(*args), 0, " had been interrupted and was rolled back\n")
        shell.value_is("30" if args == APPLY else "60")


@case("E20: without /proc there is nothing to apply to")
def _(shell):
    mount("-t", "tmpfs", "tmpfs", "/mnt")
    for folder in ("/mnt/etc", "/mnt/var/lib", "/mnt/proc"):
        os.makedirs(folder)
    for folder in ("usr", "lib", "lib64", "bin"):
        if os.path.isdir("/" + folder):
            os.makedirs("/mnt/" + folder, exist_ok=True)
            mount("--rbind", "/" + folder, "/mnt/" + folder)
    program = "/mnt/twctl"
    host.put(program, host.read_bytes(shell.here.program))
    os.chmod(program, 0o755)
    ended = subprocess.run(["chroot", "/mnt", "/twctl", *APPLY], capture_output=True, text=True, check=False)
    shell.expect(host.Run(ended.returncode, ended.stdout, ended.stderr, []), 69, "/proc is not procfs: there are no live settings to read")
    shell.check(os.listdir("/mnt/etc") == [], "it wrote below /etc")
    subprocess.run(["umount", "-R", "/mnt"], check=True)


# Third parties, and twice.

@case("C05: an id that is none of ours is refused")
def _(shell):
    shell.expect(shell.twctl("rollback", "--yes", "beef"), 3, "twctl: no change has an id that begins with beef\n")
    shell.expect(shell.twctl(*APPLY), 0)
    for args in (("rollback", "--yes", "xyz"), ("rollback", "--yes", "--to", "xyz"), ("history", "xyz")):
        shell.expect(shell.twctl(*args), 3, "twctl: no change has an id that begins with xyz\n")


def nothing_written(shell, *args):
    before = (shell.here.stamps(), host.whole_tree())
    run = shell.twctl(*args)
    shell.check(before == (shell.here.stamps(), host.whole_tree()), f"{args[0]} wrote something")
    return run


@case("C06: a second apply, a second rollback and a second recover write nothing")
def _(shell):
    shell.expect(shell.twctl(*APPLY), 0)
    shell.expect(nothing_written(shell, *APPLY), 0)
    shell.expect(shell.twctl("rollback", "--yes"), 0)
    shell.expect(nothing_written(shell, "rollback", "--yes"), 0, "Nothing is left to roll back.\n")
    shell.expect(nothing_written(shell, "recover"), 0, "Nothing to recover.\n")


@case("C08: what somebody else has set back already needs no rollback")
def _(shell):
    shell.expect(shell.twctl(*APPLY), 0)
    host.put(FILE, "60")
    shell.expect(shell.twctl("rollback", "--yes"), 0)
    shell.value_is("60")


@case("C09: a value that went away and came back counts as ours, and is restored")
def _(shell):
    shell.expect(shell.twctl(*APPLY), 0)
    host.put(FILE, "45")
    host.put(FILE, "30")
    shell.expect(shell.twctl("rollback", "--yes"), 0)
    shell.value_is("60")


@case("a value that somebody else has set since is refused, kept, and overwritten with --force KEY only")
def _(shell):
    shell.expect(shell.twctl(*APPLY), 0)
    host.put(FILE, "45")
    shell.expect(shell.twctl("status"), 0, KEY, "45")
    shell.expect(shell.twctl("rollback", "--yes"), 3, "twctl: changed by somebody else since: net.ipv4.tcp_fin_timeout is 45\n")
    shell.expect(shell.twctl("rollback", "--yes", "--force", "tcp_tw_reuse"), 3)
    shell.value_is("45")
    shell.expect(shell.twctl("rollback", "--yes", "--force", "tcp_fin_timeout"), 0)
    shell.value_is("60")


@case("C11: a boot file that somebody else has deleted needs no rollback")
def _(shell):
    shell.expect(shell.twctl(*APPLY), 0)
    os.unlink(host.OWN_FILE)
    shell.expect(shell.twctl("rollback", "--yes"), 0)
    shell.value_is("60")


AWAIT = ("--confirm-within", "1h", "--accept", "timer-dies-with-container")
INTO_CONF = (*APPLY, "--boot-file", host.SYSCTL_CONF)


def may_write(path, user=1000):
    probe = subprocess.run(["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "sh", "-c", f"exec 3>>{path}"],
                           capture_output=True, check=False)
    return probe.returncode == 0


def access_list(*entries):
    """As the kernel has it: (tag, rights, id) each."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


NOBODY_BY_NAME = 0xFFFFFFFF
OPEN_TO_1000 = access_list((1, 6, NOBODY_BY_NAME), (2, 6, 1000), (4, 4, NOBODY_BY_NAME), (16, 6, NOBODY_BY_NAME), (32, 4, NOBODY_BY_NAME))


@case("N25: what becomes of a boot file's mode, owner and access control list while a change is pending stays so with confirm")
def _(shell):
    def now():
        status = os.lstat(host.SYSCTL_CONF)
        return stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, [(name, os.getxattr(host.SYSCTL_CONF, name))
                                                                           for name in os.listxattr(host.SYSCTL_CONF)]

    def closed():
        os.chmod(host.SYSCTL_CONF, 0o600)
        os.chown(host.SYSCTL_CONF, 0, 4)

    def listed():
        os.setxattr(host.SYSCTL_CONF, "system.posix_acl_access", access_list((1, 6, NOBODY_BY_NAME), (2, 4, 1000), (4, 0, NOBODY_BY_NAME),
                                                                             (16, 4, NOBODY_BY_NAME), (32, 0, NOBODY_BY_NAME)))

    for change in (closed, listed, lambda: os.removexattr(host.SYSCTL_CONF, "system.posix_acl_access")):
        shell.expect(shell.twctl(*INTO_CONF, *AWAIT), 0)
        change()
        wanted = now()
        shell.expect(shell.twctl("confirm"), 0)
        shell.check(now() == wanted, f"it is {now()} instead of {wanted}")
        shell.check(b"tcp_fin_timeout" in host.read_bytes(host.SYSCTL_CONF), "the boot file is not the new one")
        shell.expect(shell.twctl("rollback", "--yes"), 0)
        shell.check(now() == wanted, f"after the rollback it is {now()} instead of {wanted}")
    shell.value_is("60")


def in_container(shell, *args):
    """As root without CAP_SYS_ADMIN, who may give a file no label."""
    shell.wrapper = ("setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin")
    try:
        return shell.twctl(*args)
    finally:
        shell.wrapper = ()


@case("N62: a label that this run could not give the new boot file: 77 in plan and dry runs too; set while a change is pending, of confirm")
def _(shell):
    def labelled():
        try:
            os.setxattr(host.SYSCTL_CONF, "security.twctl", b"x")
        except OSError:
            shell.skipped.append("N62: this file system has no labels")
            return False
        return True

    why = "the new /etc/sysctl.conf cannot be prepared: this run may not give it security.twctl, as the old one has it\n  hint: run it with CAP_SYS_ADMIN; for security.capability that is CAP_SETFCAP"
    shell.expect(in_container(shell, *INTO_CONF, *AWAIT), 0)
    for args in (("confirm", "--dry-run"), ("confirm",)) if labelled() else ():
        shell.expect(in_container(shell, *args), 77, why)
    shell.expect(in_container(shell, "rollback", "--yes"), 0)
    shell.value_is("60")
    for args in (("plan", *INTO_CONF[2:]), (*INTO_CONF, "--dry-run"), INTO_CONF) if labelled() else ():
        shell.expect(in_container(shell, *args), 77, why)
    shell.expect(shell.twctl(*INTO_CONF), 0)  # with all capabilities
    no_labels = any(why.startswith("N62") for why in shell.skipped)
    shell.check(no_labels or os.getxattr(host.SYSCTL_CONF, "security.twctl") == b"x", "the new boot file has no label")
    shell.expect(shell.twctl("rollback", "--yes"), 0)
    if not no_labels:
        os.removexattr(host.SYSCTL_CONF, "security.twctl")


@case("N63: an extended attribute that somebody takes off a boot file while a change is pending does not come back with confirm")
def _(shell):
    for name in ("user.twctl", "security.twctl", "trusted.twctl"):
        try:
            os.setxattr(host.SYSCTL_CONF, name, b"x")
        except OSError:
            shell.skipped.append(f"N63: this file system has no {name}")
            continue
        shell.expect(shell.twctl(*INTO_CONF, *AWAIT), 0)
        os.removexattr(host.SYSCTL_CONF, name)
        shell.expect(shell.twctl("confirm"), 0)
        shell.check(name not in os.listxattr(host.SYSCTL_CONF), f"{name} is there again")
        shell.expect(shell.twctl("rollback", "--yes"), 0)
        shell.check(name not in os.listxattr(host.SYSCTL_CONF), f"{name} is there again after the rollback")


@case("N102: what IMA and EVM have said of a boot file's bytes is not said of its new ones, and keeps nobody from writing them")
def _(shell):
    said = ("security.ima", "security.evm")
    try:
        for name in said:
            os.setxattr(host.SYSCTL_CONF, name, b"\4\4" + bytes(32))
    except OSError:
        shell.skipped.append("N102: this file system has no labels, or the kernel minds them")
        return
    shell.expect(in_container(shell, "plan", *INTO_CONF[2:]), 2)
    shell.expect(in_container(shell, *INTO_CONF, *AWAIT), 0)
    shell.expect(in_container(shell, "confirm"), 0)
    shell.check(not os.listxattr(host.SYSCTL_CONF), f"the new boot file has {os.listxattr(host.SYSCTL_CONF)}")
    shell.expect(shell.twctl("rollback", "--yes"), 0)


@case("N61: in a chroot no boot of the running system reads the files: live only, and said; its own boot with --scope boot")
def _(shell):
    mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/mnt")
    tree = "/mnt/tree"
    for folder in ("up", "work", "tree"):
        os.mkdir("/mnt/" + folder)
    try:
        mount("-t", "overlay", "-o", "lowerdir=/,upperdir=/mnt/up,workdir=/mnt/work", "none", tree)
    except subprocess.SubprocessError:
        shell.skipped.append("N61: this system mounts no overlay")
        return unmount("/mnt")
    mount("-t", "proc", "proc", tree + "/proc")
    for folder in ("/run", "/var/lib", "/etc/sysctl.d"):
        mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", tree + folder)
    shutil.copy(shell.here.program, tree + "/run/twctl")
    etc = host.whole_etc()

    def inside(code, *args, says=""):
        ended = subprocess.run(["chroot", tree, "/run/twctl", *args], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        shell.runs += 1
        shell.expect(host.Run(ended.returncode, ended.stdout, ended.stderr, []), code, says)

    own = tree + host.OWN_FILE
    note = "note: process 1 has another root directory than this run, which is in a chroot"
    inside(2, "plan", "--set", KEY + "=30", says=note)
    inside(0, *APPLY, says="live values are set and read back, until the next boot.")
    shell.value_is("30")
    shell.check(not os.path.exists(own), "it has written a boot file")
    inside(0, "rollback", "--yes")
    inside(0, *APPLY, "--scope", "boot", "--accept", "later-writer")
    shell.value_is("60")
    shell.check(os.path.exists(own), "it has written no boot file of the tree")
    shell.check(host.whole_etc() == etc, "it has changed something below /etc")
    shell.expect(shell.twctl(*APPLY), 0)  # outside
    shell.check(os.path.exists(host.OWN_FILE), "outside it has written no boot file")
    for folder in ("/etc/sysctl.d", "/var/lib", "/run", "/proc", ""):
        unmount(tree + folder)
    unmount("/mnt")


@case("N26: the access control list that a folder gives its new files opens no boot file that was closed, and keeps no rollback from it")
def _(shell):
    for mode, path, args in ((0o664, host.SYSCTL_CONF, INTO_CONF), (0o640, host.SYSCTL_CONF, INTO_CONF), (0o644, host.OWN_FILE, APPLY)):
        os.chmod(host.SYSCTL_CONF, mode)
        folder = os.path.dirname(path)
        os.setxattr(folder, "system.posix_acl_default", OPEN_TO_1000)
        try:
            shell.expect(shell.twctl(*args), 0)
            shell.check(not may_write(path), f"uid 1000 may write {path}")
            shell.check(os.listxattr(path) == [] and mode_of(path) == mode, f"{path} has {os.listxattr(path)} and mode {mode_of(path):o}")
            shell.expect(shell.twctl("rollback", "--yes"), 0)
        finally:
            os.removexattr(folder, "system.posix_acl_default")
    shell.value_is("60")


@case("N27: a device, FIFO or socket of an image is looked at, and not opened, wherever it stands")
def _(shell):
    devices = ("/etc/sysctl.conf", "/etc/sysctl.d/60-twctl.conf", "/etc/sysctl.d/50-x.conf", "/etc/os-release", "/etc/twctl/profiles/mine.ini",
               "/var/lib/twctl/lock", "/var/lib/twctl/pending", "/etc/rc.local")
    commands = (("plan", "--set", KEY + "=20"), ("plan", "mine"), ("audit",), ("status",), ("snapshot",), ("recover",), ("history",),
                ("apply", "--yes", "--set", KEY + "=20", "--scope", "boot"), ("rollback", "--yes"))
    mount("-t", "tmpfs", "-o", "mode=0755,dev", "tmpfs", "/mnt")
    for device in devices:
        for folder in ("/mnt/etc/sysctl.d", "/mnt/etc/twctl/profiles", "/mnt/var/lib/twctl/changes"):
            os.makedirs(folder)
        os.chmod("/mnt/var/lib/twctl", 0o700)
        os.chmod("/mnt/var/lib/twctl/changes", 0o700)
        try:
            os.mknod("/mnt" + device, stat.S_IFCHR | 0o600, os.makedev(1, 5))
        except PermissionError:
            shell.skipped.append("N27: this system lets us make no device")
            break
        for args in commands:
            for without in ([], ["-e", "inject=openat2:error=ENOSYS"]):
                ended = subprocess.run(["strace", "-f", "-qq", "-yy", "-o", "/run/trace", "-e", "trace=openat,openat2,open", *without,
                                        shell.here.program, *args, "--root", "/mnt"], capture_output=True, check=False, stdin=subprocess.DEVNULL)
                shell.runs += 1
                opened = [line for line in host.read_bytes("/run/trace").decode(errors="replace").splitlines()
                          if line.endswith("1:5>>") and "O_PATH" not in line]
                shell.check(not opened, f"{args[0]} opened {device}: {opened}")
                shell.check(ended.returncode >= 0, f"{args[0]} ended with {ended.returncode}")
        for folder in ("/mnt/etc", "/mnt/var"):
            shutil.rmtree(folder)
    unmount("/mnt")


@case("N28: a folder called pending in the state directory: with nothing in it it goes; else 77 in plan and dry runs too, with what to do")
def _(shell):
    pending = host.STATE + "/pending"
    shell.expect(shell.twctl(*APPLY), 0)
    for args in (("apply", "--yes", "--set", KEY + "=25"), ("rollback", "--yes"), ("recover",), ("apply", "--yes", "--set", KEY + "=35", *AWAIT)):
        os.mkdir(pending)
        shell.expect(shell.twctl("status"), 0)
        shell.expect(shell.twctl(*args), 0)
        shell.check(not os.path.isdir(pending), f"{args[0]} left it")
    shell.expect(shell.twctl("rollback", "--yes"), 0)
    os.makedirs(pending + "/kept")
    why = "twctl: /var/lib/twctl/pending is a folder, where a file is to be\n  hint: look at what is in it, then take it away: rm -r /var/lib/twctl/pending\n"
    for args in (("plan", "--set", KEY + "=25"), ("apply", "--yes", "--set", KEY + "=25"), ("rollback", "--yes"), ("recover",)):
        shell.expect(shell.twctl(*args), 77, why)
    shell.expect(shell.twctl("status"), 0)
    shutil.rmtree(pending)
    shell.expect(shell.twctl("rollback", "--yes"), 0)
    shell.value_is("60")


# Profiles that others could have written.

def apply_profile(shell, path, code, *texts):
    shell.expect(shell.twctl("apply", "--yes", path), code, *texts)


@case("P31, P32, P34, P35: a profile that others may write, or lead to, is not applied")
def _(shell):
    mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/mnt")
    os.mkdir("/mnt/open")
    profile = "[linux]\nnet.ipv4.tcp_fin_timeout = 30\n"
    for path, mode in (("/mnt/safe.ini", 0o644), ("/mnt/world.ini", 0o666), ("/mnt/group.ini", 0o664), ("/mnt/open/p.ini", 0o644)):
        host.put(path, profile)
        os.chmod(path, mode)
    os.chown("/mnt/group.ini", 0, 1000)
    os.chmod("/mnt/open", 0o777)
    for link, owner in (("/mnt/ours.ini", 0), ("/mnt/his.ini", 1000)):
        os.symlink("/mnt/safe.ini", link)
        os.lchown(link, owner, owner)
    mend = "\n  hint: install -D -m 0644 -o root -g root {0} /etc/twctl/profiles/{1}\n"
    for path, why in (("/mnt/world.ini", "/mnt/world.ini is writable by others"),
                      ("/mnt/group.ini", "/mnt/group.ini is writable by group 1000"),
                      ("/mnt/open/p.ini", "/mnt/open is writable by others")):
        apply_profile(shell, path, 77, "twctl: not applied: ", why, "install -D -m 0644 -o root -g root ")
    apply_profile(shell, "/mnt/his.ini", 77, "twctl: not read: the link /mnt/his.ini is owned by uid 1000",
                  "name the file that it leads to")
    shell.check(not os.path.exists(host.STATE), "a refused profile left a state directory")
    apply_profile(shell, "/mnt/ours.ini", 0)
    unmount("/mnt")
    shell.value_is("30")


@case("H20: the command that a message has can be pasted, and mends what is wrong")
def _(shell):
    def pasted(run, pattern):
        found = re.search(pattern, run.err)
        shell.check(found, f"it names no command like {pattern!r} but {run.err!r}")
        command = re.sub("^twctl", shell.here.program, found[1]) if found else "true"
        ended = subprocess.run(["sh", "-c", command], capture_output=True, check=False)
        shell.check(ended.returncode == 0, f"the command {command!r} ends with {ended.returncode}: {ended.stderr}")

    folder = "/etc/twctl/profiles"
    os.makedirs(folder)
    host.put(folder + "/mine.ini", "[linux]\nnet.ipv4.tcp_fin_timeout = 30\n")
    for path, mode, sound in ((folder + "/mine.ini", 0o666, 0o644), (folder, 0o777, 0o755)):
        os.chmod(path, mode)
        pasted(shell.twctl("apply", "--yes", "mine"), "hint: (chmod .*)\n")
        shell.check(mode_of(path) == sound, f"{path} has mode {mode_of(path):o}")
    apply_profile(shell, "mine", 0)
    shell.expect(shell.twctl("rollback", "--yes"), 0)
    mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/mnt")
    root = "/mnt/a b"
    os.makedirs(root + "/etc/sysctl.d")
    os.makedirs(root + host.STATE)
    os.chmod(root + host.STATE, 0o777)
    wish = ("apply", "--yes", "--set", KEY + "=20", "--scope", "boot", "--accept", "later-writer", "--root", root)
    pasted(shell.twctl(*wish), "`(chown .*)`\n")
    shell.expect(shell.twctl(*wish), 0)
    os.unlink(newest_folder(root) + "/done")
    pasted(shell.twctl("rollback", "--dry-run", "--root", root), "hint: run: (twctl .*)\n")
    shell.expect(shell.twctl("rollback", "--yes", "--root", root), 0)
    unmount("/mnt")


@case("N67: what mends a profile that others may write is done where it lies, where a copy would not be found")
def _(shell):
    def mended(*args):
        run = shell.twctl("apply", "--yes", *args)
        shell.expect(run, 77)
        found = re.search("hint: (ch.*)\n", run.err)
        shell.check(found, f"it does not say how to mend it: {run.err!r}")
        subprocess.run(["sh", "-c", found[1] if found else "true"], check=True)
        shell.expect(shell.twctl("apply", "--yes", *args), 0)
        shell.expect(shell.twctl("rollback", "--yes"), 0)

    mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/mnt")
    for folder in ("/mnt/tuned/base", "/mnt/tuned/mine", "/mnt/own"):
        os.makedirs(folder)
    host.put("/mnt/tuned/base/tuned.conf", f"[sysctl]\n{KEY}=44\n")
    host.put("/mnt/tuned/mine/tuned.conf", "[main]\ninclude=base\n[sysctl]\nnet.ipv4.tcp_tw_reuse=1\n")
    for path in ("/mnt/tuned/base/tuned.conf", "/mnt/tuned/mine/tuned.conf"):
        os.chmod(path, 0o666)
        mended("/mnt/tuned/mine/tuned.conf")
    host.put("/mnt/own/base2.ini", f"[linux]\n{KEY}=50\n")
    host.put("/mnt/own/child.ini", "[profile]\nextends=base2\n[linux]\nnet.ipv4.tcp_tw_reuse=1\n")
    os.chown("/mnt/own", 1000, 1000)
    mended("child", "--profile-dir", "/mnt/own")
    # A copy would take the place of another profile.
    os.makedirs("/etc/twctl/profiles", exist_ok=True)
    host.put("/etc/twctl/profiles/base2.ini", f"[linux]\n{KEY}=20\n")
    os.chmod("/mnt/own/base2.ini", 0o666)
    mended("/mnt/own/base2.ini")
    unmount("/mnt")


# Signals.

def waits(run, what):
    """Whether the process sleeps, and has opened that file, or reads from standard input ("stdin")."""
    try:
        if host.read_bytes(f"/proc/{run.pid}/stat").split(b")")[-1].split()[0] != b"S":
            return False
        if what == "stdin":
            return host.read_bytes(f"/proc/{run.pid}/syscall").startswith(b"0 0x0 ")
        return any(os.path.realpath(f"/proc/{run.pid}/fd/{name}") == what for name in os.listdir(f"/proc/{run.pid}/fd"))
    except OSError:
        return False


def ended_by(shell, sent, args, what):
    run = subprocess.Popen([shell.here.program, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    while run.poll() is None and not waits(run, what):
        pass
    run.send_signal(sent)
    said = run.communicate(timeout=20)[0]
    shell.runs += 1
    shell.check(run.returncode == -sent, f"{args} ended with {run.returncode} on {sent.name}: {said}")


@case("H10: a signal ends who waits for the lock, for standard input or for a deadline, and leaves nothing half done")
def _(shell):
    shell.expect(shell.twctl(*APPLY), 0)
    wait = ("--wait", "1h")
    before = untouched()
    for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        with open(host.STATE + "/lock", "wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for args in ((*APPLY[:-1], KEY + "=25", *wait), ("rollback", "--yes", *wait), ("confirm", *wait)):
                ended_by(shell, sent, args, host.STATE + "/lock")
        for args in (("plan", "-"), ("apply", "--yes", "-"), ("audit", "--from", "-")):
            ended_by(shell, sent, args, "stdin")
    shell.check(before == untouched(), "something has changed")
    shell.expect(shell.twctl(*APPLY[:-1], KEY + "=25", "--confirm-within", "1h"), 0)
    journal = shell.here.stamps()
    for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        ended_by(shell, sent, ("recover", "--when-due"), host.STATE + "/pending")
    shell.check(journal == shell.here.stamps(), "recover --when-due wrote something")
    shell.value_is("25")
    shell.expect(shell.twctl("confirm"), 0)
    shell.expect(shell.twctl("rollback", "--yes"), 0)
    shell.value_is("30")


@case("N68: a signal that comes while FILE of -o is written waits until that is done: nothing of it is left behind")
def _(shell):
    mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/mnt")
    slow = ("strace", "-f", "-qq", "-o", "/run/slow", "-e", "trace=fsync", "-e", "inject=fsync:delay_enter=1000000:when=1")
    for sent in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        tracer = subprocess.Popen([*slow, shell.here.program, "states", "-o", "/mnt/states.prom", "--format", "prometheus"])
        children = f"/proc/{tracer.pid}/task/{tracer.pid}/children"
        while not any(name.endswith(".new") for name in os.listdir("/mnt")) and tracer.poll() is None:
            time.sleep(0.01)
        for child in host.read_bytes(children).split():
            os.kill(int(child), sent)
        shell.check(tracer.wait() == -sent, f"it ended with {tracer.returncode} on {sent.name}")
        shell.check(os.listdir("/mnt") == ["states.prom"], f"{sent.name} has left {os.listdir('/mnt')}")
        os.unlink("/mnt/states.prom")
        shell.runs += 1
    unmount("/mnt")


# What may lie over /proc/sys.

@case("K15, N06: a tmpfs over /proc/sys, or a part of it, is not written to")
def _(shell):
    for path, code in (("/proc/sys", 69), ("/proc/sys/net", 69), ("/proc/sys/net/ipv4", 77)):
        mount("-t", "tmpfs", "tmpfs", path)
        try:
            run = shell.here.run(*APPLY)
            shell.check(os.listdir(path) == [], f"it wrote to {path}")
        finally:
            unmount(path)
        shell.expect(run, code)
    shell.value_is("60")


@case("K16: a file over a setting is not written to")
def _(shell):
    host.put("/run/fake", "60\n")
    for source in ("/run/fake", "/dev/null", host.setting_path("net.ipv4.tcp_syncookies")):
        mount("--bind", source, FILE)
        try:
            run = shell.here.run(*APPLY)
            content = host.read_bytes(source)
        finally:
            unmount(FILE)
        shell.expect(run, 77, FILE + " is not the kernel's own file: another file is mounted over it")
        shell.check(content in (b"60\n", b"", b"1\n"), f"it wrote to {source}")
    shell.value_is("60")


@case("K18, N03: a read-only /proc/sys is refused, unless nothing has to change")
def _(shell):
    mount("--bind", "/proc/sys", "/proc/sys")
    mount("-o", "remount,bind,ro", "/proc/sys")
    try:
        run = shell.twctl(*APPLY)
        equal = shell.twctl("apply", "--yes", "--set", KEY + "=60")
        boot = shell.twctl(*APPLY, "--scope", "boot")
    finally:
        unmount("/proc/sys")
    shell.expect(run, 77, "twctl: net.ipv4.tcp_fin_timeout cannot be written: read-only on this host\n")
    shell.expect(equal, 0)
    shell.expect(boot, 0)
    shell.value_is("60")


def kind_of(shell, *args):
    run = shell.twctl(*args, "--json")
    shell.expect(run, 77)
    return json.loads(run.out)["error"]["kind"]


@case("K18, S02, S23: 77 is of two kinds, what the host lets nobody write and all else")
def _(shell):
    for folder, options in (("/proc/sys", ("--bind", "/proc/sys")), ("/etc", ("--bind", "/etc")), ("/var/lib", ("--bind", "/var/lib")),
                            ("/var/lib", ("-t", "tmpfs", "tmpfs"))):
        mount(*options, folder)
        mount("-o", "remount,bind,ro", folder)
        try:
            shell.check(kind_of(shell, *APPLY) == "unwritable", f"a read-only {folder} is not unwritable")
        finally:
            unmount(folder)
    host.put("/etc/mine.ini", "[linux]\n" + KEY + " = 30\n")
    os.chmod("/etc/mine.ini", 0o666)
    shell.check(kind_of(shell, "apply", "--yes", "/etc/mine.ini") == "denied", "a profile that others may write is not denied")
    os.chmod(host.STATE, 0o777)
    shell.check(kind_of(shell, *APPLY) == "denied", "a state directory that others may write is not denied")


@case("N05: a setting outside of twctl's catalogue is refused")
def _(shell):
    for key in ("kernel.core_pattern", "net/ipv4/../../kernel/core_pattern", "/proc/sys/kernel/core_pattern"):
        shell.expect(shell.twctl("apply", "--yes", "--set", key + "=x"), 65)
    shell.check(not os.path.exists(host.STATE), "a refused key left a state directory")


# Output.

NASTY = "\x1b]0;title\x07\x1b[2J\u202e\n" + "x" * 5000


@case("O01, O05: whatever is echoed is printable and cut")
def _(shell):
    for args in (("rollback", "--yes", NASTY), ("rollback", "--yes", "--to", NASTY), ("history", NASTY), ("apply", "--yes", NASTY),
                 ("apply", "--yes", "--plan", NASTY), ("apply", "--yes", "--set", NASTY), ("rollback", "--force", NASTY),
                 ("apply", "--yes", "--set", KEY + "=30", "--boot-file", "/" + NASTY), ("recover", NASTY), ("status", NASTY),
                 (*APPLY, "--netns", NASTY), (*APPLY, "--accept", NASTY), (*APPLY, "--wait", NASTY), ("apply", "--" + NASTY)):
        run = shell.twctl(*args)
        shell.check(run.code in (3, 64, 65, 66, 77), f"{args[:-1]}: it ended with {run.code}: {run.err}")
        shell.check("x" * 257 not in run.err, f"{args[:-1]}: a long text was echoed whole")


@case("O01: a reason, a profile's name and SUDO_USER are kept as they are and shown escaped")
def _(shell):
    os.environ["SUDO_USER"] = "ann\x1b[31m"
    try:
        shell.expect(shell.twctl(*APPLY, "--reason", "why\x1b[2J\nnot"), 0)
    finally:
        del os.environ["SUDO_USER"]
    change = os.path.basename(newest_folder())[9:]
    for args in (("history",), ("history", change), ("status",)):
        shell.expect(shell.twctl(*args), 0)
    shell.expect(shell.twctl("history", change), 0, "why\\x1b[2J\\x0anot", "ann\\x1b[31m")


@case("O02: with --json there is one document, errors included")
def _(shell):
    for args, code in (((*APPLY,), 0), ((*APPLY,), 0), (("status",), 0), (("history",), 0), (("rollback", "--dry-run"), 0),
                       (("rollback", "--yes"), 0), (("rollback", "--yes"), 0), (("recover",), 0), (("rollback", "beef"), 3),
                       (("apply",), 64), (("apply", "--yes", "/no/such"), 66), (("apply", "--yes", "--set", "x=1"), 65),
                       (("apply", "--set", KEY + "=30"), 3)):
        run = shell.twctl(*args, "--json")
        shell.check(run.code == code, f"{args}: it ended with {run.code}: {run.err}")
        try:
            document = json.loads(run.out)
            shell.check(code == 0 or document["error"]["code"] == code, f"{args}: {document}")
        except (ValueError, KeyError):
            shell.check(False, f"{args}: no document: {run.out!r}")


@case("a saved plan that is none is refused by its kind")
def _(shell):
    mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/mnt")
    for content in (b"", b"{}", b"[1]", b"\0\xff", b'{"format_version": "1.0", "command": "plan"}'):
        host.put("/mnt/plan.json", content)
        shell.expect(shell.twctl("apply", "--yes", "--plan", "/mnt/plan.json"), 65)
    shell.expect(shell.twctl("apply", "--yes", "--plan", "/mnt/none.json"), 66)
    shell.expect(shell.twctl("plan", "--exit-zero", "--set", KEY + "=30", "-o", "/mnt/plan.json"), 0)
    host.put(FILE, "45")
    shell.expect(shell.twctl("apply", "--yes", "--plan", "/mnt/plan.json"), 3, "the host has moved since the plan was made")
    host.put(FILE, "60")
    shell.expect(shell.twctl("apply", "--yes", "--plan", "/mnt/plan.json"), 0)
    unmount("/mnt")
    shell.value_is("30")


WITHOUT_OPENAT2 = re.compile(r"K\d|S(?!12|20)\d")  # all but the two of many runs


def try_case(shell, name, function):
    """Lines of what was wrong."""
    shell.wrong = []
    shutil.rmtree(host.STATE, ignore_errors=True)
    shell.here.restore(shell.start)
    try:
        function(shell)
    except (OSError, subprocess.SubprocessError) as problem:
        shell.wrong.append(f"the test itself failed: {problem!r}")
    return [f"FAILED: {name}: {line}" for line in shell.wrong]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--only", default="", help="cases whose name has this in it")
    parser.add_argument("--share", default="1/1", help="K/N: every N-th of those cases, from the K-th on")
    parser.add_argument("--long", action="store_true", help="cut records at every length")
    options = parser.parse_args()
    host.enter()
    shell = Shell(options.program)
    shell.long, shell.skipped = options.long, []
    chosen = host.share([(name, function) for name, function in CASES if options.only in name], options.share)
    failures = [line for name, function in chosen for line in try_case(shell, name, function)]
    # E29: as on an old kernel, and as in a sandbox.
    again = [(name, function) for name, function in chosen if WITHOUT_OPENAT2.match(name)]
    for error in ("ENOSYS", "EPERM"):
        shell.wrapper = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=openat2", "-e", f"inject=openat2:error={error}")
        failures += [line for name, function in again for line in try_case(shell, f"without openat2 ({error}): {name}", function)]
    for line in sorted(set(shell.skipped)):
        print("not tried:", line)
    print(f"hostile: {len(chosen)} cases, {len(again)} of them twice more without openat2, {shell.runs} runs")
    host.end(len(chosen) + 2 * len(again), failures)


main()
