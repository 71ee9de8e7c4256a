#!/usr/bin/env python3
"""release.py TREE: scripts/release --prepare, in a copy with a git of its own: version and date are written once, and nothing is released that
is older, not committed, or released already."""
import os
import re
import shutil
import subprocess
import sys
import tempfile


def run(folder, *command):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def git(folder, *arguments):
    run(folder, "git", "-c", "user.name=x", "-c", "user.email=x@y", *arguments)


def text(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return file.read()


def main(tree):
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(f"{folder}/scripts")
        for name in ("CMakeLists.txt", "CHANGELOG.md", "scripts/lib.sh", "scripts/release"):
            shutil.copy(f"{tree}/{name}", f"{folder}/{name}")
        git(folder, "init", "-q")
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", "x")
        for version, code in (("9.1", 64), ("0.0.1", 3), ("9.1.0", 0), ("9.2.0", 3)):  # the last: 9.1.0 is not committed yet
            done = run(folder, "scripts/release", "--prepare", version)
            if done.returncode != code:
                wrong.append(f"{version} ends with {done.returncode}, not {code}: {done.stderr}")
        if "project(twctl VERSION 9.1.0 " not in text(folder, "CMakeLists.txt"):
            wrong.append("CMakeLists.txt has another version")
        if not re.search(r"^## \[Unreleased\]\n\n## \[9\.1\.0\] - \d{4}-\d\d-\d\d\n", text(folder, "CHANGELOG.md"), re.M):
            wrong.append("CHANGELOG.md has no heading for it")
        git(folder, "commit", "-q", "-a", "-m", "release")
        again = run(folder, "scripts/release", "--prepare", "9.1.0")
        if again.returncode != 0 or text(folder, "CHANGELOG.md").count("[9.1.0]") != 1:
            wrong.append(f"a second time is not as good as once: {again.stderr}")
        changes = text(folder, "CHANGELOG.md")
        with open(os.path.join(folder, "CHANGELOG.md"), "w", encoding="utf-8") as file:
            file.write(changes.replace("## [Unreleased]\n", "## [Unreleased]\n\n- More.\n"))
        git(folder, "commit", "-q", "-a", "-m", "more")
        if run(folder, "scripts/release", "--prepare", "9.1.0").returncode != 3:
            wrong.append("what is unreleased is left out of it")
        git(folder, "tag", "v9.1.0")
        if run(folder, "scripts/release", "--prepare", "9.1.0").returncode != 3:
            wrong.append("it is released twice")
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)


main(*sys.argv[1:])
