#!/usr/bin/env python3
"""hooks.py PROGRAM puppet|prometheus|ci|salt|syslog: what docs/examples shows, run by the real tools on a throw-away host.

Puppet and Salt are run three times: looking only (which must say that something would change, and change nothing), for real (changed),
and for real again (nothing to do). Ansible is in collection.py. Salt is not packaged for Debian 12: its
state's own commands are run as Salt would. syslog: who listens at /dev/log hears one line a change.
"""
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import socket
import subprocess
import sys

import yaml

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "crash"))
import host  # noqa: E402  (it lies in the folder of the suites that it was made for)

EXAMPLES = TESTS.parent / "docs/examples"
KEY = "net.ipv4.tcp_tw_reuse"
WANTED = "1"  # of the profile busy-client
BIN = "/usr/local/sbin"  # where an admin puts it; covered for the test
TIME_LIMIT = 200  # seconds; a tool in a loaded machine takes its time to start


def everything():
    """All that a run could have changed; the tools' own files lie in /run."""
    return (host.whole_tree(), host.whole_etc(), host.Host(sys.argv[1], [KEY]).look().journal)


def run(*command, **environment):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, timeout=TIME_LIMIT, env={**os.environ, **environment})


def check(holds, what, said=""):
    if not holds:
        sys.exit(f"{what}\n{said}")


def need(tool):
    if shutil.which(tool) is None:
        sys.exit(f"{host.SKIPPED}{tool} is not installed")


def hold(look, do):
    """look and do run the tool and return (whether it reports a change, what it said)."""
    before = everything()
    changed, said = look()
    check(changed, "looking only, it reports no change", said)
    check(everything() == before, "looking only, it changed the host", said)

    changed, said = do()
    check(changed, "it reports no change", said)
    check(host.value_of(KEY).strip() == WANTED, f"{KEY} is {host.value_of(KEY)}", said)
    check(f"{KEY} = {WANTED}".encode() in host.read_bytes(host.OWN_FILE), "the boot file does not say so", said)

    after = everything()
    changed, said = do()
    check(not changed, "the second time it reports a change", said)
    check(everything() == after, "the second time it changed the host", said)


def in_place(folder):
    """The examples as a user would copy them, and the program on the search path."""
    copy = f"/run/{folder}"
    shutil.copytree(EXAMPLES / folder, copy)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", BIN], check=True)
    shutil.copy(sys.argv[1], f"{BIN}/twctl")
    os.environ["PATH"] = f"{BIN}:" + os.environ["PATH"]
    os.environ.update(HOME="/run", LC_ALL="C.UTF-8")
    os.chdir(copy)


def sides_of(said):
    """What a unified diff of all lines has before and after."""
    lines = re.search(r"^--- before\n\+\+\+ after\n@@ .* @@\n((?:[-+ ].*\n)+)", said, re.MULTILINE)
    return lines and tuple("".join(line[1:] + "\n" for line in lines.group(1).splitlines() if line[0] in (" ", side)) for side in "-+")


def check_is_whole(folder):
    """It can be copied elsewhere: the licence is in it, and what its README links to."""
    licence = pathlib.Path(folder, "LICENSE")
    check(licence.exists() and licence.read_bytes() == (TESTS.parent / "LICENSE").read_bytes(), f"{folder}: not twctl's LICENSE")
    for link in re.findall(r"\]\(([^)#:]+)\)", pathlib.Path(folder, "README.md").read_text(encoding="utf-8")):
        path = pathlib.Path(folder, link).resolve()
        check(path.exists() and path.is_relative_to(folder), f"{folder}: the link {link} leads out of it or nowhere")


def puppet():
    need("puppet")
    if run("ruby", "-e", "require 'puppet/resource_api'").returncode != 0:
        sys.exit(f"{host.SKIPPED}Puppet's resource API is not installed")
    in_place("puppet")
    os.makedirs("/run/modules")
    os.rename("/run/puppet", "/run/modules/twctl")
    os.chdir("/run/modules/twctl")
    check_is_whole("/run/modules/twctl")
    # Nothing of a client that may be configured on this machine.
    folders = [f"--{name}=/run/puppet-{name}" for name in ("confdir", "vardir", "rundir", "logdir", "codedir", "ssldir")]

    def apply(manifest, *options, expect=(0, 2)):
        ran = run("puppet", "apply", "--detailed-exitcodes", "--color=false", "--modulepath=/run/modules", *folders, *options, *manifest)
        check(ran.returncode in expect, f"puppet ended with {ran.returncode}", ran.stdout)
        return ran

    def shows(manifest, *words):
        """Whether its --noop reports a change, and shows both sides as twctl has them."""
        said = apply(manifest, "--noop").stdout
        diff = json.loads(run("twctl", "apply", "--yes", "--dry-run", "--json", *words).stdout)["diff"]
        return "(noop)" in said and sides_of(said) == (diff["before"], diff["after"]), said

    example = ["examples/busy_client.pp"]

    def look():
        return shows(example, "busy-client")

    def do():
        ran = apply(example)
        return ran.returncode == 2, ran.stdout

    hold(look, do)
    # One setting has drifted from what its boot file has, another is to be new in both places.
    fin, probes = "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_probes"
    check(run("twctl", "apply", "--yes", "-q", "--set", f"{fin}=45", "--set", f"{probes}=6").returncode == 0, "twctl apply")
    host.put(host.setting_path(fin), "30")
    as_shown, said = shows(["-e", f"twctl_profile {{ 'x': settings => {{ '{fin}' => '45', '{probes}' => 7 }} }}"],
                           "--set", f"{fin}=45", "--set", f"{probes}=7")
    check(as_shown and f"\n-{fin} = 30\n" in said and f"\n+{fin} = 45\n" in said and f"\n # {host.OWN_FILE}\n" in said, "the difference of a drift", said)
    after = everything()
    for wish, why in (("settings => { 'net.ipv4.tcp_syncookies' => '0' }", "protection-lower: "), ("", "say which PROFILE"),
                      ("profiles => ['-o,/run/not-wanted']", "-o,/run/not-wanted: "), ("profiles => ['busy-client'], ensure => absent", "twctl rollback ID")):
        refused = ["-e", f"twctl_profile {{ 'x': {wish} }}"]
        for said in (apply(refused, expect=(4,)).stdout, apply(refused, "--noop", expect=(0, 4)).stdout):
            check(why in said, f"what stands in the way of {wish} is not said", said)
            check("protection-lower" not in why or "--accept protection-lower:net.ipv4.tcp_syncookies" in said, "what twctl advises is not said", said)
    not_there = ["-e", "twctl_profile { 'x': profiles => ['busy-client'], executable => '/run/none' }"]
    said = apply(not_there, "--noop", expect=(0,)).stdout
    check("/run/none is not there yet" in said, "looking before the program is there", said)
    alone = ["-e", "twctl_profile { 'x': profiles => ['busy-client'], executable => '/run/none', noop => true }"]
    said = apply(alone, expect=(0,)).stdout
    check("/run/none is not there yet" in said, "one resource only looks before the program is there", said)
    said = apply(not_there, expect=(4,)).stdout
    check("No such file or directory - /run/none" in said, "a program that does not come", said)
    check(everything() == after and not os.path.exists("/run/not-wanted"), "what was refused changed something")
    print("puppet", run("puppet", "--version").stdout.strip())
    need("rspec")
    ran = run("rspec", "-I", "lib", "spec")
    check(ran.returncode == 0, "rspec", ran.stdout)


def commands_of_metrics_unit(program):
    """What twctl-metrics.service runs, each a list of words; the program is this one."""
    text = (TESTS.parent / "scripts/systemd/twctl-metrics.service").read_text(encoding="utf-8").replace("\\\n", "")
    lines = [line.partition("=")[2] for line in text.splitlines() if line.startswith(("ExecStartPre=", "ExecStart="))]
    return [line.replace("/usr/sbin/twctl", program).split() for line in lines]


def metrics_unit():
    """Its files are for the exporter to read, and as old as what is in them: by that the alert goes for numbers that nobody writes."""
    folder = pathlib.Path("/var/lib/prometheus/node-exporter")
    folder.mkdir(parents=True)
    os.umask(0o022)
    for command in commands_of_metrics_unit(f"{BIN}/twctl"):
        ran = run(*command)
        check(ran.returncode == 0, " ".join(command), ran.stdout)
    files = {file.name: file for file in folder.iterdir()}
    check(sorted(files) == ["twctl_doctor.prom", "twctl_states.prom", "twctl_status.prom"], f"the files are {sorted(files)}")
    for file in files.values():
        check(file.stat().st_mode & 0o777 == 0o644 and file.stat().st_size > 0, f"{file}: mode or size")
        os.utime(file, (1000000, 1000000))
    for command in commands_of_metrics_unit("false"):
        if run(*command).returncode != 0:
            break
    check(files["twctl_status.prom"].stat().st_mtime == 1000000, "a program that fails leaves numbers that look new")


def near_misses(text):
    """The rules with one thing in them another: a number or a time that is more or less by a little, or a condition left out."""
    for found in re.finditer(r"(?<=[=<>] )[0-9.]+|(?<=\()[0-9.]+(?= )", text):
        number = float(found.group())
        for other in ((number * 1.1, number * 0.9) if number else (1, -1)):
            yield text[:found.start()] + f"{other:g}" + text[found.end():]
    for found in re.finditer(r"(?<=for: )(\d+)(?=[mh])", text):
        for other in (int(found.group()) + 1, int(found.group()) - 1):
            yield text[:found.start()] + str(other) + text[found.end():]
    for line in re.findall(r"expr: .* (?:or|and) .*", text):
        for part in re.split(r" (?:or|and) ", line.removeprefix("expr: ")):
            yield text.replace(line, f"expr: {part}")


def hold_alerts_to_their_tests():
    """Each alert fires in a test, and not before, and not a little beside it."""
    rules = pathlib.Path("twctl.rules.yml")
    text = rules.read_text(encoding="utf-8")
    tested = run("promtool", "test", "rules", "twctl.test.yml")
    check(tested.returncode == 0, "promtool test rules", tested.stdout)
    others = list(near_misses(text))
    check(len(others) > 30, "the rules are not understood", text)
    for other in others:
        rules.write_text(other, encoding="utf-8")
        tested = run("promtool", "test", "rules", "twctl.test.yml")
        check(tested.returncode == 1 and "FAILED" in tested.stdout, "the alerts' tests pass with", "\n".join(set(other.splitlines()) - set(text.splitlines())))
    rules.write_text(text, encoding="utf-8")


def prometheus():
    """What twctl writes and the alerts that are shown, by promtool."""
    need("promtool")
    in_place("prometheus")
    run("twctl", "apply", "--yes", "busy-client")
    for command in ("states", "doctor", "status", "plan", "audit"):
        file = f"/run/{command}.prom"
        ran = run("twctl", command, "--format", "prometheus", "-o", file, "--exit-zero" if command in ("doctor", "plan", "audit") else "-q")
        check(ran.returncode == 0 and ran.stdout == "", f"twctl {command} --format prometheus -o", ran.stdout)
        with open(file, "rb") as text:
            linted = subprocess.run(["promtool", "check", "metrics"], stdin=text, capture_output=True, text=True, check=False)
        check(linted.returncode == 0, f"promtool check metrics of {command}", linted.stdout + linted.stderr)
    checked = run("promtool", "check", "rules", "twctl.rules.yml")
    check(checked.returncode == 0, "promtool check rules", checked.stdout)
    hold_alerts_to_their_tests()
    names = {line.split()[2] for command in ("states", "doctor", "status") for line in open(f"/run/{command}.prom", encoding="utf-8")
             if line.startswith("# TYPE")}
    with open("dashboard.json", encoding="utf-8") as text:
        expressions = [target["expr"] for panel in json.load(text)["panels"] for target in panel["targets"]]
    with open("twctl.rules.yml", encoding="utf-8") as text:
        expressions += [rule["expr"] for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]
    for expression in expressions:
        # What it says of a file's name is none of a metric's.
        asked = set(re.findall(r"\btwctl_\w+", re.sub(r'"[^"]*"', "", expression)))
        check(asked <= names and (asked or "node_textfile" in expression), f"the dashboard or an alert asks for what nobody writes: {expression}")
    metrics_unit()
    print(run("promtool", "--version").stdout.splitlines()[0])


def yaml_of(page, beginning):
    """What a page shows that begins so."""
    text = (TESTS.parent / page).read_text(encoding="utf-8")
    return yaml.safe_load(re.search(rf"```yaml\n({beginning}:.*?)```", text, re.DOTALL).group(1))


def pre_commit():
    """The hook, and that of docs/fleet.md, as pre-commit runs them: the names of files follow, whatever they begin with."""
    odd = "-ovictim/sysctl.d/a.conf"
    for folder in ("/run/repository/victim/sysctl.d", "/run/repository/-ovictim/sysctl.d"):
        os.makedirs(folder)
    os.chdir("/run/repository")
    pathlib.Path("sysctl.conf").write_text("net.ipv4.tcp_fin_timeout = 30\n", encoding="utf-8")
    pathlib.Path("victim/sysctl.d/a.conf").write_text("keep\n", encoding="utf-8")
    pathlib.Path(f"./{odd}").write_text("net.ipv4.tcp_tw_recycle = 1\n", encoding="utf-8")
    [hook] = yaml.safe_load((TESTS.parent / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    [repository] = yaml_of("docs/fleet.md", "repos")["repos"]
    for one in [hook, *repository["hooks"]]:
        check(re.search(one["files"], odd) and re.search(one["files"], "sysctl.conf") and not re.search(one["files"], "src/main.c"), "its files", one["files"])
        ran = run(*shlex.split(one["entry"]), *one.get("args", []), "sysctl.conf", odd)
        check(ran.returncode == 2 and odd in ran.stdout, f"{one['entry']}: ended with {ran.returncode}, and does not judge {odd}", ran.stdout)
        check(pathlib.Path("victim/sysctl.d/a.conf").read_text(encoding="utf-8") == "keep\n", f"{one['entry']}: a file's name was taken for an option")


# Keys that only the host has, and what is wrong for that kernel alone: this is a container with another kernel, as on a build server.
FOR_HOSTS = "net.ipv4.tcp_mem = 190000 254000 380000\nnet.ipv4.tcp_max_orphans = 65536\nnet.ipv4.tcp_tw_reuse = 1\n"
NOT_IN_6_1 = "net.ipv4.tcp_tw_reuse_delay = 500\n"


def build_servers():
    """The commands of docs/fleet.md for GitHub and GitLab, each as the runner runs them."""
    program, files = pathlib.Path(shutil.move(f"{BIN}/twctl", "/run/program")), pathlib.Path("/run/checkout/sysctl.d")
    files.mkdir(parents=True)
    os.chdir("/run/checkout")
    for name, text in (("sudo", 'exec "$@"'), ("curl", f'[ "$1 $3" = "-fsSLo https://example.org/twctl" ] && cp {program} "$2"')):
        pathlib.Path(BIN, name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        os.chmod(f"{BIN}/{name}", 0o755)
    for folder in ("/usr/local/bin", "/tmp"):
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], check=True)
    os.environ["PATH"] += ":/usr/local/bin"
    known = {"TWCTL_URL": "https://example.org/twctl", "TWCTL_SHA256": hashlib.sha256(program.read_bytes()).hexdigest()}

    github = [step["run"] for step in yaml_of("docs/fleet.md", "jobs")["jobs"]["sysctl"]["steps"] if "run" in step]
    github = [re.sub(r"\${{ vars\.(\w+) }}", lambda name: known[name.group(1)], command) for command in github]
    gitlab = yaml_of("docs/fleet.md", "sysctl")["sysctl"]
    gitlab = ["\n".join(gitlab["before_script"] + gitlab["script"])]

    def result_of(commands):
        codes = [run("bash", "-e", "-c", command, **known) for command in commands]
        check(all(ran.returncode == 0 for ran in codes[:-1]), "not the audit failed", "".join(ran.stdout for ran in codes))
        return codes[-1]

    for text, code, found in ((FOR_HOSTS, 0, []), (FOR_HOSTS + NOT_IN_6_1, 2, [("missing-key", 4)])):
        (files / "a.conf").write_text(text, encoding="utf-8")
        ran = result_of(github)
        results = json.loads(pathlib.Path("twctl.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
        told = [(one["ruleId"], one["locations"][0]["physicalLocation"]["region"]["startLine"]) for one in results if one["level"] != "note"]
        check(ran.returncode == 0 and told == found, f"GitHub: ended with {ran.returncode}, and found {told}", ran.stdout)
        ran = result_of(gitlab)
        failures = pathlib.Path("twctl.xml").read_text(encoding="utf-8").count("<failure ")
        check(ran.returncode == code and failures == len(found), f"GitLab: ended with {ran.returncode}, {failures} tests failed", ran.stdout)


def ci():
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", BIN], check=True)
    shutil.copy(sys.argv[1], f"{BIN}/twctl")
    os.environ["PATH"] = f"{BIN}:" + os.environ["PATH"]
    pre_commit()
    build_servers()


def salt():
    in_place("salt")
    text = (EXAMPLES / "salt/twctl.sls").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    state = re.fullmatch(r"([^:]+):\n  cmd\.run:\n    - name: ([^\n]+)\n    - unless: ([^\n]+)", "\n".join(lines))
    check(state, "the state is not one cmd.run with a name and an unless", text)

    def would_run():
        # Salt skips the state where `unless` ends with 0; with test=True it says only whether it would run.
        return run("sh", "-c", state.group(3)).returncode != 0, state.group(3)

    def do():
        if not would_run()[0]:
            return False, ""
        ran = run("sh", "-c", state.group(2))
        check(ran.returncode == 0, "the command failed", ran.stdout)
        return True, ran.stdout

    hold(would_run, do)


def own_dev_log():
    """A datagram socket at /dev/log of a /dev of our own: the machine's is left alone."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/mnt"], check=True)
    for device in ("null", "zero", "full", "random", "urandom", "tty"):
        pathlib.Path("/mnt", device).touch()
        subprocess.run(["mount", "--bind", f"/dev/{device}", f"/mnt/{device}"], check=True)
    subprocess.run(["mount", "--rbind", "/mnt", "/dev"], check=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind("/dev/log")
    listener.setblocking(False)
    return listener


def heard(listener):
    lines = []
    while True:
        try:
            lines.append(listener.recv(4096).decode())
        except BlockingIOError:
            return lines


def syslog():
    listener = own_dev_log()
    this_host = host.Host(sys.argv[1], [KEY])
    apply = ("apply", "--yes", "--set", f"{KEY}={WANTED}")

    def hold_line(what, *expected, code=0, inject=None):
        ran = this_host.run(*what, inject=inject)
        lines = heard(listener)
        check(ran.code == code, f"{what} ended with {ran.code}", ran.err)
        check(len(lines) == len(expected), f"{what} wrote {len(lines)} lines", "\n".join(lines))
        for line, pattern in zip(lines, expected):
            check(re.fullmatch(r"<85>twctl\[\d+\]: " + pattern, line), f"{what} wrote", line)

    change = rf"[0-9a-f]{{32}}: committed: {re.escape(KEY)} %s -> %s, {re.escape(host.OWN_FILE)}; by .*uid 0"
    hold_line(apply, "apply " + change % (2, WANTED))
    hold_line(apply)
    hold_line(("plan", "classic", "--exit-zero"))
    hold_line(("rollback", "--yes"), "rollback " + change % (WANTED, 2))
    hold_line(apply, code=-9, inject="renameat2:signal=SIGKILL:when=3")
    hold_line(("recover",), rf"recovery of [0-9a-f]{{32}}: rolled back: {re.escape(KEY)} 2 -> 1, {re.escape(host.OWN_FILE)}; by .*uid 0")
    hold_line(("recover",))


def main():
    host.enter()
    {"puppet": puppet, "salt": salt, "prometheus": prometheus, "ci": ci, "syslog": syslog}[sys.argv[2]]()


if __name__ == "__main__":
    main()
