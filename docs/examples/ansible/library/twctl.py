#!/usr/bin/python3
"""Ansible module: what some profiles want, made true by twctl. In check mode twctl only plans; --diff shows both sides."""
import json

from ansible.module_utils.basic import AnsibleModule

DONE, CHANGED = 0, 2  # twctl's exit codes; any other is a failure, and nothing but 4 leaves the host between two states

ARGUMENTS = {
    "profiles": {"type": "list", "elements": "str", "default": []},
    "set": {"type": "dict", "default": {}},
    "accept": {"type": "list", "elements": "str", "default": []},
    "scope": {"type": "str", "choices": ["live", "boot", "both"], "default": "both"},
    "boot_file": {"type": "path"},
    "reason": {"type": "str", "default": "ansible"},
    "executable": {"type": "path", "default": "twctl"},
}


def command(module):
    wishes = module.params
    if module.check_mode:
        line = [wishes["executable"], "plan", "--json"]
    else:
        line = [wishes["executable"], "apply", "--json", "--yes", "--detailed-exitcode", "--reason", wishes["reason"]]
    for key, value in wishes["set"].items():
        line += ["--set", f"{key}={value}"]
    for hazard in wishes["accept"]:
        line += ["--accept", hazard]
    if wishes["boot_file"]:
        line += ["--boot-file", wishes["boot_file"]]
    return line + ["--scope", wishes["scope"], *wishes["profiles"]]


def planned_diff(plan):
    """The two sides of a plan, as apply gives them in `diff` once they are real."""
    def side(which):
        lines = [f"{setting['key']} = {write[which]}" + ("" if write["layer"] == "live" else "  # at the next boot")
                 for setting in plan["settings"] for write in setting["writes"] if write[which] is not None]
        return "".join(line + "\n" for line in lines)
    return {"before": side("before"), "after": side("after")}


def problem(document, code):
    if "error" in document:
        return "\n".join(filter(None, [document["error"]["message"], document["error"]["hint"]]))
    blocking = [f"{hazard['id']}: {hazard['text']}" for hazard in document.get("hazards", []) if hazard["blocking"]]
    return "\n".join(blocking) or f"twctl ended with {code}"


def main():
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    code, out, err = module.run_command(command(module))
    try:
        document = json.loads(out)
    except ValueError:
        module.fail_json(msg=err or out, rc=code)
    if code not in (DONE, CHANGED):
        module.fail_json(msg=problem(document, code), rc=code, stderr=err)
    diff = document["diff"] if "diff" in document else planned_diff(document)
    module.exit_json(changed=code == CHANGED, diff=diff, id=document.get("id"), hazards=document["hazards"])


if __name__ == "__main__":
    main()
