#!/bin/bash
declare -a LIST
LIST[0]="net.ipv4.tcp_fin_timeout=20"
LIST[1]="net.ipv4.tcp_keepalive_time=600"
for i in "${LIST[@]}"; do sysctl -w "$i"; done
# only the running script knows
