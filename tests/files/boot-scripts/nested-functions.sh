#!/bin/bash
log() { echo "$(date) $*" >> /tmp/log; }
apply() { log "set $1"; sysctl -w "$1" || log "failed"; }
while_loop() { for s in "$@"; do apply "$s"; done; }
while_loop net.ipv4.tcp_fin_timeout=20 net.ipv4.tcp_keepalive_time=600
