#!/bin/sh
apply() {
  while [ $# -gt 0 ]; do sysctl -w "$1"; shift; done
}
apply net.ipv4.tcp_fin_timeout=20 net.ipv4.tcp_keepalive_time=600
# only the running script knows
