"""Sockets and connections on a kernel: states beside ss and beside the kernel's own table, a trial beside its model, and each
myth's experiment."""
import collections
import json

# Hexadecimal in /proc/net/tcp, and ss' names of them.
STATES = {"01": ("ESTABLISHED", "ESTAB"), "02": ("SYN_SENT", "SYN-SENT"), "04": ("FIN_WAIT_1", "FIN-WAIT-1"), "05": ("FIN_WAIT_2", "FIN-WAIT-2"),
          "06": ("TIME_WAIT", "TIME-WAIT"), "08": ("CLOSE_WAIT", "CLOSE-WAIT"), "0A": ("LISTEN", "LISTEN")}
PORTS = 100
TRIES = 3


def counts(guest):
    """By state: what twctl, ss and the table of the kernel say. One after another, so only of what stays as it is."""
    by_twctl = json.loads(guest.output("twctl states --json"))["states"]
    by_ss = collections.Counter(line.split()[0] for line in guest.output("ss -Htan").splitlines())
    by_kernel = collections.Counter(line.split()[3] for line in guest.output("tail -qn +2 /proc/net/tcp /proc/net/tcp6").splitlines())
    return {name: (by_twctl[name], by_ss[short], by_kernel[number]) for number, (name, short) in STATES.items()}


def states(guest):
    """After orphans.MAKE, whose sockets are there still."""
    guest.output("nc -l -p 9100 >/dev/null 2>&1 & sleep 2; grep -q :238C /proc/net/tcp*")
    found = counts(guest)
    wrong = [f"{guest.release}: {name}: twctl, ss, the kernel: {three}" for name, three in found.items() if len(set(three)) != 1]
    kinds = sum(three[0] > 0 for three in found.values())
    return wrong + ([] if kinds >= 3 else [f"{guest.release}: sockets of {kinds} states only: {found}"])


def trial(guest):
    """With its present settings and without reuse: as many connections as the model says. So small a guest has few buckets for
    TIME_WAIT, and a trial scales them down with the ports."""
    guest.output("echo 65536 >/proc/sys/net/ipv4/tcp_max_tw_buckets")
    document = json.loads(guest.output(f"twctl trial --set net.ipv4.tcp_tw_reuse=0 --ports {PORTS} --seconds 3 --runs 1 --json 2>/dev/null"))
    runs = [(one["connections"], one["predicted"]) for one in document["runs"]]
    return [f"{guest.release}: trial: {made} connections, predicted {said}" for made, said in runs
            if abs(made - said) > said * 0.05] + ([] if len(runs) == 2 else [f"{guest.release}: {len(runs)} runs"])


def myths(guest):
    """Shows what came out otherwise than on 6.18, for the table of docs/kernels.md; wrong is only what could not be tried. On an emulated
    processor that others want, too, its patience may not be enough: then once more."""
    for _ in range(TRIES):
        document = json.loads(guest.run("twctl trial --myths --json 2>/dev/null", 900)[1])
        if "myths" in document:
            break
    tried = document.get("myths", [])
    for one in tried:
        if one["verdict"] != one["verdict_on_6_18"]:
            print(f"  {one['id']}: {one['verdict']} ({one['measured']})")
    return [] if tried else [f"{guest.release}: no myth was tried: {document}"]


def findings(guest):
    return states(guest) + trial(guest) + myths(guest)
