#!/bin/sh
python3 - <<EOF
open("/proc/sys/net/ipv4/tcp_fin_timeout", "w").write("20")
EOF
python3 -c 'open("/proc/sys/net/ipv4/tcp_keepalive_time", "w").write("600")'
# only the running script knows
