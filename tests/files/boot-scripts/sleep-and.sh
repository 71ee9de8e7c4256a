#!/bin/sh
sleep 0 && sysctl -w net.ipv4.tcp_fin_timeout=20
echo 'net.ipv4.tcp_keepalive_time = 600' >> /etc/sysctl.conf && sysctl -p
