#!/bin/bash
set_sysctl() {
  local key="$1" value="$2"
  sysctl -w "$key=$value" >/dev/null
}
write() { echo "$2" > "/proc/sys/$1"; }
set_sysctl net.ipv4.tcp_fin_timeout 20
write net/ipv4/tcp_keepalive_time 600
