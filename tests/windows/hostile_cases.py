#!/usr/bin/env python3
"""hostile_cases.py TWCTL.EXE NAME: one case of hostile files, states of the host and arguments, each with its exact code.
A code that means "nothing has changed" is held to that: the value, and every file of ours."""
import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import time
import zlib

from windows_host import (APPLY, NAME, PARAMETERS, applied, case, changes, check, equal, home, imported, main, skip,
                          wine)

PROFILE = "[windows]\nTcpTimedWaitDelay = 45\n"
UNCHANGED = (3, 64, 65, 66, 69, 75, 77)
STATE = "ProgramData/twctl/state"


def files_of_ours(host):
    """Equal twice only if nobody wrote to a file, made one or took one away."""
    found = {path: path.lstat() for path in sorted((host.drive / "ProgramData/twctl").rglob("*"))}
    return [(str(path), facts.st_ino, path.is_dir() or facts.st_mtime_ns) for path, facts in found.items()]


@contextlib.contextmanager
def value_kept(host):
    before = host.query()
    yield
    equal(host.query(), before)


def printable(text):
    return all(line.isprintable() for line in text.splitlines())


def expect(host, args, code, *texts, **more):
    """The run, its code and what it says; and what must be true of every run."""
    before = files_of_ours(host)
    run = host.run(*args, **more)
    equal(run.code, code, args, run)
    check(printable(run.out + run.err), args, run)
    check(all(text in run.out + run.err for text in texts), texts, args, run)
    if code in UNCHANGED:
        equal(files_of_ours(host), before, args, run)
    return run


# Files.

@case("paths that only Windows has: devices, pipes, streams, other machines, blanks and dots at the end, great length")
def paths(host):
    path = host.file("t/host/x.ini", PROFILE)
    deep = "/".join(["t/host"] + ["d" * 100] * 3 + ["x.ini"])
    long = host.file(deep, PROFILE)
    table = (("C:\\t\\host", 66), ("C:\\t\\host\\none.ini", 66), ("NUL", 66),
             ("C:\\t\\host\\NUL", 66), ("NUL.\\x.ini", 66), ("./CON", 66), ("CONIN$", 66), ("COM1", 66),
             ("./AUX", 66), ("\\\\.\\pipe\\none", 66), ("\\\\.\\C:", 66), ("\\\\.\\PhysicalDrive0", 66),
             ("\\\\nobody.invalid\\share\\x.ini", 66), ("\\\\?\\UNC\\nobody.invalid\\share\\x.ini", 66),
             (path + ":stream", 66), ("C:\\t\\host\\x?.ini", 66), ("C:\\t\\host\\*", 66),
             ("\\\\?\\" + path, 2), (path + ".", 2), (path + " ", 2), ("C:x.ini", 2), (long, 2), ("\\\\?\\" + long, 2))
    for name, code in table:
        expect(host, ["plan", name], code, cwd=host.drive / "t/host")


@case("what is no profile of ours is refused, whatever is wrong with it, and shown escaped")
def profiles(host):
    section = "[windows]\n"
    line = section + "TcpTimedWaitDelay = "
    table = (("", 65), ("; only this\n", 65), (line + "45\rx\n", 65), (line + "45 rm\n", 65), (line + "\n", 65),
             (line + "+45\n", 65), (line + "45.\n", 65), (line + "5e3\n", 65), (line + "４５\n", 65), (line + "0x3c\n", 65),
             (line + "060\n", 65), (line + "29\n\0", 65), (line + "4294967356\n", 65), (line + "99999999999999999999\n", 65),
             (line + "-1\n", 65), (line + "40 50\n", 65), (line + "60\u202e\n", 65), (line + "$(reboot)\n", 65),
             (line + "%USERNAME%\n", 65), (line + "60\nTCPTIMEDWAITDELAY = 60\n", 65), ("[windoze]\nx = 1\n", 65),
             (section + "TcpTimedWaitDelay\n", 65), ("TcpTimedWaitDelay = 60\n", 65), (section + "MaxUserPort = 65534\n", 65),
             (section + "TcpTimedWait\x1b[31mDelay = 60\n", 65), (section + "TcpTimedWaitDel\0ay = 60\n", 65),
             (section + "%include C:\\windows\\win.ini\n", 65), (section + "..\\..\\Run\\x = 60\n", 65),
             (section + "; " + "x" * 4096 + "\n", 65), (section + "".join(f"x{i} = 1\n" for i in range(1025)), 65),
             (line + "  45  \n", 2), ("\ufeff" + line + "45\r\n", 2))
    for text, code in table:
        run = expect(host, ["plan", host.file("t/hostile/x.ini", text)], code)
        check("16-bit" not in run.err, run)  # what is in win.ini


@case("a profile of exactly the largest size is read, a byte more or a gibibyte is not")
def sizes(host):
    limit = 256 * 1024
    fill = (";" + "x" * 1022 + "\n") * 256
    path = host.file("t/size/x.ini", (PROFILE + fill)[:limit - 1] + "\n")
    expect(host, ["plan", path], 2)
    place = host.drive / "t/size/x.ini"
    for size in (limit + 1, 1 << 30):
        os.truncate(place, size)
        expect(host, ["plan", path], 65, "larger than 256 KiB")
    place.unlink()


@case("keys and values on the command line that are none of ours are refused")
def arguments(host):
    home(host)
    keys = ("net/ipv4/../../kernel/core_pattern", "..\\Run\\x", "HKLM\\x", "Interfaces\\x\\" + NAME, NAME + "\\", "./" + NAME,
            NAME + "\u200b", "MaxUserPort", "")
    values = ("", "0x20", "020", "1", "301", "4294967336", "99999999999", "+60", "60.", "6e1", "６０", "dword:0000003c",
              "hex(4):3c,00,00,00")
    with value_kept(host):
        for given in [key + "=60" for key in keys] + [f"{NAME}={value}" for value in values]:
            expect(host, ["apply", "--yes", "--set", given], 65)
    check(not (host.drive / STATE).exists(), "a refused value left a state folder")


@case("a profile that others may write, or whose folder they may, is not applied")
def distrusted(host):
    home(host)
    table = ((0o755, 0o666, "x.ini is writable by Everyone"), (0o777, 0o644, "C:\\t\\open is writable by Everyone"))
    with value_kept(host):
        for folder, mode, why in table:
            path = host.file("t/open/x.ini", PROFILE, mode=mode)
            (host.drive / "t/open").chmod(folder)
            run = expect(host, ["apply", "--yes", path], 77, "not applied")
            check(why in " ".join(run.err.split()), run)
    (host.drive / "t/open").chmod(0o755)
    expect(host, ["apply", "--yes", path], 0)


# The state folder.

@case("a full disk at the intent and a folder that nothing can be made in change nothing, and leave nothing")
def disks(host):
    home(host)
    applied(host)
    equal(host.run("rollback", "--yes").code, 0)
    before = files_of_ours(host)
    # A file of 16 bytes is the largest that the process may write; Python's own setting leaves the signal out of it.
    with value_kept(host):
        done = subprocess.run(["wine", host.program, *APPLY], check=False, capture_output=True, restore_signals=False,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16)))
    equal(done.returncode, 1, done)
    check(b"cannot be recorded in C:" in done.stderr, done)
    equal(files_of_ours(host), before)
    folder = host.drive / STATE / "changes"
    if subprocess.run(["chattr", "+i", folder], capture_output=True, check=False).returncode != 0:
        skip("this file system knows no immutable folders")
    try:
        with value_kept(host):
            expect(host, APPLY, 77)
    finally:
        subprocess.run(["chattr", "-i", folder], check=True)
    home(host)


def with_lock(host, make):
    home(host)
    applied(host)
    equal(host.run("rollback", "--yes").code, 0)
    lock = host.drive / STATE / "lock"
    lock.unlink()
    make(lock)


@case("a lock that is a folder or has a second name is refused, and what has the other name stays")
def locks(host):
    host.file("t/target", "mine")
    target = host.drive / "t/target"
    for make, why in ((lambda lock: lock.mkdir(), "Access denied"),
                      (lambda lock: os.link(target, lock), "is not a plain file with one name")):
        with_lock(host, make)
        with value_kept(host):
            for args in (APPLY, ["recover"]):
                expect(host, args, 77, "\\state\\lock", why)
        equal(target.read_text(), "mine")
    home(host)


# Records.

def record(members):
    payload = json.dumps(members, separators=(",", ":"), sort_keys=True) + "\n"
    return f"twctl-record 1 {len(payload)} {zlib.crc32(payload.encode()):08x}\n{payload}".encode()


def unfinished(host):
    """The folder of a change that recovery would act on."""
    home(host)
    applied(host)
    (changes(host)[-1] / "done").unlink()
    return changes(host)[-1]


def corrupt(host, path, data, why):
    """Every command says so, and touches nothing."""
    path.write_bytes(data)
    for args, code in ((["recover"], 65), (APPLY, 65), (["status"], 0)):
        run = expect(host, args, code)
        told = " ".join((run.out + run.err).split())
        check(why in told and "it has been left as it is; its folder holds plain files" in told, why, run)
    equal(host.query(), "REG_DWORD 0x3c")


def with_changed(members, **changed):
    return record({**members, **changed})


@case("a record that is cut off, of another version, far too large or none of ours is damaged, and acted on by nobody")
def records(host):
    intent = unfinished(host) / "intent"
    whole = intent.read_bytes()
    members = json.loads(whole.split(b"\n", 1)[1])
    for length in [*range(0, len(whole), 401), len(whole) - 1]:
        intent.write_bytes(whole[:length])
        expect(host, ["recover"], 65, "damaged")
    for key in ("MaxUserPort", "..\\Run\\x"):
        setting = {**members["settings"][0], "key": key}
        corrupt(host, intent, with_changed(members, settings=[setting]), "a member of the intent is missing")
    file = {"path": "..\\..\\x", "before": None, "after": None}
    corrupt(host, intent, with_changed(members, files=[file]), "a member of the intent is missing")
    corrupt(host, intent, whole.replace(b"twctl-record 1 ", b"twctl-record 2 ", 1), "its version is 2; this twctl knows 1")
    os.truncate(intent, 100 * 1000 * 1000)
    expect(host, ["recover"], 65, "it is larger than")
    home(host)


@case("a decision that is garbage is damaged, and so is an intent with a second name")
def garbage(host):
    folder = unfinished(host)
    whole = (folder / "decision").read_bytes()
    for data in (b"", b"\0" * 64, b"commit\n", record({"record": "decision", "decision": "perhaps"})):
        corrupt(host, folder / "decision", data, "record decision: the record is not one of ours or is damaged")
    (folder / "decision").write_bytes(whole)
    os.link(folder / "intent", host.drive / "t/second")
    expect(host, ["recover"], 65, "is not a plain file with one name")
    (host.drive / "t/second").unlink()
    expect(host, ["recover"], 0)


def add_old_changes(host, count):
    """As many finished changes as that, from 30 to 31 to 32 seconds and so on."""
    newest = changes(host)[-1]
    records = {name: (newest / name).read_bytes() for name in ("decision", "done")}
    members = json.loads((newest / "intent").read_bytes().split(b"\n", 1)[1])
    for number in range(2, count + 2):
        name = f"{number:032x}"
        setting = {**members["settings"][0], "before": str(30 + number % 100), "after": str(30 + (number + 1) % 100)}
        folder = newest.parent / f"{number:08}-{name}"
        folder.mkdir(mode=0o700)
        (folder / "intent").write_bytes(with_changed(members, id=name, sequence=number, settings=[setting]))
        for other, data in records.items():
            (folder / other).write_bytes(data)


@case("many old changes are read, and pruned to the bound, the original of what is still changed excepted")
def many(host):
    home(host)
    applied(host)
    first = changes(host)[0].name.partition("-")[2]
    add_old_changes(host, int(os.environ.get("TWCTL_OLD_CHANGES", "120")))
    began = time.monotonic()
    expect(host, ["status"], 0)
    print(f"status: {time.monotonic() - began:.2f} s")
    began = time.monotonic()
    expect(host, ["apply", "--yes", "--set", NAME + "=77"], 0)
    print(f"apply: {time.monotonic() - began:.2f} s")
    left = [path.name for path in changes(host)]
    equal(len(left), 100)
    check(left[0].endswith(f"-{first}"), left[:3])  # those that were folded have the id of the first
    home(host)


# Runs.

@case("apply and rollback whose output cannot be written change the host all the same, and end with 74")
def unwritable(host):
    home(host)
    for args, value in ((APPLY, "REG_DWORD 0x3c"), (["rollback", "--yes"], None)):
        with open("/dev/full", "wb") as full:
            done = subprocess.run(["wine", host.program, *args], stdout=full, stderr=subprocess.PIPE, check=False)
        equal((done.returncode, host.query()), (74, value), done)
        check(b"the output could not be written" in done.stderr, done)
    for args, value in ((APPLY, "REG_DWORD 0x3c"), (["rollback", "--yes"], None)):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run(["wine", host.program, *args], stdout=writer, stderr=subprocess.DEVNULL, check=False)
        os.close(writer)
        equal((done.returncode, host.query()), (74, value), done)
    equal(host.run("recover").out, "Nothing to recover.\n")


@case("what the environment and the umask say decides nothing")
def environment(host):
    evil = host.drive / "t/evil"
    shutil.rmtree(evil, ignore_errors=True)
    evil.mkdir(parents=True)
    names = ("ProgramData", "ALLUSERSPROFILE", "APPDATA", "LOCALAPPDATA", "USERPROFILE", "TEMP", "TMP", "SystemDrive")
    for mask in (0o000, 0o777):
        home(host)
        before = os.umask(mask)
        run = host.run(*APPLY, **{name: "C:\\t\\evil" for name in names})
        os.umask(before)
        equal((run.code, host.query(), list(evil.iterdir())), (0, "REG_DWORD 0x3c", []), run)
        modes = [(host.drive / STATE / name).stat().st_mode & 0o007 for name in (".", "changes")]
        equal((modes, len(changes(host))), ([0, 0], 1))
        equal(host.run("rollback", "--yes").code, 0)


# Others, and twice.

@case("an id that is none of ours is refused, and a second apply, rollback and recover write nothing")
def twice(host):
    home(host)
    applied(host)
    before = files_of_ours(host)
    for args, text in ((APPLY, "Nothing was changed."), (["recover"], "Nothing to recover.")):
        expect(host, args, 0, text)
        equal(files_of_ours(host), before, args)
    for args in (["rollback", "--yes", "xyz"], ["rollback", "--yes", "--to", "xyz"], ["history", "xyz"]):
        expect(host, args, 3, "no change has an id that begins with xyz")
    expect(host, ["rollback", "--yes"], 0)
    before = files_of_ours(host)
    expect(host, ["rollback", "--yes"], 0, "Nothing is left to roll back.")
    equal(files_of_ours(host), before)


@case("what somebody else has set back needs no rollback, and what came back by itself is rolled back")
def third_parties(host):
    home(host)
    host.put("90")
    applied(host)
    host.put("90")
    expect(host, ["rollback", "--yes"], 0)
    equal(host.query(), "REG_DWORD 0x5a")
    applied(host)
    host.put("45")
    host.put("60")
    expect(host, ["rollback", "--yes"], 0)
    equal(host.query(), "REG_DWORD 0x5a")


# The registry.

@case("a value that is a link, of no type or far too large is told, and is not taken for a number")
def odd_values(host):
    home(host)
    for data in ("hex(6):5c,00,00,00", "hex(0):3c,00,00,00", "hex(12345):3c,00,00,00"):
        imported(host, data)
        expect(host, ["plan", "classic"], 2, data)
    expect(host, APPLY, 0)
    equal(host.query(), "REG_DWORD 0x3c")
    expect(host, ["rollback", "--yes"], 0)
    expect(host, ["plan", "classic"], 2, data)


@case("a value far too large to be one is told as such, and nothing is changed")
def huge_value(host):
    home(host)
    expect(host, ["recover"], 0)  # makes the folders
    imported(host, "hex:" + "aa," * 199999 + "aa")
    expect(host, ["plan", "classic"], 77, "cannot be read: it is larger than 4 KiB")
    expect(host, APPLY, 77, "cannot be read: it is larger than 4 KiB", "it could not be put back")
    expect(host, ["audit"], 2, "reg-no-effect", "it is larger than 4 KiB")
    for args in (["snapshot"], ["status"]):
        expect(host, args, 0)
    equal(host.query(), "REG_BINARY " + "AA" * 200000)


@case("where the key is missing wholly nothing can be planned or applied, and status and rollback go on")
def no_key(host):
    home(host)
    expect(host, ["recover"], 0)  # makes the folders
    saved = host.file("t/saved/key.reg", "")
    equal(wine("reg", "export", PARAMETERS, saved, "/y").code, 0)
    equal(wine("reg", "delete", PARAMETERS, "/f").code, 0)
    try:
        for args in (["plan", "classic"], APPLY, ["audit"], ["snapshot"]):
            expect(host, args, 69, "the registry has no key HKLM\\SYSTEM\\CurrentControlSet")
        for args in (["explain", "TcpTimedWaitDelay"], ["status"], ["rollback", "--yes"]):
            expect(host, args, 0)
    finally:
        equal(wine("reg", "import", saved).code, 0)
    equal(host.query(), None)


# Output.

NASTY = "\x1b]0;title\x07\x1b[2J\u202e\n" + "x" * 5000


@case("whatever is echoed is printable and cut, in a document as well")
def nasty(host):
    for args in (("rollback", "--yes", NASTY), ("history", NASTY), ("apply", "--yes", NASTY), ("apply", "--yes", "--plan", NASTY),
                 ("apply", "--yes", "--set", NASTY), ("recover", NASTY), (*APPLY, "--accept", NASTY), (*APPLY, "--wait", NASTY),
                 ("apply", "--" + NASTY), ("plan", "-o", NASTY, "classic"), ("audit", NASTY), ("explain", NASTY)):
        run = host.run(*args)
        check(run.code in (3, 64, 65, 66, 74) and printable(run.out + run.err), args[:-1], run)
        check("x" * 257 not in run.err, args[:-1], run)
    for args in (("history", NASTY), ("apply", "--" + NASTY), ("plan", NASTY)):
        told = json.loads(host.run(*args, "--json").out)
        check(told["error"]["code"] in (3, 64, 66), told)


@case("a reason is recorded as it is and shown escaped")
def reason(host):
    home(host)
    told = applied(host, "classic", "--reason", "why\x1b[2J\nnot")
    expect(host, ["history", told["id"]], 0, "why\\x1b[2J\\x0anot")
    intent = json.loads((changes(host)[-1] / "intent").read_bytes().split(b"\n", 1)[1])
    equal(intent["reason"], "why\x1b[2J\nnot")


@case("a saved plan that is none is refused by its kind")
def plans(host):
    home(host)
    for content in ("", "{}", "[1]", b"\0\xff", '{"format_version": "1.0", "command": "plan"}'):
        expect(host, ["apply", "--yes", "--plan", host.file("t/plans/x.json", content)], 65)
    expect(host, ["apply", "--yes", "--plan", "C:\\t\\plans\\none.json"], 66)


if __name__ == "__main__":
    main(*sys.argv[1:])
