#!/usr/bin/env python3
"""arm64.py ARCHIVE TAR: the archive for 64-bit ARM, unpacked in a bare root and run there by qemu's emulation of that processor: it looks, changes
a setting, undoes that, and lets a deadline do so. qemu-user 7.2 knows neither openat2 nor sockets of netlink's socket diagnosis, so what this
shows is how twctl does without either, as on an old kernel; the rest the program for x86_64 shows."""
import glob
import os
import shutil
import sys
import tempfile

from bare_root import BareRoot, skip

VALUE = "cat /proc/sys/net/ipv4/tcp_fin_timeout"


def main(archive, pattern):
    emulator = shutil.which("qemu-aarch64-static")
    if emulator is None:
        skip("there is no qemu-aarch64-static here")
    if not os.path.exists(archive):
        skip(f"there is no {archive}: see tests/packages/make_root")
    [package] = glob.glob(pattern)
    top = os.path.basename(package).removesuffix(".tar.gz")
    with tempfile.TemporaryDirectory() as folder:
        root = BareRoot(archive, folder)
        root.put(package, "twctl.tar.gz")
        root.put(emulator, "qemu")
        root.expect("cd /root && tar -xzf twctl.tar.gz && printf '#!/bin/sh\\nexec /root/qemu /root/%s/twctl \"$@\"\\n' " + top + " >/usr/sbin/twctl"
                    " && chmod +x /usr/sbin/twctl")
        root.expect("twctl --version", "Linux aarch64")
        root.expect("twctl states", "total", "0")
        root.expect("twctl plan -q classic", "net.ipv4.tcp_tw_reuse", code=2)
        root.expect(f"twctl apply --set net.ipv4.tcp_fin_timeout=45 --yes && {VALUE} && twctl rollback --yes && {VALUE}", "\n45\n", "\n60\n")
        root.expect("twctl apply --set net.ipv4.tcp_fin_timeout=45 --yes --confirm-within 5s --accept timer-dies-with-container && sleep 8"
                    f" && {VALUE} && twctl status", "Pending", "\n60\n")
        root.expect(f"twctl audit --from /root/{top}/docs/examples/busy-server.json", "Audit of web1")
    print("\n".join(root.problems))
    sys.exit(1 if root.problems else 0)


main(*sys.argv[1:])
