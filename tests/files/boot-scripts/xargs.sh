#!/bin/sh
echo net.ipv4.tcp_fin_timeout=20 | xargs sysctl -w
printf '%s\n' net.ipv4.tcp_keepalive_time=600 net.ipv4.tcp_keepalive_intvl=15 | xargs -n1 sysctl -w
echo "net.ipv4.tcp_keepalive_probes=4" | xargs -I{} sysctl -w {}
cat <<EOF | xargs -d '\n' -n 1 sysctl -w
net.ipv4.ip_local_port_range=20000 60999
EOF
