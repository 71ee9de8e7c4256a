"""What moves the deadline of a pending change: the date does not, in either direction; time that the host sleeps through does."""
import json
import re

from image import empty_disk

FIN = "net.ipv4.tcp_fin_timeout"
BOOT_FILE = "/etc/sysctl.d/60-twctl.conf"
INTENT = r"cat $(ls -d /var/lib/twctl/changes/* | tail -n 1)/intent"
WITHIN = 30   # seconds
ASLEEP = 40   # seconds, in suspend to memory; the real-time clock wakes the host
GRACE = 2     # seconds after the deadline by which the old value is back
WAKE_UP_CALL = "/sys/class/rtc/rtc0/wakealarm"
DATES = ("2037-01-19 03:14", "1999-12-31 23:59")


class Suite:
    """Findings, and what held, of one boot."""

    def __init__(self, guest):
        self.guest = guest
        self.findings = []
        self.held = []

    def expect(self, what, holds, seen):
        if holds:
            self.held.append(what)
        else:
            self.findings.append(f"{self.guest.release}: {what}: {seen}")

    def live(self):
        return self.guest.output(f"sysctl -n {FIN}")

    def boot_time(self):
        """Suspend included (proc(5), uptime)."""
        return float(self.guest.output("cut -d ' ' -f 1 /proc/uptime"))

    def monotonic_time(self):
        """Suspend not included."""
        return int(re.search(r"now at (\d+) nsecs", self.guest.output("grep 'now at' /proc/timer_list"))[1]) / 1e9

    def pending(self):
        return json.loads(self.guest.output("twctl status --json"))["pending"]

    def apply(self):
        """The deadline, on the boot clock."""
        self.guest.output(f"twctl apply --yes -q --wait 60s --set {FIN}=33 --confirm-within {WITHIN}s")
        return int(re.search(r'"deadline":(\d+)', self.guest.output(INTENT))[1]) / 1e9

    def wait_until_back(self, deadline):
        """When the old value was seen, and when it was still new: the moment lies in between."""
        script = f"while [ $(sysctl -n {FIN}) = 33 ]; do cat /proc/uptime; sleep 0.1; done; cat /proc/uptime"
        times = [float(line.split()[0]) for line in self.guest.output(script, 20 * WITHIN).splitlines()]
        last_new, first_old = (times[-2] if times[1:] else 0), times[-1]
        self.expect("not before the deadline", first_old >= deadline, f"{first_old}, the deadline was {deadline}")
        self.expect(f"within {GRACE} s of the deadline", last_new <= deadline + GRACE, f"{last_new}, the deadline was {deadline}")

    def date_is_set(self):
        """E25"""
        deadline = self.apply()
        for date in DATES:
            self.guest.output(f"date -s '{date}'")
            pending = self.pending()
            self.expect(f"pending at {date}", self.live() == "33" and pending and not pending["overdue"] and
                        0 < pending["seconds_left"] <= WITHIN, pending)
        self.wait_until_back(deadline)

    def confirmed_at_another_date(self):
        self.apply()
        self.guest.output(f"date -s '{DATES[0]}'")
        status, said = self.guest.run("twctl confirm")
        self.expect("confirm in time, whatever the date", status == 0 and self.live() == "33", said)
        self.guest.output("twctl rollback --yes")

    def sleeps_past_the_deadline(self):
        """E26: on a clock that stands still in suspend the deadline would not have come yet."""
        deadline, before = self.apply(), self.monotonic_time()
        self.expect("pending before the suspend", self.live() == "33", self.live())
        self.guest.output(f"echo 0 >{WAKE_UP_CALL}; echo +{ASLEEP} >{WAKE_UP_CALL}; echo mem >/sys/power/state")
        awake = self.boot_time()
        self.guest.run(f"for i in $(seq 20); do [ $(sysctl -n {FIN}) = 60 ] && break; sleep 0.1; done")
        passed = self.monotonic_time() - before
        self.expect("the boot clock has counted the suspend", awake > deadline, f"{awake}, the deadline was {deadline}")
        self.expect("the other clock has not", passed < WITHIN, f"{passed} s")
        self.expect(f"rolled back within {GRACE} s of waking up", self.live() == "60", self.live())
        self.expect("confirm comes too late", self.guest.run("twctl confirm")[0] == 3, "")

    def leaves_nothing(self):
        status = json.loads(self.guest.output("twctl status --json"))
        self.expect("nothing pending, nothing drifted", not status["pending"] and not status["drift"], status)
        self.expect("no boot file", self.guest.run(f"[ ! -e {BOOT_FILE} ]")[0] == 0, "it is there")


def run(parts):
    with parts.boot(empty_disk(parts.path("clocks.img"))) as guest:
        suite = Suite(guest)
        for scenario in (suite.date_is_set, suite.confirmed_at_another_date, suite.sleeps_past_the_deadline, suite.leaves_nothing):
            scenario()
    print(f"{guest.release}: {len(suite.held)} held: " + "; ".join(suite.held))
    return suite.findings
