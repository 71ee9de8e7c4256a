"""What a boot makes of a change: a Debian with systemd, its units and twctl's own, booted again and again.

The scenarios of one part follow each other on one disk, so that there are few boots; the parts have a disk each and run at the
same time.
"""
import json
import os
import re

import root

FIN = "net.ipv4.tcp_fin_timeout"
SOMAXCONN = "net.core.somaxconn"
BOOT_FILE = "/etc/sysctl.d/60-twctl.conf"
PROCPS = "systemd.mask=systemd-sysctl.service systemd.wants=procps-loader.service"
NEWEST = "$(ls -d /var/lib/twctl/changes/* | tail -n 1)"
INTENT = f"{NEWEST}/intent"
COLLECTOR = "/var/lib/prometheus/node-exporter"
LIVE = f"sysctl -n {FIN} {SOMAXCONN}"
GRACE = 7  # seconds after the deadline by which the old value is back (C14)


def apply(fin, somaxconn, more=""):
    return f"twctl apply --yes --set {FIN}={fin} --set {SOMAXCONN}={somaxconn} {more}"


class Suite:
    """The scenarios."""

    def __init__(self, parts, disk):
        self.parts = parts
        self.disk = disk
        self.findings = []
        self.passed = []
        self.boots = 0
        self.measured = "not measured"

    def boot(self, append=""):
        self.boots += 1
        return self.parts.boot_system(self.disk, append)

    def expect(self, guest, what, script, expected):
        status, said = guest.run(script)
        if said != expected:
            self.findings.append(f"{what}: {script}: {said!r} ({status}), expected {expected!r}")

    def done(self, scenario, findings_before):
        self.passed += [scenario] if len(self.findings) == findings_before else []

    def run(self, names):
        for name in names:
            before = len(self.findings)
            getattr(self, name)()
            self.done(name.replace("_", " "), before)

    def applied(self):
        with self.boot() as guest:
            guest.output(apply(33, 5000))
            self.expect(guest, "after apply", LIVE, "33\n5000")
            guest.power_off("systemctl poweroff")
        with self.boot() as guest:
            self.expect(guest, "reboot after apply, under systemd-sysctl", LIVE, "33\n5000")
            self.expect(guest, "its loader", "systemctl is-active systemd-sysctl procps-loader", "active\ninactive")
            self.expect_status(guest, "reboot after apply", pending=None, drift=[], interrupted=[])
            self.look_at_recovery_unit(guest)
            self.recovery_unit_sees_namespaces(guest)
            self.metrics_are_written(guest)
            self.audit_finds_drift(guest)

    def look_at_recovery_unit(self, guest):
        """Recovery comes first: what it takes back must not be loaded."""
        if "twctl-recover.service" not in [os.path.basename(unit) for unit in self.parts.units]:
            return
        times = guest.output("systemctl show -P ExecMainExitTimestampMonotonic twctl-recover.service\n"
                             "systemctl show -P ExecMainStartTimestampMonotonic systemd-sysctl.service").split()
        recovered, loaded = map(int, times)
        if not 0 < recovered < loaded:
            self.findings.append(f"recovery ended at {recovered} us, systemd-sysctl began at {loaded} us")

    def recovery_unit_sees_namespaces(self, guest):
        """A change in a network namespace that is gone, while another one lives: the unit must be able to tell them apart."""
        guest.output("mkdir -p /sys/fs/cgroup/by-hand; echo $$ >/sys/fs/cgroup/by-hand/cgroup.procs\n"  # no service, whose end ends timers
                     "mkdir /run/netns; touch /run/netns/other /run/netns/gone\n"
                     "for name in other gone; do unshare --net=/run/netns/$name true; done\n"
                     f"twctl apply --yes --netns gone --set {FIN}=30 --confirm-within 1h\n"
                     "kill -KILL $(grep -l twctl-watchdog /proc/[0-9]*/comm | cut -d/ -f3)\n"
                     "umount /run/netns/gone; rm /run/netns/gone")
        self.expect(guest, "recovery of a change that went with its namespace",
                    "systemctl restart twctl-recover.service; twctl history --json | grep -m1 -o 'gone with its network namespace'",
                    "gone with its network namespace")
        guest.output("umount /run/netns/other; rm -r /run/netns")

    def metrics_are_written(self, guest):
        """By the unit in its sandbox, for other users to read; then by the timer. Where there is no collector it does nothing."""
        start = ("systemctl start twctl-metrics.service; systemctl show -P Result twctl-metrics.service\n"
                 "systemctl show -P ConditionResult twctl-metrics.service")
        self.expect(guest, "metrics without a collector", start, "success\nno")
        guest.output(f"mkdir -p {COLLECTOR}")
        self.expect(guest, "metrics", start, "success\nyes")
        self.expect(guest, "their files", f"ls -1 {COLLECTOR}; find {COLLECTOR} -type f ! -perm 0644",
                    "twctl_doctor.prom\ntwctl_states.prom\ntwctl_status.prom")
        self.expect(guest, "their numbers", f"grep -h -e '^twctl_drifts ' -e '^twctl_sockets.*TIME_WAIT' {COLLECTOR}/*.prom",
                    'twctl_sockets{state="TIME_WAIT"} 0\ntwctl_drifts 0')
        guest.output(f"rm {COLLECTOR}/*; until [ -s {COLLECTOR}/twctl_status.prom ]; do sleep 1; done", 300)

    def audit_finds_drift(self, guest):
        """The unit, in its sandbox, fails where a setting is another one, and only there; its timer makes up for an hour that it has missed."""
        result = "systemctl show -P Result twctl-audit.service; systemctl show -P ExecMainStatus twctl-audit.service"
        start = f"systemctl start twctl-audit.service 2>/dev/null; {result}"
        self.expect(guest, "audit without drift", start, "success\n0")
        guest.output(f"sysctl -q -w {FIN}=44")
        self.expect(guest, "audit with drift", start, "exit-code\n2")
        began = "$(systemctl show -P ExecMainStartTimestampMonotonic twctl-audit.service)"
        guest.output(f"sysctl -q -w {FIN}=33; systemctl stop twctl-audit.timer\n"
                     "mkdir -p /run/systemd/system/twctl-audit.timer.d /var/lib/systemd/timers\n"
                     "printf '[Timer]\\nRandomizedDelaySec=0\\n' >/run/systemd/system/twctl-audit.timer.d/at-once.conf\n"
                     "touch -d '2020-01-01 00:00' /var/lib/systemd/timers/stamp-twctl-audit.timer\n"
                     f"systemctl daemon-reload; before={began}; systemctl start twctl-audit.timer\n"
                     f"until [ {began} != $before ]; do sleep 1; done; while systemctl is-active -q twctl-audit.service; do sleep 1; done", 300)
        self.expect(guest, "audit by its timer, without drift", result, "success\n0")

    def applied_under_procps(self):
        with self.boot(PROCPS) as guest:
            self.expect(guest, "reboot after apply, under sysctl --system", LIVE, "33\n5000")
            self.expect(guest, "its loader", "systemctl is-active systemd-sysctl procps-loader", "inactive\nactive")

    def pending_is_cut_off_and_rebooted(self):
        with self.boot() as guest:
            guest.output(apply(33, 5000))
            self.make_pending(guest, 34, 5001, "1h")
            guest.output("sync")
            guest.cut_power()
        with self.boot() as guest:
            self.expect_rolled_back_by_boot(guest, "power cut while pending")
            self.make_pending(guest, 35, 5002, "1h")
            guest.power_off("systemctl poweroff")
        with self.boot() as guest:
            self.expect_rolled_back_by_boot(guest, "reboot while pending")

    def make_pending(self, guest, fin, somaxconn, duration):
        guest.output(apply(fin, somaxconn, f"--confirm-within {duration}"))
        self.expect(guest, "pending", LIVE, f"{fin}\n{somaxconn}")

    def expect_rolled_back_by_boot(self, guest, what):
        self.expect(guest, what, LIVE, "33\n5000")
        self.expect(guest, what, f"grep -c -e '= 33$' -e '= 5000$' {BOOT_FILE}", "2")
        self.expect(guest, f"{what}: the boot unit has done it", "twctl recover", "Nothing to recover.")
        self.expect_status(guest, what, pending=None, drift=[], interrupted=[])
        newest = json.loads(guest.output("twctl history --json"))["changes"][0]
        if newest["state"] != "rolled back":
            self.findings.append(f"{what}: the history says {newest['state']}")
        self.expect(guest, what, "find /etc/sysctl.d -name '.twctl*'", "")

    def confirmed(self):
        with self.boot() as guest:
            guest.output(apply(33, 5000))
            self.make_pending(guest, 36, 5003, "1h")
            guest.output("twctl confirm")
            guest.cut_power()
        with self.boot(PROCPS) as guest:
            self.expect(guest, "power cut after confirm, under sysctl --system", LIVE, "36\n5003")
            self.expect_status(guest, "power cut after confirm", pending=None, drift=[], interrupted=[])
            self.leave_decided(guest)

    def leave_decided(self, guest):
        """As a power cut leaves it that comes between the decision to commit and the new boot file."""
        guest.output(f"cp -p {BOOT_FILE} /run/old")
        guest.output(apply(37, 5004))
        guest.output(f"cp -p /run/old {BOOT_FILE}; rm {NEWEST}/done; sync")
        guest.cut_power()

    def expect_carried_on(self, guest):
        """What was decided, and no more, the boot unit has carried on before the boot file was read."""
        self.expect(guest, "power cut after the decision", LIVE, "37\n5004")
        self.expect(guest, "the boot unit has done it", "twctl recover", "Nothing to recover.")
        self.expect_status(guest, "power cut after the decision", pending=None, drift=[], interrupted=[])
        self.look_at_recovery_unit(guest)

    def watchdog_dies_with_its_service(self):
        """The path unit is not in the service's cgroup, so it rolls back."""
        with self.boot() as guest:
            self.expect_carried_on(guest)
            self.pending_in_killed_service(guest)
            self.back_in_time(guest)
            self.expect(guest, "rolled back by the path unit", LIVE, "37\n5004")
            self.unit_waits_for_the_next_change(guest)
            self.expect_status(guest, "path unit", pending=None, interrupted=[])
            self.confirmed_in_time(guest)

    def service_meets_damaged_records(self):
        with self.boot() as guest:
            guest.output(apply(37, 5004))
            self.service_has_a_damaged_record(guest)
            self.service_meets_an_old_damaged_record(guest)
            guest.output(apply(38, 5005))

    def back_in_time(self, guest):
        deadline = self.wait_for_deadline(guest)
        script = f"for i in $(seq 400); do cat /proc/uptime; [ $(sysctl -n {FIN}) = 37 ] && break; sleep 0.1; done"
        times = [float(line.split()[0]) for line in guest.output(script).splitlines()]
        last_new, back = (times[-2] if times[1:] else 0), times[-1]
        if not deadline <= back or not last_new <= deadline + GRACE:
            self.findings.append(f"the old value was back between {last_new} and {back}, the deadline was {deadline}")
        self.measured = f"back {back - deadline:.1f} s after the deadline"

    def deadline(self, guest):
        """On the boot clock, as /proc/uptime."""
        return int(re.search(r'"deadline":(\d+)', guest.output(f"cat {INTENT}"))[1]) / 1e9

    def wait_for_deadline(self, guest):
        """Until two seconds before it, without a program a moment: each costs an emulated processor more than the wait."""
        deadline = self.deadline(guest)
        guest.output(f"read -r up rest </proc/uptime; left=$(({int(deadline) - 2} - ${{up%.*}})); [ $left -le 0 ] || sleep $left")
        return deadline

    def unit_waits_for_the_next_change(self, guest):
        guest.output("while systemctl is-active -q twctl-deadline.service; do sleep 0.2; done")
        self.expect(guest, "the path unit waits for the next change", "systemctl is-active twctl-deadline.path", "active")

    def service_is_over(self, guest):
        """It has failed, for it could end nothing, and once more it is started, when nothing is announced any more. Asked seldom, for an
        emulated processor needs half a second for the two questions."""
        guest.run("for i in $(seq 60); do systemctl is-active -q twctl-deadline.service || "
                  "[ $(systemctl show -P SubState twctl-deadline.service) = auto-restart ] || break; sleep 3; done")

    def service_has_a_damaged_record(self, guest):
        """It still knows the old values, and puts them back at the deadline; the record waits for a person."""
        self.pending_in_killed_service(guest)
        self.wait_for_deadline(guest)
        guest.output(f"cp {INTENT} /run/intent; echo damaged >{INTENT}")
        guest.run(f"for i in $(seq 500); do [ $(sysctl -n {FIN}) = 37 ] && break; sleep 0.2; done")
        self.expect(guest, "rolled back although the record is damaged", LIVE, "37\n5004")
        self.expect(guest, "the path unit, meanwhile", "systemctl is-active twctl-deadline.path", "active")
        guest.output(f"cp /run/intent {INTENT}; twctl recover")
        self.expect(guest, "still so once the record is mended", LIVE, "37\n5004")
        self.service_is_over(guest)
        self.unit_waits_for_the_next_change(guest)

    def service_meets_an_old_damaged_record(self, guest):
        """The change that it waits for goes back all the same; then the service fails, and is started again no more."""
        old = "$(ls -d /var/lib/twctl/changes/* | head -n 1)/intent"
        self.pending_in_killed_service(guest)
        guest.output(f"cp {old} /run/old; echo damaged >{old}")
        self.wait_for_deadline(guest)
        guest.run(f"for i in $(seq 150); do [ $(sysctl -n {FIN}) = 37 ] && break; sleep 0.2; done")
        self.expect(guest, "rolled back beside a damaged record", LIVE, "37\n5004")
        self.service_is_over(guest)
        self.expect(guest, "the units, then", "systemctl is-active twctl-deadline.path twctl-deadline.service; true",
                    "active\ninactive")
        guest.output(f"cp /run/old {old}")

    def confirmed_in_time(self, guest):
        """The session that made the change is killed; who confirms it before the deadline keeps it, past the deadline too."""
        self.pending_in_killed_service(guest)
        guest.output("twctl confirm")
        self.unit_waits_for_the_next_change(guest)
        past = int(self.wait_for_deadline(guest)) + 1
        guest.output(f"until [ $(cut -d . -f 1 /proc/uptime) -gt {past} ]; do sleep 0.2; done")
        self.expect(guest, "confirmed in time, past the deadline", LIVE, "38\n5005")
        self.expect(guest, "confirmed in time", f"grep -c -e '= 38$' -e '= 5005$' {BOOT_FILE}", "2")

    def no_timer_lives(self):
        """The negative control of that: without the path unit nobody rolls back, status says so, and recover repairs."""
        with self.boot("systemd.mask=twctl-deadline.path") as guest:
            self.expect(guest, "reboot under systemd-sysctl", LIVE, "38\n5005")
            self.refused_in_a_service(guest)
            self.pending_in_killed_unit(guest, 39, 5006, "scope")
            self.wait_for_deadline(guest)
            guest.output("until twctl status --json | grep -q '\"overdue\": true'; do sleep 0.2; done")
            self.expect(guest, "no timer lives", LIVE, "39\n5006")
            guest.output("twctl recover")
            self.expect(guest, "no timer lives, after recover", LIVE, "38\n5005")

    def refused_in_a_service(self, guest):
        """H05: the service's end would be the watchdog's, and nothing else would act."""
        script = apply(39, 5006, "--confirm-within 20s >/run/said 2>&1; echo $? >/run/code")
        guest.output(f"rm -f /run/code; echo '{script}' >/run/session; systemd-run -q sh /run/session")
        self.expect(guest, "in a service, without the path unit", "until [ -s /run/code ]; do sleep 0.1; done; cat /run/code; "
                    "grep -c 'when that stops, systemd ends the watchdog with it' /run/said", "3\n1")
        self.expect(guest, "in a service, without the path unit", LIVE, "38\n5005")

    def pending_in_killed_service(self, guest):
        self.pending_in_killed_unit(guest, 38, 5005, "service")

    def pending_in_killed_unit(self, guest, fin, somaxconn, kind):
        session = apply(fin, somaxconn, "--confirm-within 20s >/run/said 2>&1; echo $? >/run/code; sleep 1000")
        begin = {"service": "systemd-run -q --unit=session sh /run/session",
                 "scope": "systemd-run -q --scope --unit=session sh /run/session >/dev/null 2>&1 </dev/null &"}[kind]
        guest.run("rm -f /run/code; systemctl reset-failed session")
        guest.output(f"echo '{session}' >/run/session; {begin}")
        guest.output("until [ -s /run/code ]; do sleep 0.1; done; [ $(cat /run/code) = 0 ] || { cat /run/said; false; }", 60)
        self.expect(guest, "the watchdog", "grep -l twctl-watchdog /proc/[0-9]*/comm | wc -l", "1")
        guest.output(f"systemctl kill -s KILL session.{kind}")
        self.expect(guest, "the watchdog is dead", "grep -l twctl-watchdog /proc/[0-9]*/comm | wc -l", "0")
        self.expect(guest, "before the deadline", LIVE, f"{fin}\n{somaxconn}")

    def expect_status(self, guest, what, **expected):
        status = json.loads(guest.output("twctl status --json"))
        for name, value in expected.items():
            if status[name] != value:
                self.findings.append(f"{what}: status says {name}: {status[name]}, expected {value}")


PARTS = {
    "applied": ("applied", "applied_under_procps"),
    "pending": ("pending_is_cut_off_and_rebooted",),
    "confirmed": ("confirmed", "watchdog_dies_with_its_service"),
    "units": ("service_meets_damaged_records", "no_timer_lives"),
}


def run(parts, part):
    disk = root.disk(parts.packages, parts.program, parts.units, parts.path("system.img"))
    suite = Suite(parts, disk)
    suite.run(PARTS[part])
    print(f"{suite.boots} boots of systemd on {parts.kernel.package}; held: " + "; ".join(suite.passed))
    if part == "confirmed":
        print(f"by the path unit alone {suite.measured}")
    return suite.findings
