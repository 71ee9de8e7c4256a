#!/bin/sh
printf 'net.ipv4.tcp_fin_timeout = 20\n' > /etc/sysctl.d/50-a.conf
for f in /etc/sysctl.d/*.conf; do sysctl -p "$f"; done
# only the running script knows
