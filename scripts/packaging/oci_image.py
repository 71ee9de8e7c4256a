#!/usr/bin/env python3
"""oci_image.py OUT VERSION SECONDS ARCH=PROGRAM...: an image of the program alone, run as a plain user, for each of those architectures, as an
OCI archive. The same programs give the same bytes; SECONDS since 1970 is when it was released."""
import datetime
import gzip
import hashlib
import io
import json
import os
import re
import sys
import tarfile

# As twctl.spec has them: of the program and of what is linked in.
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "twctl.spec"), encoding="utf-8") as spec:
    LICENSES = re.search(r"^License: (.*)$", spec.read(), re.M)[1]


def member(archive, name, content, mode=0o644, seconds=0):
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = len(content), mode, seconds
    archive.addfile(info, io.BytesIO(content))


def as_json(value):
    return json.dumps(value, sort_keys=True).encode()


class Image:
    def __init__(self, version, seconds):
        self.version, self.seconds = version, seconds
        self.blobs = {}

    def blob(self, kind, content, **more):
        digest = hashlib.sha256(content).hexdigest()
        self.blobs[digest] = content
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{digest}", "size": len(content), **more}

    def add(self, architecture, program):
        layer = io.BytesIO()
        with tarfile.open(fileobj=layer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            member(archive, "twctl", program, 0o755, self.seconds)
        created = datetime.datetime.fromtimestamp(self.seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        config = {"created": created, "architecture": architecture, "os": "linux",
                  "config": {"User": "65534:65534", "Entrypoint": ["/twctl"], "Env": ["PATH=/"],
                             "Labels": {"org.opencontainers.image.title": "twctl", "org.opencontainers.image.version": self.version,
                                        "org.opencontainers.image.licenses": LICENSES}},
                  "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer.getvalue()).hexdigest()]},
                  "history": [{"created": created, "created_by": "scripts/package"}]}
        manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                    "config": self.blob("config.v1+json", as_json(config)),
                    "layers": [self.blob("layer.v1.tar+gzip", gzip.compress(layer.getvalue(), 9, mtime=0))]}
        return self.blob("manifest.v1+json", as_json(manifest), platform={"architecture": architecture, "os": "linux"})

    def write(self, path, manifests):
        """One name for all of them."""
        name = {"org.opencontainers.image.ref.name": f"twctl:{self.version}"}
        inner = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": manifests}
        index = {"schemaVersion": 2, "manifests": [self.blob("index.v1+json", as_json(inner), annotations=name)]}
        with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as archive:
            member(archive, "oci-layout", as_json({"imageLayoutVersion": "1.0.0"}), seconds=self.seconds)
            member(archive, "index.json", as_json(index), seconds=self.seconds)
            for digest in sorted(self.blobs):
                member(archive, f"blobs/sha256/{digest}", self.blobs[digest], seconds=self.seconds)


def main(out, version, seconds, *programs):
    image = Image(version, int(seconds))
    manifests = []
    for one in programs:
        architecture, _, path = one.partition("=")
        with open(path, "rb") as file:
            manifests.append(image.add(architecture, file.read()))
    image.write(out, manifests)


main(*sys.argv[1:])
