// What is written before the boot files are read, on the kernel's command line, and after, by other programs.
#include <fmt/format.h>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/slips.hpp"
#include "rules/audit_rules.hpp"
#include "rules/availability.hpp"
#include "rules/boot_state.hpp"

namespace twctl {
namespace {

// What the boot files alone would leave, as a clause.
std::string files_text(const BootOutcome& files) {
  if (!files.value) return "no boot file sets it";
  if (files.decided_by && files.decided_by->file == kKernelCommandLine) {
    return fmt::format("now it was booted with {}", escape(*files.value));
  }
  return "the boot file says " + escape(*files.value);
}

// The boot file's line, which is the one that loses; else the writer's.
Place place_of(const BootOutcome& files, const Place& writers) { return files.decided_by.value_or(writers); }

std::string what_it_does(const PossibleValue& possible) {
  if (!possible.value) return possible.at_a_later_boot ? "sets it" : "writes it later";
  if (possible.at_a_later_boot) return fmt::format("sets it to {}", escape(*possible.value));
  return fmt::format("may set it to {} later", escape(*possible.value));
}

bool is_here(const Setting& setting, const Snapshot& snapshot) {
  const std::optional<Unavailable> why = why_unavailable(setting, snapshot);
  return !why || why->reason == Unavailable::Reason::module_not_loaded;
}

void say_who_wins(const AuditedHost& audited, const Setting& setting, FindingSink& found) {
  const BootOutcome& files = audited.host.replay.by(audited.host.loader).outcome(setting);
  const BootState& boot = audited.at_boot.at(setting.key);
  if (!boot.writer.empty() && files.value && boot.value != files.value) {
    const std::string line = place_text(*boot.origin);
    found
        .add(setting.key,
             fmt::format("{} ({}) sets it to {} at each boot, after the boot files; {}.", boot.writer, line,
                         escape(*boot.value), files_text(files)),
             place_of(files, *boot.origin))
        .source = source_about(boot.writer, found.row(), line);
  }
  for (const PossibleValue& possible : boot.perhaps) {
    if (possible.at_a_later_boot) continue;  // another rule speaks of it
    if (!files.value && possible.where.file.empty()) continue;
    found
        .add(setting.key,
             fmt::format("{} ({}) {}; {}.", possible.writer, possible.shown_by, what_it_does(possible),
                         files_text(files)),
             place_of(files, possible.where))
        .source = source_about(possible.writer, found.row(), possible.shown_by);
  }
}

void say_without_prefix(std::string_view parameter, Place where, FindingSink& found) {
  const std::string shown = escape(parameter);
  found.add("", fmt::format("\"{}\": write sysctl.{}.", shown, shown), std::move(where));
}

// `look(write, writer)` for each that is about a key which is none of ours, and meant for one.
template <class Look>
void for_each_slip(const AuditedHost& audited, Look look) {
  if (!audited.host.boots) return;
  for (const LaterWriter& writer : audited.host.later_writers) {
    for (const LaterWrite& write : writer.writes) {
      if (!write.reads_all() && find_setting(Os::linux_kernel, write.key) == nullptr) look(write, writer);
    }
  }
}

}  // namespace

namespace rules {

void later_unknown_key(const AuditedHost& audited, FindingSink& found) {
  for_each_slip(audited, [&](const LaterWrite& write, const LaterWriter&) {
    const Setting* meant = is_old_conntrack_key(write.key) ? nullptr : slip_for(write.key);
    if (meant == nullptr) return;
    found.add(meant->key, fmt::format("{} is no key; did you mean {}?", in_quotes(write.key, kEchoed), meant->key),
              write.where);
  });
}

void later_old_key(const AuditedHost& audited, FindingSink& found) {
  const KernelVersion kernel = audited.host.snapshot.host.kernel;
  for_each_slip(audited, [&](const LaterWrite& write, const LaterWriter& writer) {
    if (!is_old_conntrack_key(write.key) || has_old_conntrack_key(kernel, write.key)) return;
    Finding& finding = found.add(write.key, escape(old_conntrack_text(write.key)) + ".", write.where);
    finding.advice = writer.when == WriteTime::unknown
                         ? "Write the new name, unless the line is for older kernels alone."  // perhaps it asks
                         : "Write the new name.";
    finding.source = kOldConntrackSource;
  });
}

// What a boot file sets counts whatever the kernel is booted with.
void boot_parameter(const AuditedHost& audited, FindingSink& found) {
  for (const auto& [key, boot] : audited.at_boot) {
    if (boot.perhaps.empty()) continue;
    const Setting& setting = *find_setting(Os::linux_kernel, key);
    if (!is_here(setting, audited.host.snapshot)) continue;
    const BootOutcome& files = audited.host.replay.by(audited.host.loader).outcome(setting);
    for (const PossibleValue& possible : boot.perhaps) {
      if (!possible.at_a_later_boot) continue;
      found.add(key,
                fmt::format("{} ({}) {} once the kernel is booted with that; {}.", possible.writer, possible.shown_by,
                            what_it_does(possible), files_text(files)),
                possible.where);
    }
  }
}

void later_writer_wins(const AuditedHost& audited, FindingSink& found) {
  if (!audited.host.boots || audited.host.later_writers.empty()) return;
  for (const Setting& setting : settings(Os::linux_kernel)) {
    if (is_here(setting, audited.host.snapshot)) say_who_wins(audited, setting, found);
  }
  for (const LaterWriter& writer : audited.host.later_writers) {
    if (writer.unread.empty()) continue;
    found.add("", unread_text(writer)).source = source_about(writer.name, found.row(), writer.evidence);
  }
}

void script_ends(const AuditedHost& audited, FindingSink& found) {
  constexpr std::size_t kMostShown = 4;
  if (!audited.host.boots) return;
  for (const ScriptEnd& end : audited.host.script_ends) {
    found.add(end.at.key,
              fmt::format("{} fails here ({}), and {} stops: what follows is not set: {}.", end.at.key, end.why,
                          end.writer, listed(end.keys_left_out, kMostShown)),
              end.at.where);
  }
}

void tuned_refuses_active(const AuditedHost& audited, FindingSink& found) {
  if (!audited.host.boots) return;
  for (const LaterWriter& writer : audited.host.later_writers) {
    if (writer.refused) found.add("", writer.evidence + ".");
  }
}

void command_line_prefix(const AuditedHost& audited, FindingSink& found) {
  for (const BootConfig::File& file : audited.host.replay.config.files) {
    if (file.path != kKernelCommandLine) continue;
    for (const BadLine& bad : file.procps.bad_lines) say_without_prefix(bad.text, {file.path, 0}, found);
  }
  if (!audited.host.boots) return;
  for (const LaterWriter& writer : audited.host.later_writers) {
    for (const LaterWrite& write : writer.without_prefix) {
      say_without_prefix(write.key + "=" + write.value, write.where, found);
    }
  }
}

}  // namespace rules
}  // namespace twctl
