#include "rules/boot_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "rules/availability.hpp"
#include "rules/reapplied_lines.hpp"

namespace twctl {
namespace {

// Without the lines of the outcome, which may be many.
BootState state_of(const BootOutcome& outcome) {
  BootState state{.value = outcome.value, .origin = outcome.decided_by};
  for (const LineNote& note : outcome.notes) state.notes.push_back(to_text(note));
  return state;
}

BootState by_files(const Setting& setting, const HostView& host, Loader loader, const SupposedLine* supposed) {
  const LoaderReplay& replay = host.replay.by(loader);
  return state_of(supposed == nullptr ? replay.outcome(setting) : replay.outcome_with(setting, *supposed));
}

BootState after_loader(const Setting& setting, const HostView& host, Loader loader, const SupposedLine* supposed) {
  const std::optional<Value> usual = kernel_default(setting, host.snapshot.host);
  if (loads_late(setting, host.snapshot)) return {.value = usual};
  BootState state = by_files(setting, host, loader, supposed);
  if (!state.value) state.value = usual;
  return state;
}

// TuneD's ">N" and "<N": what it writes over `now`; nullopt: nothing. It compares what is a number to Python.
std::optional<std::string> text_written(const LaterWriter& writer, const LaterWrite& write,
                                        const std::optional<Value>& now) {
  const std::string& raw = write.value;
  const bool bound = writer.name == kTuned && raw.size() > 1 && (raw[0] == '>' || raw[0] == '<');
  if (!bound) return raw;
  const auto limit = parse_decimal(trim(std::string_view(raw).substr(1)));
  const auto old = parse_decimal(now.value_or(""));
  if (!limit || !old) return raw;  // written with its sign, which the kernel refuses
  const bool writes = raw[0] == '>' ? *limit > *old : *limit < *old;
  return writes ? std::optional(raw.substr(1)) : std::nullopt;
}

bool any_reads_all(const HostView& host) {
  return std::any_of(host.later_writers.begin(), host.later_writers.end(), [&](const LaterWriter& writer) {
    return std::any_of(writer.writes.begin(), writer.writes.end(),
                       [](const LaterWrite& write) { return write.reads_all(); });
  });
}

bool concerns(const LaterWriter& writer, const Setting& setting) {
  return writer.boot_files_win || std::any_of(writer.writes.begin(), writer.writes.end(), [&](const LaterWrite& write) {
           return write.reads_all() || write.key == setting.key;
         });
}

// What the setting is at one moment, and who made it so.
struct Written {
  std::optional<Value> value;
  std::optional<Place> origin;
  std::string writer;
};

// Each once.
class Possible {
 public:
  void add(PossibleValue one) {
    if (known_.emplace(one.writer, one.shown_by, one.value).second) all_.push_back(std::move(one));
  }
  std::vector<PossibleValue> take() { return std::move(all_); }

 private:
  std::set<std::tuple<std::string, std::string, std::optional<Value>>> known_;
  std::vector<PossibleValue> all_;
};

// One setting while writer after writer comes by.
class LaterWrites {
 public:
  LaterWrites(const Setting& setting, const HostView& host, const SupposedLine* supposed)
      : setting_(setting), host_(host), supposed_(supposed), start_{.version = host.snapshot.host.kernel} {
    if (const Setting* partner = partner_of(setting)) {
      const std::optional<Value> held_to = after_loader(*partner, host, host.loader, nullptr).value;
      if (held_to) start_.values[partner->key] = *held_to;
    }
    if (any_reads_all(host)) again_ = by_files(setting, host, Loader::procps, supposed);
  }

  BootState over(BootState state) const {
    const std::vector<const LaterWriter*> sure = sure_writers();
    Written now{state.value, state.origin, state.writer};
    for (const LaterWriter* writer : sure) apply(*writer, now);
    Possible perhaps;
    add_other_orders(sure, now, perhaps);
    for (const LaterWriter& writer : host_.later_writers) add_possible(writer, now, perhaps);
    return {std::move(now.value), std::move(now.origin), std::move(state.notes), std::move(now.writer), perhaps.take()};
  }

 private:
  [[nodiscard]] std::vector<const LaterWriter*> sure_writers() const {
    std::vector<const LaterWriter*> sure;
    for (const WriteTime when : {WriteTime::before_network, WriteTime::at_boot}) {
      for (const LaterWriter& writer : host_.later_writers) {
        if (writer.when == when && concerns(writer, setting_)) sure.push_back(&writer);
      }
    }
    return sure;
  }

  // What the kernel makes of text; nullopt: it refuses it.
  [[nodiscard]] std::optional<Value> taken(std::string_view text, const std::optional<Value>& now) const {
    KernelStart start = start_;
    if (now) start.values[setting_.key] = *now;
    return KernelCells(start).write(setting_, text).value;
  }

  void apply(const LaterWriter& writer, Written& state) const {
    for (const LaterWrite& write : writer.writes) {
      if (write.reads_all()) read_all_again(state);
      if (write.key == setting_.key && !write.value.empty()) apply(writer, write, state);
    }
    if (!writer.boot_files_win) return;
    for (const ReappliedLine& line : reapplied_lines(setting_, host_.replay.config, supposed_)) {
      const std::optional<Value> value = taken(line.value, state.value);
      if (value) decide(state, *value, line.where, "");
    }
  }

  void apply(const LaterWriter& writer, const LaterWrite& write, Written& state) const {
    const std::optional<std::string> text = text_written(writer, write, state.value);
    const std::optional<Value> value = text ? taken(*text, state.value) : std::nullopt;
    if (value) decide(state, *value, write.where, writer.name);
  }

  // `sysctl --system`.
  void read_all_again(Written& state) const {
    const bool by_file = again_.origin && again_.origin->file != kKernelCommandLine;
    if (again_.value && by_file) decide(state, *again_.value, *again_.origin, "");
  }

  static void decide(Written& state, const Value& value, const Place& where, std::string_view writer) {
    state.value = value;
    state.origin = where;
    state.writer = writer;
  }

  // Who comes last of those that act once the network is there, nobody can say for sure.
  void add_other_orders(const std::vector<const LaterWriter*>& sure, const Written& state, Possible& perhaps) const {
    for (const LaterWriter* last : sure) {
      if (last == sure.back() || last->when != WriteTime::at_boot) continue;
      Written other = state;
      apply(*last, other);
      if (other.value != state.value) perhaps.add(possible(*last, *other.origin, std::move(other.value)));
    }
  }

  // Nobody comes after the kernel's command line, and what it names is there when it is read.
  [[nodiscard]] bool command_line_decides(const Written& state) const {
    return !loads_late(setting_, host_.snapshot) && (!state.origin || state.origin->file == kKernelCommandLine);
  }

  void add_possible(const LaterWriter& writer, const Written& state, Possible& perhaps) const {
    if (writer.before_boot_files && !command_line_decides(state)) return;
    for (const LaterWrite& write : writer.writes) {
      const bool not_known = write.value.empty() && write.key == setting_.key;
      if (not_known) perhaps.add(possible(writer, write.where, std::nullopt));
      if (not_known || writer.when != WriteTime::unknown) continue;
      Written other = state;
      if (write.reads_all()) read_all_again(other);
      if (write.key == setting_.key) apply(writer, write, other);
      if (other.value != state.value) perhaps.add(possible(writer, write.where, other.value));
    }
  }

  static PossibleValue possible(const LaterWriter& writer, const Place& where, std::optional<Value> value) {
    std::string shown_by = where.file.empty() ? writer.evidence : place_text(where);
    return {.writer = writer.name,
            .shown_by = std::move(shown_by),
            .value = std::move(value),
            .where = where,
            .at_a_later_boot = writer.before_boot_files};
  }

  const Setting& setting_;
  const HostView& host_;
  const SupposedLine* supposed_;
  KernelStart start_;  // with the value that the kernel holds the setting to, but not its own
  BootState again_;    // what `sysctl --system` would set, where somebody runs that
};

BootState state_by(const Setting& setting, const HostView& host, Loader loader, const SupposedLine* supposed) {
  if (is_application_container(host.snapshot.host)) {
    return {.value = kernel_default(setting, host.snapshot.host),
            .notes = {"nobody reads boot files in this container: set it where the container is started"}};
  }
  BootState state = after_loader(setting, host, loader, supposed);
  const auto concerns_it = [&](const LaterWriter& writer) { return concerns(writer, setting); };
  if (std::none_of(host.later_writers.begin(), host.later_writers.end(), concerns_it)) return state;
  return LaterWrites(setting, host, supposed).over(std::move(state));
}

Shadow won_by(const Place& winner, std::string_view what, const HostView& host) {
  return {.why = fmt::format("{} {} and wins over {}", place_text(winner), what, escape(host.file)), .by = winner};
}

// By another boot file: which line, and what it does.
Shadow shadowed_by_file(const Setting& setting, const HostView& host, const SupposedLine& supposed) {
  const BootOutcome then = host.replay.by(host.loader).outcome_with(setting, supposed);
  if (then.excluded_by && then.excluded_by->file != host.file) return won_by(*then.excluded_by, "excludes it", host);
  if (then.refused_at && then.refused_at->file != host.file) {
    return won_by(*then.refused_at, "sets a value that the kernel refuses", host);
  }
  if (then.value && then.decided_by) return won_by(*then.decided_by, "sets " + escape(*then.value), host);
  if (then.notes.empty() && !host.file_read)
    return {.why = fmt::format("{} is not read at boot here", escape(host.file))};
  return {.why = fmt::format("another boot file wins over {}{}{}", escape(host.file), then.notes.empty() ? "" : ": ",
                             then.notes.empty() ? "" : to_text(then.notes.back()))};
}

}  // namespace

BootState boot_state(const Setting& setting, const HostView& host) {
  return state_by(setting, host, host.loader, nullptr);
}

BootState boot_state_with(const Setting& setting, const HostView& host, const SupposedLine& supposed) {
  return state_by(setting, host, host.loader, &supposed);
}

std::optional<Value> procps_differs(const Setting& setting, const HostView& host, const std::optional<Value>& value) {
  if (host.loader == Loader::procps || loads_late(setting, host.snapshot)) return std::nullopt;
  std::optional<Value> other = state_by(setting, host, Loader::procps, nullptr).value;
  return other == value ? std::nullopt : other;
}

// A late module keeps no line from deciding: another rule speaks of it.
Shadow shadowed_by(const Setting& setting, const HostView& host, const Value& value) {
  if (is_application_container(host.snapshot.host)) return {};  // no file decides there: boot_state() says so
  const SupposedLine supposed{.file = host.file, .value = value};
  const BootState then = loads_late(setting, host.snapshot)
                             ? LaterWrites(setting, host, &supposed).over({.value = value})
                             : boot_state_with(setting, host, supposed);
  if (then.value == value) return {};
  if (then.writer.empty()) return shadowed_by_file(setting, host, supposed);
  return {.why = fmt::format("{} ({}) sets {} later than the boot files do", then.writer, place_text(*then.origin),
                             escape(*then.value)),
          .by = *then.origin,
          .later = true};
}

std::string refused_at_boot(const Setting& setting, const HostView& host) {
  const BootOutcome& outcome = host.replay.by(host.loader).outcome(setting);
  const std::optional<Place>& at = outcome.refused_at;
  if (!at || at->file != host.file) return {};
  const auto line = std::find_if(outcome.lines.begin(), outcome.lines.end(),
                                 [&](const LineFate& one) { return one.line.where == *at; });
  return fmt::format("the kernel refuses {} at boot: {}", place_text(*at),
                     line == outcome.lines.end() ? "" : line->note);
}

std::string unread_text(const LaterWriter& writer) {
  return fmt::format("{} ({}) may write more than is known here: {}.", writer.name, writer.evidence, writer.unread);
}

std::string source_about(std::string_view writer, const FindingRow& row, std::string shown_by) {
  for (const std::string_view source : row.sources) {
    if (!writer.empty() && source.starts_with(to_lower(writer))) return std::string(source);
  }
  return shown_by;
}

}  // namespace twctl
