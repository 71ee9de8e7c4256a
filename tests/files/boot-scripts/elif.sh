#!/bin/sh
if [ -f /nonexistent ]; then
  sysctl -w net.ipv4.tcp_fin_timeout=10
elif [ -d /tmp ]; then
  sysctl -w net.ipv4.tcp_fin_timeout=20
else
  sysctl -w net.ipv4.tcp_fin_timeout=30
fi
if true; then sysctl -w net.ipv4.tcp_keepalive_time=600; else sysctl -w net.ipv4.tcp_keepalive_time=700; fi
# only the running script knows
