#!/bin/sh
nohup sh -c 'sleep 0; sysctl -w net.ipv4.tcp_fin_timeout=20' >/dev/null 2>&1 &
wait
