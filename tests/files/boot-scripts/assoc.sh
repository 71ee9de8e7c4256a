#!/bin/bash
declare -A S=( [net.ipv4.tcp_fin_timeout]=20 ["net.ipv4.tcp_keepalive_time"]=600 )
for k in "${!S[@]}"; do
  sysctl -w "$k=${S[$k]}"
done
