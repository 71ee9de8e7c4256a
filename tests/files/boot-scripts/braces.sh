#!/bin/bash
sysctl -w net.ipv4.{tcp_fin_timeout=20,tcp_keepalive_time=600}
# only the running script knows
