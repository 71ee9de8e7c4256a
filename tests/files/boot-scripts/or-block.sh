#!/bin/sh
set -e
sysctl -w net.ipv4.tcp_fin_timeout=20 || { echo failed; exit 1; }
sysctl -w net.ipv4.tcp_keepalive_time=600
# only the running script knows
