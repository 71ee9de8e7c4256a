#!/bin/sh
printf '%s = %s\n' net.ipv4.tcp_fin_timeout 20 | sysctl -p -
grep -v '^#' <<EOF | sysctl -p /dev/stdin
# x
net.ipv4.tcp_keepalive_time=600
EOF
# only the running script knows
