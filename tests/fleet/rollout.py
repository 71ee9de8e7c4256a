#!/usr/bin/env python3
"""rollout.py PROGRAM [COLLECTIONS [CASE...]]: the Ansible collection over SSH, with the real ansible-playbook, on twenty hosts.

Checked and changed and changed again; a host that its own change cuts off, a controller that is killed, a hazard on two hosts, a
probe that fails, a host that is not there; and how long it takes beside ansible.posix.sysctl, where COLLECTIONS has that.
"""
import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import hosts
from hosts import host, wait_until

import collection
from collection import check

KEY, FIN = "net.ipv4.tcp_tw_reuse", "net.ipv4.tcp_fin_timeout"
ROLLOUT = "twctl.time_wait.rollout"
RECAP = re.compile(r"^(web\d+) +: ok=\d+ +changed=(\d+) +unreachable=(\d+) +failed=(\d+)", re.MULTILINE)
SPEED = {"net.ipv4.tcp_fin_timeout": 30, "net.ipv4.tcp_tw_reuse": 1, "net.core.somaxconn": 16384, "net.ipv4.tcp_syn_retries": 4,
         "net.ipv4.tcp_keepalive_intvl": 30, "net.ipv4.tcp_keepalive_probes": 5}
SSH = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"


def inventory(members, *more):
    lines = [f"{one.name} ansible_host={one.address}" for one in members] + list(more)
    pathlib.Path("/run/inventory").write_text("\n".join(lines) + "\n", encoding="utf-8")
    os.environ.update(ANSIBLE_INVENTORY="/run/inventory", ANSIBLE_REMOTE_USER="root", ANSIBLE_PRIVATE_KEY_FILE=hosts.KEY_FILE,
                      ANSIBLE_SSH_ARGS=f"-o ControlMaster=auto -o ControlPersist=60s {SSH}", ANSIBLE_FORKS="10", ANSIBLE_PIPELINING="1",
                      ANSIBLE_SSH_CONTROL_PATH_DIR="/run/cp", ANSIBLE_REMOTE_TEMP="/root/.ansible", ANSIBLE_BECOME="0")


def arguments(book, wanted=None, *options):
    return ["ansible-playbook", book, "-e", json.dumps({"ansible_become": False, **(wanted or {})}), *options]


def play(book, wanted=None, *options, expect=0):
    """({host: (changed, unreachable, failed)}, what it said)."""
    ran = subprocess.run(arguments(book, wanted, *options), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True, check=False, timeout=500)
    check(ran.returncode == expect, f"ansible-playbook ended with {ran.returncode}", ran.stdout)
    return {name: tuple(map(int, counts)) for name, *counts in RECAP.findall(ran.stdout)}, ran.stdout


def changed_in(recap):
    return sorted(name for name, counts in recap.items() if counts[0] > 0)


def write_book(name, **members):
    path = f"/run/{name}.json"
    pathlib.Path(path).write_text(json.dumps([{"name": name, "hosts": "all", "gather_facts": False, **members}]), encoding="utf-8")
    return path


def reset(members):
    """Every host as it was made, with an empty journal."""
    for one in members:
        for key, value in DEFAULTS.items():
            one.run("sh", "-c", f"echo {value} > {host.setting_path(key)}")
        one.run("sh", "-c", "rm -rf /var/lib/twctl /etc/sysctl.d/60-* /etc/sysctl.d/90-*")


def outcome(said):
    """{what became of them: hosts}, as the last task says it."""
    lines = json.loads(re.search(r'"msg": (\[\n *"\d+ hosts?: .*?\n *\])', said, re.DOTALL).group(1))
    return {what: names.split(", ") for what, names in (re.fullmatch(r"\d+ hosts?: (.*) \(([^()]*)\)", line).groups() for line in lines)}


def names_of(members):
    return [one.name for one in members]


def half_is_right(members):
    book = write_book("role", roles=[{"role": "twctl.time_wait.time_wait", "vars": {"time_wait_profiles": ["busy-client"]}}])
    right, others = members[::2], members[1::2]
    for one in right:
        one.run("twctl", "apply", "--yes", "busy-client")
    files = {one.name: one.boot_file() for one in members}
    recap, looked = play(book, None, "--check", "--diff")
    check(changed_in(recap) == names_of(others), "looking: not those that would change", looked)
    check(all(one.value(KEY) == "2" for one in others) and files == {one.name: one.boot_file() for one in members}, "looking only, it changed a host", looked)
    recap, did = play(book, None, "--diff")
    check(changed_in(recap) == names_of(others) and all(one.value(KEY) == "1" for one in members), "not those that had to change", did)
    check(len(set(one.boot_file() for one in members)) == 1, "the boot files differ")
    diff = [line for line in looked.splitlines() if line.startswith(("+", "-"))]
    check(diff and diff == [line for line in did.splitlines() if line.startswith(("+", "-"))], "the diff of the check is not that of the change", looked + did)
    recap, said = play(book)
    check(not changed_in(recap), "the second time it changed something", said)


def processor_seconds():
    """Of everything that runs or has run in this process namespace: the controller, the daemons and what they start."""
    ticks = 0
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            ticks += sum(map(int, stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def beside_posix(members):
    """The module and ansible.posix.sysctl for the same six keys, on hosts that have none of them. The one has to be twice as fast: in
    processor time, which does not depend on what else this machine does.
    """
    took = {}
    collections = sys.argv[2] if len(sys.argv) > 2 and os.path.isdir(sys.argv[2]) else ""
    books = {"twctl": write_book("speed", tasks=[{"twctl.time_wait.twctl": {"set": SPEED}}])}
    if collections:
        os.environ["ANSIBLE_COLLECTIONS_PATH"] = os.environ["ANSIBLE_COLLECTIONS_PATHS"] = f"/run/collections:{collections}"
        task = {"ansible.posix.sysctl": {"name": "{{ item.key }}", "value": "{{ item.value }}", "sysctl_set": True, "reload": False,
                                         "sysctl_file": "/etc/sysctl.d/60-speed.conf"}, "loop": "{{ wanted | dict2items }}"}
        books["ansible.posix.sysctl"] = write_book("posix", vars={"wanted": SPEED}, tasks=[task])
    play(write_book("ping", tasks=[{"ansible.builtin.ping": {}}]))  # so that neither has to connect first
    for name, book in books.items():
        reset(members)
        started = time.monotonic(), processor_seconds()
        recap, said = play(book)
        took[name] = time.monotonic() - started[0], processor_seconds() - started[1]
        check(len(changed_in(recap)) == len(members) and all(one.value(key) == str(value) for one in members for key, value in SPEED.items()),
              f"{name} did not set them", said)
    for name, (wall, processor) in took.items():
        print(f"{name}: {len(SPEED)} keys on {len(members)} hosts in {wall:.1f} s, {processor:.1f} s of processors")
    check(len(took) < 2 or took["ansible.posix.sysctl"][1] >= 2 * took["twctl"][1], "it is not twice as fast")
    if not collections:
        print("not run: ansible.posix.sysctl, which is not there")


# Once the setting has its new value, nobody reaches the host any more, as where a change breaks its network.
CUT_OFF = """until [ "$(cat {path})" = 1 ]; do sleep 0.02; done
nft add table inet cut && nft add chain inet cut in '{{ type filter hook input priority 0; policy drop; }}'"""


def cut_off(members):
    lost = members[6]
    trap = subprocess.Popen(lost.command("sh", "-c", CUT_OFF.format(path=host.setting_path(KEY))))
    wanted = {"time_wait_profiles": ["busy-client"], "rollout_confirm_within": "90s", "rollout_serial": [5, "100%"], "rollout_max_failures": 1,
              "rollout_probe_port": 22, "rollout_connect_timeout": 5}
    recap, said = play(ROLLOUT, wanted, expect=2)
    trap.wait()
    found = outcome(said)
    check(sorted(found.get("changed and kept", [])) == names_of(one for one in members if one is not lost), "not all others were changed and kept", said)
    gone = [what for what, names in found.items() if names == [lost.name]]
    check(gone and gone[0].endswith("; goes back by itself"), "what became of the host that was cut off", said)
    check(recap[lost.name][2] == 1 and sum(counts[2] for counts in recap.values()) == 1, "not that host alone has failed", said)
    wait_until(lambda: lost.value(KEY) == "2", f"{lost.name} is as before", 120)
    check(lost.boot_file() == "" and all(one.value(KEY) == "1" and one.boot_file() for one in members if one is not lost), "the others did not stay")
    lost.run("nft", "delete", "table", "inet", "cut")
    print(f"cut off: {lost.name} went back by itself, {len(members) - 1} stay")


def probe_fails(members):
    """The first batch fails its probe, so no other batch is touched."""
    wanted = {"time_wait_profiles": ["busy-client"], "rollout_confirm_within": "20s", "rollout_serial": [3, "100%"], "rollout_probe_port": 443,
              "rollout_connect_timeout": 1}
    _, said = play(ROLLOUT, wanted, expect=2)
    found = outcome(said)
    check(found == {"probe, by port failed; goes back by itself": names_of(members[:3]), "not touched": names_of(members[3:])}, f"{found}", said)
    check(all(not os.path.exists(f"/run/fleet/{one.name}/lib/twctl") for one in members[3:]), "another host was touched", said)
    for one in members[:3]:
        wait_until(lambda one=one: one.value(KEY) == "2", f"{one.name} is as before", 40)
    check(not any(one.boot_file() for one in members), "a boot file is left")
    print("probe: 3 went back by themselves, 17 were not touched")


def controller_killed(members):
    wanted = {"time_wait_profiles": ["busy-client"], "rollout_confirm_within": "60s", "rollout_serial": [10], "rollout_probe_command": "sleep 120"}
    controller = subprocess.Popen(arguments(ROLLOUT, wanted), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  start_new_session=True)
    # To ask the hosts themselves, again and again, would leave the controller little of a small machine.
    pending = {one.name: f"/run/fleet/{one.name}/lib/twctl/pending" for one in members}
    wait_until(lambda: sum(map(os.path.exists, pending.values())) >= len(members) // 2, "half of the hosts are changed", 240)
    os.killpg(controller.pid, signal.SIGKILL)
    controller.wait()
    touched = [one for one in members if os.path.exists(f"/run/fleet/{one.name}/lib/twctl")]
    # Those whose task was on its way are changed yet, and go back too.
    wait_until(lambda: all(not os.path.exists(pending[one.name]) and one.value(KEY) == "2" for one in members), "every host is as before", 120)
    check(not any(one.boot_file() for one in members), "a boot file is left")
    print(f"controller killed: {len(touched)} hosts were changed, all are as before")


def one_hazard(members):
    """On two hosts, in the same file, with another value on another line; half of the others are right already."""
    odd, others = members[3:5], members[:3] + members[5:]
    for one, text in zip(odd, (f"{FIN} = 50\n", f"# ours\n{FIN} = 45\n")):
        one.put("/etc/sysctl.d/90-local.conf", text)
    wanted = {"time_wait_set": {FIN: "30"}, "rollout_serial": ["100%"], "rollout_max_failures": 2}
    for one in others[::2]:
        one.run("twctl", "apply", "--yes", "--set", f"{FIN}=30")
    refused = "make the settings what is wanted failed: shadowed: /etc/sysctl.d/90-local.conf"
    _, said = play(ROLLOUT, wanted, expect=2)
    check(outcome(said) == {"as wanted before": names_of(others[::2]), "changed and kept": names_of(others[1::2]), refused: names_of(odd)},
          f"{outcome(said)}", said)
    check("90-local.conf:1 sets 50 and wins over" in said and "90-local.conf:2 sets 45 and wins over" in said, "no place and value of each host", said)
    check(all(one.value(FIN) == "60" for one in odd), "a host was changed that refuses it", said)
    _, said = play(ROLLOUT, wanted, expect=2)
    check(outcome(said) == {"as wanted before": names_of(others), refused: names_of(odd)}, "a second time", said)
    print("hazard: 2 refused for the same file, each with its line, 9 changed, 9 were right")


def not_there(members):
    """One of the inventory has no host. Batches of more hosts than forks go well too, where nothing in them is slow."""
    inventory(members, "web99 ansible_host=10.9.0.250 ansible_pipelining=false")
    wanted = {"time_wait_profiles": ["busy-client"], "rollout_serial": ["100%"], "rollout_max_failures": 1, "rollout_connect_timeout": 5}
    _, said = play(ROLLOUT, wanted, expect=2)
    inventory(members)
    found = outcome(said)
    check(found == {"changed and kept": names_of(members), "not reached: No route to host": ["web99"]}, f"{found}", said)
    print(f"not there: 1 was not reached, {len(members)} were changed")


DEFAULTS = {}


def main():
    host.enter()
    collection.install()
    program = os.path.abspath(sys.argv[1])
    members = hosts.build(20, program)
    inventory(members)
    DEFAULTS.update({key: members[0].value(key) for key in SPEED})
    cases = {one.__name__: one for one in (half_is_right, cut_off, probe_fails, controller_killed, one_hazard, not_there,
                                            beside_posix)}
    for name in sys.argv[3:] or cases:
        reset(members)
        cases[name](members)


main()
