#!/usr/bin/env python3
"""trial_refused.py PROGRAM: where `twctl trial` cannot measure it ends with 69 or 77, and names what forbids it.

The kernel itself refuses: limits of a user namespace's own, a /proc/sys that is mounted read-only, and filters of system calls
(seccomp) that answer as a container's runtime, an old kernel or AppArmor does.
"""
import ctypes
import errno
import os
import platform
import struct
import subprocess
import sys

from host import end

PLAIN_USER = 65534
SECCOMP, FILTER, NO_NEW_PRIVILEGES = 22, 2, 38  # prctl(2)
UNSHARE, SETSOCKOPT, WRITE = ({"unshare": 272, "setsockopt": 54, "write": 1} if platform.machine() == "x86_64" else
                              {"unshare": 97, "setsockopt": 208, "write": 64}).values()
LOCAL_PORT_RANGE = 51  # IP_LOCAL_PORT_RANGE, the third argument of setsockopt()
UID_MAP = len(f"0 {PLAIN_USER} 1")  # what is written there, and nothing else is so long
AS_ROOT_INSIDE = ["unshare", "--user", "--map-root-user", "--mount", "--net"]
WITHOUT_RIGHTS = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"]
NONE = "network namespaces to measure in cannot be made here: "


def answers(call, error, third=None):
    """A filter of system calls for subprocess's preexec_fn: that call, with that third argument, fails so."""
    def instruction(code, value, skip_if=0, skip_else=0):
        return struct.pack("=HBBI", code, skip_if, skip_else, value)
    load, equal, give = 0x20, 0x15, 0x06
    program = [instruction(load, 0), instruction(equal, call, 0, 1 if third is None else 3)]
    if third is not None:
        program += [instruction(load, 32), instruction(equal, third, 0, 1)]
    program += [instruction(give, 0x00050000 | error), instruction(give, 0x7FFF0000)]

    def install():
        code = b"".join(program)
        room = ctypes.create_string_buffer(code, len(code))
        filters = struct.pack("@HP", len(program), ctypes.addressof(room))
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0 or libc.prctl(SECCOMP, FILTER, filters, 0, 0) != 0:
            os._exit(99)
    return install


def as_plain_user(then=lambda: None):
    def become():
        if os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(PLAIN_USER, PLAIN_USER, PLAIN_USER)
            os.setresuid(PLAIN_USER, PLAIN_USER, PLAIN_USER)
        then()
    return become


def in_namespace(preparation, *command):
    """`command` as root of a user namespace in which a shell has done `preparation`."""
    return [*AS_ROOT_INSIDE, "sh", "-c", f'{preparation} && exec "$@"', "-", *command]


def cases(program):
    trial = [program, "trial", "--runs", "1", "--seconds", "1"]
    own_range = [*trial, "--socket-range", "40000-40099"]
    no_users, no_networks = "echo 0 >/proc/sys/user/max_user_namespaces", "echo 0 >/proc/sys/user/max_net_namespaces"
    read_only = "mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys"
    kernel = "this kernel is built without user or network namespaces"
    # what, command, what happens to the process before, exit code, message
    yield "user namespaces are used up", in_namespace(no_users, *WITHOUT_RIGHTS, *trial), None, 69, (
        NONE + os.strerror(errno.ENOSPC), "user.max_user_namespaces is 0")
    yield "network namespaces are used up", in_namespace(no_networks, *trial), None, 69, (
        NONE + os.strerror(errno.ENOSPC), "user.max_net_namespaces is 0")
    yield "/proc/sys is read-only", in_namespace(read_only, *trial), None, 69, ("/proc/sys is read-only here, as in a container",)
    yield "the kernel has no namespaces", trial, answers(UNSHARE, errno.ENOSYS), 69, (NONE + os.strerror(errno.ENOSYS), kernel)
    yield "the kernel has no such namespaces", trial, answers(UNSHARE, errno.EINVAL), 69, (NONE + os.strerror(errno.EINVAL), kernel)
    yield "a policy forbids namespaces", trial, as_plain_user(answers(UNSHARE, errno.EPERM)), 77, (
        NONE + os.strerror(errno.EPERM), "run it as root")
    if os.geteuid() == 0:
        yield "a policy forbids them to root", trial, answers(UNSHARE, errno.EPERM), 77, ("CAP_SYS_ADMIN",)
        yield "a policy forbids what comes first in them", trial, as_plain_user(answers(WRITE, errno.EACCES, UID_MAP)), 77, (
            NONE + os.strerror(errno.EACCES), "run it as root")
    yield "the kernel has no IP_LOCAL_PORT_RANGE", own_range, answers(SETSOCKOPT, errno.ENOPROTOOPT, LOCAL_PORT_RANGE), 69, (
        "this kernel has no IP_LOCAL_PORT_RANGE",)
    yield "nothing forbids it", own_range, None, 0, ()


def main(program):
    probe = subprocess.run([*AS_ROOT_INSIDE, "true"], capture_output=True, check=False)
    if probe.returncode != 0:
        print("TEST SKIPPED: no user namespaces here")
        return 0
    failures, tried = [], 0
    for what, command, before, code, texts in cases(program):
        tried += 1
        run = subprocess.run(command, preexec_fn=before, capture_output=True, text=True, timeout=60, check=False)
        missing = [text for text in texts if text not in run.stderr]
        if run.returncode != code or missing:
            failures.append(f"FAILED: {what}: it ended with {run.returncode} instead of {code}; missing: {missing}\n{run.stderr}")
    return end(tried, failures)


sys.exit(main(sys.argv[1]))
