#!/usr/bin/env python3
"""profile_as.py PROGRAM MODULES: what `profile show busy-client --as TARGET` prints is read by a reader of that kind, and comes to the same values.
The loaders of sysctl.d and TuneD (its modules below MODULES, if they were fetched) set them in a network namespace of its own."""
import os
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


# The values begin as others, so that what is read back was set.
IN_OWN_HOST = """set -e; mount -t tmpfs tmpfs /run; mount -t tmpfs tmpfs /etc; mkdir -p /etc/tuned/mine /etc/sysctl.d
cat >"$1"; for key in $2; do sysctl -q -w "$key=$(($(sysctl -n $key) == 0 ? 1 : 0))" 2>/dev/null || sysctl -q -w "$key=30"; done
sh -c "$3" >&2; for key in $2; do echo "$key=$(sysctl -n $key)"; done"""
TUNED_APPLY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../kernel/tuned_apply.py")


def set_by(loader, file):
    """What a kernel has when LOADER, a shell's command, has set what is in FILE."""
    def reader(text):
        command = ["unshare", "--net", "--mount", *(["--user", "--map-root-user"] if os.geteuid() else [])]
        done = subprocess.run([*command, "sh", "-c", IN_OWN_HOST, "sh", file, " ".join(WANTED), loader], input=text, capture_output=True, text=True,
                              check=False)
        return pairs(done.stdout.splitlines()) if done.returncode == 0 else done
    return reader


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


def main(program, modules):
    wrong = []
    conf = "/etc/sysctl.d/60-mine.conf"
    readers = [*READERS.items(), ("sysctl.d", set_by("sysctl --system", conf)), ("sysctl.d", set_by("/lib/systemd/systemd-sysctl", conf))]
    if os.path.isdir(modules):
        tuned = f"touch /etc/tuned/tuned-main.conf; echo mine >/etc/tuned/active_profile; {sys.executable} {TUNED_APPLY} {modules} /run/vendor"
        readers.append(("tuned", set_by(tuned, "/etc/tuned/mine/tuned.conf")))
    for target, reader in readers:
        text = subprocess.run([program, "profile", "show", "busy-client", "--as", target], capture_output=True, text=True, check=True).stdout
        if reader(text) != COMES_TO.get(target, WANTED):
            wrong.append(f"{target}: {reader(text)}")
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)


main(*sys.argv[1:])
