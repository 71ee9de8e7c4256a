#!/usr/bin/env python3
"""profile_as.py PROGRAM: what `profile show busy-client --as TARGET` prints is read by a reader of that kind, and comes to the same values."""
import subprocess
import sys
import xml.etree.ElementTree

import yaml

WANTED = {"net.ipv4.tcp_syncookies": "1", "net.ipv4.tcp_timestamps": "1", "net.ipv4.tcp_fin_timeout": "60", "net.core.somaxconn": "4096",
          "net.ipv4.tcp_abort_on_overflow": "0", "net.ipv4.tcp_tw_reuse": "1"}
UNSAFE_IN_PODS = WANTED.keys() - {"net.ipv4.tcp_syncookies", "net.ipv4.tcp_fin_timeout"}


def pairs(lines):
    return {key.strip(): value.strip() for key, _, value in (line.partition("=") for line in lines)}


def in_shell(text):
    """The arguments that the shell makes of it, by a `docker` that only prints them."""
    done = subprocess.run(["sh", "-c", "docker() { printf '%s\\n' \"$@\"; }\n" + text], capture_output=True, text=True, check=True)
    return pairs(line for line in done.stdout.splitlines() if "=" in line)


def of_policy(text):
    [item] = xml.etree.ElementTree.fromstring(text.encode()).findall("Registry/Properties")
    place = [item.get(name) for name in ("action", "hive", "key", "type")]
    parameters = "SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters"
    return {item.get("name"): int(item.get("value"), 16)} if place == ["U", "HKEY_LOCAL_MACHINE", parameters, "REG_DWORD"] else place


READERS = {
    "ansible": lambda text: {task["ansible.posix.sysctl"]["name"]: task["ansible.posix.sysctl"]["value"] for task in yaml.safe_load(text)},
    "cloud-init": lambda text: pairs(yaml.safe_load(text)["write_files"][0]["content"].splitlines()),
    "compose": lambda text: yaml.safe_load(text)["services"]["app"]["sysctls"],
    "kubernetes": lambda text: {one["name"]: one["value"] for one in yaml.safe_load(text)["spec"]["securityContext"]["sysctls"]},
    "docker": in_shell,
    "kubelet": lambda text: set(yaml.safe_load(text)["allowedUnsafeSysctls"]),
    "gpo": of_policy,
}
COMES_TO = {"kubelet": UNSAFE_IN_PODS, "gpo": {"TcpTimedWaitDelay": 60}}


def main(program):
    wrong = []
    for target, reader in READERS.items():
        text = subprocess.run([program, "profile", "show", "busy-client", "--as", target], capture_output=True, text=True, check=True).stdout
        if reader(text) != COMES_TO.get(target, WANTED):
            wrong.append(f"{target}: {reader(text)}")
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)


main(*sys.argv[1:])
