#!/bin/sh
### BEGIN INIT INFO
# Provides: tune
### END INIT INFO
start() { sysctl -q -w net.ipv4.tcp_fin_timeout=20; }
stop() { sysctl -q -w net.ipv4.tcp_fin_timeout=60; }
case "$1" in
  start) start ;;
  stop) stop ;;
  restart) stop; start ;;
  *) echo "usage"; exit 3 ;;
esac
exit 0
# only the running script knows
