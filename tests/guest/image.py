"""What a small guest boots from: an initramfs of static busybox, twctl and modules, and a journalled disk."""
import os
import subprocess

import cpio
from packages import said_by

HERE = os.path.dirname(os.path.abspath(__file__))
APPLETS = ("sh base64 basename cat chroot cmp cp date diff dmesg echo find grep head insmod ip kill ln ls mkdir mount mv nc poweroff rm "
           "sed seq sleep sort stat stty switch_root sync sysctl tail touch tr uname umount unshare wc").split()
# Virtio needs no module of its own for its queues; crc32c is asked for by name, so that no module says it needs it.
MODULES = ["virtio_pci", "virtio_blk", "crc32c_generic", "crc32c", "ext4", "nf_conntrack", "veth"]
DISK_SIZE = 64 << 20


def content(path):
    with open(path, "rb") as file:
        return file.read()


def initramfs(kernel, packages, programs, path):
    """PROGRAMS: {name: path} of what lies in /bin beside busybox. Returns PATH."""
    files = {name: (cpio.PROGRAM, content(os.path.join(HERE, name))) for name in ("init", "steps")}
    for folder in ("proc", "sys", "dev", "disk", "run", "tmp"):
        files[folder] = (cpio.DIRECTORY, b"")
    files["bin/busybox"] = (cpio.PROGRAM, content(os.path.join(packages.unpacked("busybox-static"), "bin/busybox")))
    files |= {f"bin/{applet}": (cpio.LINK, b"busybox") for applet in APPLETS}
    files |= {f"bin/{name}": (cpio.PROGRAM, content(program)) for name, program in programs.items()}
    files |= {path: file for program in programs.values() for path, file in with_libraries(program).items()}
    modules = kernel.modules_in_order(MODULES)
    files |= {f"modules/{name}": (cpio.PROGRAM, module) for name, module in modules}
    files["modules/order"] = (cpio.PROGRAM, "".join(f"{name}\n" for name, _ in modules).encode())
    with open(path, "wb") as file:
        file.write(cpio.archive(files))
    return path


def with_libraries(program):
    """{path in the guest without its first slash: (mode, content)}: the shared libraries that a program asks for, if any."""
    said = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    found = [word for word in said.split() if word.startswith("/") and word != program]
    return {path[1:]: (cpio.PROGRAM, content(path)) for path in found}


def empty_disk(path, size=DISK_SIZE):
    with open(path, "wb") as file:
        file.truncate(size)
    said_by(["mkfs.ext4", "-q", "-F", path])
    return path
