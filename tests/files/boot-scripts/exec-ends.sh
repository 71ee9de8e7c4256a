#!/bin/sh
sysctl -w net.ipv4.tcp_fin_timeout=20
exec sysctl -w net.ipv4.tcp_keepalive_time=600
sysctl -w net.ipv4.tcp_fin_timeout=25
