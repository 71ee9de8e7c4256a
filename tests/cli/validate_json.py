#!/usr/bin/env python3
"""validate_json.py PROGRAM SCHEMAS: holds what the program really prints to the published schemas, closed.

Prints what does not fit and ends 1; ends 77 where the jsonschema package is not installed.
"""
import copy
import json
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not installed")
    sys.exit(77)

RUNS = [
    ("plan", ["plan", "--json"]),
    ("plan", ["plan", "classic", "--json"]),
    ("plan", ["plan", "--json", "--set", "-net.ipv4.tcp_tw_timeout=3", "--set", "net.ipv4.tcp_fin_timeout=unset"]),
    ("plan", ["plan", "--json", "--scope", "boot", "--set", "net.ipv4.tcp_fin_timeout=75"]),
    ("plan", ["plan", "--json", "classic", "--from", "{source}/tests/files/windows-server-2022.json"]),
    ("plan", ["plan", "--json", "--from", "{source}/tests/files/windows-tuned.json", "{source}/tests/files/recipe.reg"]),
    ("audit", ["audit", "--json"]),
    ("audit", ["audit", "--json", "--against", "classic"]),
    ("audit", ["audit", "--json", "{source}/tests/hosts/debian-9-recycle/etc/sysctl.conf"]),
    ("audit", ["audit", "--json", "--root", "{source}/tests/hosts/debian-12-shadowed"]),
    ("audit", ["audit", "--json", "-v", "--from", "{source}/tests/fleet"]),
    ("audit", ["audit", "--json", "{source}/tests/files/recipe.reg", "{source}/tests/files/regedit4.reg"]),
    ("audit", ["audit", "--json", "--from", "{source}/tests/files/windows-tuned.json", "--against", "classic"]),
    ("profile", ["profile", "list", "--json"]),
    ("profile", ["profile", "show", "reverse-proxy", "--json"]),
    ("snapshot", ["snapshot"]),
    ("snapshot", ["snapshot", "--sockets", "--interval", "0"]),
    ("states", ["states", "--json"]),
    ("states", ["states", "--by", "peer", "--json"]),
    ("states", ["states", "--by", "process", "--json"]),
    ("doctor", ["doctor", "--interval", "0", "--json"]),
    ("trial", ["trial", "busy-client", "--json", "--seconds", "1", "--runs", "1"]),
    ("trial", ["trial", "--bind-first", "--socket-range", "40000-40099", "--json", "--seconds", "1", "--runs", "1"]),
    ("explain", ["explain", "--json"]),
    ("explain", ["explain", "tcp_fin_timeout", "--json"]),
    ("explain", ["explain", "TIME_WAIT", "--json"]),
    ("error", ["plan", "--json", "--rot"]),
    ("error", ["plan", "--json", "--set", "net.ipv4.tcp_fin_timout=30"]),
    ("error", ["plan", "--json", "/nowhere"]),
    ("error", ["explain", "--json", "nonsense"]),
    ("error", ["--json"]),
]


def closed(schema):
    """The schema with `additionalProperties: false` in every object that names its members."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    result = {name: closed(part) for name, part in schema.items()}
    if "properties" in result and "additionalProperties" not in result and isinstance(result["properties"], dict):
        result["additionalProperties"] = False
    return result


def problems(document, schema):
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in schema.iter_errors(document)]


def main(program, schemas):
    failed = 0
    for name, args in RUNS:
        with open(f"{schemas}/{name}.schema.json", encoding="utf-8") as file:
            text = json.load(file)
        jsonschema.Draft202012Validator.check_schema(text)
        schema = jsonschema.Draft202012Validator(closed(text))
        args = [arg.replace("{source}", f"{schemas}/../..") for arg in args]
        run = subprocess.run([program, *args], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        document = json.loads(run.stdout)
        found = problems(document, schema)
        extended = copy.deepcopy(document)
        extended["surprise"] = 1
        if not problems(extended, schema):
            found.append("the closed schema lets an unknown member pass")
        for problem in found:
            print(f"{' '.join(args)}: {problem}")
        failed += bool(found)
    return 1 if failed else 0


sys.exit(main(*sys.argv[1:]))
