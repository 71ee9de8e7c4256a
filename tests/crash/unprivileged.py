#!/usr/bin/env python3
"""unprivileged.py PROGRAM: without being the host's root. Root of a user namespace and a user with CAP_NET_ADMIN alone change
live values, each with a state directory of his own; a plain user is told that he may not, and leaves nothing behind.
"""
import os
import stat
import subprocess
import sys

import host

KEY = "net.ipv4.tcp_fin_timeout"
LIVE = ("apply", "--yes", "--scope", "live", "--set", KEY + "=30")
USER = 65534


class Caller:
    """Somebody who runs the program on this host, and what was wrong with it."""

    def __init__(self, here, prefix):
        self.here, self.prefix, self.wrong = here, prefix, []

    def run(self, *args):
        return self.here.run(*args, prefix=self.prefix)

    def expect(self, run, code, *texts):
        if run.code != code:
            self.wrong.append(f"it ended with {run.code} instead of {code}: {run.err or run.out}")
        self.wrong += [f"it does not say {text!r} but {run.out + run.err!r}" for text in texts if text not in run.out + run.err]

    def value_is(self, value):
        if host.words(host.value_of(KEY)) != value:
            self.wrong.append(f"{KEY} is {host.value_of(KEY)!r} instead of {value}")

    def there_and_back(self):
        self.expect(self.run(*LIVE), 0)
        self.value_is("30")
        self.expect(self.run("status"), 0, "Everything is as twctl left it.")
        self.expect(self.run("rollback", "--yes"), 0)
        self.value_is("60")
        self.expect(self.run("recover"), 0, "Nothing to recover.")


def owner_and_mode(path):
    status = os.stat(path)
    return status.st_uid, stat.S_IMODE(status.st_mode)


def plain_user(here):
    """E21: without and with something to see in the state directory."""
    caller = Caller(here, ("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"))
    for args in ((*LIVE,), ("apply", "--yes", "--set", KEY + "=30"), ("rollback", "--yes"), ("recover",), (*LIVE, "--dry-run"),
                 ("apply", "--dry-run", "--set", KEY + "=60"), ("rollback", "--dry-run"), ("confirm", "--dry-run")):
        caller.expect(caller.run(*args), 77, "twctl: /var/lib/twctl cannot be made: Permission denied\n  hint: as root only: sudo twctl " + " ".join(args) + "\n")
    caller.expect(caller.run("status"), 0)
    if os.path.exists(host.STATE):
        caller.wrong.append("a plain user left a state directory")
    caller.expect(here.run(*LIVE), 0)
    for args in ((*LIVE,), ("rollback", "--yes"), ("recover",), ("status",), ("history",), (*LIVE, "--dry-run"), ("confirm", "--dry-run")):
        caller.expect(caller.run(*args), 77, "twctl: /var/lib/twctl")
    caller.value_is("30")
    caller.expect(here.run("rollback", "--yes"), 0)
    return caller.wrong


def capability_only(here):
    """A user who may set the network up and nothing else: live values, with a state directory of his own."""
    os.mkdir(host.STATE, 0o700)
    os.chown(host.STATE, USER, USER)
    capability = ("--inh-caps=+net_admin", "--ambient-caps=+net_admin", "--bounding-set=-all,+net_admin")
    caller = Caller(here, ("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *capability))
    caller.there_and_back()
    caller.expect(caller.run("apply", "--yes", "--set", KEY + "=30"), 77, "/etc/sysctl.d/60-twctl.conf", "Permission denied")
    caller.value_is("60")
    if owner_and_mode(host.CHANGES) != (USER, 0o700):
        caller.wrong.append(f"the journal belongs to {owner_and_mode(host.CHANGES)}")
    # What is his is not root's: root does not act on it.
    caller.expect(here.run("recover"), 77, "twctl: /var/lib/twctl is not safe: it belongs to uid 65534 and has mode 0700\n")
    return caller.wrong


def user_namespace(here):
    """As `unshare -Urn` with a writable /var/lib: in a network namespace that is new each time, so in one go. In one of the host's it is
    root that may not write.
    """
    script = f"""
    mount -t tmpfs -o mode=0755 tmpfs /var/lib && ip link set lo up || exit 99
    "$0" {' '.join(LIVE)} >/dev/null && cat {host.setting_path(KEY)} &&
    "$0" rollback --yes >/dev/null && cat {host.setting_path(KEY)} && "$0" recover && stat -c %u:%a {host.STATE}
    """
    caller = Caller(here, ())
    as_user = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
    command = [*as_user, "unshare", "--user", "--map-root-user", "--net", "--mount", "sh", "-c", script, here.program]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if ended.returncode == 99 or ended.stderr.startswith("unshare: "):
        print("not tried: a plain user may make no user namespace here:", ended.stderr.strip())
        return []
    caller.expect(host.Run(ended.returncode, ended.stdout, ended.stderr, []), 0)
    if ended.stdout != "30\n60\nNothing to recover.\n0:700\n":
        caller.wrong.append(f"it went {ended.stdout!r}: {ended.stderr}")
    caller.value_is("60")
    script = f"""mount -t tmpfs -o mode=0755 tmpfs /var/lib && "$0" {' '.join(LIVE)} --json"""
    command = [*as_user, "unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, here.program]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    caller.expect(host.Run(ended.returncode, ended.stdout, ended.stderr, []), 77, f"{KEY} cannot be written: Permission denied", '"unwritable"')
    return caller.wrong


def main(program):
    host.enter()
    if host.read_bytes("/proc/self/uid_map").split()[2] == b"1":  # root of a user namespace of one user
        sys.exit(host.SKIPPED + "only root can become somebody else")
    here = host.Host(program, [KEY])
    # Where the others may read it.
    host.put("/run/twctl", host.read_bytes(here.program))
    os.chmod("/run/twctl", 0o755)
    here.program = "/run/twctl"
    start = here.look()
    failures = []
    for who in (plain_user, capability_only, user_namespace):
        subprocess.run(["rm", "-rf", host.STATE], check=True)
        here.restore(start)
        before = host.whole_etc()
        failures += [f"FAILED: {who.__name__}: {line}" for line in who(here)]
        if host.whole_etc() != before:
            failures.append(f"FAILED: {who.__name__}: something below /etc has changed")
    print("\n".join(failures))
    print(f"unprivileged: a plain user, a capability and a user namespace: {len(failures)} not as they must be")
    sys.exit(1 if failures else 0)


main(sys.argv[1])
