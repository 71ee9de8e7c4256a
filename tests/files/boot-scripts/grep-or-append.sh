#!/bin/bash
grep -q '^net.ipv4.tcp_fin_timeout' /etc/sysctl.conf 2>/dev/null || echo 'net.ipv4.tcp_fin_timeout=20' >> /etc/sysctl.conf
if ! grep -q keepalive /etc/sysctl.conf; then
cat >>/etc/sysctl.conf<<EOF
net.ipv4.tcp_keepalive_time=600
EOF
fi
sysctl -p || true
# only the running script knows
