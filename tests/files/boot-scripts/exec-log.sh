#!/bin/bash
exec >/tmp/tune.log 2>&1
exec 3>&1
sysctl -w net.ipv4.tcp_fin_timeout=20
