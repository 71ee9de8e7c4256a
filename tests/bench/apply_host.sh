#!/bin/sh
# apply_host.sh WARM PROGRAM PROFILE COMMAND...: runs COMMAND on a throw-away host (the caller has made network and mount namespaces):
# a copy of /etc, no boot files and an empty /var/lib. Before it, PROGRAM applies PROFILE WARM times, with %d as 0 and 1 in turn.
# Afterwards it prints how many changes the journal holds.
set -e
warm=$1 program=$2 profile=$3
shift 3
mount -t tmpfs -o mode=0755 tmpfs /mnt
cp -a /etc /mnt/etc
mount --bind /mnt/etc /etc
rm -f /etc/sysctl.d/*
mount -t tmpfs -o mode=0755 tmpfs /var/lib
ip link set lo up
run=0
while [ "$run" -lt "$warm" ]; do
  "$program" apply --yes -q "$(printf '%s' "$profile" | sed "s/%d/$((run % 2))/")" >/dev/null
  run=$((run + 1))
done
"$@"
if [ -d /var/lib/twctl/changes ]; then find /var/lib/twctl/changes -mindepth 1 -maxdepth 1 | wc -l; else echo 0; fi
