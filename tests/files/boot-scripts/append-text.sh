#!/bin/bash
A="net.ipv4.tcp_fin_timeout=20"
A+=" net.ipv4.tcp_keepalive_time=600"
sysctl -w $A
