#!/bin/bash
SYSCTL=$(command -v sysctl)
[ -x /sbin/sysctl ] || exit 0
if which sysctl >/dev/null 2>&1; then
  $SYSCTL -q -w net.ipv4.tcp_fin_timeout=20
fi
"${SYSCTL}" -w net.ipv4.tcp_keepalive_time=600
