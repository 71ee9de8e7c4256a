"""count_cases.py REPORT: what CTest's report (JUnit's XML) says of single cases.

CTest counts a suite that runs in one process as one test. Such a process names each case that it skipped, and counts them in
its last line (support/main.cpp); both are brought together here. Prints the skipped cases and "N passed, N failed, N skipped".
"""
import re
import sys
import xml.etree.ElementTree

COUNTS = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped\n?\Z", re.M)


def counts(test, said):
    """(passed, failed, skipped); a test that says nothing of the kind is one case, as is one that contradicts its result."""
    failed = test.get("status") == "fail"
    if test.find("skipped") is not None or test.get("status") in ("notrun", "disabled"):
        return (0, 0, 1)
    found = COUNTS.search(said)
    if found and (int(found[2]) > 0) == failed and int(found[1]) + int(found[2]) + int(found[3]) > 0:
        return tuple(map(int, found.groups()))
    return (0, 1, 0) if failed else (1, 0, 0)


def main(report):
    total = [0, 0, 0]
    for test in xml.etree.ElementTree.parse(report).iter("testcase"):
        said = test.findtext("system-out") or ""
        total = [sum(pair) for pair in zip(total, counts(test, said), strict=True)]
        suite = test.get("name").partition("/")[0]
        for case in re.findall(r"^skipped: (.*)", said, re.M) if test.get("name") == f"{suite}/all cases" else ():
            print(f"skipped: {suite}/{case}")
    print("{} passed, {} failed, {} skipped".format(*total))


main(sys.argv[1])
