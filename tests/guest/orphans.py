"""Orphans near tcp_max_orphans, which is the host's own and shows in the initial network namespace only: doctor finds them
there, and finds none far from the limit."""
import json

COUNT = 20
UNTIL = 'wait_until() { tries=0; while ! eval "$1"; do tries=$((tries + 1)); [ $tries -lt 600 ] || exit 1; sleep 0.1; done; }\n'
# Connections over an address that is taken away: the end that is closed then waits for an acknowledgement that cannot come.
MAKE = UNTIL + f"""
ip addr add 10.0.0.2/32 dev lo
for port in $(seq 9001 {9000 + COUNT}); do sleep 9999 | nc -l -p $port >/dev/null 2>&1 & done
wait_until '[ $(cat /proc/net/tcp* | grep -c " 0A ") -ge {COUNT} ]'
clients=
for port in $(seq 9001 {9000 + COUNT}); do sleep 9999 | nc 10.0.0.2 $port >/dev/null 2>&1 & clients="$clients $!"; done
wait_until '[ $(cat /proc/net/tcp* | grep -c " 01 ") -ge {2 * COUNT} ]'
ip addr del 10.0.0.2/32 dev lo
kill $clients
wait_until '[ $(sed -n "s/^TCP:.* orphan \\([0-9]*\\) .*/\\1/p" /proc/net/sockstat) -ge {COUNT} ]'
"""
LOOK = "echo {limit} >/proc/sys/net/ipv4/tcp_max_orphans; twctl doctor --interval 0 --exit-zero --json"


def found(guest, limit):
    """The evidence, or None."""
    document = json.loads(guest.output(LOOK.format(limit=limit)))
    return next((one["evidence"] for one in document["findings"] if one["id"] == "orphans-near-limit"), None)


def findings(guest):
    guest.output(MAKE)
    near, far = found(guest, COUNT + 2), found(guest, 100 * COUNT)
    expected = f"{COUNT} orphans on this host, of at most {COUNT + 2} ({100 * COUNT // (COUNT + 2)} %)."
    wrong = [] if near == expected else [f"{guest.release}: {COUNT} orphans of {COUNT + 2}: {near!r}, expected {expected!r}"]
    return wrong + ([] if far is None else [f"{guest.release}: {COUNT} orphans of {100 * COUNT} are found near: {far!r}"])
