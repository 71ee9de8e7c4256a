#!/bin/sh
bash -s <<'EOF'
sysctl -w net.ipv4.tcp_fin_timeout=20
EOF
echo "sysctl -w net.ipv4.tcp_keepalive_time=600" | sh
