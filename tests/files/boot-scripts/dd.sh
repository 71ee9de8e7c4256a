#!/bin/sh
echo 20 | dd of=/proc/sys/net/ipv4/tcp_fin_timeout 2>/dev/null
cp /dev/stdin /proc/sys/net/ipv4/tcp_keepalive_time <<EOF
600
EOF
# only the running script knows
