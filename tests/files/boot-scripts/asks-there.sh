#!/bin/sh
[ -e /proc/sys/net/ipv4/tcp_fin_timeout ] && sysctl -w net.ipv4.tcp_fin_timeout=20
if [ -f /proc/sys/net/ipv4/tcp_keepalive_time ]; then
  echo 600 > /proc/sys/net/ipv4/tcp_keepalive_time
fi
test -w /proc/sys/net/ipv4/tcp_keepalive_intvl && echo 15 > /proc/sys/net/ipv4/tcp_keepalive_intvl
