"""A Windows of the tests' own, and twctl.exe in it. What changes the registry or asks for it goes through Wine's own
programs, so that nothing of twctl's judges twctl."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

PARAMETERS = r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters"
NAME = "TcpTimedWaitDelay"
SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "docs/schema"
APPLY = ["apply", "classic", "--yes"]
CASES = {}


def case(name):
    """A test by that name; CMake reads the names, so each stands in one line."""
    def keep(function):
        CASES[name] = function
        return function
    return keep


class Run:
    def __init__(self, done):
        self.code = done.returncode
        self.bytes = done.stdout
        self.out = done.stdout.decode()
        self.err = done.stderr.decode()

    def __repr__(self):
        return f"exit {self.code}\n--- stdout\n{self.out}--- stderr\n{self.err}---"


def failed_itself(run):
    """On a busy machine Wine ends now and then with 1 before it has started a program, without a word or with start.exe's
    (twctl's 1 says why, and reg's as well); or its process fails in the loader of Linux when the program is through."""
    unstarted = run.code == 1 and (not run.out + run.err or "ShellExecuteEx failed" in run.out)
    return unstarted or (run.code == 127 and "Inconsistency detected by ld.so" in run.err)


def wine(*args, stdin=b"", cwd=None, **environment):
    for _ in range(3):
        run = Run(subprocess.run(["wine", *map(str, args)], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 cwd=cwd, env={**os.environ, **environment}, check=False, timeout=600))
        if not failed_itself(run):
            break
    return run


class Host:
    """Begins with TcpTimedWaitDelay absent, and a folder C:\\t\\... that is empty."""

    def __init__(self, program):
        self.program = program
        self.drive = pathlib.Path(os.environ["WINEPREFIX"]) / "drive_c"
        self.delete()

    def run(self, *args, **more):
        return wine(self.program, *args, **more)

    def delete(self, key=PARAMETERS, name=NAME):
        if self.query(key, name) is not None:
            done = wine("reg", "delete", key, "/v", name, "/f")
            assert done.code == 0, done

    def put(self, data, kind="REG_DWORD", key=PARAMETERS, name=NAME):
        done = wine("reg", "add", key, "/v", name, "/t", kind, "/d", data, "/f")
        assert done.code == 0, done

    def query(self, key=PARAMETERS, name=NAME):
        """"REG_DWORD 0x3c", or None where the key can be read and the value is absent: reg lists all values of the key,
        for of a single one it says the same whether it is not there or cannot be had."""
        done = wine("reg", "query", key)
        assert done.code == 0, done
        lines = [line.split() for line in done.out.splitlines() if line.split()[:1] == [name]]
        return " ".join(lines[0][1:]) if lines else None

    def file(self, path, text, mode=0o644):
        """A file by its path below C:, "t/x.ini"; the same as Windows writes it comes back."""
        place = self.drive / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())
        place.chmod(mode)
        return "C:\\" + path.replace("/", "\\")


def check(condition, *seen):
    assert condition, "\n".join(map(repr, seen))


def equal(seen, expected, *more):
    assert seen == expected, f"seen:\n{seen!r}\nexpected:\n{expected!r}\n" + "\n".join(map(repr, more))


def home(host):
    """Where twctl keeps its state, made anew by whoever needs it."""
    folder = host.drive / "ProgramData/twctl"
    if folder.exists():
        shutil.rmtree(folder)
    return folder


def changes(host):
    folder = host.drive / "ProgramData/twctl/state/changes"
    return sorted(folder.iterdir()) if folder.exists() else []


def applied(host, *args):
    run = host.run("apply", "--yes", "--json", *(args or ["classic"]))
    equal(run.code, 0, run)
    return json.loads(run.out)


def imported(host, data):
    """A value of any type, as regedit would put it there."""
    text = f'Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE{PARAMETERS[4:]}]\r\n"{NAME}"={data}\r\n'
    done = wine("reg", "import", host.file("t/import/x.reg", b"\xff\xfe" + text.encode("utf-16-le")))
    equal(done.code, 0, done)


def skip(why):
    print(f"TEST SKIPPED: {why}")
    sys.exit(0)


def main(program, name):
    CASES[name](Host(program))
