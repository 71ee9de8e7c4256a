#!/usr/bin/env python3
"""reach.py PROGRAM: what the changing commands ask of the system, by strace. Promise P7: opened for writing, made, moved and
deleted is only what is listed here; nothing is executed, nothing but the watchdog is forked, and nothing is looked for where the environment points
(hostile state E07). And an apply of six keys, live and boot, syncs at most twelve times.
"""
import os
import re
import subprocess
import sys

import host

KEYS = {"net.ipv4.tcp_fin_timeout": "30", "net.ipv4.tcp_tw_reuse": "1", "net.ipv4.tcp_keepalive_intvl": "60",
        "net.ipv4.tcp_keepalive_probes": "5", "net.ipv4.tcp_retries2": "10", "net.core.somaxconn": "16384"}
MOST_SYNCS = 12
APPLY = ("apply", "--yes", *(word for key, value in KEYS.items() for word in ("--set", f"{key}={value}")))
CALLS = ("open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,link,linkat,symlink,symlinkat,mknod,"
         "mknodat,truncate,ftruncate,chmod,fchmod,fchmodat,fchmodat2,chown,fchown,fchownat,lchown,utimensat,setxattr,lsetxattr,fsetxattr,"
         "removexattr,fremovexattr,mount,umount2,setns,unshare,chroot,execve,execveat,fork,vfork,clone,clone3,kill,ptrace,connect,sendto,"
         "sendmsg,bind,fsync,fdatasync,sync,syncfs,copy_file_range,sendfile,bpf,io_uring_setup,memfd_create")

FRESH = r"/etc/(sysctl\.d/)?\.twctl-ID-new\.tmp"
STAGED = r"/etc/(sysctl\.d/)?\.twctl-ID\.tmp"
BOOT = r"/etc/(sysctl\.d/60-twctl|sysctl)\.conf"
HALF = r"/var/lib/twctl/changes/\.tmp-N-ID"
CHANGE = r"/var/lib/twctl/changes/N-ID"
RECORD = r"(intent|restore-live\.conf|before-60-twctl\.conf|before-sysctl\.conf)"
SETTINGS = "|".join(re.escape(host.setting_path(key)) for key in KEYS)
ALLOWED = [re.compile(pattern) for pattern in (
    r"write /var/lib/twctl/lock", rf"write {HALF}/{RECORD}", rf"write {HALF}-(decision|done)", rf"write {FRESH}",
    rf"write ({SETTINGS})",
    r"mkdirat /var/lib/twctl(/changes)?", rf"mkdirat {HALF}", r"mkdirat /etc/sysctl\.d",
    rf"renameat2 {HALF} {CHANGE}", rf"renameat2 {HALF}-(decision|done) {CHANGE}/(decision|done)", rf"renameat2 {FRESH} {STAGED}", rf"renameat2 {STAGED} {BOOT}",
    rf"renameat2 {BOOT} {STAGED}",
    rf"unlinkat ({STAGED}|{HALF}-(decision|done)|/var/lib/twctl/pending)",
    rf"fchmod (/var/lib/twctl(/changes|/lock)?|{HALF}(-(decision|done)|/{RECORD})?|{FRESH})", rf"fchown {FRESH}",
    r"fsync .*",
    r"sendto /dev/log", r"sendto NETLINK",  # one line for syslog; which ports are listening
)]
# Only where a change awaits confirmation.
AWAITING = [re.compile(pattern) for pattern in (
    r"write /var/lib/twctl/pending", rf"write {HALF}-applied", rf"fchmod {HALF}-applied", rf"renameat2 {HALF}-applied {CHANGE}/applied",
    r"clone3? \d+ +.*SIGCHLD.*", r"write /dev/null",  # the watchdog, which takes its output there
)]
PATH = re.compile(r'(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"([^"]*)"')
DESCRIPTOR = re.compile(r"\(\d+<([^>]*)>")


def deed(line):
    """"write PATH" and the like for one line of strace's; None for what only reads or failed."""
    name = re.match(r"\d+ +(\w+)\(", line).group(1)
    text = re.sub(r"\b[0-9a-f]{32}\b", "ID", re.sub(r"\b\d{8}-(?=[0-9a-f]{32})", "N-", line))
    paths = [os.path.join(folder, path) if path else folder for folder, path in PATH.findall(text)]
    if name.startswith("open"):
        if not re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND|O_TMPFILE", line):
            return None
        looks = re.search(r"O_WRONLY\|O_NONBLOCK\|O_NOFOLLOW\|O_CLOEXEC\)", line)
        return f"{'look-for-writing' if looks else 'write'} {paths[0]}"
    if name == "sendto":
        return "sendto " + ("/dev/log" if 'sun_path="/dev/log"' in line else "NETLINK" if "NETLINK" in line else line)
    if paths:
        return " ".join([name, *paths])
    return f"{name} {DESCRIPTOR.search(text).group(1)}" if DESCRIPTOR.search(text) else f"{name} {line}"


def traced(here, *args):
    """(exit code, deeds, raw lines), those of a watchdog among them: it is waited for."""
    evil = {"HOME": "/evil", "TMPDIR": "/evil", "XDG_CONFIG_HOME": "/evil", "XDG_DATA_HOME": "/evil", "XDG_STATE_HOME": "/evil"}
    command = ["strace", "-f", "-qq", "-y", "-s", "300", "-o", "/run/reach", "-e", "trace=?" + CALLS.replace(",", ",?"), here.program, *args]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, env={**os.environ, **evil})
    lines = [line for line in host.read_bytes("/run/reach").decode(errors="replace").splitlines() if re.match(r"\d+ +\w+\(", line)]
    return ended.returncode, [found for found in map(deed, lines) if found], lines


def confirmation_runs(here):
    """A change that awaits confirmation: undone by its watchdog, confirmed, and undone by the timer of systemd's."""
    here.run("rollback", "--yes")
    yield "apply --confirm-within 5, and its watchdog", *traced(here, *APPLY, "--confirm-within", "5")
    for args in (("confirm",), ("recover", "--when-due")):
        here.run(*APPLY, "--confirm-within", "3600")
        if args != ("confirm",):
            here.expire()
        yield f"{' '.join(args)} of a pending change", *traced(here, *args)
        here.run("rollback", "--yes")


def wrong_in(name, code, deeds, lines, more=()):
    wrong = [] if code == 0 else [f"it ended with {code}"]
    if not deeds or not deeds[0].startswith("execve "):
        return [f"FAILED: {name}: nothing was traced"]
    wrong += [f"P7: {found}" for found in deeds[1:] if not any(pattern.fullmatch(found) for pattern in (*ALLOWED, *more))]
    wrong += [f"E07: {line}" for line in lines[1:] if "/evil" in line]
    return [f"FAILED: {name}: {line}" for line in wrong]


def values():
    return [host.read_bytes("/proc/sys/" + key.replace(".", "/")) for key in KEYS]


def syncs(deeds):
    return sum(found.startswith(("fsync ", "fdatasync ")) for found in deeds)


def main(program):
    host.enter()
    here = host.Host(program, KEYS)
    probe = subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True, check=False)
    if probe.returncode != 0:
        sys.exit(host.SKIPPED + "strace does not work here")
    failures, counted = [], []
    conf = ("--boot-file", host.SYSCTL_CONF)
    for number, args in enumerate((APPLY, APPLY, ("rollback", "--dry-run"), ("rollback", "--yes"), ("rollback", "--yes"), (*APPLY, "--dry-run"),
                                   (*APPLY, *conf), ("rollback", "--yes"), ("apply", "--yes", "--scope", "live", *APPLY[2:4]), APPLY,
                                   ("status",), ("history",), ("recover",))):
        before = values()
        code, deeds, lines = traced(here, *args)
        name = f"run {number + 1}, {' '.join(args[:2])}"
        failures += wrong_in(name, code, deeds, lines)
        counted.append(syncs(deeds))
        if args[0] in ("status", "history") or "--dry-run" in args:
            # A dry run sees whether a setting may be written by opening it; that no value has changed is seen by its value.
            looks = ("sendto", "write /proc/sys/") if "--dry-run" in args else ("sendto",)
            failures += [f"FAILED: {name}: it changed something: {found}" for found in deeds[1:] if not found.startswith(looks)]
            if values() != before:
                failures.append(f"FAILED: {name}: a value has changed")
        if counted[-1] > MOST_SYNCS:
            failures.append(f"FAILED: {name}: {counted[-1]} syncs: {deeds}")
    for at in ("renameat2:signal=SIGKILL:when=3", "renameat2:signal=SIGKILL:when=4"):
        here.run("rollback", "--yes")
        if not here.run(*APPLY, inject=at).was_killed():
            failures.append(f"FAILED: {at}: apply was not killed")
        code, deeds, lines = traced(here, "recover")
        failures += wrong_in(f"recover after {at}", code, deeds, lines)
        counted.append(syncs(deeds))
    for name, code, deeds, lines in confirmation_runs(here):
        failures += wrong_in(name, code, deeds, lines, AWAITING)
        counted.append(syncs(deeds))
    failures += [] if counted[0] >= 8 else [f"FAILED: only {counted[0]} syncs in the first apply: is it traced?"]
    print("\n".join(failures))
    print(f"reach: {len(counted)} runs, syncs in each: {' '.join(map(str, counted))} (at most {MOST_SYNCS}): "
          f"{len(failures)} not as they must be")
    sys.exit(1 if failures else 0)


main(sys.argv[1])
