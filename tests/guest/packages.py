"""Debian packages by apt's own client: downloaded once, unpacked once, never installed."""
import fcntl
import lzma
import os
import re
import shutil
import subprocess

from skip import Skip

META_PACKAGE = "linux-image-cloud-amd64"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
# Where kernels of other releases are, beside what apt is told here; apt's own settings of this machine stay as they are.
OTHER_RELEASES = [("", "bullseye"), ("-security", "bullseye-security"), ("", "bookworm"), ("-security", "bookworm-security"),
                  ("", "trixie"), ("", "trixie-backports"), ("", "sid")]


def other_suites():
    """[(address, suite)]: the other releases lie where this machine's apt gets its own from."""
    ran = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)"], capture_output=True, text=True, check=False)
    archive = next((uri.rstrip("/") for uri in ran.stdout.split() if uri.rstrip("/").endswith("/debian")), None)
    return [(archive + kind, suite) for kind, suite in OTHER_RELEASES] if archive else []


class Packages:
    """A cache of packages below FOLDER: packages/*.deb as downloaded, unpacked/NAME/ as they hold."""

    def __init__(self, folder):
        self.folder = folder
        self.debs = os.path.join(folder, "packages")
        self.trees = os.path.join(folder, "unpacked")
        self.options = []
        os.makedirs(self.debs, exist_ok=True)
        os.makedirs(self.trees, exist_ok=True)

    def use_other_suites(self):
        """From now on apt knows the packages of other_suites(), and those only."""
        apt = os.path.join(self.folder, "apt")
        for part in ("lists/partial", "cache/archives/partial"):
            os.makedirs(os.path.join(apt, part), exist_ok=True)
        with open(os.path.join(apt, "sources.list"), "w", encoding="utf-8") as file:
            file.writelines(f"deb [signed-by={KEYRING}] {url} {suite} main\n" for url, suite in other_suites())
        settings = {"Dir::Etc::sourcelist": f"{apt}/sources.list", "Dir::Etc::sourceparts": "-",
                    "Dir::State::lists": f"{apt}/lists", "Dir::Cache": f"{apt}/cache", "APT::Sandbox::User": "root"}
        self.options = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
        with open(os.path.join(apt, "lock"), "w", encoding="utf-8") as lock:  # two updates at once would fail
            fcntl.flock(lock, fcntl.LOCK_EX)
            said_by(["apt-get", *self.options, "-q", "update"])

    def cache(self, *arguments):
        return said_by(["apt-cache", *self.options, *arguments])

    def unpacked(self, name):
        """The folder that holds the files of the package of this name."""
        tree = os.path.join(self.trees, name)
        if not os.path.isdir(tree):
            part = f"{tree}.part{os.getpid()}"
            said_by(["dpkg", "-x", self.deb(name), part])
            try:
                os.rename(part, tree)
            except OSError:  # another suite has unpacked it meanwhile
                shutil.rmtree(part)
        return tree

    def deb(self, name):
        return self.debs_of([name])[0]

    def debs_of(self, names):
        """Their files, downloaded where they are not here yet: in a folder of this process, so that none is ever half."""
        missing = [name for name in names if self.find(name) is None]
        if missing:
            folder = os.path.join(self.debs, f"part{os.getpid()}")
            os.makedirs(folder)
            try:
                said_by(["apt-get", *self.options, "download", "-q", *missing], cwd=folder)
                for file in os.listdir(folder):
                    os.rename(os.path.join(folder, file), os.path.join(self.debs, file))
            finally:
                shutil.rmtree(folder)
        return [self.find(name) for name in names]

    def find(self, name):
        """The newest file of that package; apt writes NAME_VERSION_ARCHITECTURE.deb."""
        debs = [os.path.join(self.debs, file) for file in os.listdir(self.debs) if file.startswith(name + "_")]
        return max(debs, key=os.path.getmtime, default=None)

    def depends(self, name):
        """The packages that the newest version of this one depends on, the first of each choice."""
        line = re.search(r"^Depends: (.*)", self.cache("show", "--no-all-versions", name), re.M)
        return [choice.split()[0] for choice in line[1].split(", ")] if line else []

    def kernel_of_meta_package(self):
        """The package of the kernel itself, which the one that everybody installs depends on."""
        return self.depends(META_PACKAGE)[0]

    def newest_kernels(self):
        """The cloud kernel of each version x.y that apt knows, the one with the highest number after it; oldest first."""
        found = {}
        known = self.cache("search", "linux-image")
        for name, version in re.findall(r"^(linux-image-(\d+\.\d+\.\S+)-cloud-amd64) ", known, re.M):
            numbers = [int(number) for number in re.findall(r"\d+", version.partition("+")[0])]
            found[tuple(numbers[:2])] = max(found.get(tuple(numbers[:2]), ([], "")), (numbers, name))
        return [name for _, (_, name) in sorted(found.items())]


def said_by(command, cwd=None):
    """What the command says. A tool or package that cannot be had here is a reason to skip, not a failure."""
    if shutil.which(command[0]) is None:
        raise Skip(f"no {command[0]} here")
    ran = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        last = (ran.stderr.strip() or ran.stdout.strip()).splitlines()[-1:]
        raise Skip(f"{' '.join(command)}: {' '.join(last)}")
    return ran.stdout


class Kernel:
    """A kernel and its modules, unpacked. Newer Debian kernels are in packages that linux-image-* depends on."""

    def __init__(self, packages, package):
        self.package = package
        parts = [name for name in packages.depends(package) if re.match(r"linux-(binary|modules)-", name)]
        files = {}
        for tree in [packages.unpacked(name) for name in parts or [package]]:
            for folder, _, names in os.walk(tree):
                files |= {name: os.path.join(folder, name) for name in names}
        # boot/vmlinuz-RELEASE, and from Linux 6.17 on usr/lib/modules/RELEASE/vmlinuz.
        self.image = next((path for name, path in files.items() if name.startswith("vmlinuz")), None)
        if self.image is None:
            raise Skip(f"no kernel in {package}")
        self.modules = {module_name(name): path for name, path in files.items() if ".ko" in name}

    def modules_in_order(self, wanted):
        """[(name, bytes)]: these modules and what they need, each after what it needs; what is built in is left out."""
        loaded = {}
        for name in wanted:
            self.load(name, loaded)
        return list(loaded.items())

    def load(self, name, loaded):
        if name in loaded or name not in self.modules:
            return
        content = module_content(self.modules[name])
        needs = re.search(rb"\0depends=([^\0]*)\0", content)
        for need in (needs[1].decode().split(",") if needs else []):
            self.load(need.replace("-", "_"), loaded)
        loaded[name] = content


def module_name(file):
    return file.partition(".ko")[0].replace("-", "_")


def module_content(path):
    with open(path, "rb") as file:
        content = file.read()
    return lzma.decompress(content) if path.endswith(".xz") else content
