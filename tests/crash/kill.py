#!/usr/bin/env python3
"""kill.py PROGRAM: SIGKILL at every system call of apply, rollback and recover, then one recovery, then another.

A killed run leaves one of some dozen states; in the short form each of them is recovered once, in the long form after
every kill. The same once more with a second kill during that recovery: a sample of the pairs, or all. The short form kills only
before calls that leave something: the states between two of them are one. With --root nothing outside of the image changes.
"""
import argparse
import random
import re

import host as h
import scenarios


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--only", default="", help="scenarios whose name matches this expression")
    parser.add_argument("--calls", default="", help="kill only at calls whose name matches this expression")
    parser.add_argument("--long", action="store_true", help="recover after every kill, and kill in all of each run")
    parser.add_argument("--share", default="1/1", help="K/N: kill only at every N-th of those calls, from the K-th on")
    parser.add_argument("--pairs", type=int, default=20, help="second kills a scenario; 0: none, -1: all pairs")
    parser.add_argument("--second", action="store_true", help="the first kills only make the states that the second ones need")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


_VARIES = ((re.compile(r"[0-9a-f]{32}"), "ID"), (re.compile(r'"time":\d+'), "TIME"),
           (re.compile(r"twctl-record (\d+ \d+) [0-9a-f]{8}"), r"\1"))


def fingerprint(state):
    """The state but for what differs from run to run: ids, times and the checksums over them."""
    text = repr((sorted(state.settings.items()), sorted(state.files.items()), sorted(state.journal.items())))
    for pattern, name in _VARIES:
        text = pattern.sub(name, text)
    return text


class Suite:
    """Kills, recovers, and keeps what did not hold."""

    def __init__(self):
        self.host = None  # that of the scenario
        self.failures = []
        self.kills = self.recoveries = self.pairs = 0

    def fail(self, scenario, faults, wrong):
        for line in wrong:
            self.failures.append(f"FAILED {scenario.name}: {' then '.join(faults)}: {line}")

    def kill(self, scenario, args, start, call):
        """The state that the kill leaves; None if the call was not reached."""
        self.host.restore(start)
        run = self.host.run(*args, inject=call.fault("signal=SIGKILL"))
        self.kills += 1
        if run.was_killed():
            return self.host.look()
        self.fail(scenario, [call.fault("signal=SIGKILL")], [f"not reached; it ended {run.code}: {run.err.strip()}"])
        return None

    def check_killed(self, scenario, faults, earlier, killed):
        wrong = h.not_in_journal(scenario.original, killed) + h.changed_decisions(earlier, killed)
        wrong += h.persisted_before_decision(scenario.old, killed)
        self.fail(scenario, faults, wrong + h.processes_left())

    def check_recovered(self, scenario, faults, killed):
        """One recovery of what is there now, and a second one that has nothing to do."""
        self.recoveries += 1
        first = self.host.run("recover")
        now = self.host.look()
        commits = h.decisions_new_in(scenario.old, now).values()
        expected = scenario.new if any(commits) else scenario.old
        wrong = [] if first.code == 0 else [f"recover ended {first.code}: {first.err.strip()}"]
        wrong += h.not_old_or_new(scenario.old, scenario.new, now) + h.changed_decisions(killed, now) + h.litter(now)
        wrong += h.unfinished(now) + h.not_in_journal(scenario.original, now)
        if not wrong and now.host() != expected.host():
            wrong.append("P3: the host is not on the side of the decision")
        stamps = self.host.stamps()
        second = self.host.run("recover")
        if second.code != 0 or self.host.stamps() != stamps or self.host.look() != now:
            wrong.append(f"P9: a second recover ended {second.code} and changed something")
        self.fail(scenario, faults, wrong + h.processes_left())

    def check_run_again(self, scenario, faults, killed):
        """The same command instead of recover: it finishes or undoes what was left, and does its own work."""
        self.host.restore(killed)
        run = self.host.run(*scenario.args)
        now = self.host.look()
        wrong = [] if run.code == 0 else [f"the same apply again ended {run.code}: {run.err.strip()}"]
        if now.host() != scenario.new.host():
            wrong.append("P1: the same apply again did not lead to the new state")
        self.fail(scenario, faults, wrong + h.changed_decisions(killed, now) + h.litter(now) + h.unfinished(now))

    def every_point(self, scenario, calls, recover):
        """{fingerprint: (call, state)} of the states that the kills leave. recover: from "all" of the kills, from the "first" that
        leaves a state, from "none"."""
        left = {}
        for call in calls:
            killed = self.kill(scenario, scenario.args, scenario.start, call)
            if killed is None:
                continue
            faults = [call.fault("signal=SIGKILL")]
            self.check_killed(scenario, faults, scenario.start, killed)
            mark = fingerprint(killed)
            if recover == "all" or recover == "first" and mark not in left:
                self.check_recovered(scenario, faults, killed)
            if recover != "none" and mark not in left and scenario.undo_is_clean():
                self.check_run_again(scenario, faults, killed)
            left.setdefault(mark, (call, killed))
        return left

    def second_kills(self, scenario, left, pairs, seed):
        """How many pairs there are; `pairs` of them are tried."""
        todo = []
        for call, killed in left.values():
            self.host.restore(killed)
            recovery = scenarios.calls_in(self.host.run("recover", trace="all").trace)[1:]
            todo += [(call, killed, second) for second in recovery]
        tried = todo if pairs < 0 else random.Random(seed).sample(todo, min(pairs, len(todo)))
        for call, killed, second in tried:
            again = self.kill(scenario, ("recover",), killed, second)
            if again is None:
                continue
            faults = [call.fault("signal=SIGKILL"), "recover with " + second.fault("signal=SIGKILL")]
            self.check_killed(scenario, faults, killed, again)
            self.check_recovered(scenario, faults, again)
        self.pairs += len(tried)
        return len(todo)


def outside(host):
    """What no command with --root may change."""
    return (h.whole_etc(), h.Host(host.program, ()).look()) if host.where[:1] == ("--root",) else None


def try_scenario(suite, scenario, wanted):
    calls = scenarios.calls_of(suite.host, scenario)
    first = 0 if wanted.long else scenarios.first_that_differs(scenario, calls)
    points = calls if wanted.long else list(filter(scenarios.leaves_something, calls[first:]))
    tried = h.share([call for call in points if re.search(wanted.calls, call.name)], wanted.share)
    before = outside(suite.host)
    left = suite.every_point(scenario, tried, "none" if wanted.second else "all" if wanted.long else "first")
    pairs = suite.second_kills(scenario, left, wanted.pairs, wanted.seed)
    if outside(suite.host) != before:
        suite.fail(scenario, [], ["P14: /etc or /var/lib outside of the image has changed"])
    skipped = f" (the first {first} are as in another scenario)" if first else ""
    print(f"{scenario.name}: {len(tried)} of {len(calls)} calls{skipped}, {len(left)} states, "
          f"{pairs} pairs of kills", flush=True)


def main():
    wanted = options()
    h.enter()
    here = h.Host(wanted.program, scenarios.KEYS)
    tree, etc = h.whole_tree(), h.whole_etc()
    blank = here.look()
    suite = Suite()
    for host, scenario in scenarios.everywhere(wanted.program):
        if re.search(wanted.only, scenario.name):
            suite.host = host
            try_scenario(suite, scenario, wanted)
    here.restore(blank)
    if h.whole_tree() != tree or h.whole_etc() != etc:
        suite.failures.append("FAILED: at the end /proc/sys/net or /etc is not as it was")
    print(f"{suite.kills} kills, {suite.pairs} of them second ones; {suite.recoveries} recoveries")
    h.end(suite.pairs if wanted.second else suite.kills, suite.failures)


if __name__ == "__main__":
    main()
