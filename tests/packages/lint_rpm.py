#!/usr/bin/env python3
"""lint_rpm.py PATTERN: rpmlint finds neither errors nor warnings in that package but what rpmlint.toml beside this gives a reason for; and each of
its filters is still needed."""
import glob
import os
import re
import shutil
import subprocess
import sys
import tomllib

CONFIGURATION = os.path.join(os.path.dirname(os.path.abspath(__file__)), "rpmlint.toml")


def main(pattern):
    if shutil.which("rpmlint") is None:
        sys.exit("TEST SKIPPED: there is no rpmlint here")
    [package] = glob.glob(pattern)
    with open(CONFIGURATION, "rb") as file:
        filters = tomllib.load(file)["Filters"]
    done = subprocess.run(["rpmlint", package], capture_output=True, text=True, check=False)
    found = [line for line in done.stdout.splitlines() if re.search(r": [EW]: ", line)]
    wrong = [line for line in found if not any(re.search(one, line) for one in filters)]
    wrong += [f"finds nothing: {one}" for one in filters if not any(re.search(one, line) for line in found)]
    if "packages and" not in done.stdout:
        wrong.append(done.stdout + done.stderr)
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)


main(*sys.argv[1:])
