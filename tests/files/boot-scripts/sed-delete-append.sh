#!/bin/bash
touch /etc/sysctl.conf
sed -i '/net.ipv4.tcp_fin_timeout/d' /etc/sysctl.conf
echo 'net.ipv4.tcp_fin_timeout = 20' >> /etc/sysctl.conf
sysctl -p >/dev/null
