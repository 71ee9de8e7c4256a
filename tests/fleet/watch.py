#!/usr/bin/env python3
"""watch.py PROGRAM: what scripts/systemd/twctl-metrics.service writes on three hosts, read by promtool, scraped from real node exporters
by a real Prometheus with the alert rules of docs/examples/prometheus.
"""
import json
import os
import pathlib
import subprocess
import sys
import urllib.parse
import urllib.request

import hosts
from hosts import TESTS, host, wait_until

from hooks import commands_of_metrics_unit

FOLDER = "/var/lib/prometheus/node-exporter"
RULES = TESTS.parent / "docs/examples/prometheus/twctl.rules.yml"
FIN = "net.ipv4.tcp_fin_timeout"
EXPORTER = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "prometheus-node-exporter", "--collector.disable-defaults",
            "--collector.textfile", f"--collector.textfile.directory={FOLDER}"]


def check(holds, what, said=""):
    if not holds:
        sys.exit(f"{what}\n{said}")


def write_numbers(member, program="/usr/local/sbin/twctl"):
    """As the unit does it; whether all of it went well."""
    for command in commands_of_metrics_unit(program):
        ran = subprocess.run(member.command("sh", "-c", 'umask 0022; exec "$@"', "sh", *command), capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            check(program == "false", f"{member.name}: {' '.join(command)}", ran.stderr)
            return False
    return True


def nothing_is_written(member):
    """A program that fails each time leaves the numbers of two hours ago: the alert for that is on its way."""
    member.run("sh", "-c", f"touch -d '2 hours ago' {FOLDER}/twctl_*.prom")
    check(not write_numbers(member, "false"), "a program that fails does not end the unit")
    wait_until(answers('ALERTS{alertname="TwctlMetricsStale"}', {member.name: 1.0}), "the alert of the host that writes nothing", 30)


def check_with_promtool(member):
    files = sorted(pathlib.Path(f"/run/fleet/{member.name}/lib/prometheus/node-exporter").glob("*.prom"))
    check(len(files) == 3, f"not three files: {files}")
    text = "".join(file.read_text(encoding="utf-8") for file in files)
    ran = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    check(ran.returncode == 0, "promtool check metrics", ran.stdout + ran.stderr)


def ask(query):
    """{instance: value} of the newest sample."""
    with urllib.request.urlopen("http://127.0.0.1:9090/api/v1/query?" + urllib.parse.urlencode({"query": query}), timeout=10) as answer:
        result = json.load(answer)["data"]["result"]
    return {one["metric"].get("instance", ""): float(one["value"][1]) for one in result}


def prometheus(members):
    config = {"global": {"scrape_interval": "1s", "evaluation_interval": "1s"}, "rule_files": [str(RULES)],
              "scrape_configs": [{"job_name": "node", "static_configs": [{"targets": [f"{one.address}:9100"], "labels": {"instance": one.name}}
                                                                         for one in members]}]}
    pathlib.Path("/run/prometheus.yml").write_text(json.dumps(config), encoding="utf-8")
    return subprocess.Popen(["prometheus", "--config.file=/run/prometheus.yml", "--storage.tsdb.path=/run/prometheus",
                             "--web.listen-address=127.0.0.1:9090"], stdout=subprocess.DEVNULL, stderr=open("/run/prometheus.log", "wb"))


def answers(query, expected):
    def holds():
        try:
            return ask(query) == expected
        except OSError:
            return False
    return holds


def main():
    host.enter()
    members = hosts.build(3, os.path.abspath(sys.argv[1]))
    for member in members:
        member.run("mkdir", "-p", FOLDER)
        member.run("chmod", "0755", "/var/lib/prometheus", FOLDER)
        member.run("twctl", "apply", "--yes", "--set", f"{FIN}=30")
        write_numbers(member)
        check_with_promtool(member)
        subprocess.Popen(member.command(*EXPORTER, f"--web.listen-address={member.address}:9100"), stdout=subprocess.DEVNULL,
                         stderr=open(f"/run/fleet/{member.name}.exporter.log", "wb"))
    prometheus(members)
    names = [one.name for one in members]
    wait_until(answers("twctl_drifts", dict.fromkeys(names, 0.0)), "every host has no drift", 60)
    wait_until(answers('twctl_sockets{state="TIME_WAIT"}', dict.fromkeys(names, 0.0)), "sockets by state, zeros too", 20)
    check(all(value >= 1 for value in ask('twctl_sockets{state="LISTEN"}').values()), "the listening sshd is not counted")

    odd = members[1]
    odd.run("sh", "-c", f"echo 45 > {host.setting_path(FIN)}")
    failed = subprocess.run(odd.command("twctl", "status", "--exit-code"), capture_output=True, check=False)
    check(failed.returncode == 2, "status --exit-code is not 2 with drift")
    members[2].run("twctl", "apply", "--yes", "--confirm-within", "10m", "--set", f"{FIN}=20")
    for member in members:
        write_numbers(member)
    wait_until(answers("twctl_drifts == 1", {odd.name: 1.0}), "one host has drifted", 30)
    wait_until(answers("twctl_change_pending == 1", {members[2].name: 1.0}), "one host has a pending change", 30)
    left = ask("twctl_change_deadline_timestamp_seconds - time()")
    check(list(left) == [members[2].name] and 0 < left[members[2].name] <= 600, f"its deadline: {left}")
    wait_until(answers('ALERTS{alertname="TcpSettingsDrifted"}', {odd.name: 1.0}), "the alert of the one host", 30)
    members[2].run("twctl", "rollback", "--yes")
    nothing_is_written(members[0])
    print("watch: 3 node exporters and Prometheus; drift, a pending change and a program that fails were seen, and the alert of the one host")


main()
