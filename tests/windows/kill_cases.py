#!/usr/bin/env python3
"""kill_cases.py TWCTL.EXE NAME, or TWCTL.EXE --kills COUNT: SIGKILL to twctl.exe before calls of apply, rollback and recover
that can change something: what it sends to Wine's server, which keeps the registry and opens the files, and what it writes
and flushes itself; from when it first asks for its folder. Then one recovery and another one. COUNT a scenario, spread
evenly; 0: all.

What Wine's server was told is kept, so a power cut is not what this shows: on the disk Wine's registry is as it was when
the server last ended or saved it."""
import json
import pathlib
import shutil
import sys

from windows_host import APPLY, Host, case, changes, check, equal, home, main

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "crash"))
import tracer  # noqa: E402

EFFECTS = ("write", "writev", "pwrite64", "fsync")
FOLDER = "/ProgramData/twctl"
KINDS = {"REG_DWORD 0x78": "120", "REG_DWORD 0x3c": "60"}


def traced(host, args, kill_at=None):
    """(run, calls with an effect). Killed before the call of that number, which is not made."""
    seen = {"folder": False, "calls": 0}

    def before_call(call):
        if not seen["folder"]:
            seen["folder"] = call.name == "newfstatat" and FOLDER in call.text(1)
        elif call.name in EFFECTS:
            if seen["calls"] == kill_at:
                call.kill()
            seen["calls"] += 1

    run = tracer.run([shutil.which("wine"), host.program, *args], before_call)
    return run, seen["calls"]


class State:
    """The value, and what is in our folder."""

    def __init__(self, host, keep):
        self.keep = keep
        self.value = host.query()
        shutil.rmtree(keep, ignore_errors=True)
        shutil.copytree(host.drive / FOLDER[1:], keep)

    def restore(self, host):
        shutil.copytree(self.keep, home(host))
        if host.query() != self.value:
            host.put(KINDS[self.value])


def members(path):
    return json.loads(path.read_bytes().split(b"\n", 1)[1]) if path.exists() else None


def whole(host):
    """[(intent, the decision is to commit)] of the published changes, each of whose records is whole."""
    folders = [folder for folder in changes(host) if not folder.name.startswith(".")]
    decisions = [members(folder / "decision") for folder in folders]
    return [(members(folder / "intent"), '"commit"' in json.dumps(said)) for folder, said in zip(folders, decisions)]


def files(host):
    return {path: path.is_dir() or path.read_bytes() for path in (host.drive / FOLDER[1:]).rglob("*")}


def check_killed(old, new, host, where):
    """What the value was before is in the journal as soon as it is another."""
    value = host.query()
    kept = [f"REG_DWORD {int(setting['before']):#x}" for intent, _ in whole(host) for setting in intent["settings"]]
    check(value == old or (value == new and old in kept), value, kept, where)


def check_recovered(old, new, published, host, where):
    run = host.run("recover", "--wait", "30s")
    equal(run.code, 0, where, run)
    ours = whole(host)[published:]
    committed = any(commit for _, commit in ours)
    equal(host.query(), new if committed else old, where, run)
    left = files(host)
    equal([str(path) for path in left if path.name.startswith(".")], [], where)
    equal([folder.name for folder in changes(host) if not (folder / "done").exists()], [], where)
    equal(host.run("recover").out, "Nothing to recover.\n", where)
    equal(files(host), left, where)


def spread(calls, count):
    """`count` numbers below `calls`, the last among them; all where it is 0 or more than there are."""
    if count == 0 or count >= calls:
        return list(range(calls))
    return sorted({calls - 1 - at * calls // count for at in range(count)})


class Scenario:
    """`args` at a host as it is now, which goes from `old` to `new` where the change of ours is committed."""

    def __init__(self, host, name, args, old, new, published):
        self.host, self.name, self.args, self.old, self.new = host, name, args, old, new
        self.published = published  # changes that were there before ours
        self.start = State(host, host.drive / "t" / "kill" / name)

    def kill(self, at):
        self.start.restore(self.host)
        return traced(self.host, self.args, at)[0].code == 128 + 9

    def wrong_after(self, where):
        """"" or what was wrong after the kill and its recovery."""
        try:
            check_killed(self.old, self.new, self.host, where)
            check_recovered(self.old, self.new, self.published, self.host, where)
        except AssertionError as wrong:
            return f"{where}: {wrong}"
        return ""

    def try_out(self, count):
        """How many runs were killed, of how many calls, and what was wrong."""
        run, calls = traced(self.host, self.args)
        equal(run.code, 0, run)
        check(calls > 20, calls)
        kills, wrong = 0, []
        for at in spread(calls, count):
            kills += self.kill(at)
            wrong.append(self.wrong_after(f"{self.name}, killed before call {at} of {calls}"))
        return kills, calls, list(filter(None, wrong))


OLD, NEW = "REG_DWORD 0x78", "REG_DWORD 0x3c"


def prepared(host):
    home(host)
    host.put("120")
    equal(host.run("recover").code, 0)


def of_apply(host):
    prepared(host)
    return Scenario(host, "apply", APPLY, OLD, NEW, 0)


def of_rollback(host):
    prepared(host)
    equal(host.run(*APPLY).code, 0)
    return Scenario(host, "rollback", ["rollback", "--yes"], NEW, OLD, 1)


def interrupted(host, name, *missing):
    """The host as apply leaves it where it is killed before it has published those records."""
    prepared(host)
    equal(host.run(*APPLY).code, 0)
    for record in missing:
        (changes(host)[0] / record).unlink()
    return Scenario(host, name, ["recover"], OLD, NEW, 0)


def of_undoing(host):
    return interrupted(host, "recover that undoes", "done", "decision")


def of_finishing(host):
    return interrupted(host, "recover that finishes", "done")


def killed(host, scenario, count):
    tracer.insist()
    kills, calls, wrong = scenario(host).try_out(count)
    check(kills > 0, "no run was ever killed before its end")
    home(host)
    print(f"{scenario.__name__}: {kills} runs killed, of {calls} calls that can change something; {len(wrong)} not mended",
          *wrong, sep="\n", flush=True)
    return not wrong


@case("apply killed before any call that can change something is mended by one recovery")
def apply(host):
    check(killed(host, of_apply, 3))


@case("apply after a killed one leads to what it asked for")
def again(host):
    tracer.insist()
    scenario = of_apply(host)
    check(scenario.kill(150), "it was not killed")
    run = host.run(*APPLY)
    equal((run.code, host.query()), (0, NEW), run)
    equal([folder.name for folder in changes(host) if not (folder / "done").exists()], [])
    home(host)


@case("rollback killed before any call that can change something is mended by one recovery")
def rollback(host):
    check(killed(host, of_rollback, 2))


@case("recover killed before any call that can change something is mended by the next")
def recover(host):
    check(killed(host, of_undoing, 1))


def long(program, count):
    mended = [killed(Host(program), scenario, count) for scenario in (of_apply, of_rollback, of_undoing, of_finishing)]
    sys.exit(0 if all(mended) else 1)


if __name__ == "__main__":
    if sys.argv[2] == "--kills":
        long(sys.argv[1], int(sys.argv[3]))
    else:
        main(*sys.argv[1:])
