"""Twenty hosts on a bridge: each has a network namespace, an sshd, a name, /etc and /var/lib of its own, and the program.

enter() of tests/crash/host.py comes first: all of this lies in namespaces of the test's own. Their processes share one process
namespace, so everything ends with the test.
"""
import contextlib
import os
import pathlib
import subprocess
import sys
import time

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "crash"), str(TESTS / "examples")]
import host  # noqa: E402  (it lies in the folder of the suites that it was made for)

KEY_FILE = "/run/fleet/key"
SSHD = """Port 22
HostKey /run/fleet/host_key
AuthorizedKeysFile /run/fleet/key.pub
PermitRootLogin prohibit-password
UsePAM no
StrictModes no
PidFile none
Subsystem sftp internal-sftp
"""
# What a host is made of, as root of a network namespace. $1: its name, $2: the program.
MAKE = """set -e
mount --make-rprivate /
mkdir -p /run/fleet/$1/etc /run/fleet/$1/lib /run/fleet/$1/root /run/fleet/$1/sbin
cp -a /etc/. /run/fleet/$1/etc
cp "$2" /run/fleet/$1/sbin/twctl
mount --bind /run/fleet/$1/etc /etc
mount --bind /run/fleet/$1/lib /var/lib
mount --bind /run/fleet/$1/root /root
mount --bind /run/fleet/$1/sbin /usr/local/sbin
hostname "$1"
echo "$1" >/etc/hostname
getent passwd sshd >/dev/null || echo "sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin" >>/etc/passwd
exec "$(command -v sshd)" -D -e -f /run/fleet/sshd_config
"""


def wait_until(holds, what, seconds=20):
    """For what another process brings about; there is nothing to be woken by."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            logs = [log.read_text(errors="replace")[-500:] for log in sorted(pathlib.Path("/run/fleet").glob("*.log"))[:1]]
            sys.exit(f"after {seconds} s still not: {what}\n{''.join(logs)}")
        time.sleep(0.05)


class Member:
    """One host of the fleet, seen from inside it."""

    def __init__(self, number, program):
        self.name = f"web{number:02d}"
        self.address = f"10.9.0.{number + 10}"
        self.daemon = self._start(program)

    def _start(self, program):
        subprocess.run(f"""set -e
            ip netns add {self.name}
            ip link add v{self.name} type veth peer name eth0 netns {self.name}
            ip link set v{self.name} master fleet up
            ip -n {self.name} link set lo up
            ip -n {self.name} link set eth0 up
            ip -n {self.name} address add {self.address}/24 dev eth0""", shell=True, check=True)
        command = ["ip", "netns", "exec", self.name, "unshare", "--mount", "--uts", "sh", "-c", MAKE, "sh", self.name, program]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=open(f"/run/fleet/{self.name}.log", "wb"))

    def command(self, *words):
        return ["nsenter", "-t", str(self.daemon.pid), "--mount", "--net", "--uts", "--wd=/", "--", *words]

    def run(self, *words):
        """Its output; an exit code of 2 is twctl's "something would change"."""
        ran = subprocess.run(self.command(*words), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if ran.returncode not in (0, 2):
            sys.exit(f"{self.name}: {' '.join(words)} ended with {ran.returncode}\n{ran.stderr}")
        return ran.stdout

    def value(self, key):
        return self.run("cat", host.setting_path(key)).strip()

    def boot_file(self):
        """What is below its /etc for the next boot; "" for nothing."""
        with contextlib.suppress(FileNotFoundError):
            return pathlib.Path(f"/run/fleet/{self.name}{host.OWN_FILE}").read_text(encoding="utf-8")
        return ""

    def put(self, path, text):
        pathlib.Path(f"/run/fleet/{self.name}{path}").write_text(text, encoding="utf-8")

    def answers(self):
        with contextlib.suppress(OSError):
            return b"SSH-2.0" in subprocess.run(["timeout", "1", "bash", "-c", f"head -n 1 </dev/tcp/{self.address}/22"], capture_output=True,
                                                check=False).stdout
        return False


def build(count, program):
    """The members, each answering on its port 22."""
    host.insist_on_own_namespace()
    os.makedirs("/run/fleet")
    for name in ("key", "host_key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"/run/fleet/{name}"], check=True)
    os.chmod("/run/fleet/key.pub", 0o644)
    host.put("/run/fleet/sshd_config", SSHD)
    os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", "/tmp"], check=True)
    subprocess.run("ip link add fleet type bridge && ip link set fleet up && ip address add 10.9.0.1/24 dev fleet", shell=True, check=True)
    members = [Member(number, program) for number in range(1, count + 1)]
    for member in members:
        wait_until(member.answers, f"{member.name} answers", 30)
    return members
