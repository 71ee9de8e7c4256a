#!/usr/bin/python
# Copyright (c) the twctl authors
# MIT License (see LICENSE)
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
---
module: twctl_info
short_description: What twctl finds on a host
version_added: 1.0.0
description:
  - Returns what C(twctl) prints with C(--json), for conditions and reports. It changes nothing.
author:
  - The twctl authors (!UNKNOWN)
options:
  gather:
    description: What to ask for. C(status) needs root.
    type: list
    elements: str
    choices: [plan, audit, status, doctor]
    default: [status, audit]
  profiles:
    description: Of C(plan), the profiles; C(baseline) if not given.
    type: list
    elements: str
    default: []
  against:
    description: Of C(audit), a profile to hold the host to.
    type: str
  executable:
    description: The program on the host.
    type: path
    default: twctl
  netns:
    description: Another network namespace of the host, by name, process id or path.
    type: str
attributes:
  check_mode:
    description: Changes nothing in any mode.
    support: full
  diff_mode:
    description: There is nothing to show.
    support: N/A
seealso:
  - module: twctl.time_wait.twctl
"""

EXAMPLES = r"""
- name: Look at the host
  twctl.time_wait.twctl_info:
    gather: [status, doctor]
  register: found

- name: Stop where somebody else has changed what twctl has set
  ansible.builtin.assert:
    that: found.status.drift | length == 0
"""

RETURN = r"""
plan:
  description: The document of C(twctl plan --json).
  returned: if asked for
  type: dict
audit:
  description: The document of C(twctl audit --json).
  returned: if asked for
  type: dict
status:
  description: The document of C(twctl status --json).
  returned: if asked for
  type: dict
doctor:
  description: The document of C(twctl doctor --json).
  returned: if asked for
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.twctl.time_wait.plugins.module_utils import program

ARGUMENTS = dict(
    program.COMMON,
    gather={"type": "list", "elements": "str", "choices": ["plan", "audit", "status", "doctor"], "default": ["status", "audit"]},
    profiles={"type": "list", "elements": "str", "default": []},
    against={"type": "str"},
)


def line_for(module, what):
    if what == "plan":
        return program.command(module, ["plan"], module.params["profiles"])
    against = ["--against", module.params["against"]] if what == "audit" and module.params["against"] else []
    return program.command(module, [what] + against)


def main():
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    found = {}
    for what in module.params["gather"]:
        code, document = program.run(module, line_for(module, what))
        if "error" in document:
            program.fail(module, code, document)
        found[what] = document
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
