// What stands in files, and what values a host has -> what is wrong with it. Pure. When each finding is made is its row
// in catalog/audit_findings.cpp; each kind of thing that is looked at has a table of rules (kSysctlRules, kHostRules,
// kValueRules ...) in audit_files.cpp, audit_boot.cpp, audit_values.cpp or audit_registry.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/reg.hpp"
#include "formats/sysctl.hpp"
#include "rules/audit_context.hpp"
#include "rules/audited_lines.hpp"
#include "rules/boot_state.hpp"
#include "rules/host_view.hpp"
#include "rules/rule.hpp"

namespace twctl {

// A key that a line names by itself, with its first such line.
struct NamedKey {
  const Assignment* line = nullptr;  // never null
  const Setting* setting = nullptr;  // nullptr: it is none of ours
};
[[nodiscard]] std::vector<NamedKey> named_keys(std::span<const Assignment> assignments);  // they outlive it

// A file that assigns settings of Linux, read already: what is empty is not to be looked at.
struct AuditedFile {
  enum class Form {
    lines,
    utf_16,        // no line of it is one
    setting_dump,  // the output of `sysctl -a`: no configuration
  };
  std::string path = {};
  const AuditContext& context;
  Form form = Form::lines;
  std::string_view bytes = {};
  std::span<const AuditedLine> lines = {};       // those that are about settings of ours
  std::span<const Assignment> assignments = {};  // every one, as procps reads it
  std::vector<NamedKey> keys = {};               // of them
  std::span<const BadLine> bad_lines = {};       // what no loader of the file takes for an assignment
};

// The guides that a text names: only who follows one wants to know of its rules.
[[nodiscard]] std::set<std::string_view> guides_named_in(std::string_view bytes);

// What each setting ends with on one layer (in a file, live, at the next boot), and who assigned it.
struct ValuesInForce {
  struct Assigned {
    Value value;
    Place where = {};  // {}: nobody knows who
  };
  using Assignments = std::map<std::string_view, Assigned>;
  const AuditContext& context;
  std::string layer = {};                  // how a finding names it: " (live)"; "" for a file
  Assignments assigned = {};               // by catalogue key: what somebody set
  std::set<std::string_view> guides = {};  // hardening guides that the files say they follow: kAnssiGuide

  [[nodiscard]] const Assigned* find(std::string_view key) const;                    // nullptr: nobody set it
  [[nodiscard]] std::optional<Value> value(std::string_view key) const;              // what was set, else the default
  [[nodiscard]] std::optional<std::int64_t> number(std::string_view key) const;      // of value()
  [[nodiscard]] std::optional<std::int64_t> set_number(std::string_view key) const;  // nullopt: nobody set it
};

// A live value that the next boot would not set.
struct LiveDrift {
  const Setting* setting = nullptr;  // never null
  Value live;
  Value boot;
  friend bool operator==(const LiveDrift&, const LiveDrift&) = default;
};

// A host with its boot files: what it has now, and what it will have.
struct AuditedHost {
  const HostView& host;
  const AuditContext& context;
  std::vector<AuditedLine> lines;        // of the kernel's command line and every boot file that some loader reads
  std::vector<AuditedLine> later_lines;  // of whoever writes after the boot files
  std::map<std::string_view, BootState> at_boot;  // by key: boot_state() of each setting, where the host boots
  ValuesInForce boot;          // what is set once everybody who is sure to write at a boot has written
  ValuesInForce to_come;       // the same with what the kernel's command line will say, as boot loaders are told
  ValuesInForce other_loader;  // what lines set for the loader that is not the host's, which somebody may run
  ValuesInForce live;          // what is live and not the kernel's default
  std::vector<LiveDrift> drifts = {};
};

// `context` is that of the host. The result points to both.
[[nodiscard]] AuditedHost audited_host(const HostView& host, const AuditContext& context);

// A registry value that we know, as it is in the registry of a host or in a .reg file.
struct RegistryEntry {
  const Setting* setting = nullptr;  // never null
  Value value = {};                  // the number; "" for what is none
  Place where = {};
  std::string no_effect = {};  // why Windows does not read it there, a sentence; "" if it does
  std::string advice = {};     // what to do about that; "": what the row says
  bool perhaps_read = false;   // it reads it on some hosts in spite of that
  std::string data = {};       // in a .reg file: as written, in lower case
};

struct AuditedRegistry {
  KernelVersion build = {};  // of Windows; {}: a current one
  std::vector<RegistryEntry> entries = {};
  std::vector<std::string> denied = {};  // keys of values that may not be read
  std::string why_denied = {};           // printable
  // Of a .reg file by itself:
  std::string path = {};
  RegistryText text = {};
  std::vector<AuditedLine> lines = {};
};

// Each in the order in which audit tells what it has looked for.
[[nodiscard]] std::span<const Rule<AuditedFile>> sysctl_file_rules();
[[nodiscard]] std::span<const Rule<AuditedFile>> tuned_file_rules();
[[nodiscard]] std::span<const Rule<AuditedFile>> profile_file_rules();  // our own kind
[[nodiscard]] std::span<const Rule<ValuesInForce>> value_rules();
[[nodiscard]] std::span<const Rule<AuditedHost>> host_rules();
[[nodiscard]] std::span<const Rule<AuditedRegistry>> registry_rules();  // of a Windows host
[[nodiscard]] std::span<const Rule<AuditedRegistry>> reg_file_rules();

// Whether the file is the output of `sysctl -a`.
[[nodiscard]] bool is_setting_dump(std::span<const Assignment> assignments);

namespace rules {

// audit_values.cpp: of a value that somebody set, with where that is.
Finding& say(const ValuesInForce& values, FindingSink& found, std::string_view key, const std::string& what);
Finding& say_value(const ValuesInForce& values, FindingSink& found, std::string_view key);  // "KEY is 0"

// audit_copied.cpp: values that travel from one copied recipe to the next.
void memory_low(const ValuesInForce& values, FindingSink& found);
void memory_in_bytes(const ValuesInForce& values, FindingSink& found);
void orphans_many(const ValuesInForce& values, FindingSink& found);
void reuse_not_loopback(const ValuesInForce& values, FindingSink& found);
void fin_timeout_very_low(const ValuesInForce& values, FindingSink& found);
void not_time_wait_either(const ValuesInForce& values, FindingSink& found);
void handshake_retries_one(const ValuesInForce& values, FindingSink& found);

// audit_later.cpp: what is written before the boot files are read, and after.
void later_unknown_key(const AuditedHost& audited, FindingSink& found);
void later_old_key(const AuditedHost& audited, FindingSink& found);
void later_writer_wins(const AuditedHost& audited, FindingSink& found);
void boot_parameter(const AuditedHost& audited, FindingSink& found);
void script_ends(const AuditedHost& audited, FindingSink& found);
void tuned_refuses_active(const AuditedHost& audited, FindingSink& found);
void command_line_prefix(const AuditedHost& audited, FindingSink& found);

// audit_bytes.cpp: what the bytes of a text do to its lines.
void utf_16(const AuditedFile& file, FindingSink& found);
void byte_order_mark(const AuditedFile& file, FindingSink& found);
void nul_byte(const AuditedFile& file, FindingSink& found);
void lone_cr(const AuditedFile& file, FindingSink& found);

// audit_text.cpp: lines that are no assignment of a setting of ours.
void bad_line(const AuditedFile& file, FindingSink& found);
void odd_character_in_key(const AuditedFile& file, FindingSink& found);
void unknown_key(const AuditedFile& file, FindingSink& found);
void old_conntrack_key(const AuditedFile& file, FindingSink& found);
void no_op_key(const AuditedFile& file, FindingSink& found);
void word_refused(const AuditedFile& file, FindingSink& found);
void odd_separators(const AuditedFile& file, FindingSink& found);
void lost_behind_other(const AuditedFile& file, FindingSink& found);
void myth_comment(const AuditedFile& file, FindingSink& found);
void sysctl_dump(const AuditedFile& file, FindingSink& found);

// audit_lines.cpp: of a line that sets nothing: an assignment behind its value is not to go with it. False: none is.
bool keep_lost_line(std::string_view value, Finding& finding);

// audit_lines.cpp: each assignment of a setting of ours.
void value_refused(const AuditedFile& file, FindingSink& found);
void odd_character_in_value(const AuditedFile& file, FindingSink& found);
void ports_below_privileged(const AuditedFile& file, FindingSink& found);
void low_end_only(const AuditedFile& file, FindingSink& found);
void octal_value(const AuditedFile& file, FindingSink& found);
void trailing_text(const AuditedFile& file, FindingSink& found);
void hexadecimal_value(const AuditedFile& file, FindingSink& found);
void loaders_differ(const AuditedFile& file, FindingSink& found);
void overridden_line(const AuditedFile& file, FindingSink& found);
void repeated_line(const AuditedFile& file, FindingSink& found);
void removed_key(const AuditedFile& file, FindingSink& found);
void missing_key(const AuditedFile& file, FindingSink& found);

}  // namespace rules
}  // namespace twctl
