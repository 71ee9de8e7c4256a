#!/bin/sh
( sleep 0; sysctl -w net.ipv4.tcp_fin_timeout=20; exit 0 ) &
wait
{ sysctl -w net.ipv4.tcp_keepalive_time=600; }
if ! sysctl -w net.ipv4.tcp_keepalive_intvl=15; then echo failed; fi
