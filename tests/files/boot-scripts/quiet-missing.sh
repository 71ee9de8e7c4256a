#!/bin/sh -e
sysctl -e -q -w net.ipv4.tcp_tw_recycle=0
sysctl -w net.ipv4.tcp_fin_timeout=20 >/dev/null
sysctl -q -w net.ipv4.tcp_tw_recycle=1
sysctl -w net.ipv4.tcp_keepalive_time=600
