#include "audit/rules.hpp"

#include <array>
#include <utility>

namespace twctl {
namespace {

constexpr std::array<std::string_view, 22> kSysctlFiles{
    "value-refused",          "odd-character", "utf-16",      "bad-line",       "unknown-key",
    "ports-below-privileged", "low-end-only",  "octal-value", "trailing-text",  "hexadecimal-value",
    "byte-order-mark",        "nul-byte",      "lone-cr",     "loaders-differ", "overridden-line",
    "repeated-line",          "removed-key",   "missing-key", "no-op-key",      "sysctl-dump",
    "myth-comment",           "odd-separators"};

constexpr std::array<std::string_view, 21> kValues{
    "recycle-on",           "recycle-inert",      "reuse-inert",         "timestamps-off",
    "dev-sec-timestamps",   "syncookies-off",     "cis-syncookies",      "fin-timeout-61-to-119",
    "fin-timeout-very-low", "fin-timeout-long",   "tw-buckets-few",      "tw-buckets-many",
    "somaxconn-small",      "syn-backlog-unused", "keepalive-short",     "keepalive-milliseconds",
    "unprivileged-ports",   "kubernetes-unsafe",  "port-range-services", "port-range-parity",
    "anssi-port-range"};

constexpr std::array<std::string_view, 8> kHosts{
    "drift",          "line-shadowed",     "file-not-read",        "file-unreadable",
    "line-too-early", "later-writer-wins", "port-range-listeners", "ignore-invalid"};

constexpr std::array<std::string_view, 6> kTuned{"tuned-refuses",   "value-refused", "odd-character",
                                                 "overridden-line", "repeated-line", "removed-key"};

constexpr std::array<std::string_view, 10> kReg{
    "reg-refused",      "reg-key-deleted",     "reg-no-effect",   "reg-misspelt",   "reg-obsolete",
    "reg-out-of-range", "reg-time-wait-short", "reg-hexadecimal", "reg-overridden", "reg-repeated"};

constexpr std::array<std::string_view, 5> kRegistries{"reg-no-effect", "reg-obsolete", "reg-out-of-range",
                                                      "reg-time-wait-short", "reg-unreadable"};

}  // namespace

Finding make_finding(std::string_view id, std::string_view key, Place where, std::string evidence) {
  return make_finding(*find_finding(id), key, std::move(where), std::move(evidence));
}

std::span<const std::string_view> checks_of_sysctl_files() { return kSysctlFiles; }
std::span<const std::string_view> checks_of_values() { return kValues; }
std::span<const std::string_view> checks_of_hosts() { return kHosts; }
std::span<const std::string_view> checks_of_tuned_files() { return kTuned; }
std::span<const std::string_view> checks_of_reg_files() { return kReg; }
std::span<const std::string_view> checks_of_registries() { return kRegistries; }

}  // namespace twctl
