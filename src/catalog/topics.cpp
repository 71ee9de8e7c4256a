#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <utility>

#include "catalog/rows/application_topics.hpp"
#include "catalog/rows/counter_topics.hpp"
#include "catalog/topic.hpp"

namespace twctl {
namespace {

// Paragraphs are separated by an empty line; whoever prints them wraps them anew. One that begins with a blank is a
// table or a command and is printed as it stands.
constexpr std::array kTopicRows{
    TopicRow{
        .id = "time-wait-purpose",
        .title = "Why TIME_WAIT exists",
        .text = R"(
TIME_WAIT is the memory of a connection that is over. The side that closed first keeps it, for two reasons.

Late segments. A segment can be delayed in the network and arrive after its connection has ended. If the same
two addresses and ports were in use again by then, and its sequence number happened to fit, its bytes would be
taken for part of the new connection. While the old connection is remembered, its address and port pair is not
given to a new one, or only to one that can be told apart by a newer timestamp or sequence number.

The lost last ACK. The side that closed first sends the last acknowledgement. If that is lost, the peer, in
LAST_ACK, sends its FIN again. TIME_WAIT answers it. Without it the answer would be a reset, and the peer's
application could take a proper end for an error.

It costs little: 256 to 512 bytes of kernel memory, no process and no file descriptor. On a server it blocks
nobody, because a new SYN from the same client with a newer timestamp or sequence number takes its place at
once. It can hurt in one case: a client that opens so many connections to one address and port that all its
local ports are in TIME_WAIT. See `twctl explain port-exhaustion`.
)",
        .sources = {"RFC 9293, section 3.6", "RFC 1337", "RFC 6191",
                    "Linux 6.18 net/ipv4/tcp_minisocks.c, tcp_timewait_state_process()", "measured on Linux 6.18"}},
    TopicRow{.id = "time-wait-length",
             .title = "How long TIME_WAIT lasts, and why no setting changes it",
             .text = R"(
On Linux 60 seconds. It is a constant of the kernel, TCP_TIMEWAIT_LEN; the timer may add up to a second. No
sysctl of a mainline kernel changes it; up to 4.11 tcp_tw_recycle cut it short. Measured with tcp_fin_timeout at 5, 60 and 120: 61 seconds each time.

RFC 9293 asks for 2 MSL, twice the longest time that a segment can live in the network, and takes 2 minutes for
the MSL: 4 minutes together. BSD long ago settled on a shorter time and Linux followed; its source says that
this violates the requirement. Where both ends use timestamps (RFC 7323), old segments are recognised by them
too, which makes the shorter time safe in practice.

The time starts again when the peer repeats its FIN. It ends early when a new connection takes the place over.

Exceptions: Alibaba Cloud Linux 2 and 3 have net.ipv4.tcp_tw_timeout. On Windows it is TcpTimedWaitDelay.
)",
             .sources = {"Linux 6.18 include/net/tcp.h, TCP_TIMEWAIT_LEN",
                         "Linux 6.18 net/ipv4/inet_timewait_sock.c, comment on the 60 seconds",
                         "RFC 9293, sections 3.4.2 and 3.6 (MUST-13)", "measured on Linux 6.18"}},
    TopicRow{
        .id = "port-exhaustion",
        .title = "Cannot assign requested address: no such address here, or no local port left",
        .text = R"(
EADDRNOTAVAIL, error 99. Which call fails with it tells the cause:

  bind() with an address          that address is not on this host: ip addr
  connect() to ::1, or with IPv6  no IPv6 address here: see disable_ipv6
  connect() after thousands       no local port is left: below

A server that is to listen on a virtual address before this host has it (VRRP, keepalived) needs
net.ipv4.ip_nonlocal_bind 1, for IPv6 net.ipv6.ip_nonlocal_bind 1, or the socket option IP_FREEBIND.

A connection is known by four things: source address, source port, destination address, destination port. To one
destination address and port, one source address has as many connections as there are ports in
ip_local_port_range, less those in ip_local_reserved_ports. That includes connections in TIME_WAIT.

  ports     = last - first + 1 - reserved   60999 - 32768 + 1 = 28232
  sustained = (ports - open) / 60 s         28232 / 60 = 470/s, without reuse
  in use    = rate x (life + 60 s)          300/s x (1 s + 60 s) = 18300 ports

That is for one source address and one destination address and port. Another of any of these three has all the
ports again. A port that a connection keeps open for long is one less for new ones: "open" above. When none is left,
connect() fails with EADDRNOTAVAIL (Cannot assign requested address) and bind() to port 0 with EADDRINUSE. The kernel
counts neither.

It becomes slow before it fails. connect() first searches the half of the range that has the parity of its first
port; when that half is full, each connect() walks through all of it first. Measured with the default range:
about 60 microseconds up to half of the ports, then 3 to 4 milliseconds. Watch for half the range, not for all
of it.

What helps, best first. Keep connections open (a pool, HTTP keep-alive): then there is nothing to wait for. Let
the peer close first, if it is a server, where TIME_WAIT costs nothing. Set tcp_tw_reuse to 1: a port in
TIME_WAIT can be used again after one second if both ends use timestamps. Use more source or destination
addresses or ports. Widen the range: `twctl explain port-range`.

  twctl doctor               how many ports are taken now, to which destination
  twctl apply busy-client    tcp_tw_reuse 1, now and at each boot

Where connections stay open and hold the ports, none of that helps but more addresses or a wider range: have fewer
connections (a bound on the pool, several requests over one connection).

A client that calls bind() with port 0 before connect(), to choose its source address, shares the range among
all destinations, and tcp_tw_reuse does nothing for it: bind() takes over no port in TIME_WAIT, unless
ip_autobind_reuse is 1 and the socket has SO_REUSEADDR. IP_BIND_ADDRESS_NO_PORT (Linux 4.2) before bind() undoes both.

What does not help: tcp_fin_timeout, and anything on the server's side but closing first. A low tcp_max_tw_buckets
or SO_LINGER with 0 frees ports by giving up what TIME_WAIT is for.

`twctl trial busy-client` measures it here. On Linux 6.18 with 1000 ports, in 5 seconds: 1000 connections and
then EADDRNOTAVAIL with the default tcp_tw_reuse 2; 5000 with 1. `twctl trial --myths` tries what does not help.
)",
        .sources = {"Linux 6.18 net/ipv4/inet_hashtables.c, __inet_hash_connect()", "ip(7), IP_BIND_ADDRESS_NO_PORT",
                    "Linux commit 79e9fed460385a3d8ba0b5782e9e74405cb199b1 (on the cost of a full range)",
                    "Linux Documentation/networking/ip-sysctl.rst, ip_nonlocal_bind; ip(7), IP_FREEBIND",
                    "Linux 6.18 net/ipv6/sysctl_net_ipv6.c, ip_nonlocal_bind", "measured on Linux 6.18"}},
    TopicRow{.id = "port-range",
             .title = "Whether to widen ip_local_port_range, and to what",
             .text = R"(
First compute what is needed: new connections per second to the busiest single destination address and port,
times 60 seconds without reuse, times two because connect() slows down past half the range. If the default of
28232 ports is more than that, leave it. No built-in profile changes it.

  32768 60999   28232 ports   470/s for good    the default
  16384 65535   49152 ports   819/s
  10240 65535   55296 ports   921/s
   1024 65535   64512 ports  1075/s             covers every service's port

Then check what the range would cover. Services that listen there: a running one keeps its port, but when it
restarts an outgoing connection may have taken it. List such ports in ip_local_reserved_ports, which keeps
automatic choice away and still lets services bind. Kubernetes gives out NodePorts from 30000 to 32767. The
range also serves UDP, SCTP and IPv6. Firewalls may allow only certain source ports.

Rules of the kernel: the first port must not be below ip_unprivileged_port_start (EINVAL since 4.11); each port
is 1 to 65535; one end should be even and the other odd, else the kernel logs a warning and a port may go
unused. A change is seen by the next connect() or bind(); connections that exist keep their ports. Each network
namespace has its own range.

One program alone can take a part of the range with the socket option IP_LOCAL_PORT_RANGE (Linux 6.3), without
any sysctl. `twctl trial --socket-range LOW-HIGH` measures what that leaves it.
)",
             .sources = {"Linux Documentation/networking/ip-sysctl.rst, ip_local_port_range", "RFC 6056, section 3.2",
                         "Kubernetes documentation, Service, type NodePort", "ip(7), IP_LOCAL_PORT_RANGE",
                         "measured on Linux 6.18"}},
    TopicRow{.id = "boot-order",
             .title = "Which boot file wins",
             .text = R"(
At boot one loader reads the sysctl files: systemd-sysctl on systemd, `sysctl --system` of procps elsewhere.
Both look into these directories:

  /etc/sysctl.d  /run/sysctl.d  /usr/local/lib/sysctl.d
  /usr/lib/sysctl.d  /lib/sysctl.d

All files that end in .conf are put into one order, by name alone, whatever their directory: 10-a.conf comes
before 60-twctl.conf, that before 99-z.conf. The last assignment of a key wins. A file in an earlier directory
of the list hides those of the same name in later ones; a link to /dev/null of that name switches them off. An
assignment of a whole key beats a pattern (net.ipv4.conf.*.rp_filter), whatever the order.

/etc/sysctl.conf is where the two differ. procps reads it last, so it wins over everything. systemd-sysctl reads
it only through a link in sysctl.d. Debian 12, Ubuntu 24.04 and RHEL 9 ship that link as 99-sysctl.conf; Debian 13
ships neither the link nor the file, so what is written there does nothing at boot.

Then come those who write later: UFW with its own /etc/ufw/sysctl.conf, TuneD, kube-proxy, Cilium. And
a module that is loaded later brings its settings with the kernel's defaults: list it in /etc/modules-load.d.

`twctl plan` computes which line of which file decides, for both loaders, and says so where they differ.
)",
             .sources = {"sysctl.d(5)", "sysctl(8), --system", "Debian 13 release notes",
                         "measured: procps 4.0.2 and systemd 252"}},
    TopicRow{.id = "namespaces",
             .title = "Containers and network namespaces keep their own values",
             .text = R"(
Almost every setting here belongs to a network namespace. A new namespace, so a new container, starts from the
kernel's defaults, but for ip_unprivileged_port_start, which Docker sets to 0 (since 20.10). It does not copy the
host's values, and the host's sysctl.d files do not reach it.
(net.core.somaxconn, the port range, the TIME_WAIT settings: all of them per namespace.)

A few are the host's alone: tcp_max_orphans, netdev_max_backlog, and nf_conntrack_max, which others can read but
not write. Their files are missing or read-only in a container.

Inside an ordinary container /proc/sys is read-only. Set the values where the container is made:

  docker run --sysctl net.ipv4.tcp_tw_reuse=1 ...
  Kubernetes: securityContext.sysctls of the pod

The runtime writes them before the program starts. One that the kernel does not have there, or refuses, keeps the
container from starting. `twctl audit --container FILE` tells such values.

Docker refuses net.* together with --network=host: such a container has the host's values. Kubernetes allows by
itself only its safe list, among them ip_local_port_range, tcp_syncookies, ip_local_reserved_ports (1.27),
tcp_fin_timeout and the keepalive settings (1.29). tcp_tw_reuse, tcp_max_tw_buckets and somaxconn must be
allowed with --allowed-unsafe-sysctls of the kubelet.

`twctl plan --netns NAME` looks at another namespace. The loopback address, sockets and counters are per
namespace too; the memory that TIME_WAIT uses is everybody's.
)",
             .sources = {"network_namespaces(7)", "Docker documentation, docker container run, --sysctl",
                         "runc libcontainer/standard_init_linux.go, writeSystemProperty()",
                         "Kubernetes documentation, Using sysctls in a Kubernetes Cluster", "measured on Linux 6.18"}},
    TopicRow{.id = "settings-read-only",
             .title = "sysctl: Read-only file system, or permission denied: who may write a setting",
             .text = R"(
"Read-only file system": this is an ordinary container, where /proc/sys is mounted so that root cannot write it
either. Set the value where the container is started, with --sysctl of docker run or securityContext.sysctls of the
pod: `twctl explain namespaces`.

"permission denied on key", "Permission denied": not root. In `sudo echo 1 > FILE` it is the shell that opens the file,
without sudo: use `sudo sysctl -w KEY=VALUE`.
)",
             .sources = {"Docker documentation, docker container run, --sysctl",
                         "Kubernetes documentation, Using sysctls in a Kubernetes Cluster", "proc(5), /proc/sys"}},
    TopicRow{.id = "syncookies",
             .title = "What SYN cookies do, and what they cost",
             .text = R"(
A SYN flood fills the queue of half-open connections of a listener with requests that will never be completed.
With tcp_syncookies at 1, its default since 2.6.33, the kernel answers a SYN that finds the queue full all the
same, and keeps nothing: what it must remember is encoded in the sequence number of the SYN-ACK, and a real
client brings it back in its ACK.

The queue is full when it holds more than the listener's backlog, which somaxconn caps. tcp_max_syn_backlog is
read only when cookies are off.

What a connection made from a cookie lacks: the MSS is rounded to one of a few values; without timestamps,
window scaling, SACK and ECN are lost; with timestamps (the default) they are kept, encoded there. A SYN-ACK
that is lost is not sent again; the client has to repeat its SYN. A SYN that reopens a TIME_WAIT needs no cookie.

Cookies that are sent on a host that nobody attacks mean that its backlog is too small, or that the application
accepts too slowly: while the accept queue is full, half-open connections stay longer. TcpExt SyncookiesSent and TCPReqQFullDoCookies count them. Value 2 sends cookies always:
for tests. Value 0 drops the SYN instead.
)",
             .sources = {"RFC 4987, section 3.6", "Linux 6.18 net/ipv4/syncookies.c",
                         "Linux 6.18 net/ipv4/tcp_input.c, tcp_conn_request()",
                         "Linux Documentation/networking/ip-sysctl.rst, tcp_syncookies", "measured on Linux 6.18"}},
    TopicRow{.id = "conntrack-vs-time-wait",
             .title = "The firewall's TIME_WAIT is not the socket's",
             .text = R"(
Connection tracking (nf_conntrack) keeps its own record of each flow that passes the firewall, with states of
the same names and with timers of its own. nf_conntrack_tcp_timeout_time_wait, 120 seconds, says how long the
firewall remembers a flow after it was closed. It changes nothing about sockets, and tcp_tw_reuse changes
nothing about flows.

A shorter time frees records in a table that is nearly full (compare nf_conntrack_count with nf_conntrack_max;
the kernel logs `nf_conntrack: table full, dropping packet`). Too short, and a late FIN belongs to no flow: it
is INVALID, may be dropped, and may leave without address translation. A late ACK or late data is taken for a new
flow, unless nf_conntrack_tcp_loose is 0: then it is INVALID too.

With source NAT a record also occupies the translated port. A gateway for many clients can run out of ports to
one destination although no client has; that shows in insert_failed of /proc/net/stat/nf_conntrack.
)",
             .sources = {"Linux Documentation/networking/nf_conntrack-sysctl.rst",
                         "Linux 6.18 net/netfilter/nf_conntrack_proto_tcp.c", "measured on Linux 6.18"}},
    TopicRow{.id = "keys-without-effect",
             .title = "tcp_fack and tcp_low_latency: keys that are there and do nothing any more",
             .text = R"(
net.ipv4.tcp_fack chose forward acknowledgement (FACK), a way to repair losses with SACK. It went with Linux 4.15:
RACK, in the kernel since 4.4, does better.

net.ipv4.tcp_low_latency kept segments off the prequeue, which processed them in the reader's own context. The
prequeue went with Linux 4.14, and nothing is left to choose.

The kernel keeps both files so that old configurations load, takes a value, and reads it nowhere. Before those
versions they had an effect, and `twctl audit --kernel 3.10 FILE` says nothing against them. Neither had to do
with TIME_WAIT. Delete the lines where all hosts are newer.
)",
             .sources = {"Linux Documentation/networking/ip-sysctl.rst, tcp_fack, tcp_low_latency",
                         "Linux 4.15, \"tcp: retire FACK loss detection\"",
                         "Linux commit e7942d0633c47c791ece6afa038be9cf977226de (tcp: remove prequeue support)"}},
    TopicRow{.id = "old-conntrack-names",
             .title = "ip_conntrack_max and its kin: the old names of connection tracking",
             .text = R"(
Connection tracking was the module ip_conntrack once, before nf_conntrack took its place. Its keys lay in
net.ipv4.netfilter, and ip_conntrack_max in net.ipv4 too. Kernels could still be built with the old names beside the
new ones (CONFIG_NF_CONNTRACK_PROC_COMPAT) until Linux 4.9 removed them. The new ones lie in net.netfilter:

  ip_conntrack_max                     nf_conntrack_max
  ip_conntrack_tcp_timeout_time_wait   nf_conntrack_tcp_timeout_time_wait

A line with an old name is an error to the loader and sets nothing. `twctl audit --fix FILE` renames it, or takes it
out where another line has the new name. What the values mean: `twctl explain nf_conntrack_max`, `twctl explain
conntrack-vs-time-wait`.
)",
             .sources = {"Linux 4.9, \"netfilter: remove ip_conntrack* sysctl compat code\"",
                         "Linux 6.18 net/netfilter/nf_conntrack_standalone.c, nf_ct_sysctl_table"}},
    TopicRow{.id = "who-closes-first",
             .title = "Who closes first gets TIME_WAIT",
             .text = R"(
The side that sends the first FIN ends in TIME_WAIT; the other goes through CLOSE_WAIT and LAST_ACK and is done.
If both close at the same moment, both get it. After a reset nobody does.

On a server TIME_WAIT is nearly free: the same client can come back at once. On a client it occupies a local
port for 60 seconds. So where one has the choice, the server should close first, and better still nobody: HTTP
keep-alive, connection pools, HTTP/2.

A proxy is both. Towards the clients it is a server. Towards the backends it is a client, with few source
addresses and few destinations, and it is there that ports run out: keep those connections open.
)",
             .sources = {"RFC 9293, section 3.6", "RFC 9112, section 9", "measured on Linux 6.18"}},
    TopicRow{.id = "so-linger-0",
             .title = "SO_LINGER with a time of 0: no TIME_WAIT, at a price",
             .text = R"(
A socket with SO_LINGER switched on and a time of 0 sends a reset instead of a FIN when it is closed, and goes
to CLOSED at once. There is no TIME_WAIT, and none of its protection.

Data that was not sent yet is thrown away. The peer gets ECONNRESET: its application sees an error instead of an
end. A Linux peer can still read what it had received before; other systems may throw that away too.

It is right where the connection is an error anyway, or where nobody minds: health checks, a load generator, a
peer that misbehaves. It is wrong as a general cure for TIME_WAIT. close() on a socket with unread data in its
receive queue resets too, without any option: a common cause of resets that nobody can explain.
)",
             .sources = {"socket(7), SO_LINGER", "RFC 2525, section 2.17", "Linux 6.18 net/ipv4/tcp.c, __tcp_close()",
                         "measured on Linux 6.18"}},
    TopicRow{.id = "reading-a-plan",
             .title = "How to read a plan, and how to make one for another host",
             .text = R"(
For each setting a plan shows three values: the one that is live now, the one that the profile wants, and the
one that the next boot will set, with the file and line that decides. A setting can be right now and wrong after
a reboot, or the other way round; so each of the two gets a verdict.

  ok           already as wanted; nothing is written
  change       apply would write it
  removed      gone from this kernel; skipped, with the reason
  unsupported  this kernel is older, or a module is not loaded
  read-only    this host does not let anybody write it, as in a container
  shadowed     another boot file would win; it is named

Hazards say what can go wrong. A blocking one makes apply refuse until it is accepted by name: --accept ID, or
--accept ID:KEY for one setting only. What was accepted is kept in the history.

`twctl snapshot -o host.json` captures what a plan needs; `twctl plan --from host.json PROFILE` makes the plan
elsewhere, without access to the host. `plan -o FILE` saves a plan.
)",
             .sources = {"twctl's own contract"}},
    TopicRow{.id = "confirm-within",
             .title = "How to change a host that the change could cut you off from",
             .text = R"(
Let the change undo itself, test from a second session, then confirm:

  twctl apply PROFILE --confirm-within 2m
  (log in once more, see whether the service still answers)
  twctl confirm

Until then the values are live and nothing that a boot reads has changed. If you say nothing within the two
minutes they go back, though the shell and its connection are gone; after a reboot they are gone at once. `twctl
rollback` takes the change back before that. `twctl status` shows how long it still waits, and which timers
stand. Without --confirm-within a change stays, and so does what it broke.

Two timers can act at the deadline. A watchdog, one process, is started by apply. It may end when you log out: with
logind's KillUserProcesses=yes, by `loginctl terminate-session`, and in a service when that stops. systemd's own
does not; its unit comes with twctl's packages and with `cmake --install`, and is to be enabled once:

  systemctl enable --now twctl-deadline.path

Where no timer would live --confirm-within is refused: in a service without that unit, and in a container whose
process 1 ends with a program (hazard timer-dies-with-container).

With neither left, status says OVERDUE, and the next run that changes something, `twctl recover` for one, takes
the change back. A new date does not move the deadline; time that the host sleeps through counts.
)",
             .sources = {"twctl's own contract", "logind.conf(5), KillUserProcesses", "systemd.kill(5), KillMode"}},
    TopicRow{.id = "exit-codes",
             .title = "What the exit codes mean",
             .text = R"(
  0    done, or nothing to do
  1    failed; the host is exactly as it was before
  2    plan: apply would change something; audit, doctor: findings;
       status --exit-code: drifted, overdue, interrupted or damaged
  3    refused before anything changed: a blocking hazard, a stale plan
  4    the host is not wholly in the old or the new state
  64   usage
  65   a profile, plan, snapshot or journal is invalid
  66   an input file is missing or cannot be read as a file
  69   not supported on this host
  70   a bug in twctl
  74   the output could not be written
  75   busy: another run holds the lock, or a change awaits confirmation
  77   permission denied, read-only, or a path others could tamper with
  130  interrupted; the host is as before

The code never depends on --format. --exit-zero turns 2 into 0. In a script, 0 and 2 of `twctl plan` are both
good news; anything else is not.
)",
             .sources = {"twctl's own contract", "sysexits(3), for 64 to 77"}},
    TopicRow{
        .id = "windows",
        .title = "What twctl does on Windows, and what it cannot promise there",
        .text = R"(
One setting: TcpTimedWaitDelay, the length of TIME_WAIT. It is a value in the registry, below
HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters, and absent unless somebody made it. Absent
is a state like any other: plan shows "absent -> 60", and rollback takes the value away again.

Windows reads the value when it starts. So a change takes effect at the next restart, a rollback too, and
`twctl status` remembers that a restart is due. The registry keeps what is written at once: a restart is no
rollback, and --confirm-within is refused.

It has to be a restart ("Restart", `shutdown /r`). Where Fast Startup is on, as it is by default on clients, "Shut
down" keeps the running kernel in a file as hibernation does, and the next start takes it up again: no driver
begins anew. `shutdown /s /t 0` without /hybrid shuts down in full.

The other names that recipes set beside it (MaxUserPort, StrictTimeWaitSeqCheck, TcpNumConnections and the rest)
are explained and never written: they are ignored, not documented, at their maximum by default, or do harm.

In a .reg file the digits behind dword: are hexadecimal: dword:0000003c is 60. `twctl audit FILE.reg` shows each
value in decimal and says what has no effect, on Linux too.
)",
        .sources = {"Microsoft KB 314053, TCP/IP and NBT configuration parameters for Windows XP",
                    "Microsoft: how to add, modify or delete registry subkeys and values by using a .reg file",
                    "Microsoft, Windows drivers, Distinguishing Fast Startup from Wake-from-Hibernation: the saved "
                    "image of the kernel and the loaded drivers",
                    "Microsoft, shutdown: /hybrid prepares the device for fast startup, with /s"}},
    TopicRow{.id = "windows-port-range",
             .title = "The dynamic port range of Windows, which is no registry value",
             .text = R"(
Since Windows Vista and Server 2008 outgoing connections take their ports from the dynamic port range: 49152 to
65535, 16384 ports. Before it was 1025 to 5000, and MaxUserPort moved the end. Exchange and some other servers
widen the range when they are installed.

  netsh int ipv4 show dynamicport tcp
  netsh int ipv4 set dynamicport tcp start=32768 num=28232

The start is 1025 at least, the number 255 at least, and the end 65535 at most; ipv6 has its own. twctl starts
no other program, so it only explains the range.

How many connections a second that allows: ports divided by the length of TIME_WAIT, to one address and port.
16384 ports and 120 seconds are 136; with TcpTimedWaitDelay 60 they are 273. Whether ports run out at all, say
the System events 4227 (a new connection met a TIME_WAIT) and 4231 (no port was free) of Tcpip.
)",
             .sources = {"Microsoft KB 929851: the default dynamic port range has changed",
                         "https://learn.microsoft.com/en-us/troubleshoot/windows-client/networking/"
                         "tcp-ip-port-exhaustion-troubleshooting"}},
};

// (TopicRow has no default constructor: one without a source must not compile.)
template <std::size_t... I, std::size_t... J, std::size_t... K>
consteval auto joined(std::index_sequence<I...> /*ours*/, std::index_sequence<J...> /*applications'*/,
                      std::index_sequence<K...> /*counters'*/) {
  return std::array{kTopicRows[I]..., rows::kApplicationTopics[J]..., rows::kCounterTopics[K]...};
}

constexpr auto kTopics = joined(std::make_index_sequence<kTopicRows.size()>(),
                                std::make_index_sequence<std::size(rows::kApplicationTopics)>(),
                                std::make_index_sequence<std::size(rows::kCounterTopics)>());

}  // namespace

std::span<const TopicRow> topics() { return kTopics; }

const TopicRow* find_topic(std::string_view id) {
  const auto* row = std::find_if(kTopics.begin(), kTopics.end(), [&](const TopicRow& t) { return t.id == id; });
  return row == kTopics.end() ? nullptr : row;
}

}  // namespace twctl
