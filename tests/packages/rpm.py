#!/usr/bin/env python3
"""rpm.py ARCHIVE RPM: the package, below another root with `rpm --root`: installed, used, erased while a change is in force, and erased and
upgraded while one is pending. At the end the tree is as it was, byte for byte, but for rpm's own records, which are listed. A Debian serves as that root."""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

from bare_root import WATCHED, WATCHED_NO_MORE, BareRoot, differences, skip

RECORDS = re.compile(r"/(root/\.rpmdb|var/lib/rpm|usr/lib/sysimage)(/.*)?|/var/cache/(man|ldconfig)(/.*)?")
RPM = 'rpm --root "$ROOT" --dbpath /var/lib/rpm --nodeps --force-debian'
SET = "chroot \"$ROOT\" twctl apply --set net.ipv4.tcp_fin_timeout=45 --yes -q"
PENDING = f"{SET} --confirm-within 10m --accept timer-dies-with-container"
PARTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../scripts/packaging")


def older(package, folder):
    """The same under an older version."""
    with open(f"{PARTS}/twctl.spec", encoding="utf-8") as spec, open(f"{PARTS}/leave.sh", encoding="utf-8") as leave:
        text = spec.read().replace("%{leave}", leave.read())
    with open(f"{folder}/older.spec", "w", encoding="utf-8") as file:
        file.write(text)
    script = ("set -e; mkdir tree; cd tree; rpm2cpio \"$1\" | cpio -idm --quiet; cd ..; rpm -qlp \"$1\" >tree.files; "
              "rpmbuild -bb --target x86_64 --define \"_topdir $PWD/top\" --define \"stage $PWD/tree\" --define 'the_version 0~older' "
              "--define 'the_date Thu Jan 01 2026' older.spec; mv top/RPMS/x86_64/*.rpm older.rpm")
    done = subprocess.run(["bash", "-c", script, "bash", package], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return f"{folder}/older.rpm"


def main(archive, pattern):
    if shutil.which("rpm") is None:
        skip("there is no rpm here")
    if not os.path.exists(archive):
        skip(f"there is no {archive}: see tests/packages/make_root")
    [package] = glob.glob(pattern)
    install = f"{RPM} -i {os.path.abspath(package)}"
    with tempfile.TemporaryDirectory() as folder:
        root = BareRoot(archive, folder)
        before = root.tree()
        root.expect(install, outside=True)
        root.expect("man -P cat twctl-apply", "make the plan true")
        root.expect("twctl profile list", "/usr/share/twctl/profiles/classic.ini", "!cannot be used")
        root.expect("twctl plan -q; [ $? = 0 ] || [ $? = 2 ]")
        root.expect("ls /var/lib/twctl /etc/sysctl.d/60-twctl.conf", code=2)  # installing has changed nothing
        root.expect(f"{SET} && {RPM} -e twctl && cat /proc/sys/net/ipv4/tcp_fin_timeout && cat \"$ROOT\"/etc/sysctl.d/60-twctl.conf",
                    "\n45\n", "net.ipv4.tcp_fin_timeout = 45", "/var/lib/twctl/changes/*/restore-live.conf",
                    "60-twctl.conf sets it at each boot", outside=True)
        root.expect(f"{install} && ls \"$ROOT\"/var/lib/twctl/changes/*/restore-live.conf", outside=True)
        root.expect("twctl rollback --yes && ls /etc/sysctl.d/60-twctl.conf", code=2)
        root.expect(f"{PENDING} && {RPM} -e twctl", "twctl confirm", "twctl rollback", code=1, outside=True)
        root.expect(f"{PENDING} && {RPM} -U --force {os.path.abspath(package)} && chroot \"$ROOT\" twctl rollback --yes -q"
                    " && cat /proc/sys/net/ipv4/tcp_fin_timeout", "\n60\n", outside=True)
        root.expect(f"{RPM} -U --oldpackage {older(os.path.abspath(package), folder)} && {PENDING} && {RPM} -U {os.path.abspath(package)}"
                    " && chroot \"$ROOT\" twctl status && chroot \"$ROOT\" twctl rollback --yes -q && cat /proc/sys/net/ipv4/tcp_fin_timeout",
                    "twctl confirm", "\n60\n", outside=True)
        root.expect(WATCHED)
        root.expect(f"{RPM} -e twctl", outside=True)
        root.expect(WATCHED_NO_MORE)
        left = differences(before, root.tree())
    wrong = root.problems + [f"left behind or changed: {path}" for path in left if not RECORDS.fullmatch(path)]
    print("\n".join(wrong) or "records of rpm and man-db that are not as before:\n" + "\n".join(left))
    sys.exit(1 if wrong else 0)


main(*sys.argv[1:])
