# Copyright (c) the twctl authors
# MIT License (see LICENSE of twctl)
"""Runs twctl and takes its answer. What is right for a host is twctl's to decide: no module here knows a setting."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json

DONE, CHANGED, DENIED = 0, 2, 77  # exit codes of twctl

COMMON = {
    "executable": {"type": "path", "default": "twctl"},
    "netns": {"type": "str"},
}


def command(module, *words):
    """The command line for what was asked for, with --json."""
    line = [module.params["executable"]] + list(words) + ["--json"]
    if module.params["netns"]:
        line += ["--netns", module.params["netns"]]
    return line


def run(module, line, stdin=None):
    """(exit code, the document that twctl has printed). Without a document the task fails."""
    code, out, err = module.run_command(line, data=stdin, binary_data=True)
    try:
        return code, json.loads(out)
    except ValueError:
        return module.fail_json(msg=(err or out).strip() or "%s ended with %d and said nothing" % (line[0], code), rc=code)


def reasons_of(document):
    """What stands in the way, in twctl's words: of hosts in the same position the same."""
    if "error" in document:
        return [document["error"]["message"]]
    blocking = ["%s: %s" % (hazard["id"], hazard["text"]) for hazard in document.get("hazards", [])
                if hazard["blocking"] and not hazard["accepted"]]
    return blocking or ["%s: %s" % (setting["key"], layer["note"]) for setting in document.get("settings", [])
                        for layer in setting.get("layers", {}).values() if layer and layer["verdict"] == "read-only"]


def fail(module, code, document):
    reasons = reasons_of(document) or ["twctl ended with %d" % code]
    hint = document.get("error", {}).get("hint")
    module.fail_json(msg="\n".join(reasons + ([hint] if hint else [])), rc=code, reasons=reasons,
                     hazards=document.get("hazards", []))
