#!/bin/sh
n=0
while true; do
  sysctl -w net.ipv4.tcp_fin_timeout=20
  n=$((n+1)); [ $n -gt 1 ] && break
  sleep 0
done
sysctl -w net.ipv4.tcp_keepalive_time=600
