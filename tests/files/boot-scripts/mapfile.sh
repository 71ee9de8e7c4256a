#!/bin/bash
mapfile -t lines <<EOF
net.ipv4.tcp_fin_timeout=20
EOF
sysctl -w "${lines[@]}"
IFS=: read -r a b <<< "net.ipv4.tcp_keepalive_time:600"
sysctl -w "$a=$b"
# only the running script knows
