#!/usr/bin/env python3
"""long.py: scripts/long with pieces of a moment: what was cut off goes on, and nothing is run twice; what is found is red and kept;
its time is kept to."""
import importlib.machinery
import importlib.util
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

REPO = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Ten pieces, two of which can be told to find something, or not to be able to run. Each notes that it was run.
PIECE = 'echo {name} >>{notes}; sleep {seconds}; . {orders}; echo "tried 5, held 5, found 0"'


def inside(folder, *arguments):
    """scripts/long itself, in this process, with suites of ours."""
    loader = importlib.machinery.SourceFileLoader("long", os.path.join(REPO, "scripts/long"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("long", loader))
    loader.exec_module(module)
    seconds = os.environ["SECONDS_A_PIECE"]

    def pieces(suite):
        def of():
            """Pieces of the test."""
            for seed in "12345":
                name = f"seed {seed}"
                script = PIECE.format(name=f"{suite}/{name}", notes=f"{folder}/notes", seconds=seconds, orders=f"{folder}/orders-{suite}-{seed}")
                yield name, seed, ("sh", "-c", script)
        return of
    module.SUITES = {"one": pieces("one"), "two": pieces("two")}
    module.FOLDER = f"{folder}/long"
    module.PROGRAM = f"{folder}/program"
    module.prepare = lambda *_: None
    module.os.geteuid = lambda: 0
    sys.argv = ["scripts/long", *arguments]
    sys.exit(module.main())


class Checks:
    """A folder of its own, and what is wrong."""

    def __init__(self, folder):
        self.folder = folder
        self.wrong = []
        for suite in ("one", "two"):
            for seed in "12345":
                self.put(f"orders-{suite}-{seed}", "")
        self.put("notes", "")
        self.put("program", "a program")

    def put(self, name, text):
        with open(f"{self.folder}/{name}", "w", encoding="utf-8") as file:
            file.write(text)

    def text(self, name):
        with open(f"{self.folder}/{name}", encoding="utf-8") as file:
            return file.read()

    def start(self, *arguments, seconds="0"):
        return subprocess.Popen([sys.executable, __file__, "--inside", self.folder, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                env={**os.environ, "SECONDS_A_PIECE": seconds}, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))

    def run(self, *arguments, seconds="0"):
        process = self.start(*arguments, seconds=seconds)
        said = process.communicate(timeout=60)[0]
        return process.returncode, said

    def equal(self, found, expected, what):
        if found != expected:
            self.wrong.append(f"FAILED: {what}: {found!r} and not {expected!r}")

    def row(self, said, suite):
        """The cells of that suite's row in the table."""
        found = re.search(rf"^\| {suite} +\|(.*)\|$", said, re.M)
        return [cell.strip() for cell in found.group(1).split("|")] if found else said

    def finished(self):
        return sorted(line.split("\t")[0] for name in ("one", "two") for line in self.text(f"long/{name}.tsv").splitlines()[1:]
                      ) if os.path.exists(f"{self.folder}/long") else []


def cut_off(test):
    """Ctrl-C after some pieces; then a kill, with half a line in a file; then all is run that was not, and only that."""
    process = test.start(seconds="0.5")
    files = [f"{test.folder}/long/{name}.tsv" for name in ("one", "two")]
    while process.poll() is None and not all(map(os.path.exists, files)):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=20)[0]
    test.equal(process.returncode, 130, "at Ctrl-C: " + said)
    done = test.finished()
    test.equal(0 < len(done) < 10 and re.fullmatch(r"[1-4] of 5", test.row(said, "one")[0]) is not None, True, f"there is a table of the {len(done)} pieces")
    test.equal(os.listdir(test.folder + "/long/found"), [], "a piece that was ended keeps nothing")
    with open(test.folder + "/long/one.tsv", "a", encoding="utf-8") as file:
        file.write("seed 5\t5\t5\t5\t")
    test.put("notes", "")
    code, said = test.run()
    test.equal(code, 0, "the rest: " + said)
    test.equal(len(test.text("notes").splitlines()), 10 - len(done), "only the rest was run")
    test.equal([test.row(said, suite) for suite in ("one", "two")], [["5 of 5", "25", "25", "0", "0", "1-5"]] * 2, "the whole table")
    test.put("notes", "")
    code, said = test.run("one/seed 3", "two")
    test.equal((code, test.text("notes")), (0, ""), "nothing is run twice: " + said)


def another_program(test):
    """What was found out of another program is not what is asked, but for the commit that a release has in it."""
    for text, runs in (("\0" + "a" * 12 + "\0", 1), ("\0" + "b" * 12 + "\0", 0), ("another", 1)):
        test.put("program", text)
        test.put("notes", "")
        code, said = test.run("one/seed 1")
        test.equal((code, len(test.text("notes").splitlines())), (0, runs), f"a program of {text!r}: {said}")


def findings(test):
    """A tally with a finding, an end without a tally, and an end that is none are red, and kept; what cannot be run is said."""
    test.put("program", "faulty")
    for order, found in (("echo oh; echo tried 3, held 1, found 2; exit 1", "2"), ("echo oh; exit 1", "1"), ("echo oh; exit 0", "1"),
                         ("echo oh; kill -9 $$", "1"), ("echo oh; echo tried 3, held 3, found 0; exit 1", "1")):
        test.put("orders-one-2", order)
        for name in ("one", "two"):
            test.put(f"long/{name}.tsv", "")
        code, said = test.run()
        test.equal((code, test.row(said, "one")[3], test.row(said, "two")[3]), (1, found, "0"), f"{order}: {said}")
        kept = test.text("long/found/one-seed-2.txt")
        test.equal(kept.startswith("$ sh -c ") and "\noh\n" in kept and os.listdir(test.folder + "/long/found") == ["one-seed-2.txt"], True, f"{order}: kept is {kept}")
    code, said = test.run("one")
    test.equal((code, test.row(said, "one")[0], "found: one/seed 2: sh -c " in said), (1, "5 of 5", True), "it is red until the program is another one: " + said)
    test.put("orders-one-2", "echo 'TEST SKIPPED: no moon'; exit 0")
    test.put("long/one.tsv", "")
    code, said = test.run("one")
    test.equal((code, test.row(said, "one")[0], "not run here: 1 of one: no moon" in said), (0, "4 of 5", True), "what cannot be run: " + said)


def in_time(test):
    """After its hours it ends by itself, and what is under way is run again."""
    test.put("program", "slow")
    test.put("notes", "")
    began = time.monotonic()
    code, said = test.run("--hours", str(1 / 3600), seconds="30")
    test.equal((code, test.row(said, "one"), time.monotonic() - began < 20), (0, ["0 of 5", "0", "0", "0", "0", ""], True), "in a second: " + said)
    test.equal(len(test.text("notes").splitlines()), 2, "two at a time")


def main():
    with tempfile.TemporaryDirectory() as folder:
        test = Checks(folder)
        for part in (cut_off, another_program, findings, in_time):
            part(test)
    print("\n".join(test.wrong))
    sys.exit(1 if test.wrong else 0)


if sys.argv[1:2] == ["--inside"]:
    inside(*sys.argv[2:])
main()
