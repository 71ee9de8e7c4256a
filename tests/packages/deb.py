#!/usr/bin/env python3
"""deb.py ARCHIVE DEB: in a bare Debian or Ubuntu, with nothing but apt: installs the package, finds its manual, completes its words, uses it, and
removes it while a change is in force, and removes and upgrades it while one is pending. Purged, it leaves the tree as it was, byte for byte, apart from the
records of apt, dpkg and man-db, which are listed."""
import glob
import os
import re
import subprocess
import sys
import tempfile

from bare_root import WATCHED, WATCHED_NO_MORE, BareRoot, differences, skip

RECORDS = re.compile(
    r"/var/lib/dpkg/(status|status-old|lock|lock-frontend|triggers/(Lock|Unincorp)|available|diversions.*|statoverride.*)"
    r"|/var/log/(dpkg\.log|alternatives\.log|apt(/.*)?)|/var/lib/apt(/.*)?|/var/cache/apt(/.*)?"
    r"|/var/cache/man(/.*)?|/var/cache/ldconfig/aux-cache|/var/cache/debconf/tmp\.ci")
INSTALL = "apt-get install -y -q /root/twctl.deb"
COMPLETE = """. /usr/share/bash-completion/bash_completion; _completion_loader twctl
COMP_WORDS=(twctl pl); COMP_CWORD=1; COMP_LINE='twctl pl'; COMP_POINT=8; COMP_TYPE=9; _twctl; echo "[${COMPREPLY[*]}]" """
SET = "twctl apply --set net.ipv4.tcp_fin_timeout=45 --yes -q"
PENDING = f"{SET} --confirm-within 10m --accept timer-dies-with-container"


def use(root):
    root.expect(INSTALL)
    root.expect("man -P cat twctl-apply", "twctl-apply", "make the plan true")
    root.expect("man -P cat 5 twctl-profile", "extends")
    root.expect(COMPLETE, "[plan]")
    root.expect("twctl plan -q; [ $? = 0 ] || [ $? = 2 ]")
    root.expect("twctl profile list", "/usr/share/twctl/profiles/classic.ini", "!built in")
    root.expect("ls /etc/systemd/system/*/", "twctl-deadline.path", "twctl-recover.service")
    root.expect("ls /var/lib/twctl /etc/sysctl.d/60-twctl.conf", code=2)  # installing has changed nothing


def leave_while_in_force(root):
    root.expect(f"{SET} && apt-get remove -y -q twctl && cat /proc/sys/net/ipv4/tcp_fin_timeout /etc/sysctl.d/60-twctl.conf", "\n45\n", "net.ipv4.tcp_fin_timeout = 45",
                "60-twctl.conf sets it at each boot", "with twctl installed again `twctl rollback`")
    root.expect("apt-get purge -y -q twctl", "/var/lib/twctl/changes/*/restore-live.conf")
    root.expect("ls /var/lib/twctl/changes/*/restore-live.conf /etc/sysctl.d/60-twctl.conf")
    root.expect(INSTALL)
    # Another network namespace by now, that is, another boot: what is left to go back is the boot file.
    root.expect("twctl rollback --yes && ls /etc/sysctl.d/60-twctl.conf", code=2)


def leave_while_pending(root):
    root.expect(f"{PENDING} && apt-get remove -y -q twctl", "twctl confirm", "twctl rollback", code=100)
    root.expect(f"{PENDING} && {INSTALL} --reinstall && twctl rollback --yes -q && cat /proc/sys/net/ipv4/tcp_fin_timeout", "\n60\n")
    upgrade = "apt-get install -y -q --allow-downgrades /root/older.deb"
    root.expect(f"{upgrade} && {PENDING} && {INSTALL} && twctl status && twctl rollback --yes -q && cat /proc/sys/net/ipv4/tcp_fin_timeout",
                "Unpacking twctl", "over (0~older)", "twctl confirm", "\n60\n")


def documents(package, folder):
    """What is read there leads to what is there, and what is shown there can be run there."""
    subprocess.run(["dpkg-deb", "-x", package, f"{folder}/unpacked"], check=True)
    top = f"{folder}/unpacked/usr/share/doc/twctl"
    wrong = [] if os.path.exists(f"{top}/licenses/libfmt-dev") else ["no licenses of what is linked in"]
    for page in glob.glob(f"{top}/**/*.md", recursive=True):
        with open(page, encoding="utf-8") as file:
            text = file.read()
        ends = [os.path.join(os.path.dirname(page), end) for end in re.findall(r"\]\((?!https?:|#)([^)#]+)", text)]
        ends += [f"{top}/{end}" for line in re.findall(r"^\$ .*twctl .*", text, re.M) for end in re.findall(r"\btests/[\w./-]*\w", line)]
        wrong += [f"{os.path.relpath(page, top)} leads to {os.path.relpath(end, top)}" for end in ends if not os.path.exists(end)]
    return wrong


def older(package, folder):
    """The same under an older version."""
    subprocess.run(["dpkg-deb", "-R", package, f"{folder}/older"], check=True)
    control = f"{folder}/older/DEBIAN/control"
    with open(control, encoding="utf-8") as file:
        text = file.read()
    with open(control, "w", encoding="utf-8") as file:
        file.write(re.sub("(?m)^Version: .*", "Version: 0~older", text))
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", f"{folder}/older", f"{folder}/older.deb"], check=True, stdout=subprocess.DEVNULL)
    return f"{folder}/older.deb"


def main(archive, pattern):
    if not os.path.exists(archive):
        skip(f"there is no {archive}: see tests/packages/make_root")
    [package] = glob.glob(pattern)
    with tempfile.TemporaryDirectory() as folder:
        root = BareRoot(archive, folder)
        root.problems += documents(package, folder)
        root.put(package, "twctl.deb")
        root.put(older(package, folder), "older.deb")
        before = root.tree()
        use(root)
        leave_while_in_force(root)
        leave_while_pending(root)
        root.expect(WATCHED)
        root.expect("apt-get purge -y -q twctl")
        root.expect(WATCHED_NO_MORE)
        left = differences(before, root.tree())
    wrong = root.problems + [f"left behind or changed: {path}" for path in left if not RECORDS.fullmatch(path)]
    print("\n".join(wrong) or "records of apt, dpkg and man-db that are not as before:\n" + "\n".join(left))
    sys.exit(1 if wrong else 0)


main(*sys.argv[1:])
