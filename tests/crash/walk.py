#!/usr/bin/env python3
"""walk.py PROGRAM [--walks N] [--steps N] [--seed N]: random walks of applies, rollbacks of any kind, pending changes and restarts,
with one or the other boot file, of several settings, often to values that were there before. After each step status knows of no
drift and no conflict, and nothing is called somebody else's; at the end step by step `rollback` leads back to the first boot files,
byte for byte, and after one more restart to the first values (docs/safety.md, H27).

A restart is another network namespace, which the boot files are loaded into, with another boot id; or with the same one, as a
container has that is started again on its host.
"""
import argparse
import json
import os
import random
import re
import signal
import subprocess
import uuid

import host

VALUES = {"net.ipv4.tcp_fin_timeout": ("30", "45", "50"), "net.ipv4.tcp_keepalive_time": ("600", "1200", "7200"), "net.ipv4.tcp_tw_reuse": ("0", "1"),
          "net.ipv4.ip_local_port_range": ("20000 60000", "10000 65000"), "net.core.somaxconn": ("5000", "6000"),
          "net.ipv4.ip_local_reserved_ports": ("8080", "8080,9000-9005")}
ACCEPT = [part for hazard in ("shadowed", "later-writer", "ports-privileged", "protection-lower", "timer-dies-with-container") for part in ("--accept", hazard)]
BOOT_ID = "/proc/sys/kernel/random/boot_id"
FILES = (host.OWN_FILE, host.SYSCTL_CONF)
MOST_ROLLBACKS = 200


class Walk:
    def __init__(self, here, seed):
        self.here, self.chance, self.wrong, self.log = here, random.Random(seed), [], []
        self.boots, self.same_boot = 0, seed % 3 == 0
        self.restart()
        self.first = (self.values(), self.files())

    def twctl(self, *args):
        run = self.here.run(*args, prefix=("nsenter", f"--net=/run/netns/boot{self.boots}"))
        self.log.append(f"{' '.join(args)} -> {run.code} {run.err.splitlines()[:1]}")
        return run

    def restart(self):
        for pid in filter(str.isdigit, os.listdir("/proc")):  # a restart ends all processes; this one holds its network namespace
            if host.read_bytes(f"/proc/{pid}/comm") == b"twctl-watchdog\n":
                os.kill(int(pid), signal.SIGKILL)
        self.boots += 1
        name = f"boot{self.boots}"
        subprocess.run(["ip", "netns", "add", name], check=True)
        if self.boots == 1 or not self.same_boot:
            host.put("/run/boot_id", str(uuid.UUID(int=self.chance.getrandbits(128))) + "\n")
            subprocess.run(["umount", BOOT_ID], check=False, stderr=subprocess.DEVNULL)
            subprocess.run(["mount", "--bind", "/run/boot_id", BOOT_ID], check=True)
        for path in filter(os.path.exists, FILES):  # in the order in which systemd-sysctl reads them
            subprocess.run(["ip", "netns", "exec", name, "sysctl", "-q", "-p", path], check=True)
        if self.boots > 1:
            subprocess.run(["ip", "netns", "del", f"boot{self.boots - 1}"], check=True)
        self.log.append("restart")

    def values(self):
        paths = [host.setting_path(key) for key in VALUES]
        shown = subprocess.run(["ip", "netns", "exec", f"boot{self.boots}", "grep", "", *paths], check=True, capture_output=True, text=True)
        return [line.split() for line in shown.stdout.splitlines()]

    @staticmethod
    def files():
        return {path: host.read_bytes(path) if os.path.exists(path) else None for path in FILES}

    def complain(self, what):
        self.wrong.append(f"{what}\n      after: " + "\n             ".join(self.log[-12:]))

    def changes(self):
        return [change["id"] for change in json.loads(self.twctl("history", "--json").out)["changes"]]

    def apply(self, *more):
        args = ["--scope", self.chance.choice(("both", "both", "live", "boot")), *more]
        if args[1] != "live" and self.chance.random() < 0.4:
            args += ["--boot-file", host.SYSCTL_CONF]
        for key in self.chance.sample(sorted(VALUES), self.chance.choice((1, 1, 2, 3))):
            args += ["--set", f"{key}={self.chance.choice(VALUES[key])}"]
        run = self.twctl("apply", "--yes", "-q", *ACCEPT, *args)
        if run.code != 0:
            self.complain(f"apply ended with {run.code}: {run.err}")
        return run

    def try_one(self):
        """A change that awaits confirmation, and its end."""
        if "Pending" in self.apply("--confirm-within", "1h").out:
            run = self.twctl(*self.chance.choice((("confirm",), ("rollback", "--yes"))))
            if run.code != 0:
                self.complain(f"a pending change cannot be ended: {run.err}")

    def roll_back(self, *which):
        run = self.twctl("rollback", "--yes", "-q", *which)
        below_another = which and run.code == 3 and "set again by a later change" in run.err
        if (run.code != 0 and not below_another) or "somebody else" in run.err:
            self.complain(f"rollback {' '.join(which)} ended with {run.code}: {run.err}")

    def step(self):
        kind = self.chance.choices(("apply", "try", "newest", "any", "to", "restart"), (8, 1, 3, 2, 1, 2))[0]
        if kind == "apply":
            self.apply()
        elif kind == "try":
            self.try_one()
        elif kind == "restart":
            self.restart()
        else:
            known = self.changes() if kind != "newest" else []
            which = [self.chance.choice(known)] if known else []
            self.roll_back(*(["--to"] if which and kind == "to" else []), *which)
        status = json.loads(self.twctl("status", "--json").out)
        for member in ("drift", "conflicts", "damaged", "interrupted", "pending"):
            if status[member]:
                self.complain(f"status has {member}: {status[member]}")

    def lead_back(self):
        """Newest first, and where that is refused the way that the hint names."""
        which = []
        for _ in range(MOST_ROLLBACKS):
            run = self.twctl("rollback", "--yes", "--json", *which)
            which = re.findall(r"(--to) (\w+)", run.out)[0] if run.code == 3 and "set again by a later change" in run.out else []
            if run.code != 0 and not which:
                self.complain(f"rollback ended with {run.code}: {run.out}")
                return
            if run.code == 0 and json.loads(run.out)["state"] == "unchanged":
                return
        self.complain("it does not lead back")

    def end(self):
        self.lead_back()
        if self.files() != self.first[1]:
            self.complain(f"the boot files are {self.files()}, and were {self.first[1]}")
        self.same_boot = False
        self.restart()
        if self.values() != self.first[0]:
            self.complain(f"the values are {self.values()}, and were {self.first[0]}")
        subprocess.run(["ip", "netns", "del", f"boot{self.boots}"], check=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--walks", type=int, default=3)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1, help="of the first walk; those that 3 divides are of a container")
    options = parser.parse_args()
    host.enter()
    os.makedirs("/run/netns", exist_ok=True)
    here = host.Host(options.program, VALUES)
    start = here.look()
    failures = []
    for seed in range(options.seed, options.seed + options.walks):
        walk = Walk(here, seed)
        for _ in range(options.steps):
            walk.step()
            if walk.wrong:
                break
        if not walk.wrong:
            walk.end()
        failures += [f"FAILED: seed {seed}: {wrong}" for wrong in walk.wrong[:1]]
        here.restore(start)
    print(f"walks: {options.walks} of {options.steps} steps")
    host.end(options.walks, failures)


main()
