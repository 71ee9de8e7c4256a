#!/bin/bash
if [ "$(id -u)" -ne 0 ]; then
  echo "run as root" >&2
  exit 1
fi
[[ $EUID -ne 0 ]] && exit 1
[ `id -u` = 0 ] || exit 1
sysctl -w net.ipv4.tcp_fin_timeout=20
