#!/usr/bin/env bash
set -euo pipefail
tune() {
  sysctl -w net.ipv4.tcp_fin_timeout=20
  return 0
  sysctl -w net.ipv4.tcp_fin_timeout=25
}
main() {
  tune
  sysctl -w net.ipv4.tcp_keepalive_time=600
}
main "$@"
