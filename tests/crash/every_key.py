#!/usr/bin/env python3
"""every_key.py PROGRAM: promise P12. Each setting of the catalogue that a network namespace has is given another value and
rolled back; then all of them at once, and the port range with ip_unprivileged_port_start in both directions. The whole tree
of /proc/sys/net must be as before. Settings of the whole host are not tried here: they are counted as skipped.
"""
import json
import sys

import host

UNPRIVILEGED, RANGE = "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_port_range"
PAIRS = (  # the values before, then those wanted: each order of the two writes is the only one that works once
    (("1024", "32768 60999"), ("500", "600 60999")),
    (("500", "600 60999"), ("1024", "32768 60999")),
    (("1024", "32768 60999"), ("40000", "50000 60999")),
    (("40000", "50000 60999"), ("1024", "32768 60999")),
)


def catalogue(program):
    """{key: what explain says of it}"""
    twctl = host.Host(program, [])
    return {key: json.loads(twctl.run("explain", key, "--json").out) for key in json.loads(twctl.run("snapshot").out)["live"]}


def candidates(setting):
    """Values that twctl accepts, from the least disturbing on."""
    low, high = setting["accepted"]["min"], setting["accepted"]["max"]
    if setting["type"] == "port-set":
        return ["8080,9000-9010", "7"]
    if setting["type"] == "integer-pair":
        return ["20000 50000", "15000 45000"]
    if setting["values"]:
        return [str(entry["value"]) for entry in setting["values"]]
    present = setting["here"]["live"]
    near = [int(present) + step for step in (1, -1)] if present.lstrip("-").isdigit() else []
    return [str(value) for value in [*near, high, low, (low + high) // 2] if low <= value <= high]


def plan_of(here, options):
    return json.loads(here.run("plan", "--json", "--exit-zero", *options).out)


def acceptances(plan):
    return [word for hazard in plan["hazards"] if hazard["blocking"] for word in ("--accept", hazard["id"])]


def wish(here, key, setting):
    """"key=value" with the first value that would be a change here; None if there is none."""
    for value in candidates(setting) if setting["here"]["live"] is not None else []:
        plan = plan_of(here, ["--set", f"{key}={value}"])
        if any(entry["verdict"] in ("change", "shadowed") for entry in plan.get("settings", [])):
            return f"{key}={value}"
    return None


def there_and_back(here, assignments):
    """A line if the tree is not as it was, or nothing had changed in between; else None."""
    name = ", ".join(assignments) if len(assignments) < 3 else f"{len(assignments)} settings at once"
    before = host.whole_tree()
    options = [word for text in assignments for word in ("--set", text)]
    applied = here.run("apply", "--yes", *options, *acceptances(plan_of(here, options)))
    if applied.code != 0:
        return f"{name}: apply ended with {applied.code}: {applied.err.strip()}"
    between = host.whole_tree()
    changed = {path for path in before if before[path] != between.get(path)}
    missing = {host.setting_path(text.split("=")[0]) for text in assignments} - changed
    if missing:
        return f"{name}: apply changed nothing in {sorted(missing)}"
    undone = here.run("rollback", "--yes")
    if undone.code != 0:
        return f"{name}: rollback ended with {undone.code}: {undone.err.strip()}"
    after = host.whole_tree()
    odd = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    return f"{name}: not as before: {odd}" if odd else None


def try_pair(here, before, wanted):
    # The kernel refuses a range that begins below the privileged ports, so the way to `before` has an order too.
    for key, value in ((UNPRIVILEGED, "0"), (RANGE, before[1]), (UNPRIVILEGED, before[0])):
        host.put(host.setting_path(key), value)
    if [host.words(host.value_of(key)) for key in (UNPRIVILEGED, RANGE)] != list(before):
        return f"the kernel did not take {before}"
    return there_and_back(here, [f"{UNPRIVILEGED}={wanted[0]}", f"{RANGE}={wanted[1]}"])


def main(program):
    host.enter()
    known = catalogue(program)
    here = host.Host(program, [key for key, setting in known.items() if setting["here"]["live"] is not None])
    start = here.look()
    failures, wishes, skipped = [], [], []
    for key, setting in known.items():
        found = wish(here, key, setting)
        if found is None:
            skipped.append(f"{key} ({setting['reach']})")
            if setting["here"]["live"] is not None and setting["reach"] == "per-namespace":
                failures.append(f"{key}: no value could be found that would be a change")
            continue
        wishes.append(found)
        failures.append(there_and_back(here, [found]))
        here.restore(start)
    failures.append(there_and_back(here, wishes))
    for before, wanted in PAIRS:
        here.restore(start)
        failures.append(try_pair(here, before, wanted))
    failures = [line for line in failures if line]
    for line in failures:
        print("FAILED:", line)
    print(f"every key: {len(wishes)} settings one by one, all at once, and {len(PAIRS)} pairs of ports: "
          f"{'NOT each' if failures else 'each'} left /proc/sys/net as it was")
    print(f"not tried in a namespace: {len(skipped)}: " + ", ".join(skipped))
    sys.exit(1 if failures else 0)


main(sys.argv[1])
