#!/usr/bin/env python3
"""Tunes the host, as
sysctl -w net.ipv4.tcp_fin_timeout=20 would."""
import subprocess
# subprocess.call("sysctl -w net.ipv4.tcp_keepalive_time=600", shell=True)
subprocess.call(["sysctl", "-w", "net.ipv4.tcp_keepalive_intvl=15"])
with open("/proc/sys/net/ipv4/tcp_keepalive_probes", "w") as f:
    f.write("4")
# only the running script knows
