// Topics about what applications and proxies do, where that helps more than any setting.
#pragma once

#include "catalog/topic.hpp"

namespace twctl::rows {

inline constexpr TopicRow kApplicationTopics[] = {
    {.id = "keep-connections-open",
     .title = "Keeping connections open: nginx, haproxy, envoy, php-fpm, python requests",
     .text = R"(
A connection that stays open leaves no TIME_WAIT and needs no new port. Where ports run out, this helps most.

nginx, to what it proxies to. Up to 1.29.6 it opens a connection for each request unless the upstream block has
`keepalive` and the location speaks HTTP/1.1; from 1.29.7 on both are the default.

  upstream backend {
      server 10.0.0.5:8080;
      keepalive 32;                        # idle connections, for each worker
  }
  location / {
      proxy_pass http://backend;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
  }

nginx, to php-fpm and other FastCGI: the same `keepalive` in the upstream block, and `fastcgi_keep_conn on;` beside
fastcgi_pass. php-fpm on a Unix socket needs no ports at all. SCGI and uwsgi know no kept connections.

haproxy keeps idle connections to servers and shares them between clients: `http-reuse safe` is the default. `never`,
or `option httpclose`, opens one for each request.

envoy has a connection pool for each upstream host and worker thread; HTTP/2 needs one connection where HTTP/1.1 needs
one for each request that is under way. max_requests_per_connection of a cluster closes them sooner: leave it unset.

python requests: requests.get() opens a connection and closes it. A requests.Session() that lives as long as the
program keeps them; a response has to be read to its end before its connection goes back to the pool.

Who calls bind() first: nginx with proxy_bind, haproxy with `source`, envoy with upstream_bind_config. See `twctl explain
bind-before-connect`. Then look: `twctl states --by peer` should show ESTABLISHED where TIME_WAIT was.
)",
     .sources = {"https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive, with fastcgi_keep_conn",
                 "https://nginx.org/en/CHANGES, 1.29.7: keepalive and HTTP/1.1 are the default",
                 "https://docs.haproxy.org/3.4/configuration.html, http-reuse",
                 "https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/connection_pooling",
                 "https://requests.readthedocs.io/en/latest/user/advanced/#keep-alive"}},
    {.id = "bind-before-connect",
     .title = "IP_BIND_ADDRESS_NO_PORT: bind() before connect() without spending a port on it",
     .text = R"(
A client that chooses its source address calls bind() with port 0 before connect(). The kernel then has to choose a
port before it knows the destination, so it takes one that nobody uses on that address: all destinations together share
the range, once for each source address, and tcp_tw_reuse never helps, because bind() knows of no destination either.
When the range is used up, bind() fails with EADDRINUSE.

With the socket option IP_BIND_ADDRESS_NO_PORT (Linux 4.2) set before bind(), the port is chosen by connect(): each
destination has the whole range again, and tcp_tw_reuse works.

Who sets it: nginx for proxy_bind without a port, from 1.11.4 on; haproxy for `source` with an address and no port, from
1.7 on. haproxy's `source ADDRESS:LOW-HIGH` chooses ports itself. Of a program of your own: set it, or do not bind() at
all and let the routing table choose the address.
)",
     .sources = {"ip(7), IP_BIND_ADDRESS_NO_PORT", "Linux commit 90c337da1524863838658078ec34241f45d8394d",
                 "nginx src/event/ngx_event_connect.c; CHANGES of 1.11.2 and 1.11.4",
                 "https://docs.haproxy.org/3.4/configuration.html, server option source; CHANGELOG of 1.7",
                 "Linux 6.18 net/ipv4/inet_connection_sock.c, inet_csk_get_port()", "measured on Linux 6.18"}},
    {.id = "address-in-use",
     .title = "Address already in use (EADDRINUSE): when bind() is refused",
     .text = R"(
Of a server that starts: another socket has its address and port. `ss -tlnp` shows a listener. Where there is none,
connections of the server before it may still be in TIME_WAIT: SO_REUSEADDR before bind() is made for that, and nearly
every server sets it.

A third reason is often missed. Where the server's port lies in ip_local_port_range, an outgoing connection may have
taken it, and holds it for 60 seconds more in TIME_WAIT. SO_REUSEADDR helps only where both sockets have set it. Keep
the port out of automatic choice; a service can still bind it:

  twctl apply --set 'net.ipv4.ip_local_reserved_ports=includes 8080,9000-9010'

That adds to what is reserved already; `sysctl -w` would replace the list. `twctl explain ip_local_reserved_ports` says
more.

Of a client: bind() to port 0 before connect(), and the range is used up: `twctl explain bind-before-connect`. connect()
itself reports a used-up range as EADDRNOTAVAIL: `twctl explain port-exhaustion`.
)",
     .sources = {"bind(2)", "socket(7), SO_REUSEADDR",
                 "Linux Documentation/networking/ip-sysctl.rst, ip_local_reserved_ports",
                 "Linux 6.18 net/ipv4/inet_connection_sock.c, inet_csk_get_port()", "measured on Linux 6.18"}},
    {.id = "connection-reset",
     .title = "Connection reset by peer: who sends a reset, and why",
     .text = R"(
ECONNRESET (10054 on Windows) is the answer of read() and write() once the other end, or a device between, has sent a
reset. A write() after that is EPIPE, Broken pipe. The cause lies at the end that has sent the reset. It sends one when

  data comes for a connection that its program has closed, or that ended with it
  its program closes with data unread, or with SO_LINGER 0
  nothing is known of the connection there: the host has restarted, for example
  its kernel is out of memory for TCP, or has too many orphans
  its accept queue is full and tcp_abort_on_overflow is 1

More of these: `twctl explain so-linger-0`, `twctl explain tcp-memory`, `twctl explain tcp_abort_on_overflow`.

The commonest is a connection that was kept open: one end, or a firewall between, gives it up as idle, and the other
sends its next request just then. Let the client give it up sooner than the server and everything between do, and repeat
such a request once. Connection tracking that has forgotten a flow drops what comes, or a firewall answers it with a
reset: `twctl explain conntrack-vs-time-wait`.

TIME_WAIT is not the cause, and no setting about it is the cure: it keeps a peer from a reset. The cure that people
copy, tcp_tw_recycle, locked clients out.

Where to look: `twctl doctor` at the end that sends; it tells resets of closed sockets (TCPAbortOnData,
TCPAbortOnClose) from resets for want of memory (TCPAbortOnMemory). Connection refused, ECONNREFUSED, is the reset that
answers a SYN: nobody listens there, or a firewall says so.
)",
     .sources = {"RFC 9293, section 3.5.2", "RFC 2525, section 2.17", "Linux 6.18 net/ipv4/tcp.c, __tcp_close()",
                 "Linux 6.18 net/ipv4/tcp_input.c, tcp_rcv_state_process()", "measured on Linux 6.18"}},
};

}  // namespace twctl::rows
