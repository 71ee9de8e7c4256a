#!/usr/bin/env python3
"""run.py TARGET --runs N --seed S: a fuzz target on its corpus, for so many executions. An input over ten seconds, or one that asks
for 64 MiB at once, is found like a crash. New inputs stay in build/fuzz/found/TARGET, and so does what found something: copy
that into corpus/TARGET, which the tests replay."""
import argparse
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SHORT = ("audit_file", "boot_edit", "boot_files", "kernel_value", "later_writers", "tuned")  # bytes cost these most; limits.py has long files
FOUND = os.path.join(HERE, "../../build/fuzz/found")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("target")
    parser.add_argument("--runs", type=int, default=100000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    name = os.path.basename(options.target)
    corpus = re.split("_fuzz|-", name)[0]  # of sock_diag_fuzz, and of sock_diag-trusts-length, which has a seeded defect
    found = os.path.join(FOUND, name)
    os.makedirs(found, exist_ok=True)
    command = [options.target, f"-runs={options.runs}", f"-seed={options.seed}", "-timeout=10", "-malloc_limit_mb=64", "-print_final_stats=1",
               "-entropic=0",  # its bookkeeping takes three times as long as most inputs
               *(["-max_len=1024"] if corpus in SHORT else []), "-verbosity=0", f"-artifact_prefix={found}/", found, os.path.join(HERE, "corpus", corpus)]
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    print(ran.stdout)
    counted = re.search(r"^stat::number_of_executed_units: (\d+)", ran.stdout, re.M)
    tried, failed = int(counted[1]) if counted else 0, int(ran.returncode != 0 or not counted)
    print(f"tried {tried}, held {max(tried - failed, 0)}, found {failed}")
    sys.exit(failed)


main()
