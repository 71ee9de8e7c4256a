#!/usr/bin/python
# Copyright (c) the twctl authors
# MIT License (see LICENSE)
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
---
module: twctl_confirm
short_description: Keep a change that would go back by itself
version_added: 1.0.0
description:
  - Confirms a change that M(twctl.time_wait.twctl) has made with I(confirm_within), and writes its values of the next boot.
  - It fails where nothing is pending any more, so a change that has gone back is never taken for one that was kept.
author:
  - The twctl authors (!UNKNOWN)
options:
  id:
    description: The change, as M(twctl.time_wait.twctl) has returned it.
    type: str
    required: true
  wait:
    description: How long to wait for another twctl on the host.
    type: str
    default: 30s
  executable:
    description: The program on the host.
    type: path
    default: twctl
  netns:
    description: The network namespace that the change was made in, if not the host's own.
    type: str
attributes:
  check_mode:
    description: Says whether the change would be kept, fails where confirming it would, and confirms nothing.
    support: full
  diff_mode:
    description: Shows the boot files that confirming writes, on both sides.
    support: full
seealso:
  - module: twctl.time_wait.twctl
"""

EXAMPLES = r"""
- name: Keep the change
  twctl.time_wait.twctl_confirm:
    id: "{{ change.id }}"
"""

RETURN = r"""
change:
  description: The change, as C(twctl history --json) has it.
  returned: success
  type: dict
rc:
  description: Exit code of twctl; 127 where it cannot be started.
  returned: failure
  type: int
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.twctl.time_wait.plugins.module_utils import program

ARGUMENTS = dict(
    program.COMMON,
    id={"type": "str", "required": True},
    wait={"type": "str", "default": "30s"},
)


def main():
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    words = ["confirm", "--detailed-exitcode", "--wait", module.params["wait"]] + (["--dry-run"] if module.check_mode else [])
    code, document = program.run(module, program.command(module, words, [module.params["id"]]))
    if code not in (program.DONE, program.CHANGED):
        program.fail(module, code, document)
    module.exit_json(changed=code == program.CHANGED, change=document["change"], diff=document["diff"])


if __name__ == "__main__":
    main()
