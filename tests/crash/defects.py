#!/usr/bin/env python3
"""defects.py PROGRAM FOLDER [--long] [--only NAMES]: negative controls. Each program twctl_defect_NAME in the folder has the defect
that defects/NAME.patch seeds (with --long those of defects/long, too); the check that is for it must find it, and must find
nothing in PROGRAM.
"""
import argparse
import glob
import os
import re
import subprocess
import sys

from host import end

HERE = os.path.dirname(os.path.abspath(__file__))
PATCHES = os.path.join(HERE, "defects")
CAPTURED_HOST = os.path.join(HERE, "../hosts/debian-12")

# A defect, a suite with its options that must find it, and what it says.
CHECKS = [
    ("late-intent", ["kill.py", "--only", "^apply live$", "--calls", "^write$", "--pairs", "0"],
     "P2: net.ipv4.tcp_fin_timeout is 30"),
    ("no-journal-directory-sync", ["named.py", "--only", "^P4 "],
     "was put into /var/lib/twctl/changes, and its directory not synced"),
    ("blind-restore", ["named.py", "--only", "^P8 "],
     "P8: net.ipv4.tcp_fin_timeout is 60, and somebody else had set 45"),
]
LONG_CHECKS = [
    ("trusts-write", ["named.py", "--only", "^F04 "], "it ended 0 and not 1"),
    ("leaks-lock", ["confirm.py", "--case", "confirmed_in_time"], "the watchdog holds /var/lib/twctl/lock"),
    ("persists-before-decision", ["confirm.py", "--case", "author_is_gone"], "P5: /etc/sysctl.d/60-twctl.conf has changed"),
    ("no-boot-directory-sync", ["named.py", "--only", "^P4 "],
     "was put into /etc/sysctl.d, and its directory not synced"),
    ("follows-links", ["named.py", "--only", "^S24 "], "it ended 3: "),
    ("replaceable-decision", ["named.py", "--only", "^P3 .* written once"], "decision was written and has changed"),
    ("keeps-descriptors", ["confirm.py", "--case", "confirmed_in_time"], "the watchdog holds /run/held"),
    ("deadline-by-wall-clock", ["confirm.py", "--case", "one_boot_clock"], " s left"),
    ("end-of-input-agrees", ["confirm.py", "--case", "end_of_input_is_no_answer"], "at the end of input apply ended 0"),
    ("prunes-record-by-record", ["kill.py", "--only", "that prunes", "--calls", "^unlinkat$", "--pairs", "0"],
     "/decision was written and has changed"),
    ("blind-restore", ["third_party.py", "--only", "recover, undecided", "--share", "1/8"], "P8: net.ipv4.tcp_fin_timeout is "),
    ("blind-swap", ["third_party.py", "--only", "apply, merged file", "--share", "1/4"], "P8: his edit of /etc/sysctl.d/60-twctl.conf is lost"),
    ("ignores-failed-write", ["errors.py", "--only", "^apply live$", "--calls", "^write$", "--cases", "-1", "--sizes", "0"],
     "P4: it ended 0, and not everything is done"),
    ("undoes-all-but-one", ["errors.py", "--only", "^apply live$", "--calls", "^(write|renameat2)$", "--cases", "-1", "--sizes", "0"],
     "it ended 1, and the host is not as before"),
    ("shares-its-lock", ["storm.py", "--waves", "2"], "FAILED: seed 1, wave "),
    ("never-tidies", ["storm.py", "--waves", "2"], " is left behind"),
    ("never-tidies", ["kill.py", "--only", "^apply live$", "--calls", "^renameat2$", "--pairs", "0"], " is left behind"),
    ("believes-host-directories", ["hostile.py", "--only", "H01: links that lead out"], "it ended with 3 instead of 77"),
    ("links-lead-out", ["hostile.py", "--only", "H01: a link of an image"], "it wrote outside of the image"),
    ("overlooks-mount-points", ["hostile.py", "--only", "H03: "], "it ended with "),
    ("no-boot-directory-sync", ["images.py", "--on", "two of ext4", "--story", "apply", "--share", "1/2"],
     "P1, P4: the boot files are those of no allowed state (/etc/sysctl"),
    ("no-file-sync", ["images.py", "--on", "ext4", "--story", "apply", "--share", "1/2", "--subsets", "40"], "found "),
    ("tries-on-the-host", ["trial.py", "--kills", "5", "--seed", "1"], " differ:"),
    ("interrupt-is-success", ["trial.py", "--kills", "1", "--seed", "1"], "trial --myths ended with "),
    ("expands-without-end", ["../release/limits.py", CAPTURED_HOST, "--only", "variables double"], "variables double: more than 64 MiB"),
    ("keeps-each-copy", ["../release/limits.py", CAPTURED_HOST, "--only", "into 1000 files"], "into 1000 files: more than 64 MiB"),
]


def said_by(check, program):
    suite, *options = check
    command = [sys.executable, os.path.join(HERE, suite), program, *options]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout + ran.stderr


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("folder")
    parser.add_argument("--long", action="store_true", help="those that take long, too")
    parser.add_argument("--only", default="", help="defects whose name matches this expression")
    options = parser.parse_args()
    program, folder = os.path.abspath(options.program), os.path.abspath(options.folder)
    patches = {os.path.basename(path).removesuffix(".patch") for path in glob.glob(PATCHES + "/**/*.patch", recursive=True)}
    wrong = [f"{name}: no patch, or no check for it" for name in sorted(patches ^ {name for name, _, _ in CHECKS + LONG_CHECKS})]
    wanted = [row for row in CHECKS + LONG_CHECKS * options.long if re.search(options.only, row[0])]
    for name, check, finding in wanted:
        code, said = said_by(check, program)
        if "TEST SKIPPED: " in said:
            sys.exit(said)
        if code != 0:
            wrong.append(f"{name}: its check finds something in the sound program, too: {said}")
        code, said = said_by(check, os.path.join(folder, "twctl_defect_" + name))
        if code != 1 or finding not in said:
            wrong.append(f"{name}: not caught; {check[0]} ended {code}: {said}")
        else:
            line = next(line.strip() for line in said.splitlines() if finding in line)
            print(f"caught {name}: {check[0]} says: {line[:200]}")
    end(len(wanted), wrong)


main()
