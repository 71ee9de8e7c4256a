#!/bin/sh
test -d /tmp || exit 1
cd /tmp || exit 1
sysctl -w net.ipv4.tcp_fin_timeout=20
# only the running script knows
