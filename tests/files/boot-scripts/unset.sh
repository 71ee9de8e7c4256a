#!/bin/sh
T=20
sysctl -w net.ipv4.tcp_fin_timeout=$T
unset T
sysctl -w net.ipv4.tcp_fin_timeout=2$T
for k in $T; do sysctl -w net.ipv4.tcp_keepalive_time=600; done
# only the running script knows
