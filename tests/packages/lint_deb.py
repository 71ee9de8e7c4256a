#!/usr/bin/env python3
"""lint_deb.py PATTERN: lintian finds neither errors nor warnings in that package; what it overrides has a reason above it in the file."""
import glob
import os
import shutil
import subprocess
import sys

OVERRIDES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../scripts/packaging/deb/lintian-overrides")


def main(pattern):
    if shutil.which("lintian") is None:
        sys.exit("TEST SKIPPED: there is no lintian here")
    [package] = glob.glob(pattern)
    def lintian(*options):
        return subprocess.run(["lintian", "--allow-root", *options, package], capture_output=True, text=True, check=False)

    found = lintian("--fail-on", "error,warning")
    overridden = [line for line in lintian("--show-overrides").stdout.splitlines() if line.startswith("O:")]
    print(found.stdout + found.stderr + "\n".join(overridden))
    with open(OVERRIDES, encoding="utf-8") as file:
        expected = {line.split()[1] for line in file if not line.startswith("#")}
    sys.exit(1 if found.returncode or {line.split()[2] for line in overridden} != expected else 0)


main(*sys.argv[1:])
