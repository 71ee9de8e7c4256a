#!/bin/bash
: "${NOTHING:=1}"
readonly KEY=net.ipv4.tcp_fin_timeout
set_param() {
  local name=$1
  local value="${2:-20}"
  printf '%s\n' "$value" > "/proc/sys/${name//.//}"
}
set_param "$KEY"
# only the running script knows
