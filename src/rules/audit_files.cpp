// The tables of the rules about files: which of them audit looks for in a file of each kind.
#include <array>

#include "rules/audit_rules.hpp"

namespace twctl {
namespace {

constexpr std::array kSysctlRules{
    Rule<AuditedFile>{"value-refused", rules::value_refused},
    Rule<AuditedFile>{"value-refused", rules::word_refused},
    Rule<AuditedFile>{"odd-character", rules::odd_character_in_key},
    Rule<AuditedFile>{"odd-character", rules::odd_character_in_value},
    Rule<AuditedFile>{"utf-16", rules::utf_16},
    Rule<AuditedFile>{"bad-line", rules::bad_line},
    Rule<AuditedFile>{"unknown-key", rules::unknown_key},
    Rule<AuditedFile>{"ports-below-privileged", rules::ports_below_privileged},
    Rule<AuditedFile>{"low-end-only", rules::low_end_only},
    Rule<AuditedFile>{"octal-value", rules::octal_value},
    Rule<AuditedFile>{"trailing-text", rules::trailing_text},
    Rule<AuditedFile>{"trailing-text", rules::lost_behind_other},
    Rule<AuditedFile>{"hexadecimal-value", rules::hexadecimal_value},
    Rule<AuditedFile>{"byte-order-mark", rules::byte_order_mark},
    Rule<AuditedFile>{"nul-byte", rules::nul_byte},
    Rule<AuditedFile>{"lone-cr", rules::lone_cr},
    Rule<AuditedFile>{"loaders-differ", rules::loaders_differ},
    Rule<AuditedFile>{"overridden-line", rules::overridden_line},
    Rule<AuditedFile>{"repeated-line", rules::repeated_line},
    Rule<AuditedFile>{"removed-key", rules::old_conntrack_key},
    Rule<AuditedFile>{"removed-key", rules::removed_key},
    Rule<AuditedFile>{"missing-key", rules::missing_key},
    Rule<AuditedFile>{"no-op-key", rules::no_op_key},
    Rule<AuditedFile>{"sysctl-dump", rules::sysctl_dump},
    Rule<AuditedFile>{"myth-comment", rules::myth_comment},
    Rule<AuditedFile>{"odd-separators", rules::odd_separators},
};

void tuned_refuses(const AuditedFile& file, FindingSink& found) {
  for (const BadLine& bad : file.bad_lines) found.add("", bad.problem, {file.path, bad.line});
}

constexpr std::array kTunedRules{
    Rule<AuditedFile>{"tuned-refuses", tuned_refuses},
    Rule<AuditedFile>{"value-refused", rules::value_refused},
    Rule<AuditedFile>{"value-refused", rules::word_refused},
    Rule<AuditedFile>{"odd-character", rules::odd_character_in_value},
    Rule<AuditedFile>{"unknown-key", rules::unknown_key},
    Rule<AuditedFile>{"ports-below-privileged", rules::ports_below_privileged},
    Rule<AuditedFile>{"low-end-only", rules::low_end_only},
    Rule<AuditedFile>{"octal-value", rules::octal_value},
    Rule<AuditedFile>{"trailing-text", rules::trailing_text},
    Rule<AuditedFile>{"trailing-text", rules::lost_behind_other},
    Rule<AuditedFile>{"hexadecimal-value", rules::hexadecimal_value},
    Rule<AuditedFile>{"overridden-line", rules::overridden_line},
    Rule<AuditedFile>{"repeated-line", rules::repeated_line},
    Rule<AuditedFile>{"removed-key", rules::old_conntrack_key},
    Rule<AuditedFile>{"removed-key", rules::removed_key},
    Rule<AuditedFile>{"missing-key", rules::missing_key},
    Rule<AuditedFile>{"no-op-key", rules::no_op_key},
    Rule<AuditedFile>{"myth-comment", rules::myth_comment},
    Rule<AuditedFile>{"odd-separators", rules::odd_separators},
};

constexpr std::array kProfileRules{
    Rule<AuditedFile>{"removed-key", rules::removed_key},
    Rule<AuditedFile>{"missing-key", rules::missing_key},
};

}  // namespace

std::span<const Rule<AuditedFile>> sysctl_file_rules() { return kSysctlRules; }
std::span<const Rule<AuditedFile>> tuned_file_rules() { return kTunedRules; }
std::span<const Rule<AuditedFile>> profile_file_rules() { return kProfileRules; }

}  // namespace twctl
