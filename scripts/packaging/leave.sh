# shellcheck shell=sh
# Shared by what dpkg and rpm run before they take twctl away; twctl itself is still there. The values and the boot file
# that it has set stay as they are: a tool that goes takes no settings along (docs/decisions/0015-packages.md).
state=/var/lib/twctl
boot_file=/etc/sysctl.d/60-twctl.conf

# A change that awaits confirmation goes back by itself, or is kept by `twctl confirm`; both want twctl.
refuse_while_pending() {
  [ -e "$state/pending" ] || return 0
  echo "twctl: a change awaits confirmation: \`twctl confirm\` keeps it, \`twctl rollback\` takes it back; then remove the package" >&2
  exit 1
}

# Whoever deletes the journal later cannot ask twctl any more: this file says that nothing of it is needed.
note_what_is_in_force() {
  [ -d "$state" ] || return 0
  rm -f "$state/nothing-in-force"
  # Of a change `kind` comes before `state`; a journal that cannot be read is kept.
  if changes=$(twctl history --json 2>/dev/null) && ! echo "$changes" | awk -F'"' '
      $2 == "kind" { kind = $4 }
      $2 == "state" && (($4 == "in force" && kind != "rollback") || $4 == "pending" || $4 == "unfinished") { found = 1 }
      END { exit !found }'; then
    : >"$state/nothing-in-force"
  else
    say_what_stays
  fi
}

say_what_stays() {
  echo "twctl: what it has set stays in force$([ ! -e "$boot_file" ] || echo ", and $boot_file sets it at each boot"); the values before are in" \
    "$state/changes/*/restore-live.conf, and with twctl installed again \`twctl rollback\` puts them back" >&2
}

# After twctl has gone.
forget_what_is_not_needed() {
  [ -d "$state" ] || return 0
  if [ -e "$state/nothing-in-force" ] && [ ! -e "$boot_file" ]; then
    rm -rf "$state"
  else
    say_what_stays
  fi
}

# What twctl-metrics.service wrote would look like the host's numbers for ever.
forget_metrics() {
  for what in states doctor status; do rm -f "/var/lib/prometheus/node-exporter/twctl_$what.prom"; done
}

# That the administrator has enabled them.
forget_timers() {
  for timer in metrics audit; do rm -f "/etc/systemd/system/timers.target.wants/twctl-$timer.timer"; done
}
