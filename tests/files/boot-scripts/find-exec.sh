#!/bin/sh
find /proc/sys/net/ipv4/tcp_fin_timeout -exec sh -c 'echo 20 > {}' \;
# only the running script knows
