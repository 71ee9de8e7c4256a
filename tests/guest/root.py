"""The disk of a Debian with systemd: packages unpacked, not installed, so that no maintainer script has to run."""
import os
import re
import shutil
import subprocess
import tempfile

from image import APPLETS, HERE, said_by
from skip import Skip

WANTED = ["systemd", "systemd-sysv", "procps"]
# What only installing needs.
NOT_TO_RUN = re.compile(r"perl|usrmerge|^dpkg$|^tar$|debconf|gdbm|^libdb5|init-system-helpers|^gcc-|^dmsetup$")
DISK_SIZE = 256 << 20
FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
    "etc/group": "root:x:0:\n",
    "etc/os-release": 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (guest)"\n',
    "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
    "etc/hostname": "guest\n",
    "etc/sysctl.d/.keep": "",
    "etc/systemd/system/steps.service": "[Unit]\nDescription=Steps of the suite\nAfter=multi-user.target\n"
                                        "[Service]\nExecStart=/steps\nStandardInput=null\n",
    # procps instead of systemd-sysctl, at the same place in the boot; chosen on the kernel's command line.
    "etc/systemd/system/procps-loader.service":
        "[Unit]\nDescription=sysctl --system\nDefaultDependencies=no\nAfter=systemd-modules-load.service\n"
        "Before=sysinit.target\n[Service]\nType=oneshot\nExecStart=/sbin/sysctl --system\nRemainAfterExit=yes\n",
}


def closure(packages):
    """The packages that a system with nothing on it needs for WANTED, by apt's own reckoning."""
    with tempfile.NamedTemporaryFile() as nothing_installed:
        said = said_by(["apt-get", *packages.options, "-s", "-o", f"Dir::State::status={nothing_installed.name}", "install",
                        "--no-install-recommends", *WANTED])
    names = re.findall(r"^Inst (\S+)", said, re.M)
    return [name for name in names if not NOT_TO_RUN.search(name)]


def unpack(packages, root):
    for folder in ("bin", "sbin", "lib", "lib64"):
        os.makedirs(os.path.join(root, "usr", folder))
        os.symlink(f"usr/{folder}", os.path.join(root, folder))
    for folder in ("proc", "sys", "dev", "run", "tmp", "root", "etc", "var/lib"):
        os.makedirs(os.path.join(root, folder))
    for deb in packages.debs_of(closure(packages)):
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE) as archive:
            subprocess.run(["tar", "-x", "--keep-directory-symlink", "-C", root, "--exclude=./usr/share/doc*",
                            "--exclude=./usr/share/man*", "--exclude=./usr/share/locale*"],
                           stdin=archive.stdout, check=True)


def add_our_own(packages, root, program, units):
    busybox = os.path.join(packages.unpacked("busybox-static"), "bin/busybox")
    shutil.copy(busybox, os.path.join(root, "bin/busybox"))
    for applet in APPLETS:
        if not os.path.lexists(os.path.join(root, "usr/bin", applet)) and \
           not os.path.lexists(os.path.join(root, "usr/sbin", applet)):
            os.symlink("busybox", os.path.join(root, "bin", applet))
    shutil.copy(program, os.path.join(root, "usr/sbin/twctl"))
    shutil.copy(os.path.join(HERE, "steps"), os.path.join(root, "steps"))
    for path, text in FILES.items():
        os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
        with open(os.path.join(root, path), "w", encoding="utf-8") as file:
            file.write(text)
    for unit in units:
        shutil.copy(unit, os.path.join(root, "usr/lib/systemd/system"))
        enable(root, unit)


def enable(root, unit):
    """What systemctl enable does with WantedBy."""
    with open(unit, encoding="utf-8") as file:
        targets = re.findall(r"^(?:WantedBy|RequiredBy)=(\S+)$", file.read(), re.M)
    for target in targets:
        wants = os.path.join(root, "etc/systemd/system", target + ".wants")
        os.makedirs(wants, exist_ok=True)
        os.symlink(f"/usr/lib/systemd/system/{os.path.basename(unit)}", os.path.join(wants, os.path.basename(unit)))


def disk(packages, program, units, path):
    """A journalled disk with that system. Its files belong to who makes it, so that has to be root."""
    if os.geteuid() != 0:
        raise Skip("the files of a system belong to root, which only root can say")
    with tempfile.TemporaryDirectory(dir=os.path.dirname(path)) as root:
        os.chmod(root, 0o755)
        unpack(packages, root)
        add_our_own(packages, root, program, units)
        with open(path, "wb") as file:
            file.truncate(DISK_SIZE)
        said_by(["mkfs.ext4", "-q", "-F", "-d", root, path])
    return path
