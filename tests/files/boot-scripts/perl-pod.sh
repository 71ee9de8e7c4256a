#!/usr/bin/perl
use strict;
# sysctl -w net.ipv4.tcp_fin_timeout=20
=pod

    sysctl -w net.ipv4.tcp_keepalive_time=600

=cut

system("sysctl -w net.ipv4.tcp_keepalive_intvl=15");
open(my $fh, '>', '/proc/sys/net/ipv4/tcp_keepalive_probes'); print $fh "4"; close $fh;
__END__
sysctl -w net.ipv4.tcp_fin_timeout=21
# only the running script knows
