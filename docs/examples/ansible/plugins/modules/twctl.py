#!/usr/bin/python
# Copyright (c) the twctl authors
# MIT License (see LICENSE)
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
      - A plan on the host that C(twctl plan -o FILE) has saved. It is refused if the host has changed since.
      - It says by itself what is wanted, for which scope and boot file; I(accept) goes with it.
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
    description:
      - What becomes of a host that lets nobody write, as a container does whose /proc/sys is read-only. C(skip) skips the task.
      - Where only this user may not write, or a file is not safe, the task fails in any case.
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
    description: Says what would change, fails where the run would, and changes nothing (C(twctl apply --dry-run)).
    support: full
  diff_mode:
    description:
      - Shows the settings and boot files on both sides; in check mode it is the diff of the change to come.
      - With I(confirm_within) that is two diffs in check mode, for M(twctl.time_wait.twctl_confirm) has nothing to show there yet.
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
  description: What is to be known of the change, as C(twctl plan --json) has it.
  returned: success
  type: list
  elements: dict
reasons:
  description:
    - Why the host was left as it is, a text for each thing that stands in the way. Hosts can be grouped by it, for the values,
      lines and kernel releases of a host are only in C(msg).
    - Where twctl has no such words, one text, its message.
  returned: failure, or skipped
  type: list
  elements: str
  sample: ["shadowed: /etc/sysctl.d/90-local.conf"]
rc:
  description: Exit code of twctl; 127 where it cannot be started.
  returned: failure
  type: int
"""

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


def line_for(module):
    params = module.params
    words = ["--yes", "--detailed-exitcode", "--reason", params["reason"], "--wait", params["wait"]]
    if module.check_mode:
        words.append("--dry-run")
    if params["state"] == "rolled_back":
        return program.command(module, ["rollback"] + words, [params["id"]])
    for option in ("plan", "boot_file", "confirm_within"):
        if params[option]:
            words += ["--" + option.replace("_", "-"), params[option]]
    if params["scope"] != "both":
        words += ["--scope", params["scope"]]
    for key, value in sorted(params["set"].items()):
        words += ["--set", "%s=%s" % (key, value)]
    for hazard in params["accept"]:
        words += ["--accept", hazard]
    return program.command(module, ["apply"] + words, params["profiles"] + (["-"] if params["profile_text"] else []))


def diffs(module, document):
    """Of a pending change in check mode also what confirming it will show, as there is nothing yet that could be confirmed."""
    to_confirm = document.get("confirm_diff") if module.check_mode else None
    return [document["diff"]] + ([to_confirm] if to_confirm else [])


def main():
    module = AnsibleModule(
        argument_spec=ARGUMENTS,
        supports_check_mode=True,
        required_if=[("state", "rolled_back", ["id"])],
        mutually_exclusive=[("plan", "profiles"), ("plan", "profile_text"), ("plan", "set")],
    )
    code, document = program.run(module, line_for(module), module.params["profile_text"])
    if code not in (program.DONE, program.CHANGED):
        if module.params["unwritable"] == "skip" and document["error"].get("kind") == "unwritable":
            module.exit_json(skipped=True, changed=False, reasons=program.reasons(document))
        program.fail(module, code, document)
    pending = document.get("pending") or {}
    module.exit_json(
        changed=code == program.CHANGED,
        diff=diffs(module, document),
        id=document["id"],
        pending=bool(pending),
        deadline=pending.get("deadline"),
        restart_required=document["restart_required"],
        hazards=document["hazards"],
    )


if __name__ == "__main__":
    main()
