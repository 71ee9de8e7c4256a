#!/bin/bash
bash -c "cat >> /etc/sysctl.conf <<EOF
net.ipv4.tcp_fin_timeout = 20
EOF
sysctl -p"
