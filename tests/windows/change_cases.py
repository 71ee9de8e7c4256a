#!/usr/bin/env python3
"""change_cases.py TWCTL.EXE NAME: one case of what the commands that change something do to a Windows, judged by Wine's
own tools. Wine's registry is in its server's memory, and on the disk when that ends: what a power cut leaves cannot be
seen here."""
import json
import os
import pathlib
import re
import subprocess
import sys

from windows_host import (APPLY, NAME, PARAMETERS, SCHEMAS, applied, case, changes, check, equal, home, imported, main,
                          skip, wine)

try:
    import jsonschema
except ImportError:
    jsonschema = None

BOUND = 60  # seconds to wait for what has to come


def restart_server(host):
    """Wine's boot: what its server held is on the disk then."""
    prefix, script = os.environ["WINEPREFIX"], pathlib.Path(__file__).with_name("prefix")
    for verb in ("down", "up"):
        subprocess.run([script, prefix, verb], check=True, timeout=BOUND, stdout=subprocess.DEVNULL)
    return (host.drive.parent / "system.reg").read_text(encoding="utf-8")


def exported(program, path):
    """What a .reg file that Wine wrote says of the setting."""
    lines = path.read_bytes().decode("utf-16").splitlines()
    path.unlink()
    found = [line for line in lines if line.startswith(f'"{NAME}"=')]
    equal(len(found), 1, program, lines)
    return found[0].split("=", 1)[1]


@case("apply sets the value, and reg, regedit and the registry's own file say the same")
def oracles(host):
    home(host)
    told = applied(host)
    equal((told["state"], told["changed"], told["restart_required"]), ("applied", True, True), told)
    equal(host.query(), "REG_DWORD 0x3c")
    out = pathlib.Path(host.file("t/export/made", "")[3:].replace("\\", "/"))
    path = host.drive / out.parent
    wine("reg", "export", PARAMETERS, "C:\\t\\export\\reg.reg", "/y")
    equal(exported("reg export", path / "reg.reg"), "dword:0000003c")
    wine("regedit", "/E", "C:\\t\\export\\edit.reg", PARAMETERS.replace("HKLM", "HKEY_LOCAL_MACHINE"))
    equal(exported("regedit /E", path / "edit.reg"), "dword:0000003c")
    check(f'"{NAME}"=dword:0000003c' in restart_server(host))


@case("rollback deletes a value that was absent, and twice is once")
def rollback(host):
    home(host)
    applied(host)
    run = host.run("rollback", "--yes")
    equal((run.code, host.query()), (0, None), run)
    check(f"~ {NAME}  60 -> absent" in run.out, run)
    again = host.run("rollback", "--yes")
    equal((again.code, again.out), (0, "Nothing is left to roll back.\n"), again)
    check(f'"{NAME}"' not in restart_server(host))


@case("rollback puts back a value of a wrong type, to the byte")
def wrong_types(host):
    for kind, data, shown in (("REG_SZ", "60", "REG_SZ 60"), ("REG_BINARY", "1e00", "REG_BINARY 1E00"),
                              ("REG_MULTI_SZ", "3\\04", "REG_MULTI_SZ 3\\04"), ("REG_DWORD", "120", "REG_DWORD 0x78")):
        home(host)
        host.put(data, kind=kind)
        equal(host.query(), shown)
        applied(host)
        equal(host.query(), "REG_DWORD 0x3c")
        run = host.run("rollback", "--yes")
        equal((run.code, host.query()), (0, shown), run)


@case("a second apply changes nothing, and says that the restart is still to come")
def twice(host):
    home(host)
    applied(host)
    before = [path.stat().st_mtime_ns for path in changes(host)]
    told = applied(host)
    equal((told["state"], told["changed"], told["restart_required"]), ("unchanged", False, True), told)
    equal([path.stat().st_mtime_ns for path in changes(host)], before)
    equal(host.run(*APPLY, "--detailed-exitcode").code, 0)
    equal(host.run("rollback", "--yes", "--detailed-exitcode").code, 2)


@case("status asks for the restart until there has been one, and then finds everything as it was left")
def status(host):
    home(host)
    equal(host.run("status").out, "No change has been made on this host.\n")
    equal(changes(host), [])
    check(not (host.drive / "ProgramData/twctl").exists(), "status has made a folder")
    applied(host)
    check(host.run("status").out.startswith(f"Restart needed: {NAME} takes effect when Windows has started again.\n"))
    equal(json.loads(host.run("status", "--json").out)["restart_required"], True)
    restart_server(host)
    run = host.run("status")
    check(run.out.startswith("Everything is as twctl left it. Nothing is pending.\n"), run)
    host.put("90")
    check(f"Drift: {NAME} is 90" in host.run("status").out, host.run("status"))


@case("a change is rolled back in the next boot as in its own")
def after_boot(host):
    home(host)
    host.put("120")
    applied(host)
    restart_server(host)
    told = json.loads(host.run("rollback", "--yes", "--json").out)
    equal((told["state"], told["restart_required"], host.query()), ("rolled-back", True, "REG_DWORD 0x78"), told)


@case("history tells who changed what, why, and how to undo it by hand")
def history(host):
    home(host)
    told = applied(host, "classic", "--reason", "ticket 7")
    run = host.run("history", told["id"])
    check("ticket 7" in run.out and f"~ {NAME}  absent -> 60" in run.out, run)
    entry = json.loads(host.run("history", "--json").out)["changes"][0]
    check(entry["who"]["account"], entry)
    equal((entry["who"]["uid"], entry["restore"]), (None, told["restore"]), entry)


# As a .reg file has them. Wine's reg reads a REG_DWORD of another length wrongly, and ends at a text of an odd one: the
# first is looked up in the registry's own file.
KINDS = ("dword:0000002d", "hex(1):36,00,30,00,00,00", "hex(0):00", "hex(7):33,00,00,00,30,00,00,00,00,00",
         "hex:" + ",".join(["01"] * 4096), "hex(b):1e,00,00,00,00,00,00,00")
SHORT = "hex(4):1e"


def stored(host):
    """What the registry has, from what reg exports."""
    saved = host.file("t/stored/x.reg", "")
    equal(wine("reg", "export", PARAMETERS, saved, "/y").code, 0)
    text = (host.drive / "t/stored/x.reg").read_bytes().decode("utf-16").replace("\\\r\n  ", "")
    return "".join(line.split("=", 1)[1] for line in text.splitlines() if line.startswith(f'"{NAME}"='))


def restored(host):
    """After apply, by the command that it shows; and no line of the file is longer than regedit's."""
    command = applied(host)["restore"]
    equal(len(command), 1)
    path = re.fullmatch(r'reg import "(C:\\ProgramData\\twctl\\.*\\restore\.reg)"', command[0]).group(1)
    text = (host.drive / path[3:].replace("\\", "/")).read_bytes().decode("utf-16")
    check(all(len(line) <= 80 for line in text.splitlines() if not line.startswith((";", "["))), text)
    equal(wine("reg", "import", path).code, 0)


@case("the backup takes away by hand what was not there, and restores a value of any type to the byte")
def backup(host):
    home(host)
    restored(host)
    equal(host.query(), None)
    for data in KINDS:
        imported(host, data)
        before = stored(host)
        check(data in (before, "hex(1):36,00,30,00,00,00"), before)  # which reg shows as "60"
        restored(host)
        equal(stored(host), before)
    imported(host, SHORT)
    restored(host)
    check(f'"{NAME}"={SHORT}\n' in restart_server(host))


@case("unset deletes the value, and rollback brings it back")
def unset(host):
    home(host)
    host.put("120")
    applied(host, "--set", f"{NAME}=unset")
    equal(host.query(), None)
    equal((host.run("rollback", "--yes").code, host.query()), (0, "REG_DWORD 0x78"))


@case("a saved plan is applied as long as the value is as it was planned for")
def saved_plan(host):
    home(host)
    path = host.file("t/saved/plan.json", "")
    equal(host.run("plan", "classic", "-o", path).code, 2)
    host.put("90")
    run = host.run("apply", "--yes", "--plan", path)
    equal((run.code, host.query(), changes(host)), (3, "REG_DWORD 0x5a", []), run)
    host.delete()
    run = host.run("apply", "--yes", "--plan", path)
    equal((run.code, host.query()), (0, "REG_DWORD 0x3c"), run)


@case("somebody else's later value stops a rollback, unless --force names it")
def theirs(host):
    home(host)
    applied(host)
    host.put("90")
    run = host.run("rollback", "--yes")
    equal((run.code, host.query()), (3, "REG_DWORD 0x5a"), run)
    equal((host.run("rollback", "--yes", "--force", NAME).code, host.query()), (0, None))


@case("--confirm-within is 69 with the reason, and there is nothing to confirm")
def confirm(host):
    home(host)
    run = host.run(*APPLY, "--confirm-within", "60")
    equal((run.code, host.query(), changes(host)), (69, None, []), run)
    check("take effect at a restart" in run.err, run)
    equal(host.run("confirm").code, 3)


@case("without --yes and without a terminal nothing is changed")
def no_terminal(host):
    home(host)
    run = host.run("apply", "classic")
    equal((run.code, host.query(), changes(host)), (3, None, []), run)


@case("what apply, rollback, status, history and recover print as JSON fits its schema")
def schemas(host):
    if jsonschema is None:
        skip("python3-jsonschema is not installed")
    home(host)
    runs = [("apply", [*APPLY, "--json"]), ("status", ["status", "--json"]),
            ("rollback", ["rollback", "--yes", "--json"]), ("history", ["history", "--json"]),
            ("recover", ["recover", "--json"]), ("error", ["confirm", "--json"])]
    for name, args in runs:
        run = host.run(*args)
        schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
        problems = [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(json.loads(run.out))]
        equal(problems, [], args, run)


def plant(host, below, mode):
    """The folders as far as that one, as twctl makes them, but for the last."""
    top = home(host)
    for path, usual in ((top, 0o755), (top / "state", 0o700), (top / "state/changes", 0o700)):
        path.mkdir()
        path.chmod(usual)
        if path == top / below:
            path.chmod(mode)
            return path
    return None


def check_refused(host, *seen):
    for args in (APPLY, ["rollback", "--yes"], ["recover"], ["status"]):
        run = host.run(*args)
        equal((run.code, host.query()), (77, None), args, run, *seen)
        check("is not safe" in run.err, run)


@case("a state folder that others may change is refused, and nothing is changed")
def writable(host):
    for below, mode in (("", 0o777), ("state", 0o705), ("state/changes", 0o707)):
        check_refused(host, plant(host, below, mode))
    home(host)


@case("a state folder that somebody else has planted is refused, and nothing is changed")
def planted(host):
    if os.geteuid() != 0:
        skip("only root can make a folder somebody else's")
    for below, mode in (("", 0o755), ("state", 0o700), ("state/changes", 0o700)):
        path = plant(host, below, mode)
        os.chown(path, 12345, -1)  # a user whom Wine takes for somebody else
        check_refused(host, path)
    home(host)


@case("a record that is damaged is named by status and 65 to what would change something, and nothing is touched")
def damaged(host):
    home(host)
    applied(host)
    intent = changes(host)[0] / "intent"
    intent.write_bytes(intent.read_bytes().replace(b'"60"', b'"61"'))
    for args, code in ((["rollback", "--yes"], 65), (["recover"], 65), (["status"], 0), (APPLY, 65)):
        run = host.run(*args)
        equal((run.code, host.query()), (code, "REG_DWORD 0x3c"), args, run)
        check("checksum" in run.out + run.err, args, run)


def start(host, *args):
    return subprocess.Popen(["wine", host.program, *args], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)


@case("of runs at the same time each is whole or busy, and one value stays")
def concurrent(host):
    home(host)
    values = range(40, 48)
    runs = [start(host, "apply", "--yes", "--set", f"{NAME}={value}") for value in values]
    codes = [run.wait(timeout=BOUND) for run in runs]
    check(set(codes) <= {0, 75} and 0 in codes, codes)
    equal(len(changes(host)), codes.count(0))
    winners = [f"REG_DWORD {hex(value)}" for value, code in zip(values, codes) if code == 0]
    check(host.query() in winners, host.query(), winners)
    check("Drift" not in host.run("status").out, host.run("status"))
    waiting = [start(host, "apply", "--yes", "--wait", "60s", "--set", f"{NAME}={value}") for value in (50, 51, 52)]
    equal([run.wait(timeout=BOUND) for run in waiting], [0, 0, 0])


if __name__ == "__main__":
    main(*sys.argv[1:])
