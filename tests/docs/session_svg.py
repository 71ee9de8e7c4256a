#!/usr/bin/env python3
"""session_svg.py PROGRAM TREE [--write]: the session that README shows as a picture, docs/session.svg: the commands below, run on hosts that were
captured, and what they say, in its colours. Ends with 1 where the file is stale; --write writes it (scripts/gen-docs)."""
import html
import os
import re
import subprocess
import sys

COMMANDS = ["twctl doctor -q --root tests/hosts/leaking-client", "twctl plan classic --root tests/hosts/debian-12"]
COLUMNS, WIDTH, HEIGHT, MARGIN = 100, 8.4, 18, 16  # of a page; of a letter in pixels
BOLD, FAINT = "1", "2"
COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "34": "#79c0ff", "35": "#d2a8ff", "36": "#76e3ea"}


def spans(line):
    """[(codes, text)]: the escape sequences of the line taken out; codes are those of SGR, as "1;33"."""
    found, codes = [], ""
    for text, code in re.findall(r"([^\x1b]*)(?:\x1b\[([0-9;]*)m)?", line):
        if text:
            found.append((codes, text))
        if code:
            codes = "" if code == "0" else code
    return found


def tspan(codes, text):
    style = []
    for code in codes.split(";"):
        style += {BOLD: ['font-weight="bold"'], FAINT: ['fill="#8b949e"']}.get(code, [f'fill="{COLOURS[code]}"'] if code in COLOURS else [])
    return f"<tspan{''.join(' ' + one for one in style)}>{html.escape(text, quote=False)}</tspan>"


def session(program, tree):
    lines = []
    for command in COMMANDS:
        lines.append(f"\x1b[1m$ {command}\x1b[0m")
        done = subprocess.run([program, *command.split()[1:], "--color", "always"], cwd=tree, capture_output=True, text=True, check=False)
        lines += (done.stdout + done.stderr).splitlines()
    return lines


def picture(lines):
    height = len(lines) * HEIGHT + 2 * MARGIN
    width = int(COLUMNS * WIDTH + 2 * MARGIN)
    yield f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">'
    yield f"<title>{html.escape('; '.join(COMMANDS))}</title>"
    yield f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>'
    yield '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="#e6edf3">'
    for number, line in enumerate(lines):
        found = spans(line)
        if found:
            letters = sum(len(text) for _, text in found)
            yield (f'<text x="{MARGIN}" y="{MARGIN + number * HEIGHT + 13}" xml:space="preserve" textLength="{letters * WIDTH:.1f}">'
                   + "".join(tspan(*span) for span in found) + "</text>")
    yield "</g>"
    yield "</svg>"


def main(program, tree, write=""):
    path = os.path.join(tree, "docs", "session.svg")
    drawn = "\n".join(picture(session(program, tree))) + "\n"
    if write:
        with open(path, "w", encoding="utf-8") as file:
            file.write(drawn)
        return
    with open(path, encoding="utf-8") as file:
        if file.read() != drawn:
            sys.exit(f"{path} is stale: run scripts/gen-docs and commit what it writes")


main(*sys.argv[1:])
