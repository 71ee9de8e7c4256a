# salt-call state.apply twctl; with test=True it says whether it would run, and changes nothing.
# `plan` ends with 0 where there is nothing to do, so that apply runs only where something is to change. Where a hazard
# blocks, apply runs, is refused (3) and makes the state fail with the reason.
twctl apply busy-client:
  cmd.run:
    - name: twctl apply busy-client --yes --reason salt
    - unless: twctl plan busy-client -q
