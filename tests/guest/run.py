#!/usr/bin/env python3
"""run.py SUITE --program TWCTL --folder FOLDER [OPTION...]: one suite of guests; see README.md beside it."""
import argparse
import os
import random
import shutil
import sys
import time

import clocks
import image
import power_cut
import reboot
import settings
import traffic
from machine import GuestError, Machine
from packages import Kernel, Packages
from skip import Skip


# No login prompts, and no waiting for them; the suite's own unit beside what any boot starts.
SYSTEM = "systemd.mask=getty.target systemd.getty_auto=no systemd.wants=steps.service systemd.default_timeout_start_sec=300"


class Parts:
    """What the suites build their guests of, in a folder that can be thrown away and is kept to save time."""

    def __init__(self, options):
        self.folder = os.path.abspath(options.folder)
        self.packages = Packages(self.folder)
        self.program = options.program
        self.units = [entry.path for entry in os.scandir(options.units)] if options.units else []
        self.programs = {"twctl": options.program} | ({"no_fsync": options.no_fsync} if options.no_fsync else {})
        if options.suite == "kernels":
            self.programs["ss"] = shutil.which("ss") or "/usr/bin/ss"
        self.tried = 1  # a suite that counts says how many
        self.work = os.path.join(self.folder, f"{options.suite}-{os.getpid()}")
        os.makedirs(self.work)

    def take_kernel(self, package):
        self.kernel = Kernel(self.packages, package)
        self.initramfs = image.initramfs(self.kernel, self.packages, self.programs, self.path("initramfs"))

    def path(self, name):
        return os.path.join(self.work, name)

    def boot(self, disk, launcher=""):
        """The small guest: the disk is a whole host, but for its programs."""
        prelude = f'twctl() {{ {launcher} /bin/twctl "$@"; }}\n'
        return Machine(self.kernel.image, self.initramfs, disk + ".console", disk, prelude)

    def boot_system(self, disk, append=""):
        """The system on the disk."""
        return Machine(self.kernel.image, self.initramfs, disk + ".console", disk, append=f"{SYSTEM} {append}", steady=True)


def power_cut_suite(parts, options):
    return power_cut.run(parts, options.count, options.seed)


def control_suite(parts, options):
    return power_cut.control(parts, options.count, options.seed)


def settings_suite(parts, _):
    return settings.run(parts)


def clocks_suite(parts, _):
    return clocks.run(parts)


def reboot_suite(part):
    return lambda parts, _: reboot.run(parts, part)


def kernels_suite(parts, options):
    """The settings and traffic on each kernel; one that does not boot here is a finding, and one that cannot be had is shown."""
    parts.packages.use_other_suites()
    first, of = map(int, options.share.split("/"))
    findings, booted, missing = [], 0, 0
    for package in (options.packages or parts.packages.newest_kernels())[first - 1::of]:
        try:
            parts.take_kernel(package)
            booted += 1
            findings += settings.run(parts, traffic.findings)
        except GuestError as why:
            findings.append(f"{package}: {why}")
        except Skip as why:
            missing += 1
            print(f"{package} cannot be had: {why}")
        sys.stdout.flush()
    print(f"{booted} kernels, {missing} more that cannot be had")
    parts.tried = booted
    return findings if booted or of > 1 else findings + ["no kernel at all"]


SUITES = {"power-cut": power_cut_suite, "control": control_suite, "settings": settings_suite, "clocks": clocks_suite,
          "kernels": kernels_suite} | {f"reboot-{part}": reboot_suite(part) for part in reboot.PARTS}


def parsed(arguments):
    parser = argparse.ArgumentParser(prog="run.py")
    parser.add_argument("suite", choices=SUITES)
    parser.add_argument("packages", nargs="*", help="of kernels, instead of the newest of each version")
    parser.add_argument("--program", required=True, help="the static twctl")
    parser.add_argument("--no-fsync", help="the launcher that makes fsync do nothing")
    parser.add_argument("--units", help="the folder of twctl's systemd units")
    parser.add_argument("--folder", required=True, help="packages and images are kept here")
    parser.add_argument("--share", default="1/1", help="K/N: every N-th kernel, from the K-th on")
    parser.add_argument("--count", type=int, default=20, help="power cuts")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    return parser.parse_args(arguments)


def suite_findings(parts, options):
    """The folder of a suite that held is not needed any more; that of one that did not is kept to be looked at."""
    if options.suite != "kernels":
        parts.take_kernel(parts.packages.kernel_of_meta_package())
    findings = SUITES[options.suite](parts, options)
    if not findings:
        shutil.rmtree(parts.work)
    return findings


def main(arguments):
    options = parsed(arguments)
    started = time.monotonic()
    try:
        parts = Parts(options)
        findings = suite_findings(parts, options)
    except Skip as why:
        sys.exit(f"TEST SKIPPED: {why}")
    print(f"{len(findings)} findings in {time.monotonic() - started:.0f} s")
    for finding in findings:
        print(f"  {finding}")
    print(f"tried {parts.tried}, held {max(parts.tried - len(findings), 0)}, found {len(findings)}")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
