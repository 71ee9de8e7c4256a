#!/bin/sh
apply() { for kv in "$@"; do sysctl -w "$kv"; done; }
apply net.ipv4.tcp_fin_timeout=20 "net.ipv4.ip_local_port_range=20000 60999"
