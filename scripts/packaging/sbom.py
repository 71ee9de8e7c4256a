#!/usr/bin/env python3
"""sbom.py SECONDS PROGRAM...: the bill of materials of that program (with what it is run by before it: wine, qemu), as SPDX 2.3 in JSON: what
the program itself tells of its libraries with --version -v. SECONDS since 1970 is when it was released."""
import datetime
import hashlib
import json
import re
import subprocess
import sys

LIBRARY = re.compile(r"  (.+) (\S+|of unknown version), ([^,]+), (https://\S+)")


def package(name, version, license_name, home):
    return {"SPDXID": "SPDXRef-" + re.sub(r"[^A-Za-z0-9.]+", "-", name), "name": name, "versionInfo": version, "downloadLocation": home,
            "filesAnalyzed": False, "licenseConcluded": license_name, "licenseDeclared": license_name, "copyrightText": "NOASSERTION"}


def main(seconds, *program):
    told = subprocess.run([*program, "--version", "-v"], capture_output=True, text=True, check=True).stdout.splitlines()
    libraries = [LIBRARY.fullmatch(line) for line in told[told.index("libraries") + 1:]]
    if not libraries or None in libraries:
        sys.exit(f"this is no list of libraries: {told}")
    version = told[0].split()[1]
    with open(program[-1], "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    ours = {**package("twctl", version, "MIT", "NOASSERTION"), "checksums": [{"algorithm": "SHA256", "checksumValue": digest}]}
    parts = [package(*library.groups()) for library in libraries]
    created = datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    document = {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"twctl-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/twctl-{version}-{digest}",
        "creationInfo": {"created": created, "creators": ["Organization: the twctl authors"]},
        "packages": [ours, *parts],
        "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-twctl"}] +
                         [{"spdxElementId": "SPDXRef-twctl", "relationshipType": "STATIC_LINK", "relatedSpdxElement": part["SPDXID"]} for part in parts],
    }
    print(json.dumps(document, indent=1))


main(*sys.argv[1:])
