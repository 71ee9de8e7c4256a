#!/usr/bin/env python3
"""oci.py PATTERN: podman loads the image, and runs it as a plain user in a network namespace of its own: it looks, and may change nothing."""
import glob
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

# Storage of its own; and a view of the control groups that crun understands on any machine, in a mount namespace of its own.
IN_OWN_MOUNTS = "mount -t tmpfs tmpfs /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup 2>/dev/null; exec \"$@\""
RUN = ["run", "--rm", "--cgroups=disabled", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024", "--network", "none"]


def main(pattern):
    if shutil.which("podman") is None or os.geteuid() != 0:
        sys.exit("TEST SKIPPED: there is no podman here, or you are not root")
    [image] = glob.glob(pattern)
    name = "localhost/twctl:" + os.path.basename(image).split("_")[1]
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        podman = ["unshare", "--mount", "sh", "-c", IN_OWN_MOUNTS, "sh", "podman", "--root", f"{folder}/storage", "--runroot", f"{folder}/run",
                  "--storage-driver", "vfs", "--cgroup-manager", "cgroupfs", "--runtime", "crun"]

        def said(*arguments, code=0):
            done = subprocess.run([*podman, *arguments], capture_output=True, text=True, check=False)
            if done.returncode != code:
                wrong.append(f"{arguments} ends with {done.returncode}, not {code}: {done.stdout}{done.stderr}")
            return done.stdout

        said("load", "-i", image)
        if wrong:
            sys.exit("\n".join(wrong))
        if json.loads(said("image", "inspect", name))[0]["Config"]["User"] != "65534:65534":
            wrong.append("it is not run as a plain user")
        if not said(*RUN, name, "--version").startswith("twctl "):
            wrong.append("it does not tell its version")
        if json.loads(said(*RUN, name, "states", "--json") or "{}").get("total") != 0:
            wrong.append("it does not count the sockets of its network namespace, which has none")
        # What it says to `docker run` is what podman sets.
        words = shlex.split(said(*RUN, name, "profile", "show", "busy-client", "--as", "docker").replace("\\\n", " "), comments=True)
        plan = (name, "plan", "busy-client", "--scope", "live", "-q")
        said(*RUN, *plan, code=77)  # something is to be changed, and may not be from within
        said(*RUN, *words[2:-1], *plan)
        # It has no folder for a journal, so that it changes nothing, whoever runs it with whatever rights.
        said(*RUN, name, "apply", "--set", "net.ipv4.tcp_fin_timeout=30", "--scope", "live", "--yes", code=1)
        # The same archive has the program for the other processor under the same name.
        said("pull", "--arch", "arm64", f"oci-archive:{image}")
        if json.loads(said("image", "inspect", name))[0]["Architecture"] != "arm64":
            wrong.append("it is not had for arm64")
        said("rmi", "--all", "--force")
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)


main(*sys.argv[1:])
