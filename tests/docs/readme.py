#!/usr/bin/env python3
"""readme.py PROGRAM README: runs each "$ twctl ..." of README's console blocks and compares what it says.

Each block has a host of its own, on which its commands run one after the other. It is made of namespaces: the kernel's default settings but tcp_fin_timeout = 17, no boot files of the machine's own,
and a process 1 called systemd; it starts where README lies. What differs from machine to machine (distribution, kernel, container) or from run to run (ids, times) is not compared.
"""
import os
import re
import subprocess
import sys
import tempfile

INSIDE = r"""
set -e
for directory in /etc/sysctl.d /run /usr/local/lib/sysctl.d /usr/lib/sysctl.d /var/lib; do
  if [ -d "$directory" ]; then mount -t tmpfs -o mode=0755 tmpfs "$directory"; fi
done
if [ -e /etc/sysctl.conf ]; then : >/run/empty; mount --bind /run/empty /etc/sysctl.conf; fi
hostname web1
echo 17 >/proc/sys/net/ipv4/tcp_fin_timeout
set +e
for command; do
  eval "$command"
  printf '\0'
done
"""


def sessions(readme):
    """[[(command, output)]] of every console block."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```$", readme, re.M | re.S):
        parts = [part.partition("\n") for part in re.split(r"^\$ ", block, flags=re.M)[1:]]
        found.append([(command, output.rstrip("\n")) for command, _, output in parts])
    return found


def without_machine(text):
    """The lines that name this machine's distribution and kernel become one; outside a container a note tells of the namespace."""
    text = re.sub(r"^note: this is not the initial network namespace:[^\n]*\n(?: +[^\n]+\n)*\n", "", text, flags=re.M)
    text = re.sub(r"\b(?:[0-9a-f]{32}|[0-9a-f]{8})\b", "<id>", text)
    text = re.sub(r"in \d+ s\b", "in <n> s", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "<time>", text)
    return re.sub(r"(^Plan for [^\n]*\n)(?:[^\n]+\n)+", r"\1<this machine>\n", text, flags=re.M)


def namespaces(folder):
    shell = os.path.join(folder, "systemd")  # process 1 is known by this name
    os.symlink("/bin/sh", shell)
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *user, "--net", "--mount", "--uts", "--pid", "--fork", "--mount-proc", shell, "-c"]


def main(program, readme_path):
    with open(readme_path, encoding="utf-8") as file:
        expected = sessions(file.read())
    if sum(map(len, expected)) < 7:
        sys.exit(f"{readme_path} shows too few commands; has a block lost its fence?")
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        host = namespaces(folder)
        probe = subprocess.run([*host, "true"], capture_output=True, text=True, check=False)
        if probe.returncode != 0:
            sys.exit(f"TEST SKIPPED: this system lets us make no namespaces: {probe.stderr.strip()}")
        os.symlink(program, os.path.join(folder, "twctl"))
        path = {**os.environ, "PATH": f"{folder}:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
        for block in expected:
            ran = subprocess.run([*host, INSIDE, "sh", *[command for command, _ in block]], env=path, text=True, check=False,
                                 cwd=os.path.dirname(os.path.abspath(readme_path)),
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            for (command, output), said in zip(block, ran.stdout.split("\0"), strict=False):
                if without_machine(said.rstrip("\n") + "\n") != without_machine(output + "\n"):
                    failures += 1
                    print(f"$ {command}\n--- README shows:\n{output}\n--- it says:\n{said}\n")
    sys.exit(1 if failures else 0)


main(os.path.abspath(sys.argv[1]), sys.argv[2])
