# Copyright (c) the twctl authors
# MIT License (see LICENSE)
"""Runs twctl and takes its answer. What is right for a host is twctl's to decide: no module here knows a setting."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

import errno
import json

DONE, CHANGED = 0, 2  # exit codes of twctl
NOT_RUN = 127  # as a shell has it

COMMON = {
    "executable": {"type": "path", "default": "twctl"},
    "netns": {"type": "str"},
}


def command(module, words, operands=()):
    """The command line for what was asked for, with --json. Operands stand behind --, so that none of them is an option."""
    line = [module.params["executable"]] + words + ["--json"]
    if module.params["netns"]:
        line += ["--netns", module.params["netns"]]
    return line + ["--"] + list(operands)


def run(module, line, stdin=None):
    """(exit code, the document that twctl has printed). Without a document the task fails."""
    try:
        code, out, err = module.run_command(line, data=stdin, binary_data=True, handle_exceptions=False)
    except (OSError, IOError) as error:  # Ansible would make the errno the rc, and 2 is twctl's "changed"
        hint = "; the role time_wait brings it, by time_wait_install" if error.errno == errno.ENOENT else ""
        return module.fail_json(msg="%s: %s%s" % (line[0], error.strerror, hint), rc=NOT_RUN)
    try:
        return code, json.loads(out)
    except ValueError:
        return module.fail_json(msg=(err or out).strip() or "%s ended with %d and said nothing" % (line[0], code), rc=code)


def reasons(document):
    """Why it was refused, in words that hosts share; where twctl has none, its message."""
    error = document["error"]
    return error.get("reasons") or [error["message"]]


def fail(module, code, document):
    error = document["error"]
    module.fail_json(msg="\n".join([error["message"]] + ([error["hint"]] if error["hint"] else [])), rc=code, reasons=reasons(document))
