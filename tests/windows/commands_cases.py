#!/usr/bin/env python3
"""commands_cases.py TWCTL.EXE NAME: one case of what the commands that change nothing say on Windows."""
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time

from windows_host import SCHEMAS, NAME, PARAMETERS, case, check, equal, main, skip, wine

try:
    import jsonschema
except ImportError:
    jsonschema = None

ROOT = pathlib.Path(__file__).resolve().parents[2]
INTERFACE = PARAMETERS + r"\Interfaces\{01234567-89ab-cdef-0123-456789abcdef}"


def registry_cell(run):
    """What the table of a plan says stands in the registry."""
    row = [line for line in run.out.splitlines() if NAME in line.split()[:2]][0]
    return re.split(r"\s{2,}", row.strip())[-1]


def live(host):
    run = host.run("plan", "classic", "--json")
    return json.loads(run.out)["settings"][0]["live"]


@case("whoever asks the tests' registry for a value that it cannot have is told so, and not that it is absent")
def question(host):
    equal(host.query(), None)
    host.put("60")
    equal(host.query(), "REG_DWORD 0x3c")
    try:
        answer = host.query(key=PARAMETERS + "\\None")
    except AssertionError as error:
        check("Unable to find" in str(error), error)
    else:
        check(False, answer)


@case("plan says that the value is absent, what it would become and that Windows has to restart")
def absent(host):
    run = host.run("plan", "classic")
    equal(run.code, 2, run)
    equal(registry_cell(run), "absent -> 60")
    check("warning  restart-needed  TcpTimedWaitDelay" in run.out, run)
    equal(run.err, "")
    equal(host.query(), None)


@case("a value that is as wanted is nothing to do")
def as_wanted(host):
    host.put("60")
    run = host.run("plan", "classic")
    equal(run.code, 0, run)
    check("Nothing to do: 1 setting is as wanted" in run.out, run)


@case("a value that somebody wrote in hexadecimal is shown in decimal")
def hexadecimal(host):
    host.put("0x20")
    equal(host.query(), "REG_DWORD 0x20")
    run = host.run("plan", "classic")
    equal((run.code, registry_cell(run)), (2, "32 -> 60"), run)
    run = host.run("explain", NAME)
    check(re.search(r"live here +32 s\n", run.out), run)


@case("a value of a wrong type is named, and is not taken for the number that its text is")
def wrong_type(host):
    host.put("60", kind="REG_SZ")
    run = host.run("plan", "classic")
    equal(run.code, 2, run)
    check("What stands there is REG_SZ (hex(1):36,00,30,00,00,00)" in run.out, run)
    equal(live(host), "hex(1):36,00,30,00,00,00")


@case("a value of the right type and the wrong length is not taken for a number")
def wrong_length(host):
    host.put("3c", kind="REG_BINARY")
    equal(live(host), "hex(3):3c")


@case("a value under Interfaces is not the setting")
def interfaces(host):
    host.put("30", key=INTERFACE)
    equal(registry_cell(host.run("plan", "classic")), "absent -> 60")
    host.delete(key=INTERFACE)


@case("audit finds what is wrong in this registry, and holds it to a profile")
def audit(host):
    run = host.run("audit", "--json")
    equal((run.code, json.loads(run.out)["findings"]), (0, []), run)
    host.put("60", kind="REG_SZ")
    host.put("65534", name="MaxUserPort")
    run = host.run("audit", "--json", "--against", "classic")
    host.delete(name="MaxUserPort")
    found = {(finding["id"], finding["key"]) for finding in json.loads(run.out)["findings"]}
    equal((run.code, found), (2, {("reg-no-effect", NAME), ("reg-obsolete", "MaxUserPort"), ("profile-unmet", NAME)}), run)


@case("audit reads the files that regedit exports")
def exported_file(host):
    host.put("30", key=INTERFACE)
    host.put("0x30")
    path = host.file("t/exported.reg", "")
    wine("reg", "export", PARAMETERS, path, "/y")
    host.delete(key=INTERFACE)
    run = host.run("audit", "--json", path)
    found = {(finding["id"], finding["severity"]) for finding in json.loads(run.out)["findings"]}
    check({("reg-no-effect", "error"), ("reg-hexadecimal", "warning")} <= found, run)
    equal(run.code, 2, run)


@case("what is printed as JSON fits its schema")
def schemas(host):
    if jsonschema is None:
        skip("python3-jsonschema is not installed")
    runs = [("plan", ["plan", "classic", "--json"]), ("plan", ["plan", "--json"]), ("snapshot", ["snapshot"]),
            ("plan", ["plan", "--json", "--set", f"{NAME}=unset"]), ("profile", ["profile", "list", "--json"]),
            ("profile", ["profile", "show", "classic", "--json"]), ("explain", ["explain", NAME, "--json"]),
            ("explain", ["explain", "--json"]),
            ("audit", ["audit", "--json", "--against", "classic"]), ("states", ["states", "--json"]),
            ("states", ["states", "--by", "peer", "--json"]), ("error", ["plan", "--json", "--scope", "boot"]),
            ("error", ["doctor", "--json"])]
    for name, args in runs:
        run = host.run(*args)
        schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
        problems = [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(json.loads(run.out))]
        equal(problems, [], args, run)


@case("a snapshot holds the registry's value, and can be planned for again")
def snapshot(host):
    host.put("0x2d")
    saved = host.file("t/snap/old", "")
    run = host.run("snapshot", "-o", saved[:-3] + "host 1.json")
    equal(run.code, 0, run)
    taken = json.loads((host.drive / "t/snap/host 1.json").read_text())
    equal((taken["host"]["os"], taken["live"][NAME]["value"]), ("windows", "45"), taken)
    host.delete()
    equal(registry_cell(host.run("plan", "classic", "--from", saved[:-3] + "host 1.json")), "45 -> 60")


@case("the host is told as Windows tells it: edition, build, boot")
def facts(host):
    told = json.loads(host.run("snapshot").out)["host"]
    check(re.fullmatch(r"10\.0\.\d{5}", told["kernel"]), told)
    check("Windows" in told["distribution"], told)
    check(re.fullmatch(r"[0-9a-f]{12,16}", told["boot_id"]), told)
    equal(told["boot_id"], json.loads(host.run("snapshot").out)["host"]["boot_id"])
    check(told["hostname"], told)


@case("results that go to a file or a pipe have no colour codes and no carriage returns")
def redirected(host):
    for args in (["plan", "classic"], ["explain", NAME], ["states"], ["--help"]):
        run = host.run(*args)
        check(b"\x1b" not in run.bytes and b"\r" not in run.bytes and run.bytes.endswith(b"\n"), args, run)
    check(b"\x1b[" in host.run("plan", "classic", "--color", "always").bytes)


@case("paths with blanks and letters of any alphabet work, on the command line, in messages and as output")
def paths(host):
    profile = host.file("t/Prüfung Ω/mein profil.ini", "[windows]\nTcpTimedWaitDelay = 45\n")
    saved = profile.replace("mein profil.ini", "plän 日本.json")
    run = host.run("plan", profile, "-o", saved)
    equal((run.code, registry_cell(run)), (2, "absent -> 45"), run)
    plan = json.loads((host.drive / "t/Prüfung Ω/plän 日本.json").read_text())
    equal(plan["settings"][0]["desired"], "45")
    run = host.run("plan", profile.replace("mein", "dein"))
    equal(run.code, 66, run)
    equal(run.err, "twctl: cannot read C:\\t\\Prüfung Ω\\dein profil.ini: File not found\n")


@case("a path with forward slashes or relative to the current folder works, too")
def other_spellings(host):
    host.file("t/other/x.ini", "[windows]\nTcpTimedWaitDelay = 45\n")
    for path in ("C:/t/other/x.ini", "./x.ini", ".\\x.ini"):
        run = host.run("plan", path, cwd=host.drive / "t/other")
        equal((run.code, registry_cell(run)), (2, "absent -> 45"), run)


@case("an output file is replaced as a whole, and a folder is no output file")
def output(host):
    path = host.file("t/out/plan.json", "x" * 100000)
    equal(host.run("plan", "classic", "-o", path).code, 2)
    equal(json.loads((host.drive / "t/out/plan.json").read_text())["command"], "plan")
    equal([file.name for file in (host.drive / "t/out").iterdir()], ["plan.json"])
    run = host.run("plan", "classic", "-o", "C:\\t\\out")
    equal(run.code, 74, run)
    check("is a directory" in run.err, run)


@case("a profile is found by name below ProgramData, and before one that is built in")
def by_name(host):
    host.file("ProgramData/twctl/profiles/classic.ini", "[windows]\nTcpTimedWaitDelay = 77\n")
    run = host.run("plan", "classic")
    listed = host.run("profile", "list")
    (host.drive / "ProgramData/twctl/profiles/classic.ini").unlink()
    equal(registry_cell(run), "absent -> 77", run)
    check("C:\\ProgramData\\twctl\\profiles/classic.ini" in listed.out, listed)


@case("a profile that others may write is named, with the line that mends it")
def distrusted(host):
    path = host.file("t/trust/x.ini", "[windows]\nTcpTimedWaitDelay = 45\n", mode=0o666)
    run = host.run("plan", path)
    equal(run.code, 2, run)
    check("apply refuses this: C:\\t\\trust\\x.ini is writable by Everyone" in " ".join(run.out.split()), run)
    host.file("t/trust/x.ini", "[windows]\nTcpTimedWaitDelay = 45\n")
    check("apply refuses" not in host.run("plan", path).out, host.run("plan", path))


@case("a profile comes from the standard input, too")
def standard_input(host):
    run = host.run("plan", "-", stdin=b"[windows]\r\nTcpTimedWaitDelay = 45\r\n")
    equal((run.code, registry_cell(run)), (2, "absent -> 45"), run)
    equal(host.run("plan", "-").code, 65)


@case("what Windows cannot do is 69, with the reason")
def unsupported(host):
    for args in (["doctor"], ["plan", "--root", "C:\\t", "classic"], ["plan", "--netns", "blue", "classic"],
                 ["plan", "--scope", "boot", "classic"]):
        run = host.run(*args)
        equal(run.code, 69, args, run)
        check("Windows" in run.err, args, run)


@case("usage errors are 64, and a Windows path is no option")
def usage(host):
    equal(host.run().code, 64)
    equal(host.run("plan", "--rot").code, 64)
    equal(host.run("plan", "/x").code, 66)


@case("output that cannot be written is 74: a full disk, a reader that has gone")
def unwritable_output(host):
    with open("/dev/full", "wb") as full:
        done = subprocess.run(["wine", host.program, "plan", "classic"], stdout=full, stderr=subprocess.PIPE, check=False)
    equal(done.returncode, 74, done)
    check(b"the output could not be written" in done.stderr, done)
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(["wine", host.program, "plan", "classic"], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    equal(done.returncode, 74, done)


@case("a profile with a byte order mark and Windows line ends is read")
def line_ends(host):
    run = host.run("plan", host.file("t/crlf/x.ini", "\ufeff[windows]\r\nTcpTimedWaitDelay = 45\r\n"))
    equal((run.code, registry_cell(run)), (2, "absent -> 45"), run)


@case("a registry file is a profile: the value under the right key counts, in any of its spellings")
def registry_file(host):
    lines = ["Windows Registry Editor Version 5.00", "", "[HKEY_LOCAL_MACHINE" + PARAMETERS[4:] + "]",
             '"TcpTimedWaitDelay"=dword:0000001e', ""]
    text = "\r\n".join(lines)
    for data in (text.encode(), b"\xff\xfe" + text.encode("utf-16-le"), text.replace(lines[0], "REGEDIT4").encode()):
        run = host.run("plan", host.file("t/reg/x.reg", data))
        equal((run.code, registry_cell(run)), (2, "absent -> 30"), run)


def open_sockets(count):
    listener = socket.create_server(("127.0.0.1", 0), backlog=count)
    clients = [socket.create_connection(listener.getsockname()) for _ in range(count)]
    return [listener, *clients, *[listener.accept()[0] for _ in range(count)]]


def counted_by_ss():
    names = {"ESTAB": "ESTABLISHED", "SYN-RECV": "SYN_RECEIVED", "SYN-SENT": "SYN_SENT", "UNCONN": "CLOSED"}
    lines = subprocess.run(["ss", "-Htan"], stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
    counts = {}
    for state in (line.split()[0] for line in lines):
        name = names.get(state, state.replace("-", "_"))
        counts[name] = counts.get(name, 0) + 1
    return counts


@case("states counts what ss counts")
def states(host):
    held = open_sockets(40)
    for end in held[1:11]:
        end.close()  # CLOSE_WAIT and FIN_WAIT_2
    for end in held[41:46] + held[11:16]:
        end.close()
    for _ in range(40):  # other programs of this machine open and close sockets meanwhile
        before = counted_by_ss()
        told = json.loads(host.run("states", "--json").out)
        counts = {name: count for name, count in told["states"].items() if count}
        if before == counted_by_ss() and counts == before:
            break
        time.sleep(0.05)
    equal(counts, before)
    check(counts["ESTABLISHED"] >= 20 and counts["LISTEN"] >= 1 and counts["CLOSE_WAIT"] >= 5, counts)


@case("states by port and by peer add up to the whole")
def groups(host):
    held = open_sockets(7)
    port = held[0].getsockname()[1]
    told = json.loads(host.run("states", "--by", "port", "--json").out)
    group = [row for row in told["by"] if row["number"] == port]
    equal([row["states"] for row in group], [{"LISTEN": 1, "ESTABLISHED": 7}, {"ESTABLISHED": 7}], told)
    told = json.loads(host.run("states", "--by", "peer", "--json").out)
    check([row for row in told["by"] if "127.0.0.1" in row["name"]], told)


@case("states by process names the program that holds a socket, and who has none")
def processes(host):
    run = host.run("states", "--by", "process", "--json")
    told = json.loads(run.out)
    equal(run.code, 0, run)
    equal(sum(row["total"] for row in told["by"]), told["total"], told)
    check(told["hidden_processes"] == 0, told)


@case("the program's imports are the system's own libraries, and its manifest asks for no elevation")
def program_file(host):
    told = subprocess.run(["x86_64-w64-mingw32-objdump", "-p", host.program], stdout=subprocess.PIPE, check=True)
    imports = {name.lower() for name in re.findall(r"DLL Name: (\S+)", told.stdout.decode())}
    check(imports <= {"kernel32.dll", "advapi32.dll", "msvcrt.dll", "ntdll.dll"}, imports)
    check(re.search(r"Time/Date\s+(Thu Jan  1 00:00:00 1970|0+$)", told.stdout.decode(), re.M), "a time stamp")
    with open(host.program, "rb") as file:
        image = file.read()
    check(b'level="asInvoker"' in image and b">UTF-8<" in image)
    check("FileDescription".encode("utf-16-le") in image)


def again(build, tree, line, output):
    """What that line of the build makes, in a copy of the tree."""
    copied = str(build).replace(str(ROOT), str(tree))
    subprocess.run(["sh", "-c", line.replace(str(ROOT), str(tree))], check=True, cwd=copied)
    return (pathlib.Path(copied) / output).read_bytes()


@case("the program is the same to the byte when it is linked again, and its objects when they are compiled elsewhere")
def reproducible(host):
    program = pathlib.Path(host.program)
    build, tree = program.parent, host.drive / "t/another tree/of another depth".replace(" ", "-")
    shutil.rmtree(tree, ignore_errors=True)
    for name in ("src", "platform"):
        shutil.copytree(ROOT / name, tree / name)
    own = ("*.obj", "*.gch", "*.exe", "wine", "tests")
    shutil.copytree(build, str(build).replace(str(ROOT), str(tree)), ignore=shutil.ignore_patterns(*own))
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if entry["file"].endswith(("src/main.cpp", "src/report/version.cpp", "platform/windows/registry_store.cpp")):
            output = re.search(r" -o (\S+\.obj) ", entry["command"]).group(1)
            check(again(build, tree, entry["command"], output) == (build / output).read_bytes(), output)
    lines = subprocess.run(["ninja", "-C", build, "-t", "commands", program.name], check=True, stdout=subprocess.PIPE)
    image = again(build, tree, lines.stdout.decode().splitlines()[-1], program.name)
    check(image == program.read_bytes(), "linked again it is another")
    check(str(ROOT).encode() not in image, "it tells where it was built")


if __name__ == "__main__":
    main(*sys.argv[1:])
