#!/bin/sh -e
if [ -e /proc/sys/net/ipv4/tcp_tw_recycle ]; then sysctl -w net.ipv4.tcp_tw_recycle=0; fi
sysctl -w net.ipv4.tcp_fin_timeout=20
