#!/bin/sh
out=$(sysctl -w net.ipv4.tcp_fin_timeout=20)
echo "$out"
r=`sysctl -w net.ipv4.tcp_keepalive_time=600`
