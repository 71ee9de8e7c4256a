"""Every Linux row of the catalogue in the initial network namespace of a kernel: the host-wide ones exist only there."""
import json
import re

import orphans
from image import empty_disk

BATCH = "for key in {keys}; do twctl explain $key --json | tr -d '\\n'; echo; done"
# What a kernel says of itself at boot, where no file says it: tcp_ehash_entries came with 6.1.
HASH_ENTRIES = "TCP established hash table entries: "
# The same on each read of an idle host, but for the seed of packet steering.
TREE = "grep -rs '' /proc/sys/net | grep -v netdev_rss_key | sort"
# What kernels after 6.18 refuse: (since, the lowest that they take).
REFUSED_LATER = {"net.netfilter.nf_conntrack_max": ((6, 19), 1)}  # commit 2b749f257645
BOUNDS_SINCE = (5, 13)  # kernel_accepts speaks of 6.18; many keys took any number before 5.13.


def version(text):
    return tuple(int(number) for number in re.findall(r"\d+", text)[:2])


class Row:
    """A setting as `explain --json` says it."""

    def __init__(self, page):
        self.page = page
        self.key = page["key"]
        self.file = "/proc/sys/" + self.key.replace(".", "/")
        self.live = page["here"]["live"]

    def expected(self, release):
        page, kernel = self.page, version(release)
        newer = page["since"] is not None and kernel < version(page["since"])
        removed = page["removed"] is not None and kernel >= version(page["removed"])
        return page["vendor"] is None and not newer and not removed

    def another_value(self):
        """One that we accept and that is not the live one."""
        kind, low, high = self.page["type"], self.page["accepted"]["min"], self.page["accepted"]["max"]
        if kind == "integer-pair":
            first, last = map(int, self.live.split())
            return f"{first + 2} {last - 1}"
        if kind == "port-set":
            return "8080,8090-8092"
        if kind == "enumeration":
            return str(next(one["value"] for one in self.page["values"] if str(one["value"]) != self.live))
        return str(next(n for n in (int(self.live) - 1, int(self.live) + 1, low, high) if low <= n <= high))


class Suite:
    """Findings and counts of one boot."""

    def __init__(self, guest):
        self.guest = guest
        self.findings = []
        self.rows = self.all_rows()

    def all_rows(self):
        names = json.loads(self.guest.output("twctl explain --json"))["names"]
        keys = " ".join(one["name"] for one in names if one["kind"] == "setting")
        pages = [json.loads(line) for line in self.guest.output(BATCH.format(keys=keys)).splitlines()]
        return [Row(page) for page in pages if page["os"] == "linux"]

    def present(self):
        return [row for row in self.rows if row.live is not None]

    def expect(self, what, found, expected):
        if found != expected:
            self.findings.append(f"{self.guest.release}: {what}: {found}, expected {expected}")

    def check_presence(self):
        for row in self.rows:
            self.expect(f"{row.key} is there", row.live is not None, row.expected(self.guest.release))

    def check_defaults(self):
        checked = 0
        for row in self.present():
            default = row.page["here"]["default"] or self.formula(row)
            if default is not None:
                self.expect(f"default of {row.key}", row.live, default)
                checked += 1
        return checked

    def differences(self):
        """For the table of docs/kernels.md: what is not here, and what is by default another value than on the newest kernel."""
        lacking = [row.page["name"] for row in self.rows if row.live is None]
        other = [f"{row.page['name']} {row.page['here']['default']}" for row in self.present()
                 if row.page["defaults"] and row.page["here"]["default"] not in (None, row.page["defaults"][-1]["value"])]
        return f"  lacks {', '.join(lacking)}; by default {', '.join(other)}"

    def formula(self, row):
        name = row.page["name"]
        if name in ("tcp_max_tw_buckets", "tcp_max_orphans"):
            return str(self.hash_entries() // 2)
        if name == "tcp_max_syn_backlog":
            return str(max(128, self.hash_entries() // 128))
        if name == "nf_conntrack_max":
            buckets = int(self.guest.output("cat /proc/sys/net/netfilter/nf_conntrack_buckets"))
            return str(buckets if version(self.guest.release) >= (5, 15) else 4 * buckets)
        return None

    def hash_entries(self):
        return int(re.search(HASH_ENTRIES + r"(\d+)", self.guest.output(f"dmesg | grep '{HASH_ENTRIES}'"))[1])

    def check_bounds_of_host_wide_rows(self):
        rows = [row for row in self.present() if row.page["reach"] != "per-namespace" and row.page["writable"]]
        if version(self.guest.release) < BOUNDS_SINCE:
            return 0
        for row in rows:
            low, high = self.bounds(row)
            for value, there in ((low, low), (high, high), (high + 1, high), (low - 1, high)):
                found = self.guest.run(f"echo {value} >{row.file} 2>/dev/null; cat {row.file}")[1]
                self.expect(f"{row.key} after a write of {value}", found, str(there))
            self.guest.output(f"echo {row.live} >{row.file}")
        return len(rows)

    def bounds(self, row):
        low, high = row.page["kernel_accepts"]["min"], row.page["kernel_accepts"]["max"]
        since, lowest = REFUSED_LATER.get(row.key, ((0, 0), low))
        return (lowest if version(self.guest.release) >= since else low), high

    def check_apply_then_rollback(self):
        """P12, in both scopes: the whole of /proc/sys/net and /etc is equal afterwards."""
        self.guest.output(f"{TREE} >/run/before")
        rows = [row for row in self.present() if row.page["writable"]]
        for row in rows:
            self.apply_then_roll_back(row.key, [(row.key, row.another_value())])
        self.apply_then_roll_back("all settings at once", [(row.key, row.another_value()) for row in rows])
        return len(rows)

    def apply_then_roll_back(self, what, pairs):
        settings = " ".join(f"--set '{key}={value}'" for key, value in pairs)
        plan = json.loads(self.guest.run(f"twctl plan --exit-zero --json {settings}")[1])
        accept = " ".join({f"--accept {one['id']}" for one in plan["hazards"] if one["blocking"]})
        status, said = self.guest.run(f"twctl apply --yes {settings} {accept}")
        self.expect(f"apply of {what} says {said!r}: code", status, 0)
        applied = self.guest.run(f"{TREE} | cmp -s - /run/before")[0]
        self.expect(f"apply of {what} changes the tree", applied, 1)
        status, said = self.guest.run("twctl rollback --yes")
        self.expect(f"rollback of {what} says {said!r}: code", status, 0)
        self.expect(f"after the rollback of {what}: the tree",
                    self.guest.run(f"{TREE} | diff /run/before -")[1], "")
        self.expect(f"after the rollback of {what}: /etc", self.guest.output("find /etc ! -type d"), "")


def run(parts, more=lambda guest: []):
    """MORE: guest -> findings, once the settings are as they were and orphans.MAKE has made its sockets."""
    with parts.boot(empty_disk(parts.path("settings.img"))) as guest:
        suite = Suite(guest)
        suite.check_presence()
        defaults = suite.check_defaults()
        bounds = suite.check_bounds_of_host_wide_rows()
        applied = suite.check_apply_then_rollback()
        suite.findings += orphans.findings(guest) + more(guest)
    print(f"{guest.release}: {len(suite.rows)} rows, {len(suite.present())} here; {defaults} defaults, bounds of {bounds} "
          f"host-wide rows, {applied} applied and rolled back; orphans")
    print(suite.differences())
    return suite.findings
