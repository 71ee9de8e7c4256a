#!/bin/bash
SYSCTL=/etc/sysctl.conf
add() {
  if ! grep -q "^$1" $SYSCTL 2>/dev/null; then
    echo "$1 = $2" >> $SYSCTL
  fi
}
add net.ipv4.tcp_fin_timeout 20
add net.ipv4.ip_local_port_range "20000 60999"
/sbin/sysctl -p > /dev/null 2>&1
# only the running script knows
