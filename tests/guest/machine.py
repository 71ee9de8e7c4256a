"""A guest under qemu, without hardware virtualization: boot, steps over a serial port, power cut."""
import base64
import ctypes
import os
import selectors
import shutil
import signal
import subprocess
import time

from skip import Skip

QEMU = "qemu-system-x86_64"
# An idle machine needs 3 seconds to boot, or 10 with systemd; these are for one that many share. A guest of qemu 7.2 was seen to
# wait for ever for a block of its disk, at its first mount, so the first patience is the shorter one: it is cut off and booted again.
BOOT_SECONDS = (180, 600)
STEP_SECONDS = 600
NUDGE_SECONDS = 20
# A machine that many share gives the guest no steady clock. Time counted in instructions is steady and costs half as much
# again: for a system with time-outs of its own.
STEADY = ["-icount", "shift=1"]
# The others boot all the same.
QUIET = "quiet panic=-1 no_timer_check nowatchdog rcupdate.rcu_cpu_stall_suppress=1"


class GuestError(Exception):
    """The guest did not do what every guest does: boot, answer, power off."""


class StalledBoot(GuestError):
    """The guest is there still, and does nothing."""


class Machine:
    """One boot. CONSOLE and DISK are paths; the console gets what the kernel says. Each step begins with PRELUDE."""

    def __init__(self, kernel, initramfs, console, disk, prelude="", append="", steady=False):
        if shutil.which(QEMU) is None:
            raise Skip(f"no {QEMU} here")
        self.console = console
        self.prelude = prelude
        for seconds in BOOT_SECONDS:
            try:
                self.boot(kernel, initramfs, disk, append, steady, seconds)
                return
            except StalledBoot as error:
                stalled = error
        raise stalled

    def boot(self, kernel, initramfs, disk, append, steady, seconds):
        self.pending = b""
        self.qemu = subprocess.Popen(
            [QEMU, "-accel", "tcg", "-cpu", "max", "-m", "256", *(STEADY if steady else []),
             "-display", "none", "-no-reboot", "-nodefaults", "-serial", f"file:{self.console}", "-serial", "stdio",
             "-kernel", kernel, "-initrd", initramfs, "-append", f"console=ttyS0 {QUIET} {append}",
             "-drive", f"file={disk},format=raw,if=virtio,cache=none"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0,
            preexec_fn=end_with_parent)
        try:
            self.release = self.wait_for("@@ready ", seconds)[-1].split()[1]
        except GuestError as error:
            is_there = self.qemu.poll() is None
            self.__exit__()
            if is_there:
                raise StalledBoot(str(error)) from error
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.cut_power()
        self.qemu.stdin.close()
        self.qemu.stdout.close()

    def cut_power(self):
        """What the guest has not made durable is gone; qemu gets no chance to help. What it has said can still be read."""
        self.qemu.kill()
        self.qemu.wait()

    def power_off(self, command="sync; poweroff -f"):
        self.begin(command)
        try:
            self.qemu.wait(STEP_SECONDS)
        except subprocess.TimeoutExpired as late:
            raise GuestError("the guest does not power off") from late

    def run(self, script, seconds=STEP_SECONDS):
        """(status, what it says) of a shell script in the guest."""
        self.begin(script)
        lines = self.wait_for("@@end ", seconds)
        return int(lines[-1].split()[1]), "\n".join(lines[:-1])

    def output(self, script, seconds=STEP_SECONDS):
        status, said = self.run(script, seconds)
        if status != 0:
            raise GuestError(f"{script}\nended with {status}:\n{said}")
        return said

    def begin(self, script):
        self.qemu.stdin.write(base64.b64encode((self.prelude + script).encode()) + b"\n")

    def wait_for(self, mark, seconds):
        """The lines up to the one that begins with MARK."""
        lines = []
        deadline = time.monotonic() + seconds
        while not lines or not lines[-1].startswith(mark):
            line = self.line(deadline)
            if line is None:
                said = "\n".join(lines[-20:])
                raise GuestError(f"no {mark!r} within {seconds} s; said:\n{said}\nconsole:\n{tail(self.console)}")
            lines.append(line)
        return lines

    def line(self, deadline):
        """The next whole line; None at the deadline, or when the guest has ended."""
        while b"\n" not in self.pending:
            part = self.part(deadline - time.monotonic())
            if not part:
                return None
            self.pending += part
        line, _, self.pending = self.pending.partition(b"\n")
        return line.decode(errors="replace").rstrip("\r")

    def part(self, seconds):
        with selectors.DefaultSelector() as ready:
            ready.register(self.qemu.stdout, selectors.EVENT_READ)
            end = time.monotonic() + seconds
            while (left := end - time.monotonic()) > 0:
                if ready.select(min(left, NUDGE_SECONDS)):
                    return os.read(self.qemu.stdout.fileno(), 65536)
                self.nudge()
        return b""

    def nudge(self):
        """qemu 7.2 with -icount was seen to sleep on in the middle of a boot, without any CPU time for six minutes, and to go on as
        soon as it had been stopped for a moment. Where nothing is wrong that does nothing."""
        self.qemu.send_signal(signal.SIGSTOP)
        self.qemu.send_signal(signal.SIGCONT)


def end_with_parent():
    """A suite that is killed leaves no qemu behind."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def tail(path, size=3000):
    if not os.path.exists(path):
        return ""
    with open(path, "rb") as file:
        return file.read()[-size:].decode(errors="replace")
