#!/usr/bin/env python3
"""must_find.py COMMAND...: a negative control: the command, of a program with a seeded defect, must find something."""
import re
import subprocess
import sys

ran = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
print(ran.stdout)
caught = ran.returncode != 0 and re.search(r"^tried [1-9]\d*, held \d+, found [1-9]\d*$", ran.stdout, re.M) is not None
print(f"tried 1, held {int(caught)}, found {int(not caught)}")
sys.exit(0 if caught else 1)
