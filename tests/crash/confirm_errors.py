#!/usr/bin/env python3
"""confirm_errors.py PROGRAM: every system call that can fail fails while a change is made that awaits confirmation, while it is
confirmed, and while it goes back past its deadline.

As in errors.py what the run says has to be true, and once the fault is gone and the deadline past, one recovery leaves what was
decided. The watchdog is ended each time: it is the fallback of the first run, and here nobody but that recovery may mend it.
"""
import argparse
import re

import confirm
import errors
import host as h
import scenarios

APPLY = ("apply", "--yes", *confirm.SET, "--confirm-within", "1h")


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--only", default="", help="commands whose name matches this expression")
    parser.add_argument("--cases", type=int, default=25, help="errors a command, each at another call; -1: all")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


class Suite:
    """Lies to the program, and keeps what did not hold."""

    def __init__(self, host):
        self.host = host
        self.failures, self.codes, self.cases = [], {}, 0
        scenarios.must(host.apply("1h"))
        self.pending = host.look()
        confirm.end_others()
        scenarios.must(host.run("confirm"))
        self.new = host.look()
        host.restore(self.pending)
        host.expire()
        self.overdue = host.look()

    def wrong_now(self, start, done, code, now):
        """What does not hold of the run's word. One that cannot confirm may have taken the change back: as before, too."""
        wrong = [] if code in errors.ALLOWED else [f"it ended {code}"]
        if code == 0 and h.without_litter(now) != h.without_litter(done):
            wrong.append("it ended 0, and not everything is done")
        as_before = [h.without_litter(state) for state in (start, self.host.old)]
        if code in errors.AS_BEFORE and h.without_litter(now) not in as_before:
            wrong.append(f"it ended {code}, and the host is not as before")
        return wrong + h.not_in_journal(self.host.old, now) + h.changed_decisions(start, now) + h.persisted_before_decision(self.host.old, now)

    def wrong_later(self, code):
        """What does not hold after the deadline and one recovery."""
        self.host.expire()
        then = self.host.look()
        recovery = self.host.run("recover")
        now = self.host.look()
        committed = any(h.decisions_new_in(self.host.old, now).values())
        wrong = [] if recovery.code == 0 else [f"then recover ended {recovery.code}: {h.words(recovery.err)[:300]}"]
        if now.host() != (self.new if committed else self.host.old).host():
            wrong.append("P3: the host is not on the side of the decision")
        if code in errors.AS_BEFORE and committed:
            wrong.append(f"it ended {code}, and the change is confirmed")
        return wrong + h.changed_decisions(then, now) + h.litter(now) + h.unfinished(now) + h.processes_left()

    def every_error(self, name, start, done, run, wanted):
        if not re.search(wanted.only, name):
            return
        self.host.restore(start)
        calls = scenarios.calls_in(run(trace="all").trace)
        confirm.end_others()
        started = next(index for index, call in enumerate(calls) if "F_GETFD" in call.text)
        groups = errors.faults_at(calls[started:], set())
        todo = errors.chosen(groups, wanted)
        for fault in todo:
            self.host.restore(start)
            code = run(inject=fault).code
            confirm.end_others()
            now = self.host.look()
            wrong = self.wrong_now(start, done, code, now) + self.wrong_later(code)
            self.failures += [f"FAILED {name}: {fault}: it ended {code}: {line}" for line in wrong]
            self.codes[code] = self.codes.get(code, 0) + 1
            self.cases += 1
        print(f"{name}: {len(todo)} of {sum(map(len, groups))} errors at {len(groups)} calls", flush=True)


def main():
    wanted = options()
    h.enter()
    host = confirm.Waiting(wanted.program)
    suite = Suite(host)
    suite.every_error("apply --confirm-within", host.old, suite.pending, lambda **how: host.parent_only(*APPLY, **how), wanted)
    suite.every_error("confirm", suite.pending, suite.new, lambda **how: host.parent_only("confirm", **how), wanted)
    suite.every_error("timeout", suite.overdue, host.old, lambda **how: host.parent_only("recover", **how), wanted)
    host.restore(host.old)
    ends = ", ".join(f"{code}: {count}" for code, count in sorted(suite.codes.items()))
    print(f"{suite.cases} cases ({ends})")
    h.end(suite.cases, suite.failures)


main()
