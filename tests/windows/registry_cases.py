#!/usr/bin/env python3
"""registry_cases.py TWCTL.EXE NAME: one case of what stands in the registry beside the setting that counts, and what
plan, audit and snapshot say of it."""
import json
import sys

from windows_host import NAME, PARAMETERS, case, check, equal, main, wine

INTERFACES = PARAMETERS + r"\Interfaces"
INTERFACE = INTERFACES + r"\{01234567-89ab-cdef-0123-456789abcdef}"


def findings(host, *args):
    """(id, key, the evidence's first sentence) of each."""
    run = host.run("audit", "--json", *args)
    return [(one["id"], one["key"], one["evidence"].split(". ")[0].removesuffix(".") + ".") for one in json.loads(run.out)["findings"]]


@case("audit finds a value under an interface, and a snapshot takes it along")
def stray_values(host):
    host.put("0x20", key=INTERFACE)
    host.put("65534", key=INTERFACES, name="MaxUserPort")
    expected = [("reg-no-effect", NAME, "It is not read under Interfaces: 32 in Interfaces\\" + INTERFACE.split("\\")[-1] + "."),
                ("reg-obsolete", "MaxUserPort", "It is not read under Interfaces: 65534 in Interfaces.")]
    seen = findings(host)
    saved = host.file("t/strays/host.json", "")
    host.run("snapshot", "-o", saved)
    host.delete(key=INTERFACE)
    host.delete(key=INTERFACES, name="MaxUserPort")
    equal(seen, expected)
    equal(findings(host, "--from", saved), expected)
    equal(findings(host), [])


@case("plan has what old guides left in the registry among its hazards, and goes on")
def live_hazards(host):
    host.put("30", key=INTERFACE)
    host.put("65534", name="MaxUserPort")
    run = host.run("plan", "classic", "--json")
    host.delete(key=INTERFACE)
    host.delete(name="MaxUserPort")
    told = {(one["id"], one["key"], one["blocking"]) for one in json.loads(run.out)["hazards"]}
    equal(told, {("obsolete-value", "MaxUserPort", False), ("without-effect", NAME, False),
                 ("restart-needed", NAME, False)}, run)
    equal(run.code, 2, run)


@case("in a container a plan says that the value likely changes nothing")
def container(host):
    control = r"HKLM\SYSTEM\CurrentControlSet\Control"
    host.put("2", key=control, name="ContainerType")
    run = host.run("plan", "classic", "--json")
    host.delete(key=control, name="ContainerType")
    told = json.loads(run.out)
    equal(told["host"]["container"], "Windows container", run)
    check("container" in [one["id"] for one in told["hazards"]], run)
    equal(json.loads(host.run("plan", "classic", "--json").out)["host"]["container"], None)


@case("regedit takes the heads of registry files that audit takes, and refuses those that it refuses")
def heads(host):
    for head, taken in (("Windows Registry Editor Version 5.00", True), ("REGEDIT4", True),
                        ("Windows Registry Editor Version 4.00", False), ("regedit4", False),
                        ("windows registry editor version 5.00", False), ("REGEDIT5", False)):
        host.delete()
        text = f"{head}\r\n\r\n[HKEY_LOCAL_MACHINE{PARAMETERS[4:]}]\r\n\"{NAME}\"=dword:0000003c\r\n"
        path = host.file("t/heads/x.reg", text)
        wine("regedit", "/S", path)
        equal(host.query(), "REG_DWORD 0x3c" if taken else None, head)
        equal([found[0] for found in findings(host, path)], [] if taken else ["reg-refused"], head)


@case("trial is 69 with the reason")
def trial(host):
    for args in (["trial"], ["trial", "classic", "--json"]):
        run = host.run(*args)
        equal(run.code, 69, args, run)
        check("trial: not on Windows, which has no network namespaces to measure in" in run.err, run)


@case("a value that is too long for a number is found by audit, and neither plan nor apply asks for elevation")
def too_long(host):
    host.put("ab" * 5000, kind="REG_BINARY")
    evidence = "What stands there is no REG_DWORD of four bytes: it is larger than 4 KiB."
    equal(findings(host), [("reg-no-effect", NAME, evidence)])
    equal(host.run("audit").code, 2)
    for args in (["plan", "classic"], ["apply", "classic", "--yes"]):
        run = host.run(*args)
        equal(run.code, 77, run)
        check(f"twctl: {NAME}: cannot be read: it is larger than 4 KiB\n" in run.err and "elevated" not in run.err, run)
    host.delete()


if __name__ == "__main__":
    main(*sys.argv[1:])
