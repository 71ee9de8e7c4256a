#!/usr/bin/env python3
"""contents.py FOLDER: all packages of that folder are there, with their right sums; the .deb, the .rpm, the .tar.gz and the image hold the same
program, and the bill of materials is of it."""
import glob
import hashlib
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile

PATTERNS = {"deb": "*.deb", "rpm": "*.rpm", "tar": "*.tar.gz", "zip": "*.zip", "oci": "*_oci.tar", "sbom": "*.spdx.json"}


def digest(content):
    return hashlib.sha256(content).hexdigest()


def unpacked(command, member):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["sh", "-c", command], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(os.path.join(folder, member), "rb") as file:
            return file.read()


def of_image(path):
    with tarfile.open(path) as archive:
        def blob(reference):
            return archive.extractfile("blobs/sha256/" + reference["digest"].split(":")[1])
        [manifest] = json.load(archive.extractfile("index.json"))["manifests"]
        with tarfile.open(fileobj=blob(json.load(blob(manifest))["layers"][0])) as layer:
            return layer.extractfile("twctl").read()


def main(folder):
    one = {kind: os.path.abspath(glob.glob(f"{folder}/{pattern}")[0]) for kind, pattern in PATTERNS.items()}
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=folder, check=True)
    with tarfile.open(one["tar"]) as archive:
        names = archive.getnames()
        top = names[0]
        programs = {"tar": archive.extractfile(f"{top}/twctl").read()}
    programs["deb"] = unpacked(f"dpkg-deb -x {one['deb']} .", "usr/sbin/twctl")
    programs["rpm"] = unpacked(f"rpm2cpio {one['rpm']} | cpio -idm", "usr/sbin/twctl")
    programs["oci"] = of_image(one["oci"])
    with open(one["sbom"], encoding="utf-8") as file:
        bill = json.load(file)
    sums = {kind: digest(content) for kind, content in programs.items()}
    sums["sbom"] = bill["packages"][0]["checksums"][0]["checksumValue"]
    wrong = [f"the programs differ: {sums}"] if len(set(sums.values())) != 1 else []
    for name in (f"{top}/LICENSE", f"{top}/man/man8/twctl.8", f"{top}/completions/_twctl", f"{top}/licenses/libc6-dev"):
        if name not in names:
            wrong.append(f"{one['tar']} lacks {name}")
    with zipfile.ZipFile(one["zip"]) as archive:
        if not any(name.endswith("/twctl.exe") for name in archive.namelist()):
            wrong.append(f"{one['zip']} lacks the program")
    if len(bill["packages"]) < 8 or any("unknown" in package["versionInfo"] for package in bill["packages"]):
        wrong.append(f"{one['sbom']} lacks a library, or a version")
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)


main(*sys.argv[1:])
