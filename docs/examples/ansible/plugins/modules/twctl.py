#!/usr/bin/python
# Copyright (c) the twctl authors
# MIT License (see LICENSE of twctl)
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
---
module: twctl
short_description: Make the TCP TIME_WAIT settings of a Linux host what a profile wants
version_added: 1.0.0
description:
  - Makes the plan of C(twctl) true, both in the running kernel and at the next boot, or takes a change back.
  - It changes nothing where nothing has to change, and nothing at all where a write fails or something stands in the way.
author:
  - The twctl authors (!UNKNOWN)
options:
  profiles:
    description: Names of profiles, or paths of profile files on the host.
    type: list
    elements: str
    default: []
  profile_text:
    description: The text of one more profile, which then needs no file on the host.
    type: str
  set:
    description: Settings by key; they win over those of profiles. A value is written as in a profile, so C(>= 4096) is one.
    type: dict
    default: {}
  plan:
    description:
      - A plan on the host that C(twctl plan -o FILE) has saved.
      - It is refused if the host has changed since. In check mode what it says is shown, and the host is not looked at.
    type: path
  state:
    description:
      - C(present) makes the plan true.
      - C(rolled_back) takes the change I(id) back, and does nothing where that has been done.
    type: str
    choices: [present, rolled_back]
    default: present
  id:
    description: The change that is to be taken back, as a task before has returned it.
    type: str
  scope:
    description: Only the running kernel, only the next boot, or both.
    type: str
    choices: [live, boot, both]
    default: both
  boot_file:
    description: The file for the values of the next boot, if not twctl's own.
    type: path
  accept:
    description: Blocking hazards to accept, as C(ID) or C(ID:KEY).
    type: list
    elements: str
    default: []
  reason:
    description: Why, for the history on the host.
    type: str
    default: ansible
  confirm_within:
    description:
      - The change goes back by itself after this time (C(90s), C(2m)) unless M(twctl.time_wait.twctl_confirm) comes first.
      - The values of the next boot are written when it is confirmed.
    type: str
  wait:
    description: How long to wait for another twctl on the host.
    type: str
    default: 30s
  unwritable:
    description: What becomes of a host that forbids the writes, as a container does. C(skip) skips the task.
    type: str
    choices: [fail, skip]
    default: fail
  executable:
    description: The program on the host.
    type: path
    default: twctl
  netns:
    description: Another network namespace of the host, by name, process id or path. It has values of the running kernel only.
    type: str
attributes:
  check_mode:
    description: Says what would change, and changes nothing.
    support: full
  diff_mode:
    description: Shows the settings and boot files on both sides; in check mode it is the diff of the change to come.
    support: full
seealso:
  - module: twctl.time_wait.twctl_confirm
  - module: twctl.time_wait.twctl_info
"""

EXAMPLES = r"""
- name: Many short outgoing connections
  twctl.time_wait.twctl:
    profiles: [busy-client]
    reason: ticket 7

- name: One setting, with a hazard that somebody has taken responsibility for
  twctl.time_wait.twctl:
    set:
      net.core.somaxconn: ">= 16384"
    accept: [later-writer:net.core.somaxconn]

- name: A change that goes back by itself
  twctl.time_wait.twctl:
    profiles: [reverse-proxy]
    confirm_within: 2m
  register: change

- name: Keep it
  twctl.time_wait.twctl_confirm:
    id: "{{ change.id }}"
  when: change.id is not none

- name: Take it back
  twctl.time_wait.twctl:
    state: rolled_back
    id: "{{ change.id }}"
"""

RETURN = r"""
id:
  description: The change in the journal of the host; null where nothing had to change, and in check mode.
  returned: success
  type: str
  sample: 048b03e52e6e4f335629d9a44cfc12f9
pending:
  description: True where the change goes back by itself unless it is confirmed.
  returned: success
  type: bool
deadline:
  description: When a pending change goes back.
  returned: success
  type: str
  sample: "2026-11-26T15:09:50Z"
restart_required:
  description: True where a service or the host has to be restarted before all of it acts.
  returned: success
  type: bool
hazards:
  description: What stands in the way, as C(twctl plan --json) has it.
  returned: always
  type: list
  elements: dict
reasons:
  description: Why the host was left as it is, each in one sentence.
  returned: failure, or skipped
  type: list
  elements: str
rc:
  description: Exit code of twctl.
  returned: failure
  type: int
"""

import json

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.twctl.time_wait.plugins.module_utils import program

ARGUMENTS = dict(
    program.COMMON,
    profiles={"type": "list", "elements": "str", "default": []},
    profile_text={"type": "str"},
    set={"type": "dict", "default": {}},
    plan={"type": "path"},
    state={"type": "str", "choices": ["present", "rolled_back"], "default": "present"},
    id={"type": "str"},
    scope={"type": "str", "choices": ["live", "boot", "both"], "default": "both"},
    boot_file={"type": "path"},
    accept={"type": "list", "elements": "str", "default": []},
    reason={"type": "str", "default": "ansible"},
    confirm_within={"type": "str"},
    wait={"type": "str", "default": "30s"},
    unwritable={"type": "str", "choices": ["fail", "skip"], "default": "fail"},
)


def wishes(module):
    """What plan and apply are told alike."""
    params = module.params
    words = []
    for key, value in sorted(params["set"].items()):
        words += ["--set", "%s=%s" % (key, value)]
    for hazard in params["accept"]:
        words += ["--accept", hazard]
    if params["boot_file"]:
        words += ["--boot-file", params["boot_file"]]
    if params["scope"] != "both":
        words += ["--scope", params["scope"]]
    words += params["profiles"]
    if params["profile_text"]:
        words.append("-")
    return words


def change_words(module):
    params = module.params
    words = ["--yes", "--detailed-exitcode", "--reason", params["reason"], "--wait", params["wait"]]
    if params["state"] == "present" and params["confirm_within"]:
        words += ["--confirm-within", params["confirm_within"]]
    return words


def line_for(module):
    params = module.params
    if params["state"] == "rolled_back":
        looking = ["--dry-run", "--detailed-exitcode"] if module.check_mode else change_words(module)
        return program.command(module, "rollback", *(looking + [params["id"]]))
    if module.check_mode:
        return program.command(module, "plan", *wishes(module))
    if params["plan"]:
        return program.command(module, "apply", "--plan", params["plan"], *change_words(module))
    return program.command(module, "apply", *(change_words(module) + wishes(module)))


def answer(module):
    """(exit code, document) of twctl; of a saved plan in check mode, what it says."""
    if module.check_mode and module.params["plan"]:
        with open(module.params["plan"], "rb") as saved:
            return program.DONE, json.loads(saved.read())
    return program.run(module, line_for(module), module.params["profile_text"])


def would_change(document):
    return document["diff"]["before"] != document["diff"]["after"]


def main():
    module = AnsibleModule(
        argument_spec=ARGUMENTS,
        supports_check_mode=True,
        required_if=[("state", "rolled_back", ["id"])],
        mutually_exclusive=[("plan", "profiles"), ("plan", "profile_text"), ("plan", "set")],
    )
    code, document = answer(module)
    if code == program.DENIED and module.params["unwritable"] == "skip":
        module.exit_json(skipped=True, changed=False, reasons=program.reasons_of(document),
                         hazards=document.get("hazards", []))
    if code not in (program.DONE, program.CHANGED):
        program.fail(module, code, document)
    pending = document.get("pending") or {}
    module.exit_json(
        changed=would_change(document) if module.check_mode else code == program.CHANGED,
        diff=document["diff"],
        id=document.get("id"),
        pending=bool(pending),
        deadline=pending.get("deadline"),
        restart_required=document.get("restart_required", False),
        hazards=document["hazards"],
    )


if __name__ == "__main__":
    main()
