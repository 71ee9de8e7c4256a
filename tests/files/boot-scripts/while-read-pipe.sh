#!/bin/sh
echo "net.ipv4.tcp_fin_timeout 20" | while read k v; do sysctl -w $k=$v; done
# only the running script knows
