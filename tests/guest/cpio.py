"""An initramfs: a cpio archive of the "newc" form (Linux Documentation/driver-api/early-userspace/buffer-format.rst)."""
import stat

DIRECTORY = stat.S_IFDIR | 0o755
PROGRAM = stat.S_IFREG | 0o755
LINK = stat.S_IFLNK | 0o777


def entry(number, path, mode, content):
    name = path.encode() + b"\0"
    fields = [number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name), 0]
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name
    return padded(head) + padded(content)


def padded(part):
    return part + b"\0" * (-len(part) % 4)


def archive(files):
    """FILES: {path: (mode, content)}; the folders that they lie in are added. Everything belongs to root."""
    whole = {}
    for path, file in files.items():
        for cut in (i for i, letter in enumerate(path) if letter == "/"):
            whole.setdefault(path[:cut], (DIRECTORY, b""))
        whole[path] = file
    entries = [entry(i, path, *file) for i, (path, file) in enumerate(whole.items(), 1)]
    return b"".join(entries) + entry(0, "TRAILER!!!", 0, b"")
