#!/usr/bin/env python3
"""zip.py PATTERN: the archive for Windows, unpacked as a person would, and its program run there, in a Windows of the test's own: it tells its
version, judges a file and a host by what lies beside it, changes the registry and takes that back."""
import glob
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile

WINDOWS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../windows")
sys.path.insert(0, WINDOWS)
import windows_host  # noqa: E402  pylint: disable=wrong-import-position

BESIDE = ["LICENSE", "README.md", "CHANGELOG.md", "docs/windows.md", "docs/contract.md", "profiles/classic.ini",
          "licenses/mingw-w64-x86-64-dev", "licenses/g++-mingw-w64-x86-64-posix", "licenses/nlohmann-json3-dev"]


def use(folder, problems):
    host = windows_host.Host(f"{folder}/twctl.exe")

    def expect(code, says, *args):
        run = host.run(*args, cwd=folder)
        if run.code != code or says not in run.out + run.err:
            problems.append(f"{args} does not end with {code} and say {says!r}: {run}")

    expect(0, "Windows x86_64", "--version")
    expect(0, "Usage: twctl plan", "help", "plan")
    expect(0, "busy-client", "profile", "list")
    expect(2, "60", "plan", "profiles/busy-client.ini", "-q")
    expect(0, "", "apply", "busy-client", "--yes", "-q")
    if host.query() != "REG_DWORD 0x3c":
        problems.append(f"apply has set {host.query()}")
    expect(0, "", "rollback", "--yes", "-q")
    if host.query() is not None:
        problems.append(f"rollback has left {host.query()}")
    expect(2, "net.ipv4.tcp_fin_timeout", "plan", "-q", "classic", "--from", "docs/examples/busy-server.json")


def main(pattern):
    if shutil.which("wine") is None:
        sys.exit("TEST SKIPPED: there is no wine here")
    [package] = glob.glob(pattern)
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(package) as archive:
            top = os.path.basename(package).removesuffix(".zip")
            outside = [name for name in archive.namelist() if not name.startswith(f"{top}/")]
            archive.extractall(folder)
        problems += [f"not in the archive's own folder: {name}" for name in outside]
        problems += [f"there is no {name}" for name in BESIDE if not os.path.exists(f"{folder}/{top}/{name}")]
        os.environ.update({"WINEPREFIX": f"{folder}/wine", "HOME": f"{folder}/wine", "WINEDEBUG": "-all", "LC_ALL": "C.UTF-8",
                           "WINEDLLOVERRIDES": "mscoree,mshtml="})
        subprocess.run([f"{WINDOWS}/prefix", f"{folder}/wine", "up"], check=True)
        try:
            use(f"{folder}/{top}", problems)
        finally:
            subprocess.run([f"{WINDOWS}/prefix", f"{folder}/wine", "down"], check=False)
    print("\n".join(problems))
    sys.exit(1 if problems else 0)


main(*sys.argv[1:])
