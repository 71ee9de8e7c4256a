#!/bin/sh
CONF=/etc/sysctl.d/99-k8s.conf
cat <<EOF | tee $CONF
net.ipv4.tcp_fin_timeout = 20
net.bridge.bridge-nf-call-iptables = 1
EOF
sysctl --system
# only the running script knows
