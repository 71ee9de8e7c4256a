#!/bin/bash
settings=(
  "net.ipv4.tcp_fin_timeout=20"   # short
  net.ipv4.tcp_keepalive_time=600
  'net.ipv4.ip_local_port_range=20000 60999'
)
settings+=(net.ipv4.tcp_keepalive_intvl=15)
for s in "${settings[@]}"; do
  sysctl -w "$s"
done
