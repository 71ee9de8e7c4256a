#!/bin/bash
{
  echo "net.ipv4.tcp_fin_timeout = 20"
  echo "net.ipv4.tcp_keepalive_time = 600"
} > /etc/sysctl.d/90-app.conf
sysctl -p /etc/sysctl.d/90-app.conf
