#!/usr/bin/env python3
"""trial.py PROGRAM [--kills N] [--seed S]: `twctl trial` killed at random moments leaves nothing behind.

It moves into a process, network and mount namespace first, so that what is compared is nobody else's: the settings below
/proc/sys/net, /etc, the processes, the mounted namespaces, the links and their counters, which count every packet; routes lead the
addresses of a trial, of IPv4 and of IPv6, to one of them. In a user namespace the number of network namespaces is limited, so that
one that is left behind would soon be one too many. As root: in a user namespace, without one, and as a plain user, for whom twctl
has to make one. Also: how much memory all processes of one run take together, whatever it measures, and that an interrupt ends it
with 130 and what was measured.
"""
import argparse
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time

from host import end

MOST_MEMORY = 64 * 1024  # KiB
NAMESPACES = 12  # a run has two, and the kernel takes a moment to end those of the run before
TRIAL_ADDRESSES = {socket.AF_INET: ("10.0.0.0/24", "10.0.0.2"), socket.AF_INET6: ("fd00::/64", "fd00::2")}
PLAIN_USER = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all"]
TRIAL = ["trial", "busy-client", "--seconds", "1", "--runs", "1", "--ports", "100"]
# All processes of a run together, and what is measured then; the claims are all there after some seconds.
MEMORY = [["--full"], ["--full", "--ipv6"], ["--destinations", "64"], ["--bind-first", "busy-client", "--destinations", "4"],
          ["--socket-range", "40000-49999"], ["--myths"]]
MYTHS_FOR = 8  # seconds


def file_text(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError as error:
        return error.strerror


def tree(top, entry):
    """What `entry` says of each file below `top`."""
    found = {}
    for folder, folders, files in os.walk(top):
        for name in folders + files:
            path = os.path.join(folder, name)
            found[path] = entry(path)
    return found


def stamp(path):
    try:
        status = os.lstat(path)
        return status.st_ino, status.st_size, status.st_mtime_ns, status.st_mode
    except OSError as error:
        return error.strerror


def processes():
    return sorted(int(name) for name in os.listdir("/proc") if name.isdigit())


def host():
    return {
        "settings": tree("/proc/sys/net", lambda path: None if os.path.isdir(path) else file_text(path)),
        "files": {**tree("/etc", stamp), **tree("/run/netns", stamp), **tree("/var/lib/twctl", stamp)},
        "links": file_text("/proc/net/dev"),
        "namespaces with a name": [line for line in file_text("/proc/self/mountinfo").splitlines() if " nsfs " in line],
        "processes": processes(),
    }


def reap():
    """This is process 1 here: whoever loses its parent becomes its child."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
    except ChildProcessError:
        pass


def await_alone(seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        reap()
        if processes() == [os.getpid()]:
            return
        time.sleep(0.005)
    names = {pid: file_text(f"/proc/{pid}/comm").strip() for pid in processes()}
    sys.exit(f"processes are left: {names}")


def check_equal(before, after, what):
    for part, value in before.items():
        if value == after[part]:
            continue
        if isinstance(value, dict):
            paths = [path for path in {**value, **after[part]} if value.get(path) != after[part].get(path)]
            sys.exit(f"{what}: {part} differ: {paths[:5]}")
        sys.exit(f"{what}: {part} differ:\n{value}\n{after[part]}")


def start(command, more):
    return subprocess.Popen([*command, *TRIAL, *more], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def kill_at_random(command, kills, chance):
    before = host()
    late = 0
    for number in range(kills):
        moment = chance.choice([chance.uniform(0, 0.1), chance.uniform(0, 4)])
        run = start(command, chance.choice([[], ["--ipv6"]]))
        try:
            run.wait(moment)
            late += 1
            if run.returncode != 0:
                sys.exit(f"run {number} ended with {run.returncode}: {run.stderr.read()}")
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
            run.wait()
        run.stderr.close()
        await_alone()
    check_equal(before, host(), f"after {kills} kills")
    who = "as a plain user" if command[0] == PLAIN_USER[0] else "as root"
    print(f"{who}: {kills} runs killed, {late} of them had ended before: settings, files, links, namespaces and processes are as before")


def proportional_size(pid):
    """KiB, with its part of each page that it shares."""
    for line in file_text(f"/proc/{pid}/smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def check_memory(program, options):
    length = [] if "--myths" in options else ["--runs", "1", "--seconds", "2"]
    run = subprocess.Popen([program, "trial", *options, *length], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    begun, most = time.monotonic(), 0
    while run.poll() is None:
        most = max(most, sum(proportional_size(pid) for pid in processes() if pid != os.getpid()))
        time.sleep(0.05)
        if not length and time.monotonic() - begun > MYTHS_FOR:
            run.send_signal(signal.SIGINT)
    await_alone()
    if run.returncode != (0 if length else 130) or not 0 < most <= MOST_MEMORY:
        sys.exit(f"trial {' '.join(options)} ended with {run.returncode}, at {most} KiB of at most {MOST_MEMORY}")
    print(f"trial {' '.join(options)}: {most} KiB in all processes together")


def check_interrupt(program):
    command = [program, "trial", "--seconds", "30", "--runs", "1", "--json"]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    seen = set()
    while len(seen) < 5 and run.poll() is None:  # itself, two processes of a first measurement, two of the one that counts
        seen.update(set(processes()) - {os.getpid()})
        time.sleep(0.005)
    time.sleep(1.5)
    run.send_signal(signal.SIGINT)
    document = json.loads(run.communicate(timeout=30)[0])
    if run.returncode != 130 or not document["interrupted"] or not document["runs"]:
        sys.exit(f"an interrupt ended it with {run.returncode}: {document}")
    run_so_far = document["runs"][0]
    if not 0 < run_so_far["seconds"] < 30 or run_so_far["connections"] > run_so_far["predicted"]:
        sys.exit(f"what was measured until the interrupt is odd: {run_so_far}")
    await_alone()


def set_text(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def await_silence(seconds=30):
    """A new link sends a few packets of its own, to find out about its IPv6 addresses."""
    quiet_since, seen = time.monotonic(), file_text("/proc/net/dev")
    end = quiet_since + seconds
    while time.monotonic() < quiet_since + 3:
        if time.monotonic() > end:
            sys.exit("the links do not become silent")
        time.sleep(0.1)
        now = file_text("/proc/net/dev")
        if now != seen:
            quiet_since, seen = time.monotonic(), now


def add_link_to_trials():
    """A way out for packets of a trial that leave its namespaces: without one the counters of links could not tell."""
    set_text("/proc/sys/net/ipv6/conf/default/router_solicitations", "0")
    for command in ("link set lo up", "link add outside type veth peer name beyond", "link set beyond arp off up",
                    "link set outside arp off up", "address add 192.0.2.1/32 dev outside",
                    "address add 2001:db8::1/128 dev outside nodad"):
        subprocess.run(["ip", *command.split()], check=True)
    for family, (network, _) in TRIAL_ADDRESSES.items():
        subprocess.run(["ip", "-6" if family == socket.AF_INET6 else "-4", "route", "add", network, "dev", "outside"], check=True)
    await_silence()
    for family, (_, address) in TRIAL_ADDRESSES.items():
        before = file_text("/proc/net/dev")
        with socket.socket(family, socket.SOCK_DGRAM) as stray:
            stray.sendto(b"x", (address, 9))
        if file_text("/proc/net/dev") == before:
            sys.exit(f"a packet to {address}, an address of a trial, is not counted")


def take_own_etc():
    """Somebody else may write into the machine's meanwhile."""
    subprocess.run("mount -t tmpfs tmpfs /run && cp -r /etc /run/etc 2>/dev/null; mount --bind /run/etc /etc", shell=True, check=True)


def inside(options):
    take_own_etc()
    add_link_to_trials()
    if options.limited:
        set_text("/proc/sys/user/max_net_namespaces", str(NAMESPACES))
    chance = random.Random(options.seed)
    if options.plain:
        return kill_at_random([*PLAIN_USER, options.program], options.kills, chance)
    kill_at_random([options.program], options.kills, chance)
    if options.limited:
        set_text("/proc/sys/user/max_net_namespaces", "1000")
    for measured in MEMORY:
        check_memory(options.program, measured)
    check_interrupt(options.program)


def unshared(kind, options, *more):
    """This script once more, in namespaces of its own."""
    command = ["unshare", *kind, "--pid", "--net", "--mount", "--fork", "--kill-child", "--mount-proc", sys.executable,
               os.path.abspath(__file__), options.program, "--kills", str(options.kills), "--seed", str(options.seed), "--inside"]
    return subprocess.run(command + list(more), check=False).returncode


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--inside", action="store_true", help="for its own use, as are --limited and --plain")
    parser.add_argument("--limited", action="store_true")
    parser.add_argument("--plain", action="store_true")
    options = parser.parse_args()
    if options.inside:
        return inside(options)
    print(f"seed {options.seed}")
    probe = subprocess.run(["unshare", "--user", "--map-root-user", "--net", "true"], capture_output=True, check=False)
    if probe.returncode != 0:
        print("TEST SKIPPED: no user namespaces here")
        return 0
    kinds = [(["--user", "--map-root-user"], "--limited")] + ([([],), ([], "--plain")] if os.geteuid() == 0 else [])
    failures = [f"FAILED: {' '.join([*kind, *more])}" for kind, *more in kinds if unshared(kind, options, *more) != 0]
    return end(len(kinds) * options.kills, failures)


sys.exit(main())
