#!/usr/bin/env python3
"""process_cases.py TWCTL.EXE NAME: one case of what twctl.exe is to Windows as a process: its imports, its standard
streams, interrupts, its line in the event log, whom it names as its user."""
import re
import subprocess
import sys

from windows_host import case, check, equal, main



def imports(program, library):
    """The functions that the program names of that library."""
    told = subprocess.run(["x86_64-w64-mingw32-objdump", "-p", program], stdout=subprocess.PIPE, check=True).stdout
    part = re.search(rf"DLL Name: {library}\n(.*?)\n\n", told.decode(), re.S | re.I)
    return re.findall(r"^\s+[0-9a-f]+\s+(?:<none>|\d+)\s+(?:[0-9a-f]+\s+)?(\w+)$", part.group(1), re.M)


@case("nothing that the program imports leads to a library that could lie beside it")
def forwarded(host):
    """advapi32.dll forwards its SystemFunctions, RtlGenRandom is one, to cryptbase.dll and cryptsp.dll."""
    names = imports(host.program, "ADVAPI32.dll")
    check("RegOpenKeyExW" in names, names)
    equal([name for name in names if name.startswith("SystemFunction")], [])


if __name__ == "__main__":
    main(*sys.argv[1:])
