#!/usr/bin/env python3
"""pages.py PROGRAM TREE: runs what TREE's README and pages of docs/ show. The language of a block says how:

console     each "$ ..." is run, and what it says is compared ("> ..." goes on with a command; a line "..." stands for any lines)
sh          not run: it builds, installs, takes long or needs other hosts. Its syntax is checked, and that each of our scripts that it
            starts is there
powershell  not run: neither Windows nor PowerShell is here (tests/windows runs twctl.exe, under Wine)
ini         a profile, which `profile show` reads
json, yaml  read by a parser
text        no command: a drawing, a message, somebody else's output

In `sh`, in `powershell` and in what stands in the text as `twctl ...` each command is held to the program: with --help behind it, the
program has to know all its words, and of `explain` the name too.
A block without a language, or one that is only indented, is an error.

Each console block has a host of its own, on which its commands run one after the other. It is made of namespaces: the kernel's default
settings, no boot files of the machine's own, copies of /etc, an empty /run, /tmp and /var/lib, and a process 1 called systemd. It
starts in the top folder of the tree, which it cannot write. With TWCTL_UPDATE_PAGES=1 the pages are rewritten to show what is said: read
the difference. What differs from machine to machine (distribution, kernel, container) or
from run to run (ids, times) is not compared.
"""
import concurrent.futures
import glob
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import threading

import yaml

REWRITING = threading.Lock()

INSIDE = r"""
set -e
program=$1 tree=$2
shift 2
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir /run/bin /run/etc /run/tree
cp "$program" /run/bin/twctl
mount --bind "$tree" /run/tree
mount -o remount,bind,ro /run/tree
cp -a /etc/. /run/etc/ 2>/dev/null || true
mount --bind /run/etc /etc
rm -rf /etc/sysctl.conf /etc/sysctl.d /etc/twctl
mkdir /etc/sysctl.d
for directory in /usr/local/lib/sysctl.d /usr/lib/sysctl.d /var/lib /tmp; do
  if [ -d "$directory" ]; then mount -t tmpfs -o mode=0755 tmpfs "$directory"; fi
done
hostname web1
ip link set lo up
cd /run/tree
set +e
for command; do
  eval "$command"
  printf '\0'
done
"""


class Block:
    def __init__(self, page, line, language, text):
        self.page, self.line, self.language, self.text = page, line, language, text

    def where(self):
        return f"{self.page}:{self.line}: {self.language or 'a block without a language'}"

    def rewrite(self, commands):
        shown = "".join("$ " + command.replace("\n", "\n> ").replace("> \n", ">\n") + "\n" + (output.rstrip("\n") + "\n" if output else "")
                        for command, output in commands)
        with REWRITING, open(self.page, "r+", encoding="utf-8") as file:
            page = file.read().replace(self.text, shown)
            file.seek(0)
            file.truncate()
            file.write(page)


def blocks(page):
    """Every code block of a page, the indented ones as blocks without a language. In a list indented lines are its text."""
    found, fence, in_list, blank = [], None, False, True
    with open(page, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if fence is not None:
                if line.startswith("```"):
                    found.append(fence)
                    fence = None
                else:
                    fence.text += line
            elif line.startswith("```"):
                fence = Block(page, number, line[3:].strip(), "")
            elif line.startswith("    ") and blank and not in_list:
                found.append(Block(page, number, "", line))
            elif line.strip() and not line.startswith(" "):
                in_list = re.match(r"([-*]|\d+\.) ", line) is not None
            blank = not line.strip()
    if fence is not None:
        sys.exit(f"{fence.where()}: has no end")
    return found


def inline_commands(page):
    """What stands in the text of a page as `twctl ...`, without what a reader may leave out ("[COMMAND]") or the shell adds."""
    with open(page, encoding="utf-8") as file:
        text = re.sub(r"^```.*?^```$", lambda block: "\n" * block[0].count("\n"), file.read(), flags=re.M | re.S)
    for found in re.finditer(r"`(twctl [^`]+)`", text):
        command = re.split(r"\[|\|\||[;>]", found[1])[0]
        yield Block(page, text.count("\n", 0, found.start()) + 1, "inline", " ".join(command.split()))


def session(text):
    """[(command, output)] of a console block."""
    parts = []
    for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
        lines = part.rstrip("\n").split("\n")
        length = next((n for n, line in enumerate(lines) if n > 0 and line != ">" and not line.startswith("> ")), len(lines))
        parts.append(("\n".join([lines[0], *(line[2:] for line in lines[1:length])]), "\n".join(lines[length:])))
    return parts


def without_machine(text):
    """The lines that name this machine's distribution and kernel become one; outside a container a note tells of the namespace."""
    text = re.sub(r"^note: this is not the initial network namespace:[^\n]*\n(?: +[^\n]+\n)*\n", "", text, flags=re.M)
    text = re.sub(r"\b(?:[0-9a-f]{32}|[0-9a-f]{8})\b", "<id>", text)
    text = re.sub(r"in \d+ s\b|\d+ s are left", "<n> s", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "<time>", text)
    return re.sub(r"(^Plan for [^\n]*\n)(?:[^\n]+\n)+", r"\1<this machine>\n", text, flags=re.M)


def says(shown, said):
    """Whether a command says what the page shows of it."""
    parts = re.split(r"^\.\.\.$\n?", without_machine(shown + "\n"), flags=re.M)
    return re.fullmatch(r"(?s:.*)".join(map(re.escape, parts)), without_machine(said.rstrip("\n") + "\n")) is not None


class Runner:
    def __init__(self, program, tree, folder):
        self.program, self.tree = program, tree
        shell = os.path.join(folder, "systemd")  # process 1 is known by this name
        os.symlink("/bin/sh", shell)
        user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        self.host = ["unshare", *user, "--net", "--mount", "--uts", "--pid", "--fork", "--mount-proc", shell, "-c"]
        self.environment = {"PATH": "/run/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root"}

    def console(self, block):
        commands = session(block.text)
        if not commands:
            return [f"{block.where()}: shows no command"]
        ran = subprocess.run([*self.host, INSIDE, "sh", self.program, self.tree, *[command for command, _ in commands]],
                             env=self.environment, text=True, check=False, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        outputs = ran.stdout.split("\0")[:-1]
        if len(outputs) < len(commands):
            return [f"{block.where()}: its host could not be made, or ended early:\n{ran.stdout}"]
        if "TWCTL_UPDATE_PAGES" in os.environ:
            block.rewrite([(command, shown if says(shown, said) else said) for (command, shown), said in zip(commands, outputs)])
        return [f"{block.where()}:\n$ {command}\n--- the page shows:\n{shown}\n--- it says:\n{said}"
                for (command, shown), said in zip(commands, outputs) if not says(shown, said)]

    def known_words(self, block, commands):
        problems = []
        for command in commands:
            ran = subprocess.run([self.program, *command, "--help"], capture_output=True, text=True, check=False)
            if ran.returncode != 0:
                problems.append(f"{block.where()}: twctl {shlex.join(command)}: {ran.stderr}")
        return problems

    def sh(self, block):
        checked = subprocess.run(["sh", "-n"], input=block.text, capture_output=True, text=True, check=False)
        problems = [f"{block.where()}: {checked.stderr}"] if checked.returncode != 0 else []
        for script in re.findall(r"(?:^|[ ;&])(scripts/[\w/-]+)", block.text, re.M):
            if not os.access(os.path.join(self.tree, script), os.X_OK):
                problems.append(f"{block.where()}: there is no {script}")
        return problems + self.known_words(block, commands_of_twctl(block.text, r"(?m:^|[;&|({] *|sudo )twctl"))

    def powershell(self, block):
        return self.known_words(block, commands_of_twctl(block.text, r"\\twctl\.exe'?"))

    def inline(self, block):
        words = shlex.split(block.text)[1:]
        if words[:1] == ["explain"] and not {"KEY", "ID"} & set(words):
            ran = subprocess.run([self.program, *words], capture_output=True, text=True, check=False)
            return [] if ran.returncode == 0 else [f"{block.where()}: {block.text}: {ran.stderr}"]
        return self.known_words(block, [words])

    def ini(self, block):
        ran = subprocess.run([self.program, "profile", "show", "-"], input=block.text, capture_output=True, text=True, check=False)
        return [] if ran.returncode == 0 else [f"{block.where()}: {ran.stderr}"]

    def check(self, block):
        try:
            if block.language == "json":
                json.loads(block.text)
            elif block.language == "yaml":
                list(yaml.safe_load_all(block.text))
            elif block.language in ("console", "sh", "powershell", "ini", "inline"):
                return getattr(self, block.language)(block)
            elif block.language != "text":
                return [f"{block.where()}: tests/docs/pages.py says which languages there are, and what is done with each"]
        except (ValueError, yaml.YAMLError) as error:
            return [f"{block.where()}: {error}"]
        return []


def commands_of_twctl(text, name):
    """The words behind each "twctl", up to what ends a command; what the caller fills in is a word like any other."""
    return [shlex.split(words) for words in re.findall(name + r" +([^;&|>#)}\n]*)", text)]


def main(program, tree):
    os.chdir(tree)
    pages = ["README.md", *sorted(glob.glob("docs/**/*.md", recursive=True))]
    found = [block for page in pages for block in [*blocks(page), *inline_commands(page)]]
    if sum(len(session(block.text)) for block in found if block.language == "console") < 10:
        sys.exit("the pages show too few commands; has a block lost its fence?")
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(program, tree, folder)
        probe = subprocess.run([*runner.host, "true"], capture_output=True, text=True, check=False)
        if probe.returncode != 0:
            sys.exit(f"TEST SKIPPED: this system lets us make no namespaces: {probe.stderr.strip()}")
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            problems = [problem for some in pool.map(runner.check, found) for problem in some]
    for problem in problems:
        print(problem, end="\n\n")
    print(f"{len(found)} blocks and commands on {len(pages)} pages, {len(problems)} not so")
    sys.exit(1 if problems else 0)


main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]))
