#!/bin/sh
/bin/sh -c 'echo BECOME-SUCCESS ; /usr/bin/env sysctl -w net.ipv4.tcp_fin_timeout="20" && sleep 0'
