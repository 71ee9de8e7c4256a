// Each rule of audit: a file in which it finds something, and one that is nearly the same and fine.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "catalog/finding.hpp"
#include "report/audit_json.hpp"
#include "report/audit_text.hpp"
#include "support/audited.hpp"

using namespace twctl;
using namespace twctl::test;
using namespace std::string_literals;

namespace {

struct Case {
  std::string_view id;
  Severity severity;
  std::string bad;
  std::string fine;
  std::string_view kernel = "6.1.0-30-amd64";
  std::string_view path = "x.conf";
};

constexpr auto kInfo = Severity::info;
constexpr auto kWarning = Severity::warning;
constexpr auto kError = Severity::error;

const std::string kParameters = "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters]\r\n";
const std::string kReg = "Windows Registry Editor Version 5.00\r\n\r\n" + kParameters;
const std::string kInterfaces =
    "Windows Registry Editor Version 5.00\r\n\r\n"
    "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters\\Interfaces\\{1}]\r\n";

std::string dump() {
  std::string text = "kernel.ostype = Linux\nnet.ipv4.tcp_fin_timeout = 61\n";
  for (int i = 0; i < 120; ++i) text += "net.ipv4.conf.eth" + std::to_string(i) + ".rp_filter = 0\n";
  return text;
}

std::string utf16(std::string_view ascii) {
  std::string text = "\xFF\xFE";
  for (const char c : ascii) (text += c) += '\0';
  return text;
}

const std::vector<Case> kCases{
    {"value-refused", kError, "net.ipv4.tcp_fin_timeout = \"30\"\n", "net.ipv4.tcp_fin_timeout = 30\n"},
    {"value-refused", kError, "net.ipv4.tcp_fin_timeout = 30s\n", "net.ipv4.tcp_fin_timeout = 30 \n"},
    {"value-refused", kError, "net.ipv4.tcp_fin_timeout =\n", "net.ipv4.ip_local_reserved_ports =\n"},
    {"value-refused", kError, "net.ipv4.tcp_tw_reuse = 3\n", "net.ipv4.tcp_tw_reuse = 2\n"},
    {"value-refused", kError, "net.ipv4.ip_local_reserved_ports = 8080 # x\n",
     "net.ipv4.ip_local_reserved_ports = 8080,9090\n"},
    {"odd-character", kError,
     "net.ipv4.tcp_fin_timeout =\xC2\xA0"
     "30\n",
     "net.ipv4.tcp_fin_timeout = 30\n"},
    {"odd-character", kError, "net.ipv4.tcp_fin_timeout\xE2\x80\x8B = 30\n", "# \xE2\x80\x8B\n"},
    {"odd-character", kError, "\xEF\xBB\xBFnet.ipv4.tcp_fin_timeout = 30\n", "# \xEF\xBB\xBF\n"},
    {"odd-character", kError,
     "net.ipv4.tcp_fin_timeout\xEF\xBC\x9D"
     "30\n",
     "net.ipv4.tcp_fin_timeout=30\n"},
    {"utf-16", kError, utf16("net.ipv4.tcp_fin_timeout = 30\n"), "net.ipv4.tcp_fin_timeout = 30\n"},
    {"bad-line", kError, "net.ipv4.tcp_fin_timeout: 30\nnet.core.somaxconn = 4096\n", "net.core.somaxconn = 4096\n"},
    {"bad-line", kError, "// net.ipv4.tcp_fin_timeout = 30\n", "; net.ipv4.tcp_fin_timeout = 30\n"},
    {"bad-line", kError, "sysctl -w net.ipv4.tcp_fin_timeout=30\n", "-net.ipv4.tcp_fin_timeout\n---\n"},
    {"unknown-key", kError, "net.ipv4.tcp_fin_timout = 30\n", "net.ipv4.tcp_retries1 = 3\n"},
    {"unknown-key", kError, "net.ipv4.TCP_FIN_TIMEOUT = 30\n", "net/ipv4/tcp_fin_timeout = 30\n"},
    {"unknown-key", kError, "net.core.tcp_fin_timeout = 30\n",
     "net.core.rmem_max = 1\nnet.nf_conntrack_max = 100000\n"},
    {"odd-separators", kInfo, "net..ipv4.tcp_fin_timeout = 30\n", "net/ipv4/tcp_fin_timeout = 30\n"},
    {"odd-separators", kInfo, ".net.ipv4.tcp_fin_timeout = 30\n", "net.ipv4.tcp_fin_timeou? = 30\n"},
    {"ports-below-privileged", kError, "net.ipv4.ip_local_port_range = 80 65535\n",
     "net.ipv4.ip_local_port_range = 32768 60999\n"},
    {"low-end-only", kWarning, "net.ipv4.ip_local_port_range = 40000\n",
     "net.ipv4.ip_local_port_range = 40000 60999\n"},
    {"octal-value", kWarning, "net.ipv4.tcp_fin_timeout = 030\n",
     "net.ipv4.tcp_tw_reuse = 01\nnet.ipv4.tcp_abort_on_overflow = 00\n"},
    {"trailing-text", kInfo, "net.ipv4.tcp_fin_timeout = 30 # half\n", "net.ipv4.tcp_fin_timeout = 30\t\r\n"},
    {"trailing-text", kWarning, "net.ipv4.tcp_tw_reuse=1 vm.swappiness = 10\n",
     "net.ipv4.tcp_tw_reuse=1\nvm.swappiness = 10\n"},
    {"hexadecimal-value", kInfo, "net.ipv4.tcp_fin_timeout = 0x1e\n", "net.ipv4.tcp_fin_timeout = 30\n"},
    {"byte-order-mark", kInfo, "\xEF\xBB\xBF# x\nnet.ipv4.tcp_fin_timeout = 30\n", "# x\n"},
    {"nul-byte", kWarning, "net.ipv4.tcp_fin_timeout = 30\0x\n"s, "net.ipv4.tcp_fin_timeout = 30\n"},
    {"lone-cr", kWarning, "net.ipv4.tcp_fin_timeout = 30\rnet.core.somaxconn = 8192\n",
     "net.ipv4.tcp_fin_timeout = 30\r\nnet.core.somaxconn = 8192\r"},
    {"loaders-differ", kWarning, "net.ipv4.tcp_fin_timeout = 17\nnet.ipv4.tcp_fin_timeout = abc\n",
     "net.ipv4.tcp_fin_timeout = abc\nnet.ipv4.tcp_fin_timeout = 17\n"},
    {"overridden-line", kWarning, "net.ipv4.tcp_fin_timeout = 17\nnet/ipv4/tcp_fin_timeout = 18\n",
     "net.ipv4.tcp_fin_* = 17\nnet.ipv4.tcp_fin_timeout = 18\n"},
    {"repeated-line", kInfo, "net.ipv4.tcp_fin_timeout = 17\nnet.ipv4.tcp_fin_timeout = 17\n",
     "net.ipv4.tcp_fin_timeout = 17\n"},
    {"removed-key", kWarning, "net.ipv4.tcp_tw_recycle = 1\n", "#net.ipv4.tcp_tw_recycle = 1\n"},
    {"removed-key", kInfo, "net.ipv4.tcp_tw_recycle = 0\n", "net.ipv4.tcp_tw_reuse = 0\n"},
    {"removed-key", kInfo, "-net.ipv4.tcp_tw_recycle = 1\n", "", "5.10"},
    {"removed-key", kWarning, "net.ipv4.netfilter.ip_conntrack_tcp_timeout_time_wait = 30\n",
     "net.netfilter.nf_conntrack_tcp_timeout_time_wait = 30\n"},
    {"missing-key", kWarning, "net.ipv4.tcp_tw_reuse_delay = 500\n", "-net.ipv4.tcp_tw_reuse_delay = 500\n"},
    {"no-op-key", kInfo, "net.ipv4.tcp_fack = 1\n", "net.ipv4.tcp_sack = 1\n"},
    {"sysctl-dump", kInfo, dump(), dump().substr(dump().find('\n') + 1)},
    {"myth-comment", kInfo, "# shortens TIME_WAIT\nnet.ipv4.tcp_fin_timeout = 30\n",
     "# does not shorten TIME_WAIT\nnet.ipv4.tcp_fin_timeout = 30\n"},
    {"myth-comment", kInfo, "# \xE5\x87\x8F\xE5\xB0\x91 TIME_WAIT\n# net.ipv4.tcp_fin_timeout = 30\n",
     "# TIME_WAIT\n\nnet.ipv4.tcp_fin_timeout = 30\n"},
    {"ignore-invalid", kWarning, "# twctl: ignore timestamps-off\n", "# twctl: ignore timestamps-off our firewall\n"},
    {"ignore-invalid", kWarning, "# twctl: ignore nonsense because\n", "# twctl ignores this\n"},

    {"recycle-on", kError, "net.ipv4.tcp_tw_recycle = 1\n", "net.ipv4.tcp_tw_recycle = 0\n", "4.9.0-12-amd64"},
    {"recycle-inert", kWarning, "net.ipv4.tcp_tw_recycle = 1\nnet.ipv4.tcp_timestamps = 0\n",
     "net.ipv4.tcp_tw_recycle = 0\nnet.ipv4.tcp_timestamps = 1\n", "3.10.0"},
    {"value-refused", kError, "net.core.somaxconn = 65536\n", "net.core.somaxconn = 65535\n", "4.0.0"},
    {"reuse-inert", kWarning, "net.ipv4.tcp_tw_reuse = 1\nnet.ipv4.tcp_timestamps = 0\n",
     "net.ipv4.tcp_tw_reuse = 1\nnet.ipv4.tcp_timestamps = 1\n"},
    {"timestamps-off", kWarning, "net.ipv4.tcp_timestamps = 0\n", "net.ipv4.tcp_timestamps = 1\n"},
    {"dev-sec-timestamps", kInfo, "# dev-sec os_hardening\nnet.ipv4.tcp_timestamps = 0\n",
     "net.ipv4.tcp_timestamps = 2\n"},
    {"syncookies-off", kWarning, "net.ipv4.tcp_syncookies = 0\n", "net.ipv4.tcp_syncookies = 1\n"},
    {"cis-syncookies", kInfo, "net.ipv4.tcp_syncookies = 2\n", "net.ipv4.tcp_syncookies = 1\n"},
    {"fin-timeout-61-to-119", kWarning, "net.ipv4.tcp_fin_timeout = 61\n", "net.ipv4.tcp_fin_timeout = 60\n"},
    {"fin-timeout-61-to-119", kWarning, "net.ipv4.tcp_fin_timeout = 119\n", "net.ipv4.tcp_fin_timeout = 120\n"},
    {"fin-timeout-very-low", kInfo, "net.ipv4.tcp_fin_timeout = 1\n", "net.ipv4.tcp_fin_timeout = 10\n"},
    {"fin-timeout-not-time-wait", kInfo, "net.ipv4.tcp_fin_timeout = 10\n", "net.ipv4.tcp_fin_timeout = 60\n"},
    {"fin-timeout-not-time-wait", kInfo, "net.ipv4.tcp_fin_timeout = 59\n", "net.ipv4.tcp_fin_timeout = 9\n"},
    {"fin-timeout-not-time-wait", kInfo, "net.ipv4.tcp_fin_timeout = 30\n",
     "# shortens TIME_WAIT\nnet.ipv4.tcp_fin_timeout = 30\n"},
    {"reuse-2-before-4-19", kWarning, "net.ipv4.tcp_tw_reuse = 2\n", "net.ipv4.tcp_tw_reuse = 1\n", "4.15"},
    {"reuse-2-before-4-19", kWarning, "net.ipv4.tcp_tw_reuse = 2\n", "net.ipv4.tcp_tw_reuse = 0\n",
     "3.10.0-1160.el7.x86_64"},
    {"orphans-many", kInfo, "net.ipv4.tcp_max_orphans = 3276800\n", "net.ipv4.tcp_max_orphans = 262144\n"},
    {"handshake-retries-one", kInfo, "net.ipv4.tcp_syn_retries = 1\n", "net.ipv4.tcp_syn_retries = 2\n"},
    {"handshake-retries-one", kInfo, "net.ipv4.tcp_synack_retries = 1\n", "net.ipv4.tcp_synack_retries = 2\n"},
    {"tcp-mem-in-bytes", kWarning, "net.ipv4.tcp_mem = 8388608 8388608 8388608\n",
     "net.ipv4.tcp_mem = 65536 65536 65536\n"},
    {"tcp-mem-in-bytes", kWarning, "net.ipv4.tcp_mem = 94500000 915000000 927000000\n",
     "net.ipv4.tcp_mem = 94500000 126000000 189000000\n"},
    {"fin-timeout-long", kInfo, "net.ipv4.tcp_fin_timeout = 120\n", "net.ipv4.tcp_fin_timeout = 60\n"},
    {"tw-buckets-few", kWarning, "net.ipv4.tcp_max_tw_buckets = 5000\n", "net.ipv4.tcp_max_tw_buckets = 65536\n"},
    {"tw-buckets-few", kInfo, "net.ipv4.tcp_max_tw_buckets = 20000\n", "net.ipv4.tcp_max_tw_buckets = 262144\n"},
    {"tw-buckets-few", kWarning, "net.ipv4.tcp_max_tw_buckets = -1\n", "net.ipv4.tcp_max_tw_buckets = 262144\n",
     "5.10"},
    {"tw-buckets-many", kInfo, "net.ipv4.tcp_max_tw_buckets = -1\n", "net.ipv4.tcp_max_tw_buckets = 262144\n"},
    {"limit-low", kWarning, "net.ipv4.tcp_max_orphans = 64\n", "net.ipv4.tcp_max_orphans = 8192\n"},
    {"tw-buckets-many", kInfo, "net.ipv4.tcp_max_tw_buckets = 2000000\n", "net.ipv4.tcp_max_tw_buckets = 999999\n"},
    {"somaxconn-small", kWarning, "net.core.somaxconn = 1024\n", "net.core.somaxconn = 4096\n"},
    {"somaxconn-small", kWarning, "net.core.somaxconn = 100\n", "net.core.somaxconn = 1024\n", "4.19.0"},
    {"syn-backlog-unused", kInfo, "net.ipv4.tcp_max_syn_backlog = 8192\n",
     "net.ipv4.tcp_max_syn_backlog = 8192\nnet.core.somaxconn = 8192\n"},
    {"tcp-mem-low", kWarning, "net.ipv4.tcp_mem = 1 2 3\n", "net.ipv4.tcp_mem = 9000 12000 18000\n"},
    {"tcp-mem-in-bytes", kWarning, "net.ipv4.tcp_mem = 4096 87380 16777216\n",
     "net.ipv4.tcp_mem = 786432 1048576 1572864\n"},
    {"retries2-few", kWarning, "net.ipv4.tcp_retries2 = 3\n", "net.ipv4.tcp_retries2 = 8\n"},
    {"retries2-few", kInfo, "net.ipv4.tcp_retries2 = 5\n", "net.ipv4.tcp_retries2 = 15\n"},
    {"orphan-retries-few", kWarning, "net.ipv4.tcp_orphan_retries = 1\n", "net.ipv4.tcp_orphan_retries = 0\n"},
    {"orphan-retries-few", kWarning, "net.ipv4.tcp_orphan_retries = 3\n", "net.ipv4.tcp_orphan_retries = 4\n"},
    {"flow-timeout-short", kWarning, "net.netfilter.nf_conntrack_tcp_timeout_time_wait = 1\n",
     "net.netfilter.nf_conntrack_tcp_timeout_time_wait = 60\n"},
    {"flow-timeout-short", kInfo, "net.netfilter.nf_conntrack_tcp_timeout_time_wait = 30\n",
     "net.netfilter.nf_conntrack_tcp_timeout_last_ack = 30\n"},
    {"flow-timeout-short", kWarning, "net.netfilter.nf_conntrack_tcp_timeout_close_wait = 1\n",
     "net.netfilter.nf_conntrack_tcp_timeout_close_wait = 15\n"},
    {"synack-retries-none", kWarning, "net.ipv4.tcp_synack_retries = 0\n", "net.ipv4.tcp_synack_retries = 1\n"},
    {"reuse-delay-short", kWarning, "net.ipv4.tcp_tw_* = 1\n", "net.ipv4.tcp_tw_reuse_delay = 100\n", "6.18.0"},
    {"port-range-all-reserved", kError, "net.ipv4.ip_local_reserved_ports = 32768-60999\n",
     "net.ipv4.ip_local_reserved_ports = 32768-60998\n"},
    {"port-range-all-reserved", kError,
     "net.ipv4.ip_local_port_range = 40000 40001\nnet.ipv4.ip_local_reserved_ports = 40000,40001\n",
     "net.ipv4.ip_local_port_range = 40000 40003\nnet.ipv4.ip_local_reserved_ports = 40000,40001\n"},
    {"port-range-services", kInfo, "net.ipv4.ip_local_port_range = 1024 65535\n",
     "net.ipv4.ip_local_port_range = 32768 60999\n"},
    {"port-range-parity", kInfo, "net.ipv4.ip_local_port_range = 32768 61000\n",
     "net.ipv4.ip_local_port_range = 32768 60999\n"},
    {"anssi-port-range", kInfo, "# ANSSI-BP-028, R12\nnet.ipv4.ip_local_port_range = 1024 65535\n",
     "net.ipv4.ip_local_port_range = 32768 65535\n"},
    {"anssi-port-range", kInfo, "; anssi\nnet.ipv4.ip_local_port_range = 40000 65535\n",
     "net.ipv4.ip_local_port_range = 32768 60999\n"},
    {"abort-on-overflow", kWarning, "net.ipv4.tcp_abort_on_overflow = 1\n", "net.ipv4.tcp_abort_on_overflow = 0\n"},
    {"keepalive-short", kInfo, "net.ipv4.tcp_keepalive_time = 30\n", "net.ipv4.tcp_keepalive_time = 600\n"},
    {"keepalive-without-wait", kWarning, "net.ipv4.tcp_keepalive_probes = 0\n", "net.ipv4.tcp_keepalive_probes = 1\n"},
    {"keepalive-without-wait", kWarning, "net.ipv4.tcp_keepalive_intvl = 0\n", "net.ipv4.tcp_keepalive_intvl = 1\n"},
    {"keepalive-milliseconds", kWarning, "net.ipv4.tcp_keepalive_time = 7200000\n",
     "net.ipv4.tcp_keepalive_time = 86400\n"},
    {"unprivileged-ports", kInfo, "net.ipv4.ip_unprivileged_port_start = 80\n",
     "net.ipv4.ip_unprivileged_port_start = 1024\n"},

    {"tuned-refuses", kError, "[sysctl]\nnonsense\n", "[sysctl]\nnet.ipv4.tcp_fin_timeout = 30\n"},
    {"value-refused", kError, "[sysctl]\nnet.ipv4.tcp_fin_timeout = 30s\n",
     "[sysctl]\nnet.ipv4.tcp_fin_timeout = \"30\" # x\n"},
    {"reg-refused", kError, "\"TcpTimedWaitDelay\"=dword:0000003c\r\n",
     "\r\nREGEDIT4\r\n\r\n" + kParameters + "\"TcpTimedWaitDelay\"=dword:0000003c\r\n", "6.1", "x.reg"},
    {"reg-key-deleted", kError, kReg + "[-" + kParameters.substr(1), kReg + "[-HKEY_LOCAL_MACHINE\\SOFTWARE\\X]\r\n",
     "6.1", "x.reg"},
    {"reg-no-effect", kError, kInterfaces + "\"TcpTimedWaitDelay\"=dword:0000001e\r\n", kReg + "\"Other\"=dword:1\r\n",
     "6.1", "x.reg"},
    {"reg-no-effect", kError, kReg + "\"TcpTimedWaitDelay\"=\"30\"\r\n",
     kReg + "\"TcpTimedWaitDelay\"=dword:0000001e\r\n", "6.1", "x.reg"},
    {"reg-no-effect", kError, kReg + "\"TcpTimedWaitDelay\"=hex(b):1e,00,00,00,00,00,00,00\r\n",
     kReg + "\"TcpTimedWaitDelay\"=hex(4):1e,00,\\\r\n  00,00\r\n", "6.1", "x.reg"},
    {"reg-no-effect", kError,
     "REGEDIT4\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip6\\Parameters]\n"
     "\"TcpTimedWaitDelay\"=dword:0000003c\n",
     "REGEDIT4\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Backup]\n\"TcpTimedWaitDelay\"=dword:0000003c\n", "6.1", "x.reg"},
    {"reg-misspelt", kWarning, kReg + "\"TcpTimeWaitDelay\"=dword:0000003c\r\n",
     kReg + "\"TcpMaxDataRetransmissions\"=dword:00000005\r\n", "6.1", "x.reg"},
    {"reg-obsolete", kWarning, kReg + "\"MaxUserPort\"=dword:0000fffe\r\n",
     kReg + "\"TcpTimedWaitDelay\"=dword:0000003c\r\n", "6.1", "x.reg"},
    {"reg-obsolete", kWarning, kReg + "\"StrictTimeWaitSeqCheck\"=\"1\"\r\n", kReg + "\"StrictTimeWaitSeqCheck\"=-\r\n",
     "6.1", "x.reg"},
    {"reg-out-of-range", kWarning, kReg + "\"TcpTimedWaitDelay\"=dword:00000001\r\n",
     kReg + "\"TcpTimedWaitDelay\"=dword:0000003c\r\n", "6.1", "x.reg"},
    {"reg-time-wait-short", kWarning, kReg + "\"TcpTimedWaitDelay\"=dword:0000001d\r\n",
     kReg + "\"TcpTimedWaitDelay\"=dword:0000001e\r\n", "6.1", "x.reg"},
    {"reg-hexadecimal", kWarning, kReg + "\"TcpTimedWaitDelay\"=dword:00000030\r\n",
     kReg + "\"TcpTimedWaitDelay\"=-\r\n", "6.1", "x.reg"},
    {"reg-hexadecimal", kInfo, kReg + "\"TcpTimedWaitDelay\"=dword:00000078\r\n",
     kReg + "\"TcpTimedWaitDelay\"=dword:0000003c\r\n", "6.1", "x.reg"},
    {"reg-overridden", kWarning, kReg + "\"TcpTimedWaitDelay\"=dword:0000003c\r\n\"TCPTIMEDWAITDELAY\"=-\r\n",
     kReg + "\"TcpTimedWaitDelay\"=dword:0000003c\r\n" + kInterfaces.substr(kInterfaces.find("\r\n\r\n")), "6.1",
     "x.reg"},
    {"reg-repeated", kInfo, kReg + "\"TcpTimedWaitDelay\"=dword:0000003c\r\n\"TcpTimedWaitDelay\"=dword:3c\r\n",
     kReg + "\"TcpTimedWaitDelay\"=dword:0000003c\r\n", "6.1", "x.reg"},
};

const Finding* find(const Audit& audit, std::string_view id) {
  const auto found =
      std::find_if(audit.findings.begin(), audit.findings.end(), [&](const Finding& f) { return f.row->id == id; });
  return found == audit.findings.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("each rule finds its mistake, and not in the file beside it") {
  for (const Case& one : kCases) {
    CAPTURE(one.id);
    CAPTURE(one.bad);
    const Audit bad = audited(one.bad, context_of(one.kernel), one.path);
    const Finding* finding = find(bad, one.id);
    REQUIRE(finding != nullptr);
    CHECK(finding->severity == one.severity);
    CHECK(finding->where.file == one.path);
    CHECK_FALSE(finding->evidence.empty());
    CAPTURE(one.fine);
    CHECK(find(audited(one.fine, context_of(one.kernel), one.path), one.id) == nullptr);
  }
}

TEST_CASE("F4: a TuneD profile's keys are checked as those of sysctl.conf are") {
  CHECK(found_in(audited("[sysctl]\nnet.ipv4.tcp_tw_reuze=1\nnet.ipv4.tcp_fack=0\nnet.core_netdev_max_backlog=5\n"
                         "net.ipv4.netfilter.ip_conntrack_max=1\nvm.swappiness=1\n")) ==
        std::vector<std::string>{"unknown-key:2", "no-op-key:3", "unknown-key:4", "removed-key:5"});
  CHECK(evidence_of(audited("[sysctl]\nnet.core_netdev_max_backlog=5\n"), "unknown-key") ==
        "\"net.core_netdev_max_backlog\" is no key; did you mean net.core.netdev_max_backlog?");
}

TEST_CASE("a key that people wish there were is unknown: nothing sets how long TIME_WAIT lasts") {
  for (const std::string key : {"net.ipv4.tcp_timewait_len", "net/ipv4/tcp_tw_len", "net.ipv4.tcp_time_wait"}) {
    CAPTURE(key);
    const Audit audit = audited(key + " = 30\n");
    REQUIRE(found_in(audit) == std::vector<std::string>{"unknown-key:1"});
    CHECK(audit.findings[0].advice == "Delete the line. `twctl explain time-wait-length` says more.");
    CHECK(audit.findings[0].evidence.ends_with(
        "is no key: TIME_WAIT lasts 60 seconds on Linux, a constant of the kernel."));
  }
}

TEST_CASE(
    "a key without its path, behind another one or with a word left out is no key, and it is said which was meant") {
  const auto meant = [](const std::string& key) {
    const std::string evidence = evidence_of(audited("net.core.somaxconn = 4096\n" + key + " = 1\n"), "unknown-key");
    const std::size_t at = evidence.find("did you mean ");
    return at == std::string::npos ? evidence : evidence.substr(at + 13);
  };
  CHECK(meant("tcp_tw_reuse") == "net.ipv4.tcp_tw_reuse?");
  CHECK(meant("ipv4.tcp_tw_reuse") == "net.ipv4.tcp_tw_reuse?");
  CHECK(meant("sysctl.net.ipv4.tcp_tw_reuse") == "net.ipv4.tcp_tw_reuse?");
  CHECK(meant("kern.ipc.somaxconn") == "net.core.somaxconn?");
  CHECK(meant("tcp_fin_timout") == "net.ipv4.tcp_fin_timeout?");
  CHECK(meant("net.ipv4.tcp_recycle") == "net.ipv4.tcp_tw_recycle?");
  CHECK(meant("net.ipv4.tcp_max_tw") == "net.ipv4.tcp_max_tw_buckets?");
  CHECK(meant("net.ipv4.tcp_fin_wait") == "net.ipv4.tcp_fin_timeout?");
  CHECK(meant("net.core.somax") == "net.core.somaxconn?");
  CHECK(meant("net.ipv4.ip_conntrack_tcp_timeout_time_wait") == "net.netfilter.nf_conntrack_tcp_timeout_time_wait?");
  CHECK(meant("tcp_timewait_timeout").starts_with("\"tcp_timewait_timeout\" is no key: TIME_WAIT lasts 60 seconds"));
  for (const std::string other :
       {"tcp_sack", "net.ipv4.tcp_retries1", "kernel.panic", "vm.max_map_count", "fs.aio-max-nr",
        "user.max_net_namespaces", "dev.tcp_tune.rate", "retries", "net.decnet.tcp_mem",
        "net.netfilter.nf_conntrack_dccp_timeout_timewait", "net.netfilter.nf_conntrack_sctp_timeout_established",
        "net.ipv4.tcp_reries1", "tcp_reries1", "net.ipv4.tcp_thin_linear_timeout",
        "net.netfilter.nf_conntrack_tcp_timeout_syn_snt",  // slips of a neighbour's name
        "net.sctp.max_burst", "net.mptcp.close_timeout", "net.ipv4.udp_fin_timeout", "net.dccp.default.retries2"}) {
    CAPTURE(other);
    CHECK(meant(other).empty());
  }
  CHECK(found_in(audited("tcp_tw_reuse = 1\n")) == std::vector<std::string>{"unknown-key:1"});
  CHECK(found_in(audited("[sysctl]\nreplace=1\ntcp_timestamps=0\n")) == std::vector<std::string>{"unknown-key:3"});
}

TEST_CASE("F5: prose that names a key is a bad line, an invisible character before any key an odd one") {
  CHECK(found_in(audited("\xE5\x8F\x82\xE6\x95\xB0 net.ipv4.tcp_fin_timeout 60\n")) ==
        std::vector<std::string>{"bad-line:1"});
  const Audit audit = audited("\xE2\x80\x8Bvm.swappiness = 10\n");
  CHECK(found_in(audit) == std::vector<std::string>{"odd-character:1"});
  CHECK(audit.findings[0].evidence.starts_with("U+200B, a zero-width space in "));
}

TEST_CASE("F7: tcp_fack and tcp_low_latency had an effect on the kernels that read them") {
  CHECK(found_in(audited("net.ipv4.tcp_fack = 1\nnet.ipv4.tcp_low_latency = 1\n", context_of("3.10"))).empty());
  CHECK(evidence_of(audited("net.ipv4.tcp_fack = 1\n"), "no-op-key") ==
        "net.ipv4.tcp_fack has no effect since Linux 4.15.");
}

TEST_CASE("F8: a keepalive time that may be meant in milliseconds is told in hours, with its own default") {
  const auto evidence = [](std::string_view text) { return evidence_of(audited(text), "keepalive-milliseconds"); };
  CHECK(evidence("net.ipv4.tcp_keepalive_intvl = 15000\n") ==
        "net.ipv4.tcp_keepalive_intvl is 15000 s, 4.2 hours; the default is 75.");
  CHECK(evidence("net.ipv4.tcp_keepalive_time = 60000\n") ==
        "net.ipv4.tcp_keepalive_time is 60000 s, 16.7 hours; the default is 7200.");
  CHECK(worst(audited("net.ipv4.tcp_keepalive_time = 60000\n").findings) == Severity::info);
  CHECK(evidence("net.ipv4.tcp_keepalive_time = 14400\nnet.ipv4.tcp_keepalive_intvl = 60\n").empty());
}

TEST_CASE("a negative tcp_max_tw_buckets is no low limit where it is none") {
  CHECK(found_in(audited("net.ipv4.tcp_max_tw_buckets = -1\n")) == std::vector<std::string>{"tw-buckets-many:1"});
  CHECK(evidence_of(audited("net.ipv4.tcp_max_tw_buckets = -1\n"), "tw-buckets-many") ==
        "net.ipv4.tcp_max_tw_buckets is -1, which is no limit since Linux 5.19.");
}

TEST_CASE("what a value comes to is said in seconds and bytes") {
  CHECK(evidence_of(audited("net.ipv4.tcp_mem = 1 2 3\n"), "tcp-mem-low") ==
        "net.ipv4.tcp_mem is 1 2 3: all TCP sockets of the host together may take 3 pages, 12 KiB.");
  CHECK(evidence_of(audited("net.ipv4.tcp_mem = 4096 87380 16777216\n"), "tcp-mem-in-bytes") ==
        "net.ipv4.tcp_mem is 4096 87380 16777216, in pages: a limit of 64 GiB.");
  CHECK(evidence_of(audited("net.ipv4.tcp_retries2 = 3\n"), "retries2-few") ==
        "net.ipv4.tcp_retries2 is 3: an outage of 3.0 s may end a connection.");
  CHECK(evidence_of(audited("net.ipv4.tcp_orphan_retries = 1\n"), "orphan-retries-few") ==
        "net.ipv4.tcp_orphan_retries is 1: an outage of 0.6 s may lose what was still to be sent when the program "
        "closed.");
}

TEST_CASE("one retry of a handshake means for connect() what it does not mean for a server") {
  const auto meaning = [](std::string_view line) { return meaning_of(audited(line).findings.at(0)); };
  CHECK(meaning("net.ipv4.tcp_syn_retries = 1\n") ==
        "A SYN is sent once more (twice since Linux 6.5) and given up after 3 s: a short loss or a failover is enough "
        "for connect() to fail, in every program of the host.");
  CHECK(meaning("net.ipv4.tcp_synack_retries = 1\n") ==
        "A SYN-ACK is sent once more, and after 3 s the server forgets the half-open connection: the client's next SYN "
        "begins it anew; a client whose ACKs were lost has what it sends answered with a reset.");
}

TEST_CASE("advice to delete a line keeps the assignment behind its value, which is told to be set by nobody") {
  const auto only = [](const std::string& text) {
    const Audit audit = audited(text);
    REQUIRE(audit.findings.size() == 1);
    CHECK(audit.findings[0].severity >= kWarning);
    CHECK(audit.findings[0].evidence.ends_with("net.ipv4.tcp_tw_reuse is NOT set: one assignment a line."));
    return audit.findings[0].advice;
  };
  const std::string keep = "Write each assignment that is meant on a line of its own, and delete the rest";
  CHECK(only("net.ipv4.tcp_tw_recycle = 1 net.ipv4.tcp_tw_reuse = 1\n") == keep + ".");
  CHECK(only("net.ipv4.tcp_tw_recycle = 0;net.ipv4.tcp_tw_reuse = 1\n") == keep + ".");
  CHECK(only("net.ipv4.tcp_low_latency=1 net.ipv4.tcp_tw_reuse=1\n") == keep + ".");
  CHECK(only("net.ipv4.tcp_timewait_timeout=1 net.ipv4.tcp_tw_reuse=1\n") ==
        keep + ". `twctl explain time-wait-length` says more.");
  CHECK(only("net.ipv4.netfilter.ip_conntrack_max = 9000 net.ipv4.tcp_tw_reuse = 1\n") ==
        "Write the new name. Write each assignment that is meant on a line of its own.");
  CHECK(audited("net.ipv4.tcp_tw_recycle = 1 # net.ipv4.tcp_tw_reuse = 1\n").findings.at(0).advice ==
        "Delete the line.");
}

TEST_CASE("a second assignment in a line is named, whatever is between the two and whatever is wrong with the first") {
  const auto named = [](const std::string& line) -> std::string {
    const Audit audit = audited(line + "\n");
    for (const Finding& finding : audit.findings) {
      const std::string& said = finding.evidence;
      const std::size_t end = said.rfind(" is NOT set: one assignment a line.");
      if (end == std::string::npos) continue;
      CHECK(finding.severity >= kWarning);
      CHECK(finding.advice.find("Write each assignment") != std::string::npos);
      CHECK(finding.advice.find("Delete the line") == std::string::npos);
      CHECK(finding.advice.find("A comment goes") == std::string::npos);
      return said.substr(said.rfind(' ', end - 1) + 1, end - said.rfind(' ', end - 1) - 1);
    }
    return "(none)";
  };
  for (const char* first :
       {"net.ipv4.tcp_fin_timeout = 30", "net.ipv4.tcp_tw_recycle = 1", "net.ipv4.tcp_fin_timout=30",
        "net.ipv4.tcp_timewait_len=30", "net.ipv4.tcp_low_latency=0", "net.ipv4.netfilter.ip_conntrack_max = 9000",
        "net.ipv4.ip_local_port_range = 10240 65000", "net.ipv4.ip_local_reserved_ports = 8080",
        "net.ipv4.tcp_congestion_control = bbr", "vm.swappiness = 10"}) {
    for (const char* between : {" ", ";", "; ", " ; ", ",", ", ", "&&", "\t"}) {
      CAPTURE(first);
      CAPTURE(between);
      CHECK(named(std::string(first) + between + "net.ipv4.tcp_tw_reuse=1") == "net.ipv4.tcp_tw_reuse");
      CHECK(named(std::string(first) + between + "-tcp_tw_reuse = 1") == "tcp_tw_reuse");
    }
  }
  CHECK(named("net.ipv4.tcp_fin_timeout = 30;other=1") == "other");
  CHECK(named("net.ipv4.tcp_tw_recycle=1,net.ipv4.x = 1") == "net.ipv4.x");
  CHECK(named("sysctl -w net.ipv4.tcp_fin_timeout=30; sysctl -w net.ipv4.tcp_sack=0") == "net.ipv4.tcp_sack");
  for (const char* remark :
       {"net.ipv4.tcp_fin_timeout = 30s # net.ipv4.tcp_sack=0", "net.ipv4.tcp_fin_timeout = a=30",
        "net.ipv4.tcp_fin_timeout = 30; was=60", "net.ipv4.tcp_fin_timeout = =30",
        "net.ipv4.tcp_fin_timeout = net.ipv4.tcp_fin_timeout=30", "vm.swappiness = 10 # tcp_sack=0"}) {
    CHECK(named(remark) == "(none)");
  }
}

TEST_CASE("an assignment behind a value, where a line break was lost, is a warning that names the key, a remark none") {
  const Audit lost = audited("net.ipv4.tcp_tw_reuse=1 net.ipv4.tcp_syncookies=0\n");
  REQUIRE(found_in(lost) == std::vector<std::string>{"trailing-text:1"});
  CHECK(lost.findings[0].severity == kWarning);
  CHECK(lost.findings[0].evidence ==
        "\"1 net.ipv4.tcp_syncookies=0\" is 1 to the kernel. net.ipv4.tcp_syncookies is NOT set: one assignment a "
        "line.");
  CHECK(lost.findings[0].advice == "Write each assignment on a line of its own.");
  const auto severity = [](const std::string& text) {
    return audited("net.ipv4.tcp_tw_reuse = 1 " + text + "\n").findings.at(0).severity;
  };
  for (const char* assignment : {"tcp_syncookies =0", "; net.ipv4.tcp_syncookies = 0", "on net/ipv4/tcp_sack=0 # x"}) {
    CAPTURE(assignment);
    CHECK(severity(assignment) == kWarning);
  }
  for (const char* remark : {"# net.ipv4.tcp_syncookies=0", "// tcp_syncookies=0", "half=on", "net.ipv4.tcp_sack"}) {
    CAPTURE(remark);
    CHECK(severity(remark) == kInfo);
  }
}

TEST_CASE("a kernel that has \"loopback only\", or may have it, is not told that 2 is as 1") {
  for (const char* kernel : {"4.19", "4.18.0-553.el8_10.x86_64", "6.18.0", ""}) {
    CAPTURE(kernel);
    CHECK(found_in(audited("net.ipv4.tcp_tw_reuse = 2\n", context_of(kernel))).empty());
  }
}

TEST_CASE("both ends of the port range even is no mistake before Linux 4.2, but on RHEL 7, which may have its change") {
  const std::string line = "net.ipv4.ip_local_port_range = 33000 60000\n";
  CHECK(found_in(audited(line, context_of("4.1.0"))).empty());
  CHECK(found_in(audited(line, context_of("2.6.32"))).empty());
  for (const char* kernel : {"4.2.0", "3.10.0-1160.el7.x86_64"}) {
    CAPTURE(kernel);
    CHECK(found_in(audited(line, context_of(kernel))) == std::vector<std::string>{"port-range-parity:1"});
  }
}

TEST_CASE("F9: tcp_abort_on_overflow = 1 is a finding, as baseline wants 0") {
  CHECK(found_in(audited("net.ipv4.tcp_abort_on_overflow = 1\n")) == std::vector<std::string>{"abort-on-overflow:1"});
}

TEST_CASE("F10: with SYN cookies off tcp_max_syn_backlog counts up to 4/3 of somaxconn") {
  const auto unused = [](const std::string& backlog) {
    const Audit audit = audited(
        "net.ipv4.tcp_syncookies = 0\nnet.core.somaxconn = 64\nnet.ipv4.tcp_max_syn_backlog = " + backlog + "\n");
    return !evidence_of(audit, "syn-backlog-unused").empty();
  };
  CHECK(unused("256"));
  CHECK(unused("3240000"));
  CHECK_FALSE(unused("80"));
  CHECK_FALSE(unused("86"));
}

TEST_CASE("F11: an old name of connection tracking has its own advice and source") {
  const Audit audit = audited("net.ipv4.ip_conntrack_max = 1\n");
  REQUIRE(found_in(audit) == std::vector<std::string>{"removed-key:1"});
  CHECK(audit.findings[0].evidence ==
        "net.ipv4.ip_conntrack_max is a name of kernels before 4.9; it is now net.netfilter.nf_conntrack_max.");
  CHECK(audit.findings[0].source == "Linux commit adf0516845bcd0e626323c858ece28ee58c74455 (4.9)");
  CHECK(audit.findings[0].advice == "Write the new name.");
  const Audit both = audited("net.ipv4.ip_conntrack_max = 1\nnet.netfilter.nf_conntrack_max = 100000\n");
  CHECK(both.findings[0].advice == "Delete the line: line 2 has the new name.");
}

TEST_CASE("F12: the kernel takes one word for a congestion control or a queueing discipline, and no comment") {
  CHECK(found_in(audited("net.ipv4.tcp_congestion_control = bbr # x\n")) ==
        std::vector<std::string>{"value-refused:1"});
  CHECK(found_in(audited("net.core.default_qdisc = \"fq\"\n")) == std::vector<std::string>{"value-refused:1"});
  CHECK(found_in(audited("net.ipv4.tcp_congestion_control = bbr\nnet.core.default_qdisc = fq_codel \n")).empty());
}

TEST_CASE("F14: regedit imports no dword of nine digits") {
  const Audit audit = audited(kReg + "\"TcpTimedWaitDelay\"=dword:000000030\r\n", context_of(), "x.reg");
  CHECK(found_in(audit) == std::vector<std::string>{"reg-no-effect:4"});
  CHECK(audit.findings[0].advice == "Write one to eight hexadecimal digits behind dword:.");
}

TEST_CASE("F15: MaxUserPort acts on Windows 10 and 11 too, and breaks WSL2's ports") {
  CHECK(evidence_of(audited(kReg + "\"MaxUserPort\"=dword:0000fffe\r\n", context_of(), "x.reg"), "reg-obsolete")
            .find("from 1024 up, and WSL2 may break (seen on Windows 11)") != std::string::npos);
}

TEST_CASE("F19: a guide's rule is looked at only where the file says that the guide is followed") {
  CHECK(found_in(audited("net.ipv4.tcp_timestamps = 0\n")) == std::vector<std::string>{"timestamps-off:1"});
  CHECK(found_in(audited("net.ipv4.ip_local_port_range = 40000 65535\n")).empty());
}

TEST_CASE("B16: a glob means the keys that the kernel has: none is removed or missing") {
  CHECK(found_in(audited("net.ipv4.tcp_tw_* = 1\n")).empty());
}

TEST_CASE("the files that are fine in those cases have nothing from warning up") {
  for (const Case& one : kCases) {
    CAPTURE(one.fine);
    if (one.id == "loaders-differ" || one.id == "sysctl-dump") continue;  // these have another mistake in them
    const Audit fine = audited(one.fine, context_of(one.kernel), one.path);
    CHECK(worst(fine.findings).value_or(Severity::info) == Severity::info);
  }
}

TEST_CASE("in a container, settings of the host are missing and unsafe ones are named") {
  CHECK(found_in(audited("net.ipv4.tcp_max_orphans = 65536\n", container_context())) ==
        std::vector<std::string>{"missing-key:1"});
  CHECK(found_in(audited("net.ipv4.tcp_max_orphans = 65536\n")).empty());
  CHECK(found_in(audited("net.ipv4.tcp_tw_reuse = 1\n", container_context())) ==
        std::vector<std::string>{"kubernetes-unsafe:1"});
  CHECK(found_in(audited("net.ipv4.tcp_keepalive_time = 300\n", container_context())).empty());
}

TEST_CASE("what a container's runtime cannot write keeps the container from starting, and no loader is spoken of") {
  HostFacts facts = container_context().host();
  facts.container = kGivenToRuntime;
  const AuditContext runtime(facts);
  for (const std::string line : {"net.ipv4.tcp_tw_recycle = 0", "net.ipv4.tcp_max_orphans = 65536",
                                 "net.ipv4.tcp_tw_reuse = 3", "net.ipv4.tcp_fin_timout = 30"}) {
    CAPTURE(line);
    const Audit audit = audited(line + "\n", runtime);
    REQUIRE(found_in(audit) == std::vector<std::string>{"container-not-started:1"});
    CHECK(audit.findings[0].severity == Severity::error);
  }
  CHECK(audited("net.ipv4.tcp_tw_recycle = 0\n", runtime).findings[0].advice ==
        "Take it out of what the container is given.");
  CHECK(audited("net.ipv4.tcp_tw_reuse = 3\n", runtime).findings[0].advice == "Write a number from 0 to 2.");
  CHECK(found_in(audited("net.ipv4.tcp_keepalive_time = 300\n", runtime)).empty());
}

TEST_CASE("a container's port range below 1024 is a warning: Docker lets it begin there, if it says so before") {
  HostFacts facts = container_context().host();
  facts.container = kGivenToRuntime;
  const Audit audit = audited("net.ipv4.ip_local_port_range = 1 65535\n", AuditContext(facts));
  const auto& findings = audit.findings;
  const auto told = std::find_if(findings.begin(), findings.end(),
                                 [](const Finding& one) { return one.row->id == "container-not-started"; });
  REQUIRE(told != findings.end());
  CHECK(told->severity == Severity::warning);
  CHECK(told->meaning ==
        "The kernel refuses the range where ip_unprivileged_port_start is still 1024 when it is written: Docker sets 0 "
        "(since 20.10), but not necessarily before.");
  CHECK(told->advice == "Begin at 1024 or above: a runtime keeps no order among the values.");
}

TEST_CASE("every rule of files has a case here, and every finding of audit is looked for by something") {
  std::set<std::string_view> tested{"kubernetes-unsafe", "reg-unreadable",  // of hosts
                                    "container-not-started"};               // made of others
  for (const Case& one : kCases) tested.insert(one.id);
  const auto check_tested = [&](std::string_view id) {
    CAPTURE(id);
    CHECK(tested.contains(id));
  };
  for (const auto rules : {sysctl_file_rules(), tuned_file_rules(), profile_file_rules()}) {
    for (const Rule<AuditedFile>& rule : rules) check_tested(rule.id);
  }
  for (const Rule<ValuesInForce>& rule : value_rules()) check_tested(rule.id);
  for (const auto rules : {registry_rules(), reg_file_rules()}) {
    for (const Rule<AuditedRegistry>& rule : rules) check_tested(rule.id);
  }
  for (const Rule<AuditedHost>& rule : host_rules()) tested.insert(rule.id);
  tested.insert(kIgnoreInvalid);
  for (const FindingRow& row : audit_findings()) {
    CAPTURE(row.id);
    CHECK((tested.contains(row.id) || row.id == "profile-unmet"));
  }
}

TEST_CASE("a dump of every setting gets one finding, not forty") {
  CHECK(found_in(audited(dump())) == std::vector<std::string>{"sysctl-dump"});
}

TEST_CASE("what is to be taken away from a command or a path is said once, quotes too") {
  const auto evidence = [](const std::string& line) {
    return evidence_of(audited("net.core.somaxconn = 4096\n" + line + "\n"), "bad-line");
  };
  CHECK(evidence("sysctl -p").ends_with("take `sysctl` and its options away."));
  CHECK(evidence("sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\"")
            .ends_with("take `sysctl`, its options and the quotes away."));
  const std::string path = evidence("/proc/sys/net/ipv4/tcp_tw_reuse = 1");
  CHECK(path.find("without /proc/sys/") == path.rfind("without /proc/sys/"));
}

TEST_CASE("evidence says what the kernel does with it") {
  CHECK(evidence_of(audited("net.ipv4.tcp_fin_timeout = 30s\n"), "value-refused") ==
        "30s is not a whole number: 's' is not a digit.");
  CHECK(evidence_of(audited("net.ipv4.tcp_fin_timeout = \"30\"\n"), "value-refused") ==
        "\"30\" has quotes; the kernel refuses that.");
  CHECK(evidence_of(audited("net.ipv4.ip_local_reserved_ports = \"8080\"\n"), "value-refused") ==
        "'\"8080\"' is not a list of ports to the kernel.");
  CHECK(evidence_of(audited("net.ipv4.ip_local_port_range = 1024 64k\n"), "value-refused") ==
        "\"1024 64k\": 64k is not a whole number: 'k' is not a digit.");
  CHECK(evidence_of(audited("net.ipv4.tcp_fin_timeout =\n"), "value-refused") == "\"\": an empty value is refused.");
  CHECK(evidence_of(audited("net.ipv4.tcp_fin_timeout =\xC2\xA0"
                            "30\n"),
                    "odd-character") == "U+00A0, a no-break space in the value \"\\u00a030\".");
  CHECK(evidence_of(audited("net.ipv4.tcp_tw_reuse = 256\n"), "value-refused") == "256 is outside 0 to 2.");
  CHECK(evidence_of(audited("net.ipv4.tcp_fin_timeout = 074\n"), "octal-value") == "\"074\" is 60 to the kernel.");
  CHECK(evidence_of(audited("net.ipv4.tcp_fin_timout = 1\n"), "unknown-key") ==
        "\"net.ipv4.tcp_fin_timout\" is no key; did you mean net.ipv4.tcp_fin_timeout?");
}

TEST_CASE("X5: the advice on a refused value fits the type of its setting") {
  const auto advice_on = [](std::string_view line) {
    const Audit audit = audited(line);
    const auto refused = std::find_if(audit.findings.begin(), audit.findings.end(),
                                      [](const Finding& finding) { return finding.row->id == "value-refused"; });
    REQUIRE(refused != audit.findings.end());
    return refused->advice;
  };
  CHECK(advice_on("net.ipv4.ip_local_port_range = 1024-65535\n").starts_with("Write two plain numbers with a blank"));
  CHECK(advice_on("net.ipv4.ip_local_reserved_ports = 8080 9090\n").starts_with("Write ports and ranges with commas"));
  CHECK(advice_on("net.ipv4.tcp_fin_timeout = 30s\n") == "Write the plain number.");
  CHECK(advice_on("net.ipv4.tcp_fin_timeout = 30s # half\n") ==
        "Write the plain number. A comment goes on a line of its own.");
  CHECK(advice_on("net.ipv4.ip_unprivileged_port_start = 60000\n") ==
        "Write at most the low end of ip_local_port_range, or set a higher range in an earlier line.");
  CHECK(advice_on("net.ipv4.tcp_tw_reuse = 256\n") == "Write a number from 0 to 2.");
  CHECK(advice_on("net.ipv4.ip_local_port_range = 65535 1024\n") ==
        "Write two numbers from 1 to 65535, the lower one first.");
}

TEST_CASE("a line that applies in spite of its separators is no error") {
  for (const char* text : {"net..ipv4.tcp_retries2 = 15\n", ".net.ipv4.tcp_retries2 = 15\n"}) {
    CAPTURE(text);
    CHECK(found_in(audited(text)) == std::vector<std::string>{"odd-separators:1"});
  }
}

TEST_CASE("recycle without timestamps is inert, and locks nobody out") {
  const Audit audit = audited("net.ipv4.tcp_tw_recycle = 1\nnet.ipv4.tcp_timestamps = 0\n", context_of("3.10.0"));
  CHECK(find(audit, "recycle-inert") != nullptr);
  CHECK(find(audit, "recycle-on") == nullptr);
  CHECK(find(audited("net.ipv4.tcp_tw_recycle = 1\n", context_of("3.10.0")), "recycle-inert") == nullptr);
}

TEST_CASE("where the loaders differ it is said of which setting") {
  CHECK(evidence_of(audited("net.ipv4.tcp_fin_timeout = 17\nnet.ipv4.tcp_fin_timeout = abc\n"), "loaders-differ") ==
        "net.ipv4.tcp_fin_timeout: sysctl sets 17 (line 1 of x.conf); systemd-sysctl leaves the kernel's value.");
}

TEST_CASE("evidence says what Windows does with a registry value") {
  const auto evidence = [](const std::string& lines, std::string_view id) {
    return evidence_of(audited(kReg + lines, context_of(), "x.reg"), id);
  };
  CHECK(evidence("\"TcpTimedWaitDelay\"=dword:00000030\r\n", "reg-hexadecimal") == "dword:00000030 is 48 in decimal.");
  CHECK(evidence("\"TcpTimedWaitDelay\"=dword:00000300\r\n", "reg-out-of-range") == "768 is outside 2 to 300.");
  CHECK(evidence("\"TcpTimedWaitDelay\"=dword:00000010\r\n", "reg-time-wait-short") == "TIME_WAIT of 16 s.");
  CHECK(evidence("\"TcpTimedWaitDelay\"=hex(1):33,00\r\n", "reg-no-effect") == "\"hex(1):33,00\" is no REG_DWORD.");
  CHECK(evidence("\"TcpTimeWaitDelay\"=dword:0000003c\r\n", "reg-misspelt") ==
        "\"TcpTimeWaitDelay\": did you mean TcpTimedWaitDelay?");
  CHECK(evidence("\"TcpTimedWaitDelay\"=dword:0000003c\r\n\"TcpTimedWaitDelay\"=-\r\n", "reg-overridden") ==
        "Line 5 deletes it, this one sets it to 60.");
  CHECK(evidence("[-" + kParameters.substr(1), "reg-key-deleted") ==
        "[-HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters] takes away every value below "
        "it.");
  CHECK(evidence("[HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Services\\Tcpip\\Parameters]\r\n"
                 "\"TcpTimedWaitDelay\"=dword:0000003c\r\n",
                 "reg-no-effect") ==
        "It is read in HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Services\\Tcpip\\Parameters only where Windows runs "
        "from "
        "that control set; CurrentControlSet is always the right one.");
  CHECK(evidence("\"MaxUserPort\"=dword:0000fffe\r\n", "reg-obsolete") ==
        "The highest automatically chosen port: Windows then takes ports from 1024 up, and WSL2 may break (seen on "
        "Windows 11). It is not the "
        "way to widen the range today: netsh int ipv4 set dynamicport tcp is.");
  CHECK(evidence_of(audited("\"X\"=dword:1\r\n", context_of(), "x.reg"), "reg-refused") ==
        "It begins with '\"X\"=dword:1'.");
}

TEST_CASE("a registry file that deletes a key above the parameters, an interface's or a numbered set's is found") {
  const auto deletes = [](const std::string& key) {
    const std::string file = "REGEDIT4\r\n[-HKEY_LOCAL_MACHINE\\" + key + "]\r\n";
    return !evidence_of(audited(file, context_of(), "x.reg"), "reg-key-deleted").empty();
  };
  const std::string tcpip = "SYSTEM\\CurrentControlSet\\Services\\Tcpip";
  for (const std::string& key : {std::string("SYSTEM"), std::string("system\\currentcontrolset\\services"), tcpip,
                                 tcpip + "\\Parameters\\Interfaces", tcpip + "\\parameters\\interfaces\\{1}",
                                 std::string("SYSTEM\\ControlSet002\\Services\\Tcpip")}) {
    CAPTURE(key);
    CHECK(deletes(key));
  }
  for (const std::string& key : {tcpip + "6", tcpip + "\\Parameters\\InterfacesOld", tcpip + "\\Parameters\\Winsock",
                                 std::string("SYSTEM\\ControlSet0021\\Services\\Tcpip"), std::string("SOFTWARE")}) {
    CAPTURE(key);
    CHECK_FALSE(deletes(key));
  }
}

TEST_CASE("a registry file with a numbered control set is told of it, whatever the value") {
  const auto found = [](const std::string& key, const std::string& line) {
    return found_in(audited("REGEDIT4\r\n[HKEY_LOCAL_MACHINE\\SYSTEM\\" + key + "]\r\n" + line, context_of(), "x.reg"));
  };
  const std::string delay = "\"TcpTimedWaitDelay\"=dword:0000003c\r\n";
  const std::vector<std::string> expected{"reg-no-effect:3"};
  CHECK(found("ControlSet001\\Services\\Tcpip\\Parameters", delay) == expected);
  CHECK(found("controlset003\\services\\tcpip\\parameters\\Interfaces\\{1}", delay) == expected);
  CHECK(found("ControlSet001\\Services\\Afd\\Parameters", delay) == expected);
  CHECK(found("ControlSet001\\Services\\Tcpip\\Parameters", "\"MaxUserPort\"=dword:0000fffe\r\n") ==
        std::vector<std::string>{"reg-obsolete:3"});
  CHECK(found("ControlSetABC\\Services\\Tcpip\\Parameters", delay).empty());
  CHECK(found("CurrentControlSet\\Services\\Tcpip\\Parameters\\InterfacesOld", delay) == expected);
}

TEST_CASE("a registry file is judged for the build of the Windows that audits it, else for a current one") {
  const std::string file = kReg + "\"TcpTimedWaitDelay\"=dword:0000001d\r\n";
  HostFacts old{};
  old.os = Os::windows;
  old.kernel = {6, 2, 9200};
  CHECK(evidence_of(audited(file, AuditContext(old), "x.reg"), "reg-out-of-range") == "29 is outside 30 to 300.");
  CHECK(found_in(audited(file, context_of("4.9"), "x.reg")) == std::vector<std::string>{"reg-time-wait-short:4"});
}

TEST_CASE("a registry file begins with one of two lines, to the letter") {
  for (const std::string head : {"Windows Registry Editor Version 4.00", "windows registry editor version 5.00",
                                 "Windows Registry Editor Version 5.00 x", "regedit4", "REGEDIT5"}) {
    CHECK(evidence_of(audited(head + "\r\n", context_of(), "x.reg"), "reg-refused") ==
          "It begins with \"" + head + "\".");
  }
}

TEST_CASE("a registry file says the same in UTF-16, in UTF-8 with a mark and as REGEDIT4, comments included") {
  const std::string lines = "\r\n\r\n" + kParameters + "\"MaxUserPort\"=dword:0000fffe\r\n";
  const std::vector<std::string> expected{"reg-obsolete:4"};
  const auto found = [&](const std::string& bytes) { return found_in(audited(bytes, context_of(), "x.reg")); };
  const std::string text = "Windows Registry Editor Version 5.00" + lines;
  CHECK(found(text) == expected);
  CHECK(found(utf16(text)) == expected);
  CHECK(found("\xEF\xBB\xBF" + text) == expected);
  CHECK(found("REGEDIT4" + lines) == expected);
  CHECK(found(utf16(text + "; twctl: ignore reg-obsolete an old client needs it\r\n")).empty());
}

TEST_CASE("a comment that spreads the myth is quoted as the file has it") {
  const std::string file = "# speeds things up\n#  shortens TIME_WAIT\nnet.ipv4.tcp_fin_timeout = 30\n";
  CHECK(evidence_of(audited(file), "myth-comment") == "\"#  shortens TIME_WAIT\" is not so.");
  CHECK(evidence_of(audited("net.ipv4.tcp_fin_timeout = 30 # shortens TIME_WAIT\n"), "myth-comment") ==
        "\"# shortens TIME_WAIT\" is not so.");
}

TEST_CASE("F6: in JSON a value, what is said of it and its file are the text itself") {
  const std::string value = "30\t\xE7\xAB\xAF\xE5\x8F\xA3" + std::string(300, 'x');
  const Audit audit =
      audited("net.ipv4.tcp_fin_timeout = " + value + "\n", context_of(), "\xE9\x85\x8D\xE7\xBD\xAE.conf");
  const std::string json = audit_json(audit, {});
  CHECK(json.find("\"raw\": \"30\\t\xE7\xAB\xAF\xE5\x8F\xA3" + std::string(300, 'x')) != std::string::npos);
  CHECK(json.find("\"evidence\": \"\\\"30\\t\xE7\xAB\xAF\xE5\x8F\xA3") != std::string::npos);
  CHECK(json.find("\"file\": \"\xE9\x85\x8D\xE7\xBD\xAE.conf\"") != std::string::npos);
  CHECK(json.find("\\\\x09") == std::string::npos);
}

TEST_CASE("F6: text and JSON count alike: each line that has the slip is one finding") {
  const Audit audit = audited("net.ipv4.tcp_fin_timeout = 1s\nnet.ipv4.tcp_retries2 = 2s\n");
  CHECK(audit_text(audit, {}, {}, Detail::normal).find("\n2 errors; ") != std::string::npos);
  CHECK(audit_json(audit, {}).find("\"errors\": 2") != std::string::npos);
}
