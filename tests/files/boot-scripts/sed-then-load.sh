#!/bin/sh
printf 'net.ipv4.tcp_fin_timeout = 40\nnet.ipv4.tcp_keepalive_time = 900\n' > /etc/sysctl.conf
sed -i 's/^net.ipv4.tcp_fin_timeout.*/net.ipv4.tcp_fin_timeout = 20/' /etc/sysctl.conf
sysctl -p
# only the running script knows
