#!/usr/bin/env python3
"""journal_format.py TREE: docs/journal-format.md names each member of each record, each name, ending and step that the code
has; and each promise of docs/safety.md, P1 on, names tests that exist."""
import pathlib
import re
import sys

PROMISES = [f"P{number}" for number in range(1, 17)]
TREE = pathlib.Path(sys.argv[1])
PAGE = (TREE / "docs/journal-format.md").read_text(encoding="utf-8")
SAFETY = (TREE / "docs/safety.md").read_text(encoding="utf-8")


def source(path):
    return (TREE / path).read_text(encoding="utf-8")


def words_in_code():
    """What a reader of a real journal meets, as the code spells it."""
    record = source("src/journal/record.cpp")
    members = set(re.findall(r'\{"(\w+)", ', record)) | set(re.findall(r'json\["(\w+)"\]', record))
    members |= set(re.findall(r'\.(?:member|has)\("(\w+)"\)', record))
    values = [tuple(re.findall(r'Word<\w+>\{[\w:]+, "([\w-]+)"\}', record))]
    names = re.findall(r'constexpr const char\* k\w+ = "([\w.-]+)";', source("src/journal/journal.cpp") + source("src/journal/backup.hpp"))
    places = re.findall(r'constexpr \S+ \S*k(?:Lock|Changes|Pending|HalfMade|HalfGone) = "([\w.-]+)"',
                        (source("platform/linux/state_directory.cpp") + source("platform/state_store.cpp")).replace("const char*", "char*"))
    steps = re.findall(r"^Result<.*> (\w+)\(", source("src/apply/transaction.cpp"), re.M)
    return {word for word in members.union(*values, names, places, steps) if word}


def words_in_code_of_page():
    """What the page has between backquotes or in a block."""
    blocks = re.compile(r"^```\w+\n(.*?)^```$", re.M | re.S)
    code = blocks.findall(PAGE) + re.findall(r"`([^`]+)`", blocks.sub("", PAGE))
    return set(re.findall(r"\.?[\w][\w.-]*", "\n".join(code)))


def test_names():
    found = set()
    for path in (TREE / "tests").rglob("*_test.cpp"):
        found |= set(re.findall(r'^TEST_CASE\("(.*)"\) \{', path.read_text(encoding="utf-8"), re.M))
    return found


def promises():
    """{"P1": [names of tests, files among them]}"""
    rows = re.findall(r"^\| (P\d+) [^|]*\| (.*) \|$", SAFETY, re.M)
    return {name: re.findall(r'"([^"]+)"|\]\(\.\./(tests/[^)]+)\)', cell) for name, cell in rows}


def problems():
    known = words_in_code()
    if len(known) < 50:
        yield f"only {len(known)} names found in the code; has its shape changed?"
    for word in sorted(known - words_in_code_of_page()):
        yield f"docs/journal-format.md does not speak of {word}"
    version = re.search(r"kRecordVersion = (\d+)", source("src/journal/record.hpp")).group(1)
    if f"VERSION is {version}," not in PAGE:
        yield f"the version of the records is {version}"
    tests = test_names()
    table = promises()
    if list(table) != PROMISES:
        yield f"docs/safety.md has the promises {', '.join(table)}"
    for promise in PROMISES:
        named = table.get(promise, [])
        if not named:
            yield f"{promise} names no test"
        for test, file in named:
            if test and test not in tests:
                yield f'{promise} names a test that is not there: "{test}"'
            if file and not (TREE / file).is_file():
                yield f"{promise} names a file that is not there: {file}"


found = list(problems())
print("\n".join(found))
sys.exit(1 if found else 0)
