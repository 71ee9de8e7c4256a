#!/usr/bin/env python3
"""defects.py PROGRAM FOLDER: negative controls. Each program twctl_defect_NAME in the folder has the defect that
defects/NAME.patch seeds; the check that is for it must find it, and must find nothing in PROGRAM.
"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PATCHES = os.path.join(HERE, "defects")

# The suite with its options, and what it says of this defect.
CHECKS = {
    "late-intent": (["kill.py", "--only", "^apply live$", "--calls", "^write$", "--pairs", "0"],
                    "P2: net.ipv4.tcp_fin_timeout is 30"),
    "no-journal-directory-sync": (["named.py", "--only", "^P4 "],
                                  "was put into /var/lib/twctl/changes, and its directory not synced"),
    "no-boot-directory-sync": (["named.py", "--only", "^P4 "],
                               "was put into /etc/sysctl.d, and its directory not synced"),
    "blind-restore": (["named.py", "--only", "^P8 "],
                      "P8: net.ipv4.tcp_fin_timeout is 60, and somebody else had set 45"),
    "follows-links": (["named.py", "--only", "^S24 "], "it ended 3: "),
    "trusts-write": (["named.py", "--only", "^F04 "], "it ended 0 and not 1"),
    "replaceable-decision": (["named.py", "--only", "^P3 .* written once"], "decision was written and has changed"),
    "leaks-lock": (["confirm.py", "--case", "confirmed_in_time"], "the watchdog holds /var/lib/twctl/lock"),
    "keeps-descriptors": (["confirm.py", "--case", "confirmed_in_time"], "the watchdog holds /run/held"),
    "persists-before-decision": (["confirm.py", "--case", "author_is_gone"], "P5: /etc/sysctl.d/60-twctl.conf has changed"),
    "deadline-by-wall-clock": (["confirm.py", "--case", "one_boot_clock"], " s left"),
    "end-of-input-agrees": (["confirm.py", "--case", "end_of_input_is_no_answer"], "at the end of input apply ended 0"),
    "prunes-record-by-record": (["kill.py", "--only", "that prunes", "--calls", "^unlinkat$", "--pairs", "0"],
                                "/decision was written and has changed"),
}


def said_by(check, program):
    suite, *options = check
    command = [sys.executable, os.path.join(HERE, suite), program, *options]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout + ran.stderr


def main(program, folder):
    patches = {name.removesuffix(".patch") for name in os.listdir(PATCHES)}
    wrong = [f"{name}: no patch, or no check for it" for name in sorted(patches ^ CHECKS.keys())]
    for name, (check, finding) in CHECKS.items():
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
    print(f"{len(CHECKS)} seeded defects, {len(wrong)} failures")
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)


main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]))
