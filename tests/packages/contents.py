#!/usr/bin/env python3
"""contents.py FOLDER: all packages of that folder are there, with their right sums; for either processor the .deb, the .rpm, the .tar.gz and
the image hold the same program, and the bill of materials is of it; so it is for Windows."""
import glob
import hashlib
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile

KINDS = {"amd64": {"deb": "*_amd64.deb", "rpm": "*.x86_64.rpm", "tar": "*-linux-x86_64.tar.gz", "sbom": "*-linux-x86_64.spdx.json"},
         "arm64": {"deb": "*_arm64.deb", "tar": "*-linux-aarch64.tar.gz", "sbom": "*-linux-aarch64.spdx.json"},
         "windows": {"zip": "*-windows-x86_64.zip", "sbom": "*-windows-x86_64.spdx.json"}}
BESIDE = ["LICENSE", "README.md", "man/man8/twctl.8", "completions/_twctl", "docs/contract.md", "licenses/nlohmann-json3-dev"]


def digest(content):
    return hashlib.sha256(content).hexdigest()


def unpacked(command, member):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["sh", "-c", command], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(os.path.join(folder, member), "rb") as file:
            return file.read()


def of_image(path, architecture):
    with tarfile.open(path) as archive:
        def blob(reference):
            return archive.extractfile("blobs/sha256/" + reference["digest"].split(":")[1])
        [index] = json.load(archive.extractfile("index.json"))["manifests"]
        [manifest] = [one for one in json.load(blob(index))["manifests"] if one["platform"] == {"architecture": architecture, "os": "linux"}]
        with tarfile.open(fileobj=blob(json.load(blob(manifest))["layers"][0])) as layer:
            return layer.extractfile("twctl").read()


def of_archive(path, wrong):
    with tarfile.open(path) as archive:
        top = archive.getnames()[0]
        wrong += [f"{path} lacks {name}" for name in BESIDE if f"{top}/{name}" not in archive.getnames()]
        return archive.extractfile(f"{top}/twctl").read()


def of_zip(path, wrong):
    with zipfile.ZipFile(path) as archive:
        wrong += [f"{path} lacks {name}" for name in BESIDE if not any(one.endswith("/" + name) for one in archive.namelist())]
        [name] = [name for name in archive.namelist() if name.endswith("/twctl.exe")]
        return archive.read(name)


def of_bill(path, wrong):
    with open(path, encoding="utf-8") as file:
        bill = json.load(file)
    if len(bill["packages"]) < 8 or any("unknown" in package["versionInfo"] for package in bill["packages"]):
        wrong.append(f"{path} lacks a library, or a version")
    return bill["packages"][0]["checksums"][0]["checksumValue"]


def main(folder):
    wrong = []
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=folder, check=True)
    image = glob.glob(f"{folder}/*_oci.tar")[0]
    readers = {"deb": lambda path: digest(unpacked(f"dpkg-deb -x {path} .", "usr/sbin/twctl")),
               "rpm": lambda path: digest(unpacked(f"rpm2cpio {path} | cpio -idm", "usr/sbin/twctl")),
               "tar": lambda path: digest(of_archive(path, wrong)),
               "zip": lambda path: digest(of_zip(path, wrong)),
               "sbom": lambda path: of_bill(path, wrong)}
    for kind, patterns in KINDS.items():
        sums = {form: readers[form](os.path.abspath(glob.glob(f"{folder}/{pattern}")[0])) for form, pattern in patterns.items()}
        if kind != "windows":
            sums["oci"] = digest(of_image(image, kind))
        if len(set(sums.values())) != 1:
            wrong.append(f"the programs for {kind} differ: {sums}")
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)


main(*sys.argv[1:])
