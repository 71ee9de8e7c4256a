#!/usr/bin/env python3
"""images.py PROGRAM: the disks that a power cut may leave at any moment of a story of apply, confirm, rollback and recover.

The story is told on file systems whose disks write down each write and flush (logged_disk.py), and the log then says which images
a cut can leave: at every flush what was written before the one before it, and any of the writes in between. Each image is mounted,
as in a new boot, and recovered; what was acknowledged has to be there, and nothing may be half.
--again: the recovery is logged, too, and cut.
"""
import argparse
import ctypes
import itertools
import json
import os
import random
import re
import shutil
import subprocess
import sys
import uuid
from typing import NamedTuple

import host as h
import scenarios
from logged_disk import ACKNOWLEDGED, BLOCK, FLUSH, WRITE, Entry, LoggedDisk, content_of, write_image

AT = "/run/images"
BOOT_ID = "/proc/sys/kernel/random/boot_id"
CLONE_NEWNET, MS_BIND = 0x40000000, 0x1000
IN_FLIGHT = 8  # of so many writes every subset is an image, of more only samples


def settings(number):
    """Values that differ in each key from those of the number before."""
    pairs = ((scenarios.FIN, 20 + number), (scenarios.REUSE, number % 2), (scenarios.RESERVED, f"{30000 + number}-{30010 + number}"))
    return tuple(word for key, value in pairs for word in ("--set", f"{key}={value}"))


def apply(number, *more):
    return ("apply", "--yes", *settings(number), *more)


BACK, PENDING = ("rollback", "--yes"), ("--confirm-within", "1h")
STORIES = {
    "apply": (apply(1), apply(2), apply(3, *scenarios.CONF), apply(4, *scenarios.CONF)),
    "confirm": (apply(1, *PENDING), ("confirm",), apply(2, *PENDING), BACK, apply(3, *PENDING), ("confirm",)),
    "rollback": (apply(1), apply(2), apply(3, *scenarios.CONF), BACK, BACK, BACK),
}

# On what: the command that makes a file system, the size of its disk in MiB, and what comes to lie on each disk.
EXT4 = ("ext4", ("mkfs.ext4", "-q", "-F", "-b", "4096", "-J", "size=4", "-E", "lazy_itable_init=0,lazy_journal_init=0"), 16)
XFS = ("xfs", ("mkfs.xfs", "-q", "-f"), 320)
BTRFS = ("btrfs", ("mkfs.btrfs", "-q", "-f"), 128)
ONE, TWO = (("etc", "lib"),), (("etc",), ("lib",))
LAYOUTS = {"ext4": (EXT4, ONE), "two of ext4": (EXT4, TWO), "xfs": (XFS, ONE), "two of xfs": (XFS, TWO),
           "btrfs": (BTRFS, ONE), "two of btrfs": (BTRFS, TWO)}
PLACES = {"etc": "/etc", "lib": "/var/lib"}


def call(name, *args):
    """What libc has and Python has not."""
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*args) != 0:
        raise OSError(ctypes.get_errno(), name)


class Machine:
    """File systems with /etc and /var/lib, and boots."""

    def __init__(self, layout):
        (self.kind, self.make, size), self.disks = LAYOUTS[layout]
        self.size = size << 20
        if not shutil.which(self.make[0]):
            sys.exit(f"{h.SKIPPED}no {self.make[0]} here")

    def new_disks(self):
        """Fresh ones: [their content]."""
        files = [f"{AT}/new{number}" for number in range(len(self.disks))]
        for file in files:
            write_image(file, self.size, [])
            subprocess.run([*self.make, file], check=True, stdout=subprocess.DEVNULL)
        try:
            self.mount(files, bound=False)
        except subprocess.CalledProcessError as error:
            sys.exit(f"{h.SKIPPED}no {self.kind} can be mounted from a file here: {error}")
        for number, places in enumerate(self.disks):
            for place in places:
                os.mkdir(f"{AT}/on{number}/{place}")
        etc = f"{AT}/on0/etc"
        os.mkdir(etc + "/sysctl.d")
        shutil.copy(h.SYSCTL_CONF, etc)
        os.symlink("../sysctl.conf", etc + "/sysctl.d/99-sysctl.conf")
        self.unmount(bound=False)
        return [content_of(file) for file in files]

    def mount(self, files, bound=True):
        for number, file in enumerate(files):
            os.makedirs(f"{AT}/on{number}", exist_ok=True)
            subprocess.run(["mount", "-t", self.kind, "-o", "loop", file, f"{AT}/on{number}"], check=True)
        for number, places in enumerate(self.disks):
            for place in places if bound else ():
                call("mount", f"{AT}/on{number}/{place}".encode(), PLACES[place].encode(), None, ctypes.c_ulong(MS_BIND), None)

    def unmount(self, bound=True):
        where = [PLACES[place] for places in self.disks for place in places] if bound else []
        subprocess.run(["umount", *where, *(f"{AT}/on{number}" for number in range(len(self.disks)))], check=True)

    @staticmethod
    def boot():
        """Every setting is the kernel's own, and so is the id of the boot."""
        h.insist_on_own_namespace()
        call("unshare", CLONE_NEWNET)
        h.put(f"{AT}/boot_id", f"{uuid.uuid4()}\n")


class Told(NamedTuple):
    """A story: its commands, the state before each and after the last, what its disks were, and the log."""
    commands: tuple
    states: list
    content: list
    log: list


def tell(machine, host, content, commands, lies=(), old=None):
    """The story, on disks with that content, up to a power cut after its end. old: there is nothing but what a cut has left."""
    files = [f"{AT}/told{number}" for number in range(len(content))]
    for file, pieces in zip(files, content):
        write_image(file, machine.size, pieces)
    log = []
    disks = [LoggedDisk(file, f"{AT}/served{number}", log, number) for number, file in enumerate(files)]
    machine.mount([disk.served for disk in disks])
    machine.boot()
    states = [old or host.look()]
    for command in commands:
        run = host.run(*command, inject=list(lies))
        log.append(Entry(ACKNOWLEDGED))
        scenarios.must(run)
        states.append(host.look())
    until = len(log)
    end_others()
    machine.unmount()
    for disk in disks:
        disk.end()
    return Told(commands, states, content, log[:until])


def end_others():
    """The watchdog of a change that awaits confirmation: the power is cut for it, too."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if int(pid) != 1:
            os.kill(int(pid), 9)
            os.waitpid(int(pid), 0)


class Cut(NamedTuple):
    """The power goes just before this entry of the log is done; of the writes in flight these have reached the disk."""
    until: int
    kept: tuple  # (disk, offset, bytes)
    name: str


def in_flight(log, until):
    """Two lists of the writes before that entry: those before their disk's last flush, and those which no flush has followed."""
    flushed = {}
    for index in range(until):
        if log[index].kind == FLUSH:
            flushed[log[index].disk] = index
    writes = [index for index in range(until) if log[index].kind == WRITE]
    return ([log[index] for index in writes if index < flushed.get(log[index].disk, -1)],
            [log[index] for index in writes if index > flushed.get(log[index].disk, -1)])


def moments(log):
    """Each flush, and the end. Whatever is acknowledged before a flush had to be there without it."""
    return [index for index, entry in enumerate(log) if entry.kind == FLUSH] + [len(log)]


def cuts_without(log):
    """At each of these moments, of what is in flight nothing has reached the disk."""
    return [Cut(until, (), "nothing") for until in moments(log)]


def piece(entry):
    return (entry.disk, entry.offset, entry.data)


def blocks(entry):
    return [(entry.disk, entry.offset + at, entry.data[at:at + BLOCK]) for at in range(0, len(entry.data), BLOCK)]


def cuts_within(log, chance):
    """Of the writes in flight some have reached the disk: every subset, or samples; and samples in which writes are torn."""
    found = []
    for until in moments(log):
        writes = in_flight(log, until)[1]
        count = len(writes)
        if count <= IN_FLIGHT:
            subsets = [numbers for size in range(1, count + 1) for numbers in itertools.combinations(range(count), size)]
        else:
            subsets = [tuple(number for number in range(count) if chance.random() < 0.5) for _ in range(2 ** IN_FLIGHT)]
            subsets += [tuple(range(size)) for size in range(1, count + 1)]
        found += [Cut(until, tuple(piece(writes[number]) for number in numbers), f"of {count} {list(numbers)}") for numbers in subsets]
        torn = [block for write in writes for block in blocks(write)]
        for _ in range(min(2 ** IN_FLIGHT, 2 ** len(torn)) if len(torn) > count else 0):
            kept = [number for number in range(len(torn)) if chance.random() < 0.5]
            found.append(Cut(until, tuple(torn[number] for number in kept), f"of {len(torn)} blocks {kept}"))
    return found


def image_of(told, cut):
    """[the content of each disk]"""
    pieces = [list(content) for content in told.content]
    for disk, offset, data in [*map(piece, in_flight(told.log, cut.until)[0]), *cut.kept]:
        pieces[disk].append((offset, data))
    return pieces


def boot_settings(state):
    """What the boot files of that state set, as a loader reads them."""
    found = {}
    for path in (h.OWN_FILE, h.SYSCTL_CONF):
        text = state.files[path][4].decode() if path in state.files else ""
        found.update(re.findall(r"^(net\S+) = (.*)$", text, re.M))
    return found


def boot_files(state):
    """What counts as old or new; what is staged does not."""
    return h.without_litter(state)[1]


def lost_records(acknowledged, now):
    """P3, P4: a record that was there at an acknowledgement is there, byte for byte."""
    return [f"P4: {path} was acknowledged and is {'another' if path in now.journal else 'lost'}"
            for path, entry in acknowledged.journal.items()
            if os.path.basename(path) in ("intent", "applied", "decision", "done") and now.journal.get(path) != entry]


class Suite:
    """Mounts images, recovers, and keeps what did not hold."""

    def __init__(self, machine, host):
        self.machine, self.host = machine, host
        self.failures, self.images = [], 0

    def try_cut(self, told, cut, name, keep):
        """The content of the image, and the state that recovery has made of it."""
        content = image_of(told, cut)
        files = [f"{AT}/image{number}" for number in range(len(content))]
        for file, pieces in zip(files, content):
            write_image(file, self.machine.size, pieces)
        self.images += 1
        done = sum(entry.kind == ACKNOWLEDGED for entry in told.log[:cut.until])
        allowed = told.states[done:done + 2]
        what = "after the end" if done == len(told.commands) else f"in {' '.join(told.commands[done][:2])}"
        what = f"{name}, cut {what} before entry {cut.until} of {len(told.log)}, kept of what was in flight: {cut.name}"
        self.machine.boot()
        try:
            self.machine.mount(files)
        except subprocess.CalledProcessError as error:
            sys.exit(f"{what}: it cannot be mounted, so the disks are not what the kernel was told: {error}")
        now = None
        try:
            wrong, now = self.look(allowed)
        finally:
            self.machine.unmount()
        if wrong and keep:
            self.keep(content, f"{keep}/{re.sub('[^a-z0-9]+', '-', name)}-{uuid.uuid4()}")
        self.failures += [f"FAILED {what}: {'; '.join(wrong)}"] if wrong else []
        return content, now

    def keep(self, content, folder):
        os.makedirs(folder, exist_ok=True)
        for number, pieces in enumerate(content):
            write_image(f"{folder}/disk{number}", self.machine.size, pieces)

    def look(self, allowed):
        """Recovers as the boot unit does, loads the boot files, and says what is wrong."""
        cut = self.host.look()
        run = self.host.run("recover")
        now = self.host.look()
        wrong = [] if run.code == 0 else [f"recover ended {run.code}: {h.words(run.err)}"]
        files = [boot_files(state) for state in allowed]
        if boot_files(now) not in files:
            of = [", ".join(h.differences(one, boot_files(now))) for one in files]
            wrong.append(f"P1, P4: the boot files are those of no allowed state ({'; '.join(of)} differ)")
        elif len(files) > 1 and files[0] != files[1]:
            commits = any(h.decisions_new_in(allowed[0], now).values())
            if boot_files(now) != files[commits]:
                wrong.append(f"P3: the decision is {'commit' if commits else 'not to commit'}, and the boot file says otherwise")
        wrong += h.persisted_before_decision(allowed[0], cut) + lost_records(allowed[0], now) + h.changed_decisions(cut, now)
        wrong += h.litter(now) + h.unfinished(now)
        return wrong + self.then(now), now

    def then(self, now):
        """The loader, status, and a second recovery, which has nothing to do."""
        for key, value in boot_settings(now).items():
            h.put(h.setting_path(key), value)
        wrong = []
        loaded = self.host.look()
        status = json.loads(scenarios.must(self.host.run("status", "--json")).out)
        wrong += [f"status: {what}: {status[what]}" for what in ("drift", "pending", "interrupted", "conflicts") if status[what]]
        history = self.host.run("history")
        wrong += [] if history.code == 0 else [f"history ended {history.code}: {h.words(history.err)}"]
        stamps = self.host.stamps()
        second = self.host.run("recover")
        if second.code != 0 or self.host.stamps() != stamps or self.host.look() != loaded:
            wrong.append(f"P9: a second recover ended {second.code} and changed something: {h.words(second.err)}")
        return wrong + h.processes_left()


def try_again(suite, told, cuts, name, wanted, chance):
    """The recovery of an image, logged and cut: it comes to the same end."""
    for number, cut in enumerate(cuts):
        content, now = suite.try_cut(told, cut, name, wanted.keep)
        again = tell(suite.machine, suite.host, content, (("recover",),), old=now)
        # However far the first recovery has got: the second one leaves the files that an undisturbed one leaves.
        again = again._replace(states=[now._replace(journal={}), again.states[1]])
        half = wanted.again // 2
        seconds = sample(chance, cuts_without(again.log), half) + sample(chance, cuts_within(again.log, chance), wanted.again - half)
        for second in seconds:
            suite.try_cut(again, second, f"{name}, recovery {number} (of {cut.name} before entry {cut.until})", wanted.keep)


def sample(chance, things, count):
    return chance.sample(things, min(len(things), count))


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--on", choices=LAYOUTS, default="ext4", help="the file system; two: /etc on one and /var/lib on another disk")
    parser.add_argument("--story", choices=STORIES, default="confirm")
    parser.add_argument("--share", default="1/1", help="K/N: of the cuts that keep nothing in flight every N-th, from the K-th on")
    parser.add_argument("--subsets", type=int, default=0, help="so many of the cuts that keep something; -1: all")
    parser.add_argument("--again", type=int, default=0, help="so many cuts of the recovery of each image")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-fsync", action="store_true", 
                        help="fsync is answered by \"done\" and not done, so something is lost; not for confirm, whose watchdog strace would wait for")
    parser.add_argument("--keep", help="a folder for the images in which something was found")
    return parser.parse_args()


def main():
    wanted = options()
    if os.geteuid() != 0 or not os.path.exists("/dev/fuse"):
        sys.exit(h.SKIPPED + "only root can make disks, with /dev/fuse")
    h.enter()
    os.mkdir(AT)
    h.put(f"{AT}/boot_id", "")
    subprocess.run(["mount", "--bind", f"{AT}/boot_id", BOOT_ID], check=True)
    machine, host = Machine(wanted.on), h.Host(wanted.program, scenarios.KEYS)
    suite, chance = Suite(machine, host), random.Random(wanted.seed)
    lies = ("fsync:retval=0", "fdatasync:retval=0") if wanted.no_fsync else ()
    told = tell(machine, host, machine.new_disks(), STORIES[wanted.story], lies)
    without, within = cuts_without(told.log), cuts_within(told.log, chance)
    cuts = h.share(without, wanted.share) + sample(chance, within, len(within) if wanted.subsets < 0 else wanted.subsets)
    name = f"{wanted.on}, {wanted.story}"
    writes = sum(entry.kind == WRITE for entry in told.log)
    print(f"{name}: {writes} writes, {len(without) - 1} flushes, {len(within)} images between them", flush=True)
    if wanted.again:
        try_again(suite, told, cuts, name, wanted, chance)
    else:
        for cut in cuts:
            suite.try_cut(told, cut, name, wanted.keep)
    h.end(suite.images, suite.failures)


main()
