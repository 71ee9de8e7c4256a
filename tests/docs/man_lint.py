#!/usr/bin/env python3
"""man_lint.py FOLDER: mandoc and groff's man find nothing to warn of in the manual pages of that folder, and show them."""
import glob
import os
import shutil
import subprocess
import sys


def said(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **more)
    return done.returncode, done.stdout, done.stderr


def problems(page):
    _, found, errors = said("mandoc", "-Tlint", "-Wwarning", page)
    yield from (found + errors).splitlines()
    code, shown, warnings = said("man", "--warnings", "--local-file", page, env={**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8"})
    yield from warnings.splitlines()
    if code != 0 or "NAME" not in shown:
        yield f"{page}: man ends with {code}"


def main(folder):
    absent = [tool for tool in ("mandoc", "man", "groff") if shutil.which(tool) is None]
    if absent:
        sys.exit(f"TEST SKIPPED: there is no {absent[0]} here")
    pages = sorted(glob.glob(folder + "/*.[58]"))
    wrong = [problem for page in pages for problem in problems(page)]
    print("\n".join(wrong) or f"{len(pages)} pages")
    sys.exit(1 if wrong or not pages else 0)


main(*sys.argv[1:])
