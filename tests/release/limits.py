#!/usr/bin/env python3
"""limits.py PROGRAM HOST: whatever is read, at its limit, costs at most two seconds of processor time and 64 MiB of memory; the
figures are printed. HOST is the tree of a captured host (tests/hosts)."""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

SECONDS, MEBIBYTES = 2, 64
KIB, MIB = 1 << 10, 1 << 20
LINE = "net.ipv4.ip_local_port_range = 1024 65535"


def put(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    return path


def filled(line, lines, size):
    """So many lines, which have so many bytes together: each ends in a comment that makes it as long as the others."""
    each = size // lines - len(line) - 2
    text = "".join(f"{line} {'#' * each}\n" if each > 0 else line + "\n" for _ in range(lines))
    return text[:size - 1] + "\n" if len(text) > size else text


def padded(document, size):
    return document.rstrip("\n") + " " * (size - len(document.rstrip("\n")) - 1) + "\n"


class Measured:
    def __init__(self, program, only):
        self.program = program
        self.only = re.compile(only)
        self.wrong = []
        self.count = 0

    def run(self, what, *args):
        """What it printed. The result may be anything but a refusal to read the input, or a bug."""
        if not self.only.search(what):
            return ""
        self.count += 1
        said, code, seconds, size = self.once(args)
        for _ in range(2):  # what others do on the machine only adds to the time
            if seconds > SECONDS:
                said, code, again, size = self.once(args)
                seconds = min(seconds, again)
        print(f"{what}: {seconds:.2f} s, {size:.0f} MiB")
        if code not in (0, 2, 3):
            self.wrong.append(f"{what}: it ended with {code}: {said[:300]}")
        if seconds > SECONDS:
            self.wrong.append(f"{what}: more than {SECONDS} s")
        if size > MEBIBYTES:
            self.wrong.append(f"{what}: more than {MEBIBYTES} MiB")
        return said

    def once(self, args):
        """What it printed, its exit code, seconds of the processor, MiB."""
        with tempfile.TemporaryFile() as out:
            child = subprocess.Popen([self.program, *args], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
            _, status, used = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            said = out.read().decode(errors="replace")
        return said, child.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss / KIB


def host_with(folder, tree, files):
    shutil.copytree(tree, folder, symlinks=True)
    for name, text in files.items():
        put(folder + name, text)
    return folder


def measure(measured, tree, work):
    comments = filled("#", 64, 255 * KIB) + "[linux]\nnet.ipv4.tcp_fin_timeout = 30\n"
    measured.run("a profile of 256 KiB", "profile", "show", put(f"{work}/p.ini", comments[-256 * KIB:]))
    put(f"{work}/p.conf", filled(LINE, 1000, 256 * KIB))
    measured.run("a profile of 256 KiB in the style of sysctl.conf", "plan", "--root", tree, "p.conf")
    tuned = "[main]\nsummary=x\n[sysctl]\n" + "net.ipv4.tcp_fin_timeout=45\n" * 1024
    tcpip = "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters]\n"
    for name, text in (("tuned.conf", tuned), ("a.reg", "REGEDIT4\n" + tcpip + '"TcpTimedWaitDelay"=dword:1e\n' * 1024)):
        measured.run(f"audit of {name} with 1024 lines about settings", "audit", "--json", put(f"{work}/{name}", text))
    others = "[main]\nsummary=x\n[sysctl]\n" + "".join(f"net.ipv4.tcp_keepalive_tim{n}=1\n" for n in range(7900))
    measured.run("audit of a TuneD profile with 7900 other keys", "audit", "--json", put(f"{work}/others/tuned.conf", others))
    measured.run("plan for it", "plan", "--root", tree, "others/tuned.conf")
    measured.run("audit of a file of 2 MiB and 8000 lines", "audit", put(f"{work}/a.conf", filled("net.core.rmem_max = 1", 8000, 2 * MIB)))
    pattern = "net.ipv4.{,,,}" + "*_" * 2041  # 4096 bytes, 4 alternatives
    measured.run("audit of 250 patterns of 4 KiB with 1000 alternatives", "audit", put(f"{work}/b.conf", (pattern + " = 1\n") * 250))
    host = host_with(f"{work}/braces", tree, {"/etc/sysctl.d/b.conf": "net.ipv4.{" + "," * 999 + "}" + "*_" * 1500 + " = 1\n"})
    measured.run("plan for a pattern with 1000 alternatives", "plan", "--root", host)
    many = {f"/etc/sysctl.d/{n:03}.conf": filled(LINE, 8, 2 * MIB // 1000) for n in range(990)}
    full = host_with(f"{work}/full", tree, many)
    measured.run("plan for boot files of 2 MiB in 1000 files with 8000 lines", "plan", "--root", full)
    measured.run("audit of that host", "audit", "--root", full)
    wild = host_with(f"{work}/wild", tree, {"/etc/sysctl.d/w.conf": "net.ipv4.* = 1\n" * 250})
    measured.run("plan for boot files with 250 wildcards", "plan", "--root", wild)
    measured.run("audit of that host", "audit", "--root", wild)
    later = host_with(f"{work}/later", tree, {"/etc/rc.local": "#!/bin/sh\n" + "sysctl -w net.ipv4.tcp_fin_timeout=30\n" * 5000})
    os.chmod(later + "/etc/rc.local", 0o755)
    measured.run("plan for 5000 writes after the boot files", "plan", "--root", later)
    measured.run("audit of that host", "audit", "--root", later)
    script = "#!/bin/sh\n" + "/bin/true\n" * 206 + "sysctl -w net.ipv4.tcp_fin_timeout=30\n"
    crowd = {f"/etc/cron.d/t{n}": "* * * * * root /opt/x.sh\n" * 120 for n in range(4)}
    run_often = host_with(f"{work}/often", tree, {**crowd, "/opt/x.sh": filled("#", 1, MIB - len(script)) + script})
    measured.run("plan for a script of 1 MiB that 480 lines of cron run, with 100,000 commands", "plan", "--root", run_often)
    echoes = "echo x > /dev/null\n" * 55000 + "sysctl -w net.ipv4.tcp_fin_timeout=30\n"
    texts = host_with(f"{work}/texts", tree, {f"/etc/profile.d/t{n}.sh": echoes[-1020 * KIB:] for n in range(4)})
    measured.run("plan for 4 MiB of scripts", "plan", "--root", texts)
    named = {f"/opt/{n}.conf": "net.*.x1*y = 1\n" * 249 for n in range(4)}
    loads = "#!/bin/sh\n" + "".join(f"sysctl -p {name}\n" for name in named)
    loaded = host_with(f"{work}/loaded", tree, {**named, "/etc/rc.local": loads})
    os.chmod(loaded + "/etc/rc.local", 0o755)
    measured.run("plan for 996 wildcards in files that a script reads by sysctl -p", "plan", "--root", loaded)
    doubled = host_with(f"{work}/doubled", tree, {"/etc/rc.local": "A=aaaaaaaa\n" + "A=$A$A\n" * 26 + "B=" + "b" * 500 + "\n"
                                                  + ": $B$B\n" * 100000 + "sysctl -w net.ipv4.tcp_fin_timeout=$A\n"})
    os.chmod(doubled + "/etc/rc.local", 0o755)
    measured.run("plan for a script of 700 KB whose variables double", "plan", "--root", doubled)
    evals = "sysctl -w net.ipv4.tcp_fin_timeout=30\n" + "eval '' " * 3 + "for i in " + "a " * (511 * KIB) + "; do b; done\n"
    looped = host_with(f"{work}/looped", tree, {"/etc/rc.local": evals})
    os.chmod(looped + "/etc/rc.local", 0o755)
    measured.run("plan for a script of 1 MiB that evaluates a loop over each of its words", "plan", "--root", looped)
    measure_boot(measured, tree, work)
    measure_folders(measured, tree, work)
    snapshot = measured.run("snapshot of boot files of 2 MiB", "snapshot", "--root", full)
    path = put(f"{work}/s.json", padded(snapshot, 4 * MIB))
    measured.run("plan for a snapshot of 4 MiB", "plan", "--from", path)
    measured.run("audit of that snapshot", "audit", "--from", path)
    measured.run("audit of that snapshot as HTML", "audit", "--format", "html", "--from", path)
    bare = host_with(f"{work}/bare", tree, {"/var/lib/.keep": ""})
    plan = measured.run("a plan as JSON", "plan", "--json", "--scope", "boot", "--root", bare, "busy-client")
    put(f"{work}/plan.json", padded(plan, 4 * MIB))
    measured.run("a saved plan of 4 MiB", "apply", "--yes", "--root", bare, "--plan", "plan.json")


def crowded(work, tree, folder, ending, count):
    """A host with so many entries of that folder, whose names are as long as can be."""
    host = host_with(f"{work}/crowded{folder.replace('/', '-')}", tree, {})
    os.makedirs(host + folder, exist_ok=True)
    for number in range(count):
        put(f"{host}{folder}/{number:06}{'x' * (249 - len(ending))}{ending}", "")
    return host


def measure_folders(measured, tree, work):
    for folder, ending in (("/etc/cron.d", ""), ("/etc/systemd/system/multi-user.target.wants", ".service"),
                           ("/etc/modules-load.d", ".conf"), ("/etc/sysctl.d", ".txt")):
        host = crowded(work, tree, folder, ending, 9900)
        measured.run(f"plan for 9900 files in {folder}", "plan", "--root", host)
        measured.run("audit of that host", "audit", "--root", host)
    profiles = crowded(work, tree, "/etc/twctl/profiles", ".ini", 980)
    measured.run("a list of 980 profiles", "profile", "list", "--root", profiles)


def measure_boot(measured, tree, work):
    """Texts that a boot reads or runs, of 1 MiB at most, whose lines are as many as can be."""
    unit = "/etc/systemd/system/multi-user.target.wants/"
    profile = "[sysctl]\n" + "".join(f"net.ipv4.a{n}=1\n" for n in range(7990))
    chain = "".join(f"softdep m{n} pre: m{n + 1}\n" for n in range(36000, -1, -1))
    runs = {"/etc/cron.d/t": "".join(f"@reboot root /opt/{n}.sh\n" for n in range(4))}
    writes = "sysctl -w net.ipv4.tcp_tw_reuse=1\n"
    timeouts = [f"net.ipv4.tcp_fin_timeout={n}\n" for n in range(4990)]
    tuned = {f"/etc/tuned/p{n}/tuned.conf": f"[main]\ninclude=p{n + 1}\n[script]\nscript=" + "x" * 66000 + "\n" for n in range(60)}
    for number, (what, files) in enumerate({
            "a menu of GRUB with 130,000 lines": {"/boot/grub/grub.cfg": "sysctl\n" + "linux a\n" * 130000},
            "4900 parameters in one line": {"/boot/grub/grub.cfg": "linux " + "".join(
                f"sysctl.net.ipv4.tcp_fin_timeout={n} " for n in range(4900))},
            "a unit of 130,000 lines": {unit + "z.service": "[Service]\nExecStart=/sbin/" + writes + "a=b\n" * 130000 + "c=\n" * 150000},
            "a profile of TuneD of 8000 lines": {"/run/tuned/tuned.pid": "", "/etc/tuned/active_profile": "z\n",
                                                 "/etc/tuned/z/tuned.conf": profile},
            "modules that need one another": {"/etc/modules-load.d/z.conf": "m0\n", "/etc/modprobe.d/z.conf": chain},
            "a command behind 200,000 wrappers": {**runs, "/opt/0.sh": "sudo " * 200000 + writes},
            "a script that prints into 150,000 files": {**runs, "/opt/0.sh": writes + "echo " + "a " * 150000 + ">b " * 150000},
            "a script that prints 500 KB into 1000 files": {
                **runs, "/opt/0.sh": writes + "echo a=" + "b" * 500000 + " | tee " + " ".join(f"/b{n}" for n in range(1000)) + "\n"},
            "a script that reads 99,000 files by sysctl -p": {**runs, "/opt/0.sh": "sysctl -p " + "/a " * 99000},
            "a script whose loop of 20,000 words reads a here-document of 700 KB": {
                **runs, "/opt/0.sh": writes + "for x in " + "a " * 20000 + "; do cat <<E; done\n" + ("x" * 99 + "\n") * 7000 + "E\n"},
            "a script that prints into one boot file 40,000 times": {
                **runs, "/opt/0.sh": writes + "echo a=b | tee " + "/etc/sysctl.d/a.conf " * 40000},
            "a unit that puts its long name in 500,000 times": {
                f"{unit}{'a' * 230}.service": "[Service]\nExecStart=/sbin/sysctl -w net.ipv4.tcp_fin_timeout=" + "%n" * 500000 + "\n"},
            "60 profiles of TuneD of 4 MiB that include one another": {
                **tuned, "/run/tuned/tuned.pid": "", "/etc/tuned/active_profile": "p0\n", "/etc/tuned/p60/tuned.conf": "[sysctl]\n"},
            "a unit with a network of its own that loads 4990 lines": {
                unit + "z.service": "[Service]\nPrivateNetwork=yes\nExecStart=/bin/sh /opt/0.sh\n",
                "/opt/0.sh": "sysctl -p /f\n", "/f": "".join(timeouts)},
            "a script that holds 1000 names to a pattern 99 times": {
                **runs, "/opt/0.sh": "sysctl -p /d/*z\n" * 99, **{f"/d/{n}": "" for n in range(1000)}},
            "a script in a long folder that prints into 60,000 files": {
                **runs, "/opt/0.sh": f"cd /{'a' * 254}\n" + "".join(f"echo a=1>b{n}\n" for n in range(60000)) + "sysctl -p b\n"},
            "a script in a folder that is too long": {
                **runs, "/opt/0.sh": f"cd /{'a' * 4090}\n" + "".join(f"echo a=1>b{n}\n" for n in range(60000)) + "sysctl -p b\n"},
            "a script that loads 4990 lines by a long path": {
                **runs, "/opt/0.sh": "sysctl -p " + "/." * 126 + "/f\n", "/f": "".join(timeouts)},
            "a script that writes 34,000 lines into a boot file of 4990": {
                **runs, "/etc/sysctl.d/a.conf": "".join(timeouts),
                "/opt/0.sh": "cat >/etc/sysctl.d/a.conf <<E\n" + timeouts[-1] * 34000 + "E\n"},
            "four scripts of 250,000 commands": {**runs, **{f"/opt/{n}.sh": writes + "a\n" * 249999 for n in range(4)}},
            "four scripts of a million parentheses": {**runs, **{f"/opt/{n}.sh": (writes + "(" * MIB)[:MIB - KIB] for n in range(4)}},
    }.items()):
        host = host_with(f"{work}/boot{number}", tree, files)
        measured.run(f"plan for {what}", "plan", "--root", host)
        measured.run("audit of that host", "audit", "--root", host)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("host")
    parser.add_argument("--only", default="", help="inputs that match this expression")
    options = parser.parse_args()
    measured = Measured(os.path.abspath(options.program), options.only)
    tree = os.path.abspath(options.host)
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)  # a path that is not relative is one of --root
        measure(measured, tree, work)
    print("\n".join(measured.wrong))
    if not measured.count:
        sys.exit(f"no input matches {options.only}")
    sys.exit(1 if measured.wrong else 0)


main()
