#!/bin/bash
until sysctl -w net.ipv4.tcp_fin_timeout=20; do sleep 1; done
while ! sysctl -w net.ipv4.tcp_keepalive_time=600; do sleep 1; done
# only the running script knows
