"""Disks that write down what reaches them: every write and every flush, in their order.

A disk is a file that this process serves through FUSE, so that a file system can be mounted on it with a loop device, and the log
tells what a power cut at any moment may leave: what was written before the disk's last flush is there, and of what came after it
anything may be. A loop device knows no FUA: the kernel makes a write and a flush of it. It flushes by fsync(2) of its file, which
FUSE hands on as it comes, and writes through: what has not come here is in the kernel's memory.
"""
import os
import struct
import subprocess
import threading
import time
from typing import NamedTuple

WRITE, FLUSH, ACKNOWLEDGED = "write", "flush", "acknowledged"
BLOCK = 4096


class Entry(NamedTuple):
    kind: str
    disk: int = 0
    offset: int = 0
    data: bytes = b""


def content_of(path):
    """[(offset, bytes)] of the blocks that are not zero."""
    found, zero = [], bytes(BLOCK)
    with open(path, "rb") as file:
        end = file.seek(0, os.SEEK_END)
        at = 0
        while at < end:
            try:
                at = os.lseek(file.fileno(), at, os.SEEK_DATA)
            except OSError:  # from here on there is nothing
                break
            until = os.lseek(file.fileno(), at, os.SEEK_HOLE)
            for offset in range(at - at % BLOCK, until, BLOCK):
                block = os.pread(file.fileno(), BLOCK, offset)
                if block != zero[:len(block)]:
                    found.append((offset, block))
            at = until
    return found


def write_image(path, size, pieces):
    """A file of that size with these pieces of (offset, bytes), written in their order."""
    with open(path, "wb", buffering=0) as file:
        file.truncate(size)
        for offset, data in pieces:
            os.pwrite(file.fileno(), data, offset)


# The kernel's protocol, linux/fuse.h: a request's head, an answer's head, and what of the bodies is used here.
_IN, _OUT = struct.Struct("<IIQQIIIHH"), struct.Struct("<IiQ")
_GETATTR, _OPEN, _READ, _WRITE, _RELEASE, _FSYNC, _FLUSH, _INIT = 3, 14, 15, 16, 18, 20, 25, 26
_NO_ANSWER = (2, 36, 42)  # FORGET, INTERRUPT, BATCH_FORGET
_NOT_IMPLEMENTED = -38
_BIG_WRITES, _MAX_PAGES, _PAGES = 1 << 5, 1 << 22, 256


class LoggedDisk:
    """The file `path`, to be seen at `served`; what is written to it goes into the log, a list that disks may share."""

    def __init__(self, path, served, log, number):
        self.log, self.number = log, number
        self.served = served
        self.file = os.open(path, os.O_RDWR)
        self.device = os.open("/dev/fuse", os.O_RDWR)
        with open(served, "wb"):
            pass
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        how = f"fd={self.device},rootmode=100000,user_id=0,group_id=0"
        subprocess.run(["mount", "-i", "-t", "fuse", "-o", how, "logged", served], check=True, pass_fds=[self.device])

    def end(self):
        subprocess.run(["umount", self.served], check=True)
        self.thread.join()
        os.close(self.device)
        os.close(self.file)

    def _serve(self):
        request = bytearray(_PAGES * BLOCK + BLOCK)
        while True:
            try:
                size = os.readv(self.device, [request])
            except FileNotFoundError:  # a request that was taken back
                continue
            except PermissionError:  # nothing is mounted yet
                time.sleep(0.001)
                continue
            except OSError:  # ENODEV: nothing is mounted any more
                return
            _, code, number, *_ = _IN.unpack_from(request)
            if code in _NO_ANSWER:
                continue
            answer = self._answer(code, memoryview(request)[_IN.size:size])
            error, body = (answer, b"") if isinstance(answer, int) else (0, answer)
            try:
                os.writev(self.device, [_OUT.pack(_OUT.size + len(body), error, number), body])
            except FileNotFoundError:
                continue

    def _answer(self, code, body):
        """The answer's body, or an error's number."""
        if code == _INIT:
            return struct.pack("<IIIIHHIIHH8I", 7, 31, 0, _BIG_WRITES | _MAX_PAGES, 0, 0, _PAGES * BLOCK, 1, _PAGES, 0, *[0] * 8)
        if code == _GETATTR:
            size = os.fstat(self.file).st_size
            return struct.pack("<QII6Q10I", 3600, 0, 0, 1, size, size // 512, 0, 0, 0, 0, 0, 0, 0o100600, 1, 0, 0, 0, BLOCK, 0)
        if code == _OPEN:
            return struct.pack("<QII", 0, 0, 0)
        if code == _READ:
            _, offset, size = struct.unpack_from("<QQI", body)
            return os.pread(self.file, size, offset)
        if code == _WRITE:
            _, offset, size = struct.unpack_from("<QQI", body)
            data = bytes(body[40:40 + size])
            os.pwrite(self.file, data, offset)
            self.log.append(Entry(WRITE, self.number, offset, data))
            return struct.pack("<II", size, 0)
        if code == _FSYNC:
            self.log.append(Entry(FLUSH, self.number))
            return b""
        return b"" if code in (_FLUSH, _RELEASE) else _NOT_IMPLEMENTED
