#!/bin/sh
sysctl -n net.ipv4.tcp_fin_timeout >/dev/null 2>&1 && sysctl -w net.ipv4.tcp_fin_timeout=20
if grep -q fin /proc/version; then sysctl -w net.ipv4.tcp_keepalive_time=600; else sysctl -w net.ipv4.tcp_keepalive_time=700; fi
# only the running script knows
