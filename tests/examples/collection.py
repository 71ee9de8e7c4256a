#!/usr/bin/env python3
"""collection.py PROGRAM role|change|fleet|rollout|reasons|batch|sanity: the Ansible collection of docs/examples, built and installed as a user
would, on a throw-away host over a local connection.

role: looking, doing and doing again; before the program is there; on a host that forbids the writes. change: a change that is
confirmed, one that is taken back, and what a task says where something blocks. fleet: all of docs/fleet.md. rollout: the
playbook, with a probe that passes and one that fails. reasons: what its summary says of hosts that were refused. batch: the
playbook on several hosts. sanity: what Ansible's own tools say of the sources.
"""
import contextlib
import http.server
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import threading

import yaml

import hooks
from hooks import EXAMPLES, KEY, WANTED, check, everything, host, need, run

COLLECTION = EXAMPLES / "ansible"
AT = "/run/collections/ansible_collections/twctl/time_wait"
SANITY = "/usr/lib/python3/dist-packages/ansible_test/_util/controller/sanity"
DIFF = re.compile(r"^(--- .*|\+\+\+ .*|[-+@ ].*)$", re.MULTILINE)


def install():
    """Into a folder of its own, from the archive."""
    need("ansible-galaxy")
    os.environ.update(HOME="/run", LC_ALL="C.UTF-8", ANSIBLE_COLLECTIONS_PATH="/run/collections", ANSIBLE_COLLECTIONS_PATHS="/run/collections",
                      ANSIBLE_LOCAL_TEMP="/run/local", ANSIBLE_REMOTE_TEMP="/run/remote", ANSIBLE_PYTHON_INTERPRETER="/usr/bin/python3",
                      ANSIBLE_NOCOLOR="1", NO_COLOR="1")
    built = run("ansible-galaxy", "collection", "build", "--output-path", "/run", str(COLLECTION))
    check(built.returncode == 0, "ansible-galaxy collection build", built.stdout)
    put_in = run("ansible-galaxy", "collection", "install", "--offline", "-p", "/run/collections", *map(str, pathlib.Path("/run").glob("*.tar.gz")))
    check(put_in.returncode == 0 and os.path.isdir(AT), "ansible-galaxy collection install", put_in.stdout)


def cover_bin():
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", hooks.BIN], check=True)
    os.environ["PATH"] = f"{hooks.BIN}:" + os.environ["PATH"]


def bring_program():
    cover_bin()
    shutil.copy(sys.argv[1], f"{hooks.BIN}/twctl")


def play(tasks_or_roles, *options, expect=0):
    """A play of these members against this host; returns its recap and all that it said."""
    book = [{"name": "Test", "hosts": "all", "become": False, "gather_facts": False, **tasks_or_roles}]
    pathlib.Path("/run/play.json").write_text(json.dumps(book), encoding="utf-8")
    return playbook("/run/play.json", *options, expect=expect)


def playbook(name, *options, expect=0):
    ran = run("ansible-playbook", "-i", "web1,", "-c", "local", name, *options)
    check(ran.returncode == expect, f"ansible-playbook ended with {ran.returncode}", ran.stdout)
    counts = re.search(r"web1 +: ok=\d+ +changed=(\d+) +unreachable=0 +failed=(\d+) +skipped=(\d+)", ran.stdout)
    check(counts, "no recap", ran.stdout)
    return [int(count) for count in counts.groups()], ran.stdout


def outcomes(tasks, *options):
    """What becomes of these tasks, of which each may fail: rc, or True or False for changed; and all that was said."""
    played = [{**task, "register": f"did{number}", "ignore_errors": True} for number, task in enumerate(tasks)]
    each = ", ".join(f"did{number}.rc | default(did{number}.changed)" for number in range(len(tasks)))
    _, said = play({"tasks": [*played, {"ansible.builtin.copy": {"content": "{{ [" + each + "] | to_json }}", "dest": "/run/outcomes.json"},
                                        "check_mode": False, "diff": False}]}, *options)
    return json.loads(pathlib.Path("/run/outcomes.json").read_text(encoding="utf-8")), said


def check_is_the_run(expected, tasks):
    """In check mode each task changes nothing, and ends as the run does."""
    before = everything()
    looked, said = outcomes(tasks, "--check")
    check(everything() == before, "looking only, it changed the host", said)
    check(looked == expected, f"looking only: {looked}, not {expected}", said)
    did, said = outcomes(tasks)
    check(did == expected, f"{did}, not {expected}", said)


def refused_alike():
    """What is refused, in check mode and in the run. Where a host is changed only the last task may do it."""
    def task(**arguments):
        return {"twctl.time_wait.twctl": arguments}

    def save(name, *wishes):
        run("twctl", "plan", "-q", "-o", f"/run/{name}.json", *wishes)

    fin = "net.ipv4.tcp_fin_timeout"
    save("stale", "--set", f"{fin}=30")
    save("blocked", "--set", f"{fin}=90", "--scope", "live")
    host.put(host.setting_path(fin), "45")
    save("fits", "--set", f"{fin}=40", "--scope", "live")
    for name, text in (("broken", "{"), ("empty", "{}")):
        pathlib.Path(f"/run/{name}.json").write_text(text, encoding="utf-8")
    check_is_the_run([3, 3, 66, 65, 65, 64, 64, 64, 3, 66, 66, 66, 127, True], [
        task(plan="/run/stale.json"), task(plan="/run/blocked.json"), task(plan="/run/none.json"), task(plan="/run/broken.json"),
        task(plan="/run/empty.json"), task(), task(profiles=["busy-client"], confirm_within="banana"),
        task(plan="/run/fits.json", boot_file="/etc/sysctl.conf"), task(set={fin: "90"}),
        task(profiles=["-o,/run/not-wanted"]), task(profiles=["--help"]), task(profiles=["--reason", "busy-client"]),
        task(profiles=["busy-client"], executable="/run/none"), task(plan="/run/fits.json")])
    check(not os.path.exists("/run/not-wanted"), "a profile's name was taken for an option")
    check_is_the_run([3], [task(plan="/run/fits.json")])
    host.put(host.setting_path(fin), "60")
    save("blocked", "--set", f"{fin}=90", "--scope", "live")
    check_is_the_run([True], [task(plan="/run/blocked.json", accept=["fin-timeout-trap"])])

    check(run("twctl", "apply", "-q", "--yes", "--confirm-within", "5m", "--set", f"{KEY}=1").returncode == 0, "a change that is pending")
    keep = {"twctl.time_wait.twctl_confirm": {"id": "--help"}}
    check_is_the_run([75, 3], [task(set={fin: "44"}), keep])
    check(run("twctl", "rollback", "--yes", "-q").returncode == 0, "rollback of it")
    changed = run("twctl", "rollback", "--yes", "-q")
    check(changed.returncode == 0 and host.value_of(fin).strip() == "60", "the first value is not back", changed.stdout)


def with_role(**variables):
    return {"roles": [{"role": "twctl.time_wait.time_wait", "vars": {f"time_wait_{name}": value for name, value in variables.items()}}]}


def diff_in(said):
    """The lines of all diffs that were shown."""
    return [line for at in re.finditer("--- before", said) for line in DIFF.findall(said[at.start():said.find("\n\n", at.start())])]


# In the place of the module that ansible.builtin.package calls on a Debian: a real apt would want this machine's database and /usr.
FAKE_APT = """#!/usr/bin/python3
import os, shutil
from ansible.module_utils.basic import AnsibleModule
module = AnsibleModule({{"name": {{"choices": ["twctl"]}}, "state": {{"choices": ["present"]}}}}, supports_check_mode=True)
there = os.path.exists("{bin}/twctl")
if not there and not module.check_mode:
    shutil.copy("{program}", "{bin}/twctl")
module.exit_json(changed=not there)
"""


def package():
    """The role has the system's package manager bring the program; the settings that it asks for are there already."""
    os.mkdir("/run/library")
    pathlib.Path("/run/library/apt.py").write_text(FAKE_APT.format(bin=hooks.BIN, program=os.path.abspath(sys.argv[1])), encoding="utf-8")
    by_package = with_role(set={KEY: "2"}, scope="live", install="package")
    for option, expected in (["--check"], 1), ([], 1), (["--check"], 0), ([], 0):
        there = os.path.exists(f"{hooks.BIN}/twctl")
        (changed, _, _), said = play(by_package, *option)
        check(changed == expected, f"the package {option}", said)
        check(("twctl is not there yet" in said) == (option != [] and not there), "looking before the package is there", said)
        check(os.path.exists(f"{hooks.BIN}/twctl") == (there or not option), "the package is brought by the run, and by that alone", said)


def role():
    wanted = with_role(profiles=["busy-client"], set={"net.core.somaxconn": ">= 8192"})
    binary = with_role(profiles=["busy-client"], install="binary", binaries={os.uname().machine: os.path.abspath(sys.argv[1])},
                       executable="/run/twctl")
    (changed, _, _), said = play(binary, "--check")
    check(changed == 1 and "/run/twctl is not there yet" in said, "looking before the program is there", said)
    cover_bin()
    package()
    before = everything()

    (changed, _, _), looked = play(wanted, "--check", "--diff")
    check(changed == 1 and everything() == before, "looking only, it changed the host or saw no change", looked)
    (changed, _, _), did = play(wanted, "--diff")
    check(changed == 1 and host.value_of(KEY).strip() == WANTED, "it did not change the host", did)
    check(diff_in(looked) == diff_in(did) and f"+{KEY} = {WANTED}" in did, "the diff of a check is not the diff of the change", looked + did)
    check(f"{KEY} = {WANTED}".encode() in host.read_bytes(host.OWN_FILE), "the boot file does not say so", did)
    after = everything()
    (changed, _, _), said = play(wanted, "--diff")
    check(changed == 0 and everything() == after, "the second time it changed something", said)

    (changed, _, _), said = play(binary)
    check(changed == 1 and os.path.exists("/run/twctl"), "the binary was not brought", said)
    broken = "/run/for-another-processor"
    pathlib.Path(broken).write_bytes(b"\x7fELF")
    os.chmod(broken, 0o755)
    for way in ({}, {"install": "binary", "binaries": {os.uname().machine: broken}}):
        (_, failed, _), said = play(with_role(profiles=["busy-client"], executable=broken, **way), "--check", expect=2)
        check(failed == 1 and "Exec format error" in said, "looking where the program cannot run, and nothing would bring another one", said)

    text = "[profile]\nsummary = of the play\n[linux]\nnet.ipv4.tcp_fin_timeout = 40\n"
    subprocess.run(["mount", "--bind", "/proc/sys", "/proc/sys"], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", "/proc/sys"], check=True)
    (_, failed, _), said = play(with_role(profile_text=text), expect=2)
    check(failed == 1 and "read-only" in said, "a host that forbids the writes", said)
    for option in ([], ["--check"]):
        (changed, failed, skipped), said = play(with_role(profile_text=text, unwritable="skip"), *option)
        check(changed == failed == 0 and skipped >= 1, "a host that forbids the writes, and is to be skipped", said)
    subprocess.run(["umount", "/proc/sys"], check=True)
    os.chmod(host.STATE, 0o777)
    for option in ([], ["--check"]):
        (_, failed, _), said = play(with_role(profile_text=text, unwritable="skip"), *option, expect=2)
        check(failed == 1 and "is not safe" in said, "what is not safe is no host that forbids the writes", said)
    os.chmod(host.STATE, 0o700)
    (changed, _, _), said = play(with_role(profile_text=text))
    check(changed == 1 and host.value_of("net.ipv4.tcp_fin_timeout").strip() == "40", "a profile in the play", said)


def in_another_network():
    """Everything in a network namespace of the host: its own settings stay, and its journal says of the change which one was meant."""
    fin = "net.ipv4.tcp_fin_timeout"
    check(run("ip", "netns", "add", "other").returncode == 0, "ip netns add")

    def there():
        return run("ip", "netns", "exec", "other", "cat", host.setting_path(fin)).stdout.strip()

    def values():
        return there(), host.value_of(fin).strip()

    before = values()
    where = {"netns": "other"}
    apply = {"twctl.time_wait.twctl": {"set": {fin: "33"}, "scope": "live", "confirm_within": "1m", **where}, "register": "change"}
    keep = {"twctl.time_wait.twctl_confirm": {"id": "{{ change.id }}", **where}}
    info = {"twctl.time_wait.twctl_info": {"gather": ["plan", "audit", "doctor"], **where}, "register": "found"}
    here = {"twctl.time_wait.twctl_info": {"gather": ["plan", "audit", "doctor"]}, "register": "own"}
    ask = {"ansible.builtin.assert": {"that": [f"found.{one}.host.network_namespace != own.{one}.host.network_namespace"
                                               for one in ("plan", "audit", "doctor")]}}
    (changed, _, _), said = play({"tasks": [apply, keep, info, here, ask]})
    check(changed == 2 and values() == ("33", before[1]), f"a change in another network namespace: {values()}", said)
    made = json.loads(run("twctl", "history", "--json").stdout)["changes"][0]["id"]
    (changed, _, _), said = play({"tasks": [{"twctl.time_wait.twctl": {"state": "rolled_back", "id": made, **where}}]})
    check(changed == 1 and values() == before, f"taken back in another network namespace: {values()}", said)
    (changed, _, _), said = play(with_role(set={fin: "34"}, scope="live", **where))
    check(changed == 1 and values() == ("34", before[1]), f"the role, in another network namespace: {values()}", said)


def change():
    bring_program()
    apply = {"twctl.time_wait.twctl": {"set": {KEY: WANTED}, "confirm_within": "1m"}, "register": "change"}
    keep = {"twctl.time_wait.twctl_confirm": {"id": "{{ change.id }}"}, "register": "kept"}
    says = {"ansible.builtin.debug": {"msg": "ID={{ change.id }} PENDING={{ change.pending }} DEADLINE={{ change.deadline }}"}}
    (changed, _, _), said = play({"tasks": [apply, says, {**keep, "check_mode": True}, keep, keep]}, "--diff")
    check(changed == 3 and "PENDING=True" in said and "DEADLINE=20" in said, "apply, look, confirm, confirm again", said)
    check(host.read_bytes(host.OWN_FILE).decode() in re.sub(r"^\+", "", said, flags=re.MULTILINE), "no diff of the boot file", said)
    made = re.search(r"ID=([0-9a-f]{32})", said).group(1)

    back = {"twctl.time_wait.twctl": {"state": "rolled_back", "id": made}}
    info = {"twctl.time_wait.twctl_info": {"gather": ["plan", "audit", "status", "doctor"], "against": "baseline"}, "register": "found"}
    ask = {"ansible.builtin.assert": {"that": ["found.status.last_change.id == '%s'" % made, "found.plan.command == 'plan'",
                                               "found.audit.checks | length > 20", "found.doctor.numbers is mapping"]}}
    before = everything()
    (changed, _, _), looked = play({"tasks": [info, ask, back]}, "--check", "--diff")
    check(changed == 1 and everything() == before, "looking only, it changed the host", looked)
    (changed, _, _), did = play({"tasks": [back]}, "--diff")
    check(changed == 1 and host.value_of(KEY).strip() == "2" and not os.path.exists(host.OWN_FILE), "it was not taken back", did)
    check(diff_in(looked) == diff_in(did), "the diff of a check is not the diff of the change", looked + did)
    (changed, _, _), said = play({"tasks": [back]})
    check(changed == 0, "taken back a second time", said)

    (_, failed, _), said = play({"tasks": [{"twctl.time_wait.twctl": {"set": {"net.ipv4.tcp_syncookies": "0"}}}]}, expect=2)
    check(failed == 1 and "protection-lower: " in said and '"rc": 3' in said, "what blocks does not make the task fail", said)
    (_, failed, _), said = play({"tasks": [{"twctl.time_wait.twctl_confirm": {"id": made}}]}, expect=2)
    check(failed == 1 and '"rc": 3' in said, "confirming what is not pending", said)
    (_, failed, _), said = play({"tasks": [{"twctl.time_wait.twctl": {"profiles": ["bussy-client"]}}]}, "--check", expect=2)
    check(failed == 1 and "bussy-client: no profile of that name" in said, "a profile that is not there", said)

    rolled_back = {"twctl.time_wait.twctl_confirm": {"id": made}}
    refused_alike()
    check_is_the_run([3], [rolled_back])

    in_another_network()

    saved = run("twctl", "plan", "busy-client", "-o", "/run/plan.json", "-q")
    check(saved.returncode == 2, "twctl plan -o", saved.stdout)
    from_plan = {"tasks": [{"twctl.time_wait.twctl": {"plan": "/run/plan.json"}}]}
    (changed, _, _), looked = play(from_plan, "--check", "--diff")
    (done, _, _), did = play(from_plan, "--diff")
    check(changed == done == 1 and diff_in(looked) == diff_in(did), "a saved plan", looked + did)


# What `become` runs as root: root runs this as it is.
FAKE_SUDO = """#!/bin/sh
while [ "$1" != /bin/sh ]; do shift; done
exec "$@"
"""


def fleet():
    """The commands of docs/fleet.md in their order, each as it stands there, by one who has nothing yet. For the audits there are two hosts
    more: one is not reached, and one has no twctl.
    """
    need("jq")
    cover_bin()
    for folder in ("/srv", "/tmp"):
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], check=True)
    shutil.rmtree("/run/collections")
    os.mkdir("/srv/twctl")
    for processor in ("x86_64", "aarch64"):
        shutil.copy(sys.argv[1], f"/srv/twctl/twctl-{processor}")
    source = hooks.TESTS.parent
    os.mkdir("/run/fleet")
    os.chdir("/run/fleet")
    os.symlink(source / "docs", "docs")
    for name, text in (("ssh", FAKE_SSH), ("python", '#!/bin/sh\nPATH=/usr/bin:/bin exec /usr/bin/python3 "$@"\n'), ("sudo", FAKE_SUDO)):
        path = pathlib.Path("/run" if name != "sudo" else hooks.BIN, name)
        path.write_text(text, encoding="utf-8")
        os.chmod(path, 0o755)
    pathlib.Path("hosts").write_text("web1 ansible_connection=local ansible_host=127.0.0.1\n", encoding="utf-8")
    page = (source / "docs/fleet.md").read_text(encoding="utf-8")
    pathlib.Path("wanted.yml").write_text(re.search(r"```yaml\n(time_wait.*?)```", page, re.DOTALL).group(1), encoding="utf-8")
    shown = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)

    def do(commands, code=0):
        ran = run("bash", "-c", "set -ex\n" + commands)
        check(ran.returncode == code, f"docs/fleet.md: it ended with {ran.returncode}", ran.stdout)
        return ran.stdout

    check(len(shown) == 4, "docs/fleet.md has other commands", page)
    do(shown[0])
    before = everything()
    with socket.create_server(("127.0.0.1", 443)):
        looked, did, _ = (do(command) for command in shown[1].splitlines())
        check("1 host: the program is not there yet" in looked and "1 host: changed and kept" in did, "the rollout", looked + did)
        check(run("twctl", "rollback", "--yes", "-q").returncode == 0 and everything()[:2] == before[:2], "rollback of it")
        os.unlink(f"{hooks.BIN}/twctl")
        do(shown[2])
        looked, did, _ = (do(command) for command in shown[1].splitlines())
    check(diff_in(looked) == diff_in(did) and f"+{KEY} = {WANTED}" in diff_in(did) and "+net.core.somaxconn = 8192" in diff_in(did), "both sides",
          looked + did)

    with open("hosts", "a", encoding="utf-8") as more:
        more.write("web2 ansible_ssh_executable=/run/ssh\nweb3 ansible_connection=local ansible_python_interpreter=/run/python\n")
    said = run("bash", "-c", "set -x\n" + shown[3]).stdout  # which of them end with an error is for the fleet to say
    check(said.count("\n+ twctl audit --from -") == 4 and "twctl: " not in said and "jq: " not in said, "the audit of a fleet", said)
    check(re.search("^results/web2: .*No route to host", said, re.MULTILINE) and re.search("^results/web3: .*No such file", said, re.MULTILINE)
          and "\nresults/web1: " not in said, "hosts without a snapshot are not listed", said)
    with open("hosts.jsonl", encoding="utf-8") as lines:
        hosts = [json.loads(line)["host"]["hostname"] for line in lines]
    check(hosts == [os.uname().nodename] and all(os.path.getsize(name) > 50 for name in ("audit.html", "audit.csv")), f"snapshots of {hosts}", said)


def rollout():
    bring_program()
    wanted = json.dumps({"time_wait_profiles": ["busy-client"], "rollout_probe_command": "true"})

    def roll(*options, expect=0):
        return playbook("twctl.time_wait.rollout", "-e", "ansible_become=false", *options, expect=expect)

    before = everything()
    _, looked = roll("-e", wanted, "--check", "--diff")
    check("1 host: would change (web1)" in looked and everything() == before, "looking", looked)
    _, said = roll("-e", wanted, "-e", "rollout_probe_command=false", "-e", "rollout_confirm_within=5s", expect=2)
    check("1 host: probe, by command failed; goes back by itself (web1)" in said, "a probe that fails", said)
    left = run("twctl", "recover", "--when-due", "--wait", "30")
    check(left.returncode == 0 and host.value_of(KEY).strip() == "2" and not os.path.exists(host.OWN_FILE), "it did not go back", left.stdout)
    _, said = roll("-e", wanted, "--diff")
    check("1 host: changed and kept (web1)" in said and host.value_of(KEY).strip() == WANTED, "a probe that passes", said)
    check(diff_in(looked) == diff_in(said) and f" # {host.OWN_FILE}" in diff_in(said), "the diffs of a check are not those of the rollout",
          looked + said)
    _, said = roll("-e", wanted)
    check("1 host: as wanted before (web1)" in said, "a second time", said)
    _, said = roll("-e", json.dumps({"time_wait_set": {"net.ipv4.tcp_syncookies": "0"}}), expect=2)
    check("settings what is wanted failed: protection-lower: " in said, "a hazard", said)
    _, said = roll("-e", wanted, "-e", json.dumps({"time_wait_install": "binary", "time_wait_binaries": {os.uname().machine: "/run/none"}}), expect=2)
    check("1 host: copy the static binary failed: Could not find or access '/run/none'" in said, "a program that the controller lacks", said)
    for option in (["--check"], []):
        _, said = roll("-e", wanted, "-e", "time_wait_executable=/run/none", *option, expect=2)
        check("settings what is wanted failed: " in said and "No such file or directory; the role time_wait brings it" in said,
              "a program that is not there", said)
    binary = {"time_wait_install": "binary", "time_wait_binaries": {"pdp11": "/run/none"}}
    for wrong, why in (({"rollout_prob_port": 443}, "rollout has no variable rollout_prob_port"),
                       ({"time_wait_profles": ["classic"]}, "the role has no variable time_wait_profles"),
                       ({"rollout_max_failures": "few"}, "rollout_max_failures is a number of hosts or a percentage, not few"),
                       (binary, f"time_wait_binaries has none for {os.uname().machine}")):
        before = everything()
        _, said = roll("-e", wanted, "-e", json.dumps(wrong), expect=2)
        check(f"failed: {why} (web1)" in said and everything() == before, f"{wrong} is not refused", said)
        check("Warning" not in said and "when conditional" not in said, "what is no concern of the user's is said", said)
    _, said = roll("-e", wanted, "-e", "time_wait_scope=lvie", expect=2)
    check("must be one of: live, boot, both, got: lvie" in said and "not reached" not in said, "a variable that is wrong", said)


def reasons():
    """What twctl refuses for, in words that hosts share, is what the summary groups by."""
    bring_program()
    fin, delay = "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_tw_reuse_delay"

    def roll(key, value, *options, expect=2):
        return playbook("twctl.time_wait.rollout", "-e", json.dumps({"ansible_become": False, "time_wait_set": {key: value}}), *options, expect=expect)[1]

    failed = '"1 host: make the settings what is wanted failed: '
    host.put("/etc/sysctl.d/90-local.conf", f"# ours\n{fin} = 45\n")
    said = roll(fin, "30")
    check(f'{failed}shadowed: /etc/sysctl.d/90-local.conf (web1)"' in said and "90-local.conf:2 sets 45" in said, "shadowed", said)
    os.unlink("/etc/sysctl.d/90-local.conf")
    if not os.path.exists(host.setting_path(delay)):
        said = roll(delay, "500")
        check(f'{failed}unsupported: {delay} (web1)"' in said, "an old kernel", said)
    check(run("twctl", "apply", "-q", "--yes", "--confirm-within", "5m", "--set", f"{fin}=44").returncode == 0, "a change that is pending")
    said = roll(fin, "30")
    check(f'{failed}pending (web1)"' in said, "a host with a pending change", said)
    run("twctl", "rollback", "--yes", "-q")
    subprocess.run(["mount", "--bind", "/proc/sys", "/proc/sys"], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", "/proc/sys"], check=True)
    said = roll(fin, "30", "-e", "time_wait_unwritable=skip", expect=0)
    check('"1 host: left as it is: read-only (web1)"' in said, "a host that forbids the writes", said)


# It answers at once, but to the host that is said to be slow.
FAKE_PROGRAM = """#!/bin/sh
refuse() { echo '{"error": {"message": "'"$3"'", "reasons": ['"$4"'], "kind": "'"$2"'", "hint": null}}'; exit "$1"; }
case "$*" in
  "apply "*" slow "*) sleep 15;;
  "apply "*" line1 "*) refuse 3 refused "shadowed: /f:1 sets 50" '"shadowed: /f"';;
  "apply "*" line2 "*) refuse 3 refused "shadowed: /f:2 sets 45; old: 7 is too much" '"shadowed: /f", "old: key"';;
  "apply "*" line3 "*) refuse 3 refused "shadowed: /f:3 sets 40" '"shadowed: /f"';;
  "apply "*" old "*) refuse 69 unsupported "Cannot be set here: needs Linux 6.14 (this is 4.9.0-1$(($$ % 7)))" '"unsupported: key"';;
  "apply "*" container "*) refuse 77 unwritable "/proc/sys is read-only here" '"read-only"';;
  "apply "*" without "*) refuse 64 usage "say which PROFILE" "";;
esac
echo "$1" >>/run/asked
case $1 in
  apply) echo '{"id": "1", "pending": {"deadline": "x"}, "diff": {"before": "", "after": ""}, "restart_required": false, "hazards": []}';;
  confirm) echo '{"change": {}, "diff": {"before": "", "after": ""}}';;
esac
exit 2
"""
FAKE_SSH = """#!/bin/sh
echo "$*" >>/run/ssh.log
echo "ssh: connect to host 192.0.2.1 port 22: No route to host" >&2
exit 255
"""


@contextlib.contextmanager
def answering_server():
    """Its URL: the root is there, and nothing else."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/" else 404)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def batch():
    """Several hosts: each has its change kept whatever the others do, none is begun after one has failed; and one that ssh does not reach."""
    for name, text in (("twctl", FAKE_PROGRAM), ("ssh", FAKE_SSH)):
        pathlib.Path(f"/run/{name}").write_text(text, encoding="utf-8")
        os.chmod(f"/run/{name}", 0o755)
    there = "ansible_connection=local"
    gone = "ansible_host=192.0.2.1 ansible_ssh_executable=/run/ssh ansible_ssh_extra_args='-o ProxyJump=bastion'"

    def roll(hosts, options, *words, forks=1, expect=2):
        pathlib.Path("/run/inventory").write_text("".join(f"web{number} {how}\n" for number, how in enumerate(hosts, 1)), encoding="utf-8")
        pathlib.Path("/run/asked").write_text("", encoding="utf-8")
        ran = run("ansible-playbook", "-i", "/run/inventory", "-f", str(forks), "twctl.time_wait.rollout", "-e", json.dumps({
            "ansible_become": False, "time_wait_profiles": ["busy-client"], "time_wait_executable": "/run/twctl",
            "rollout_connect_timeout": 1, **options}), *words)
        check(ran.returncode == expect, f"ansible-playbook ended with {ran.returncode}", ran.stdout)
        return pathlib.Path("/run/asked").read_text(encoding="utf-8").split(), ran.stdout

    asked, said = roll([there] * 3, {}, expect=0)
    check('"3 hosts: changed and kept (web1, web2, web3)"' in said, "three hosts", said)
    check(asked == ["apply", "confirm"] * 3, f"with one fork a host waits for others before its change is kept: {asked}", said)
    asked, said = roll([there, there, f"{there} time_wait_reason=slow"], {}, forks=2, expect=0)
    check(asked == ["apply", "confirm"] * 3, f"a host waits for a slower one before its change is kept: {asked}", said)
    asked, said = roll([there] * 3, {"rollout_probe_command": "false"})
    check("1 host: probe, by command failed; goes back by itself (web1)" in said and "2 hosts: not touched (web2, web3)" in said and asked == ["apply"],
          f"hosts are begun after one has failed: {asked}", said)
    asked, said = roll([there] * 4, {"rollout_probe_command": "false", "rollout_max_failures": "25%"})
    check("2 hosts: not touched (web3, web4)" in said and asked == ["apply"] * 2, f"a quarter of four hosts may fail: {asked}", said)
    with answering_server() as url:
        _, said = roll([there], {"rollout_probe_url": f"{url}/", "rollout_confirm_within": "1m"}, expect=0)
        check('"1 host: changed and kept (web1)"' in said, "a URL that answers with 200", said)
        asked, said = roll([there], {"rollout_probe_url": f"{url}/none"})
        check("1 host: probe, by url failed; goes back by itself (web1)" in said and "Status code was 404" in said and asked == ["apply"],
              f"a URL that answers with 404: {asked}", said)
    odd = ["line1", "line2", "line3", "old", "old", "container", "container", "without"]
    _, said = roll([f"{there} time_wait_reason={one}" for one in odd],
                   {"rollout_serial": "100%", "rollout_max_failures": 9, "time_wait_unwritable": "skip"}, forks=4)
    failed = "make the settings what is wanted failed: "
    groups = ["2 hosts: left as it is: read-only (web6, web7)", f"1 host: {failed}say which PROFILE (web8)", f"2 hosts: {failed}shadowed: /f (web1, web3)",
              f"1 host: {failed}shadowed: /f; old: key (web2)", f"2 hosts: {failed}unsupported: key (web4, web5)"]
    check(json.loads(re.search(r'"msg": (\[.*?\n *\])', said, re.DOTALL).group(1)) == groups, "hosts by reason, a line a group", said)
    check("shadowed: /f:1 sets 50" in said, "what twctl said of one host", said)
    for option in ([], ["--check"]):
        _, said = roll([gone, there], {"rollout_max_failures": 1}, *option)
        check("1 host: not reached: No route to host (web1)" in said and ": not " not in said.split("(web1)")[1], "a host that cannot be reached", said)
    log = pathlib.Path("/run/ssh.log").read_text(encoding="utf-8").splitlines()
    check(all("ProxyJump=bastion" in line and "ServerAliveInterval=5" in line for line in log), "ssh is called without what the inventory says", log[0])


def yaml_in(path):
    return yaml.safe_load(pathlib.Path(path).read_text(encoding="utf-8"))


def sanity():
    """Of ansible-test's own tests those that need nothing from a package index, each as ansible-test starts it."""
    hooks.check_is_whole(AT)
    os.chdir(AT)
    books = [pathlib.Path(book).read_text(encoding="utf-8") for book in ("playbooks/rollout.yml", "playbooks/tasks/change.yml")]
    asked = set(re.findall(r"\b(rollout_\w+)(?= \| default| is defined)", "".join(books)))
    listed = set(re.findall(r"^#   (rollout_\w+)  ", books[0], re.MULTILINE))
    check(asked == listed, f"the head of rollout.yml does not list {asked - listed}, or what nothing asks for: {listed - asked}")
    specified = yaml_in("roles/time_wait/meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    told = {name: option.get("default") for name, option in specified.items()}
    check(told == yaml_in("roles/time_wait/defaults/main.yml"), "the role is documented with other defaults than it has", f"{told}")
    shown = run("ansible-doc", "-t", "role", "twctl.time_wait.time_wait").stdout
    check(all(f"- {name}\n" in shown for name in specified) and "default: null" not in shown, "ansible-doc of the role", shown)
    modules = [str(path) for path in sorted(pathlib.Path("plugins/modules").glob("*.py"))]
    allowed = set(pathlib.Path("tests/sanity/ignore-2.14.txt").read_text(encoding="utf-8").split("\n"))
    missing = []

    def hold(tool, *command):
        if shutil.which(tool) is None:
            missing.append(tool)
            return
        ran = run(tool, *command)
        check(ran.returncode == 0, f"{tool} {' '.join(command)}", ran.stdout)

    for module in modules:
        shown = run("ansible-doc", "-t", "module", "twctl.time_wait." + pathlib.Path(module).stem)
        check(shown.returncode == 0 and "EXAMPLES:" in shown.stdout and "RETURN VALUES:" in shown.stdout, f"ansible-doc {module}", shown.stdout)
    hold("python3", "-m", "compileall", "-q", "plugins")
    hold("yamllint", "-s", "-c", f"{SANITY}/yamllint/config/default.yml", ".")
    hold("pycodestyle", "--max-line-length=160", "--ignore=E402,W503,W504,E741", "plugins")
    hold("pylint", "--rcfile", f"{SANITY}/pylint/config/collection.cfg", "plugins")
    hold("ansible-lint", "--offline", "--strict", "playbooks/rollout.yml", "roles/time_wait", "plugins", "meta/runtime.yml")
    files = [str(path) for path in pathlib.Path(".").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    for test in ("shebang", "line-endings"):
        ran = run("python3", f"{SANITY}/code-smell/{test}.py", *files)
        check(ran.returncode == 0 and ran.stdout == "", test, ran.stdout)
    validator = f"{SANITY}/validate-modules/validate.py"
    check(os.path.exists(validator), f"there is no {validator}: where is that of ansible-test?")
    for module in modules:
        ran = run("/usr/bin/python3", validator, "--format", "json", "--arg-spec", "--collection", "ansible_collections/twctl/time_wait",
                  "--collection-version", "1.0.0", module, PYTHONPATH="/run/collections")
        found = json.loads(ran.stdout[ran.stdout.index("{"):])
        for one in [one for file in found.values() for one in file["errors"]]:
            check(f"{module} validate-modules:{one['code']}" in allowed, f"validate-modules: {module}: {one['code']}: {one['msg']}")
    print(run("ansible-playbook", "--version").stdout.splitlines()[0])
    if missing:
        sys.exit(f"{host.SKIPPED}{', '.join(missing)} is not installed")


if __name__ == "__main__":
    host.enter()
    install()
    {"role": role, "change": change, "fleet": fleet, "rollout": rollout, "reasons": reasons, "batch": batch, "sanity": sanity}[sys.argv[2]]()
