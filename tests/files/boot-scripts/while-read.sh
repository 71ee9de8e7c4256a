#!/bin/bash
while read -r line; do
  [ -z "$line" ] && continue
  sysctl -w "$line"
done <<EOF
net.ipv4.tcp_fin_timeout=20
net.ipv4.tcp_keepalive_time=600
EOF
# only the running script knows
