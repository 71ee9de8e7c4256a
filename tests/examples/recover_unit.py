#!/usr/bin/env python3
"""recover_unit.py PROGRAM: systemd takes the units of scripts/systemd as they are, and what twctl-recover.service allows
is enough.

There is no systemd to start it here: an interrupted change is recovered with the file system, the capabilities and the command
line that the unit gives to its process.
"""
import configparser
import os
import pathlib
import shutil
import subprocess
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "crash"))
import host  # noqa: E402  (it lies in the folder of the suites that it was made for)

UNIT = TESTS.parent / "scripts/systemd/twctl-recover.service"
KEY = "net.ipv4.tcp_fin_timeout"
BIN = "/usr/local/sbin"  # covered for the test


def check(holds, what, said=""):
    if not holds:
        sys.exit(f"{what}\n{said}")


class Repeated(dict):
    """A unit may give an option again and again: all of it counts."""

    def __setitem__(self, name, value):
        if isinstance(value, list) and name in self:
            self[name].extend(value)
        else:
            super().__setitem__(name, value)


def words_of(unit, section, name):
    return unit.get(section, name).split()


def verify():
    """systemd's own reading of every unit. It wants the program at its place."""
    copies = pathlib.Path("/run/units")
    copies.mkdir()
    for unit in UNIT.parent.iterdir():
        text = unit.read_text(encoding="utf-8").replace("/usr/sbin/twctl", f"{BIN}/twctl")
        (copies / unit.name).write_text(text, encoding="utf-8")
    ran = subprocess.run(["systemd-analyze", "verify", "--man=no", *copies.iterdir()], capture_output=True, text=True, check=False)
    about_ours = [line for line in ran.stderr.splitlines() if "twctl" in line or "ycle" in line]
    check(ran.returncode == 0 and not about_ours, "systemd-analyze verify:", ran.stderr)


def confine(unit):
    """As ProtectSystem=strict: everything is read-only but the kernel's own file systems and what the unit names."""
    writable = words_of(unit, "Service", "ReadWritePaths")
    for place in writable:
        subprocess.run(["mount", "--bind", place, place], check=True)
    mounts = {line.split()[1] for line in pathlib.Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()}
    for place in filter(os.path.ismount, sorted(mounts)):
        if not any(f"{place}/".startswith(f"{kept}/") for kept in [*writable, "/proc", "/dev", "/sys"]):
            subprocess.run(["mount", "-o", "remount,bind,ro", place], check=True)


def capabilities(unit):
    names = [name.removeprefix("CAP_").lower() for name in words_of(unit, "Service", "CapabilityBoundingSet")]
    return ["setpriv", "--no-new-privs", "--bounding-set=-all," + ",".join("+" + name for name in names)]


def interrupt_a_change(this_host):
    """Killed with the value set and the decision not yet published: the old value has to come back."""
    ran = this_host.run("apply", "--yes", "--boot-file", host.SYSCTL_CONF, "--set", f"{KEY}=30", inject="renameat2:signal=SIGKILL:when=3")
    check(ran.was_killed() and host.value_of(KEY).strip() == "30", "the change was not interrupted", ran.err)


def main():
    host.enter()
    for tool in ("systemd-analyze", "setpriv", "strace"):
        if shutil.which(tool) is None:
            sys.exit(f"{host.SKIPPED}{tool} is not installed")
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", BIN], check=True)
    shutil.copy(sys.argv[1], f"{BIN}/twctl")
    verify()

    unit = configparser.ConfigParser(interpolation=None, strict=False, dict_type=Repeated)
    unit.optionxform = str
    unit.read_string(UNIT.read_text(encoding="utf-8"))
    check("systemd-sysctl.service" in words_of(unit, "Unit", "Before"), "it is not ordered before the loader of the boot files")
    this_host = host.Host(f"{BIN}/twctl", [KEY])
    before = this_host.look()
    interrupt_a_change(this_host)
    confine(unit)
    command = [f"{BIN}/twctl", *words_of(unit, "Service", "ExecStart")[1:]]
    ran = subprocess.run([*capabilities(unit), *command], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    after = this_host.look()
    check(ran.returncode == 0, "recover failed as the unit runs it", ran.stderr)
    check(after.host() == before.host(), "recover did not bring the old state back", ran.stderr)
    check(not host.unfinished(after) and not host.litter(after), "recover left something behind", ran.stderr)
    denied = subprocess.run(["touch", "/var/lib/x"], capture_output=True, check=False)
    check(denied.returncode != 0, "the test does not confine what it runs")


main()
