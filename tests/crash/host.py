"""A whole throw-away host for tests that kill the program, lie to it and meddle with its files.

enter() moves this script into network, mount and process namespaces of its own, with the kernel's default settings, a
copy of /etc, an empty /var/lib and no boot files but that copy's. Host then runs the real program in it, looks at all
that it may have changed, and puts it back. The promises of the safety rules are functions here; each returns what is
wrong.
"""
import contextlib
import ctypes
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import zlib
from typing import NamedTuple

NETWORK_OUTSIDE = "TWCTL_CRASH_NETWORK"  # the namespace that must not be touched
SKIPPED = "TEST SKIPPED: "
STATE = "/var/lib/twctl"
CHANGES = STATE + "/changes"
OWN_FILE = "/etc/sysctl.d/60-twctl.conf"
SYSCTL_CONF = "/etc/sysctl.conf"
TREES = tuple(f"/proc/sys/net/{name}" for name in ("ipv4", "ipv6", "core", "netfilter", "unix"))


def network():
    return os.readlink("/proc/thread-self/ns/net")


def enter():
    """Returns inside; the process outside only waits. As a plain user: as root of a user namespace."""
    if NETWORK_OUTSIDE in os.environ:
        _build()
        return
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    command = ["unshare", *user, "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    trial = [*command, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    probe = subprocess.run(trial, capture_output=True, text=True, check=False)
    if probe.returncode != 0:
        sys.exit(f"{SKIPPED}this system lets us make no namespaces: {probe.stderr.strip()}")
    # A container's process 1, so that its boot files set the values of its own namespace.
    inside = {**os.environ, NETWORK_OUTSIDE: network(), "container": "test", "LC_ALL": "C"}
    os.execvpe("unshare", [*command, sys.executable, *sys.argv], inside)


def insist_on_own_namespace():
    if network() == os.environ[NETWORK_OUTSIDE] or os.getpid() != 1:
        sys.exit("a test tried to change a host that is not its own")


def _mount(*args):
    subprocess.run(["mount", *args], check=True)


def _detach(folder):
    """Has what it has now, and nothing that comes to it outside."""
    spare = "/run/detached"
    os.mkdir(spare)
    _mount("--rbind", folder, spare)
    _mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", folder)
    for entry in os.scandir(spare):
        there = os.path.join(folder, entry.name)
        if entry.is_dir(follow_symlinks=False):
            os.mkdir(there)
            _mount("--rbind", entry.path, there)
        else:
            os.symlink(entry.path, there)


def _build():
    insist_on_own_namespace()
    with open("/proc/self/comm", "w", encoding="ascii") as name:
        name.write("systemd")  # process 1 is known by this name
    for folder in ("/run", "/usr/lib/sysctl.d", "/usr/local/lib/sysctl.d", "/var/lib"):
        if os.path.isdir(folder):
            _mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", folder)
    if not os.path.isdir("/usr/local/lib/sysctl.d"):
        _detach("/usr/local/lib")  # else what somebody makes there meanwhile would be one of our boot files
    # The copy lies on a file system of its own, so that renames and links behave as on a real root.
    os.mkdir("/run/root")
    _mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/run/root")
    # A plain user cannot read all of it, and what is missing no test asks for.
    subprocess.run(["cp", "-a", "/etc", "/run/root/etc"], check=False, stderr=subprocess.DEVNULL)
    _mount("--bind", "/run/root/etc", "/etc")
    for name in os.listdir("/etc/sysctl.d"):
        os.unlink(f"/etc/sysctl.d/{name}")
    os.symlink("../sysctl.conf", "/etc/sysctl.d/99-sysctl.conf")
    put(SYSCTL_CONF, "# What came with the host.\nnet.ipv4.tcp_keepalive_time = 7200\n\n# the end\n")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=False)


def put(path, text):
    """Text into a file or a kernel setting, in one write."""
    insist_on_own_namespace()
    with open(path, "wb", buffering=0) as file:
        file.write(text if isinstance(text, bytes) else text.encode())


def read_bytes(path):
    with open(path, "rb", buffering=0) as file:
        return file.read()


def setting_path(key):
    return "/proc/sys/" + key.replace(".", "/")


def value_of(key):
    return read_bytes(setting_path(key)).decode()


def whole_tree():
    """Every readable file below /proc/sys/net with its text; a random key that the kernel makes up is left out."""
    found = {}
    for top in TREES:
        for folder, _, names in os.walk(top):
            for name in names:
                path = os.path.join(folder, name)
                try:
                    if name != "netdev_rss_key":
                        found[path] = read_bytes(path)
                except OSError:
                    continue  # for writing only
    return found


def whole_etc():
    """Every entry below /etc as it stands on disk."""
    return _entries("/etc")


def _entry(path):
    status = os.lstat(path)
    content = b""
    if stat.S_ISLNK(status.st_mode):
        content = os.readlink(path).encode()
    elif stat.S_ISREG(status.st_mode):
        content = read_bytes(path)
    links = status.st_nlink if stat.S_ISREG(status.st_mode) else 1
    return (status.st_mode, status.st_uid, status.st_gid, links, content)


def _seen(paths):
    """What goes while we look, as under a watchdog at work, is gone."""
    found = {}
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            found[path] = _entry(path)
    return found


def _entries(top):
    """The top itself, where it is there, and all below it."""
    below = (os.path.join(folder, name) for folder, folders, names in os.walk(top) for name in folders + names)
    return _seen([top, *below])


class State(NamedTuple):
    """All that the program may change: settings by key, boot files and journal by path (mode, owner, links, bytes)."""
    settings: dict
    files: dict
    journal: dict

    def host(self):
        """What counts as old or new."""
        return (self.settings, self.files)


class Run(NamedTuple):
    code: int  # below 0: the signal that ended it
    out: str
    err: str
    trace: list  # strace's lines, where asked for

    def was_killed(self):
        return self.code == -9


class Host:
    """The program on this host, looking at these settings. where: ("--root", DIR) or ("--netns", NAME), given to every command;
    then it is that image, or the settings of that network namespace, which is looked at and put back."""

    def __init__(self, program, keys, where=()):
        self.program = os.path.abspath(program)
        self.keys = list(keys)
        self.where = tuple(where)
        self.name = " ".join(("", "with", where[0])) if where else ""  # behind that of a scenario

    def there(self):
        """Within: paths are those of the image, settings those of the namespace."""
        return {"--root": _inside_image, "--netns": _inside_network}[self.where[0]](self.where[1]) if self.where else contextlib.nullcontext()

    def command_line(self, args):
        return (args[0], *self.where, *args[1:])

    def look(self):
        with self.there():
            return self._look()

    def _look(self):
        beside = [f"/etc/{name}" for name in os.listdir("/etc") if name.startswith(".twctl")]
        files = _entries("/etc/sysctl.d") | _seen([*beside, SYSCTL_CONF])
        return State({key: value_of(key) for key in self.keys}, files, _entries(STATE))

    def restore(self, state):
        """The host as it was when `state` was looked at, but for inode numbers and times."""
        with self.there():
            self._restore(state)

    def _restore(self, state):
        insist_on_own_namespace()
        now = self._look()
        for key in self.keys + self.keys[::-1]:  # twice: a port range may have to wait for another key
            if value_of(key) != state.settings[key]:
                put(setting_path(key), state.settings[key])
        if now.files != state.files:
            _make_equal(now.files, state.files)
        if now.journal != state.journal:
            shutil.rmtree(STATE, ignore_errors=True)
            _make_equal({}, state.journal)

    def run(self, *args, inject=None, trace=None, paths=(), prefix=(), timeout=120):
        """The program with these arguments. inject: strace's fault, "fsync:error=EIO:when=2"; a list for several, of
        different calls. trace: also strace's lines of these calls ("all"). paths: only calls about these files."""
        faults = [inject] if isinstance(inject, str) else list(inject or [])
        command = [*prefix, *self.tracer(faults, trace, paths), self.program, *self.command_line(args)]
        ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=timeout)
        lines = read_bytes("/run/trace").decode(errors="replace").splitlines() if trace else []
        said, messages = ended.stdout.decode(errors="replace"), ended.stderr.decode(errors="replace")
        return Run(ended.returncode, said, messages, lines)

    @staticmethod
    def tracer(faults, trace=None, paths=()):
        """strace with those faults; nothing where there is nothing to do for it."""
        if not faults and not trace:
            return []
        calls = trace or ",".join(fault.split(":")[0] for fault in faults)
        options = [part for fault in faults for part in ("-e", "inject=" + fault)]
        options += [part for path in paths for part in ("-P", path)]
        log = ["-y", "-s", "512", "-o", "/run/trace"] if trace else ["-o", "/dev/null"]
        # Without address randomisation the number of memory calls is the same in each run.
        return ["setarch", "-R", "strace", "-f", "-qq", *log, "-e", "trace=" + calls, *options]

    def expire(self):
        """The deadline of what is undecided has been: a second after the boot."""
        with self.there():
            for folder, intent in records(self._look(), "intent").items():
                undecided = not os.path.exists(f"{CHANGES}/{folder}/decision")
                if undecided and intent["deadline"] is not None:
                    put(f"{CHANGES}/{folder}/intent", as_record({**intent, "deadline": 10**9}))

    def stamps(self):
        """Which files these are and when each was last written: equal only if nobody wrote."""
        with self.there():
            return self._stamps()

    @staticmethod
    def _stamps():
        found = {}
        for top in (STATE, "/etc/sysctl.d"):
            for folder, _, names in os.walk(top):
                for path in [folder] + [os.path.join(folder, name) for name in names]:
                    status = os.lstat(path)
                    found[path] = (status.st_ino, status.st_mtime_ns)
        for path in ("/etc", SYSCTL_CONF):
            if os.path.lexists(path):
                found[path] = (os.lstat(path).st_ino, os.lstat(path).st_mtime_ns)
        return found


@contextlib.contextmanager
def _inside_image(folder):
    outside, here = os.open("/", os.O_RDONLY | os.O_DIRECTORY), os.getcwd()
    os.chroot(folder)
    os.chdir("/")
    try:
        yield
    finally:
        os.fchdir(outside)
        os.chroot(".")
        os.chdir(here)  # where the caller's own paths begin
        os.close(outside)


@contextlib.contextmanager
def _inside_network(name):
    outside, inside = (os.open(path, os.O_RDONLY) for path in ("/proc/thread-self/ns/net", f"/run/netns/{name}"))
    _enter_network(inside)
    try:
        yield
    finally:
        _enter_network(outside)
        os.close(outside)
        os.close(inside)


def _enter_network(descriptor):
    if ctypes.CDLL(None, use_errno=True).setns(descriptor, 0) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def _make_equal(now, wanted):
    for path in sorted(now, reverse=True):
        if path not in wanted or now[path] != wanted[path]:
            (os.rmdir if stat.S_ISDIR(now[path][0]) else os.unlink)(path)
    for path in sorted(wanted):
        if path in now and now[path] == wanted[path]:
            continue
        mode, uid, gid, _, content = wanted[path]
        if stat.S_ISDIR(mode):
            os.mkdir(path)
        elif stat.S_ISLNK(mode):
            os.symlink(content, path)
            continue
        else:
            put(path, content)
        os.chown(path, uid, gid)
        os.chmod(path, stat.S_IMODE(mode))


# What the journal says, read from its bytes.

_RECORD = re.compile(rb"twctl-record (\d+) (\d+) ([0-9a-f]{8})\n")
_FOLDER = re.compile(r"\d{8}-[0-9a-f]{32}")
_LITTER = re.compile(r"(^|/)\.(tmp-|trash-|twctl-)")
_IN_FOLDER = {"intent", "applied", "decision", "done", "restore-live.conf", "before-sysctl.conf", "before-60-twctl.conf"}


def record(entry):
    """The members of a whole record; None for anything else."""
    heading = _RECORD.match(entry[4])
    payload = entry[4][heading.end():] if heading else b""
    if not heading or int(heading.group(2)) != len(payload):
        return None
    return json.loads(payload)


def as_record(members):
    """The text of a record with these members; its length and checksum are right."""
    payload = json.dumps(members, separators=(",", ":"), sort_keys=True) + "\n"
    return f"twctl-record 1 {len(payload)} {zlib.crc32(payload.encode()):08x}\n{payload}"


def records(state, name):
    """{folder: members} of the published records of that name, oldest first."""
    found = {}
    for path in sorted(state.journal):
        folder, _, last = path.rpartition("/")
        if last == name and _FOLDER.fullmatch(os.path.basename(folder)):
            found[os.path.basename(folder)] = record(state.journal[path])
    return found


def differences(one, other):
    return [path for path in sorted({*one, *other}) if one.get(path) != other.get(path)]


def not_old_or_new(old, new, now):
    """P1: all old or all new."""
    if now.host() in (old.host(), new.host()):
        return []
    of_old = differences(old.settings, now.settings) + differences(old.files, now.files)
    of_new = differences(new.settings, now.settings) + differences(new.files, now.files)
    return [f"P1: neither old ({', '.join(of_old)} differ) nor new ({', '.join(of_new)} differ)"]


def words(text):
    return " ".join(text.split())


def not_in_journal(old, now):
    """P2: whoever reads the journal finds the old value of every setting that differs from it, and the old file."""
    intents = [intent for intent in records(now, "intent").values() if intent]
    kept = {(setting["key"], setting["before"]) for intent in intents for setting in intent["settings"]}
    wrong = []
    for key in differences(old.settings, now.settings):
        if (key, words(old.settings[key])) not in kept:
            wrong.append(f"P2: {key} is {words(now.settings[key])} and no intent keeps its old value")
    kept_files = {file["path"] for intent in intents for file in intent["files"]}
    for path in differences(old.files, now.files):
        if not _LITTER.search(path) and path not in kept_files:
            wrong.append(f"P2: {path} has changed and no intent keeps its old content")
    return wrong


def changed_decisions(earlier, later):
    """P3: a decision that was there is there still, byte for byte (its change may have been pruned)."""
    wrong = []
    for path, entry in earlier.journal.items():
        folder, _, name = path.rpartition("/")
        if name not in ("decision", "done", "intent") or not _FOLDER.fullmatch(os.path.basename(folder)):
            continue
        if folder in later.journal and later.journal.get(path) != entry:
            wrong.append(f"P3: {path} was written and has changed")
    return wrong


def persisted_before_decision(old, now):
    """P5: while the newest change has no decision to commit, no boot file differs from the old one."""
    if any(decisions_new_in(old, now).values()):
        return []
    return [f"P5: {path} has changed before the decision" for path in differences(old.files, now.files)
            if not _LITTER.search(path)]


def decisions_new_in(old, now):
    """{folder: True for commit} of the decisions that `now` has and `old` has not."""
    before = records(old, "decision")
    return {folder: "commit" in json.dumps(members) for folder, members in records(now, "decision").items()
            if folder not in before}


def litter(now):
    """P10: no temporary file, and nothing in the state directory but what belongs there."""
    wrong = [f"P10: {path} is left behind" for path in [*now.files, *now.journal] if _LITTER.search(path)]
    for path in now.journal:
        steps = os.path.relpath(path, STATE).split("/")
        known = steps in (["."], ["lock"], ["changes"]) or (
            steps[0] == "changes" and _FOLDER.fullmatch(steps[1]) and (len(steps) == 2 or steps[2] in _IN_FOLDER))
        if not known and not _LITTER.search(path):
            wrong.append(f"P10: {path} does not belong there")
    return wrong


def without_litter(state):
    """What counts as old or new, but for files that no loader reads."""
    return (state.settings, {path: entry for path, entry in state.files.items() if not _LITTER.search(path)})


def unfinished(now):
    """Changes without an end."""
    ended = records(now, "done")
    return [f"{folder} has no end" for folder in records(now, "intent") if folder not in ended]


def processes_left():
    """P10: in this process namespace there is nobody but us."""
    left = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if int(pid) != os.getpid():
            try:
                left.append(f"P10: process {pid} ({read_bytes(f'/proc/{pid}/comm').decode().strip()}) is left behind")
            except OSError:
                continue  # it ended just now
    return left


# What the long suites share.

def share(things, wanted):
    """Of --share K/N: every N-th of them, from the K-th on."""
    first, of = map(int, wanted.split("/"))
    return list(things)[first - 1::of]


def end(tried, failures):
    """The last line of a suite, of which scripts/long makes its table, and the exit."""
    print("\n".join(failures[:50]))
    print(f"tried {tried}, held {max(tried - len(failures), 0)}, found {len(failures)}")
    sys.exit(1 if failures or not tried else 0)
