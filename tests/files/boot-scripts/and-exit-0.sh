#!/bin/sh
test -d /tmp && exit 0
sysctl -w net.ipv4.tcp_fin_timeout=20
# only the running script knows
