#!/bin/bash
FIN=20
cat > /etc/sysctl.d/90-app.conf <<EOF
net.ipv4.tcp_fin_timeout = ${FIN}
net.ipv4.tcp_keepalive_time = $((60 * 10))
EOF
sysctl -p /etc/sysctl.d/90-app.conf
# only the running script knows
