#!/bin/sh
mkdir -p /tmp/x
for kv in net.ipv4.tcp_fin_timeout=20 net.ipv4.tcp_keepalive_time=600; do echo $kv; done > /tmp/x/s.conf
sysctl -p /tmp/x/s.conf
