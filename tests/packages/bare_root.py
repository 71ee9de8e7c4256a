"""A root folder with a bare system in it, in which packages are installed, used and removed: a copy of an archive that
tests/packages/make_root made, entered with namespaces of its own for mounts, processes and the network."""
import hashlib
import os
import stat
import subprocess
import sys

# Process 1 of the namespace is called systemd, as on a host; the file systems go with the namespace.
ENTER = r"""
set -e
mount -t proc proc "$1/proc"
mount -t tmpfs -o mode=0755 tmpfs "$1/run"
mount -t tmpfs -o mode=1777 tmpfs "$1/tmp"
mount --bind /dev/null "$1/dev/null"
mount -t devpts -o ptmxmode=0666,newinstance devpts "$1/dev/pts"
shift
if [ "$OUTSIDE" ]; then exec bash -c "$1"; fi
exec chroot "$ROOT" /bin/bash -c "$1"
"""

# As twctl-metrics.service leaves it, and `systemctl enable`.
WATCHED = """set -e; mkdir -p /var/lib/prometheus/node-exporter; cd /var/lib/prometheus/node-exporter
touch twctl_states.prom twctl_doctor.prom twctl_status.prom other.prom; cd /etc/systemd/system/timers.target.wants
ln -s /lib/systemd/system/twctl-metrics.timer /lib/systemd/system/twctl-audit.timer ."""
# Fails where a file of twctl's is left.
WATCHED_NO_MORE = "cd /var/lib/prometheus && rm node-exporter/other.prom && rmdir node-exporter && cd / && rmdir /var/lib/prometheus"


def skip(why):
    sys.exit(f"TEST SKIPPED: {why}")


class BareRoot:
    def __init__(self, archive, folder):
        if os.geteuid() != 0:
            skip("only root can install packages")
        self.root = f"{folder}/root"
        os.mkdir(self.root)
        subprocess.run(["tar", "-xpf", archive, "-C", self.root, "--exclude=./dev/*"], check=True)
        os.makedirs(f"{self.root}/dev/pts")
        os.symlink("pts/ptmx", f"{self.root}/dev/ptmx")
        with open(f"{self.root}/dev/null", "w", encoding="utf-8"):
            pass  # what is mounted over it
        self.problems = []

    def run(self, script, outside=False):
        """(exit code, what it said); the script is bash's, and one run's network namespace is gone with it. Outside, it runs in the
        machine's own root, and $ROOT is the bare one."""
        os.makedirs(f"{self.root}/tmp", exist_ok=True)
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", "ROOT": self.root,
               "OUTSIDE": "yes" if outside else ""}
        done = subprocess.run(["unshare", "--net", "--mount", "--uts", "--pid", "--fork", "bash", "-c", ENTER, "enter", self.root, script],
                              capture_output=True, text=True, check=False, env=env)
        return done.returncode, done.stdout + done.stderr

    def expect(self, script, *patterns, code=0, outside=False):
        """Each pattern is to be in what it says; "!x": x is not to be."""
        ended, said = self.run(script, outside)
        for pattern in patterns:
            if (pattern.lstrip("!") in said) == pattern.startswith("!"):
                self.problems.append(f"{script!r} does not say {pattern!r} but:\n{said}")
        if (ended == 0) != (code == 0) or (code is not None and code > 1 and ended != code):
            self.problems.append(f"{script!r} ends with {ended}, not {code}:\n{said}")
        return said

    def put(self, path, name):
        subprocess.run(["cp", path, f"{self.root}/root/{name}"], check=True)

    def tree(self):
        """{path: what is there}: type, mode, owner and content, but no times."""
        found = {}
        for folder, folders, files in os.walk(self.root):
            for name in folders + files:
                path = os.path.join(folder, name)
                info = os.lstat(path)
                what = (stat.S_IFMT(info.st_mode), stat.S_IMODE(info.st_mode), info.st_uid, info.st_gid)
                if stat.S_ISLNK(info.st_mode):
                    what += (os.readlink(path),)
                elif stat.S_ISREG(info.st_mode):
                    with open(path, "rb") as file:
                        what += (hashlib.sha256(file.read()).hexdigest(),)
                found[path[len(self.root):]] = what
        return found


def differences(before, after):
    return sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
