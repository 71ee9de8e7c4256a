#!/usr/bin/env python3
"""install.py CMAKE BUILD MANUAL: installs what BUILD has built below an empty directory; the units must be where systemd looks for them, and
start the program that is installed with them, below the prefix of the build and below another one; every page of the folder MANUAL must be
where man looks for it, and the completions where bash, zsh and fish do."""
import os
import re
import subprocess
import sys
import tempfile

UNITS = {
    "twctl-deadline.path", "twctl-deadline.service", "twctl-recover.service",
    "twctl-metrics.service", "twctl-metrics.timer", "twctl-audit.service", "twctl-audit.timer",
}
LOOKED_AT = ("/usr/lib/systemd/system", "/usr/local/lib/systemd/system")  # systemd.unit(5)
COMPLETIONS = {"share/bash-completion/completions/twctl", "share/zsh/site-functions/_twctl", "share/fish/vendor_completions.d/twctl.fish"}
MANUAL = r"/usr/(local/)?share/man/man([58])/[^/]+\.\2"  # manpath(5)


def installed(below):
    return {os.path.join(folder, name)[len(below):] for folder, _, names in os.walk(below) for name in names}


def problems(below, pages):
    found = installed(below)
    programs = [path for path in found if path.endswith("/sbin/twctl")]
    units = {path for path in found if os.path.dirname(path) in LOOKED_AT}
    links = [path for path in found if path.endswith("/bin/twctl")]  # K4: found by who has no sbin in the PATH
    if [os.path.realpath(below + link) for link in links] != [os.path.realpath(below + program) for program in programs]:
        yield f"{links} do not lead to {programs}"
    manual = {path for path in found if re.fullmatch(MANUAL, path)}
    if {os.path.basename(path) for path in manual} != pages:
        yield f"the pages are {sorted(pages)}, installed are {sorted(manual)}"
    prefix = os.path.commonpath(found)
    if not {f"{prefix}/{path}" for path in COMPLETIONS} <= found:
        yield f"completions are missing: {sorted(found)}"
    if len(programs) != 1 or {os.path.basename(unit) for unit in units} != UNITS or len(found) != 2 + len(UNITS) + len(pages) + len(COMPLETIONS):
        yield f"installed is: {sorted(found)}"
    for unit in units:
        with open(below + unit, encoding="utf-8") as file:
            started = re.findall(r"^ExecStart=(\S+)", file.read(), re.M)
        if set(started) != set(programs if unit.endswith(".service") else []):
            yield f"{unit} starts {started}, installed is {programs}"
    if not all(os.access(below + program, os.X_OK) for program in programs):
        yield "the program cannot be executed"


def problems_of(cmake, build, pages, *more):
    with tempfile.TemporaryDirectory() as below:
        subprocess.run([cmake, "--install", build, *more], env={**os.environ, "DESTDIR": below}, check=True, stdout=subprocess.DEVNULL)
        return list(problems(below, pages))


def main(cmake, build, manual):
    pages = set(os.listdir(manual))
    wrong = problems_of(cmake, build, pages) + problems_of(cmake, build, pages, "--prefix", "/usr")
    for line in wrong:
        print(line)
    sys.exit(1 if wrong else 0)


main(*sys.argv[1:])
