#!/bin/sh
PARAMS="
net.ipv4.tcp_fin_timeout=20
net.ipv4.tcp_keepalive_time=600
"
for p in $PARAMS; do
  key=${p%%=*}
  value=${p##*=}
  echo "$value" > /proc/sys/$(echo $key | tr . /)
done
# only the running script knows
