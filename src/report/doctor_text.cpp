#include "report/doctor_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "report/namespaces.hpp"
#include "report/remedy_commands.hpp"

namespace twctl {
namespace {

constexpr std::size_t kLabelWidth = 15;  // "what it means"
constexpr std::size_t kVitalLabel = 13;  // "connections"
constexpr std::string_view kMargin = "    ";

std::string header_text(const Examination& examination, const Screen& screen) {
  const HostFacts& host = examination.host;
  std::vector<std::string> facts;
  if (!host.kernel_release.empty()) facts.push_back("Linux " + escape(host.kernel_release));
  if (!host.container.empty()) facts.push_back("in a container (" + escape(host.container) + ")");
  if (!host.netns.empty()) facts.push_back("network namespace " + escape(host.netns));
  if (examination.traffic.origin == SocketOrigin::table) facts.emplace_back("sockets read from the text tables");
  if (examination.seconds > 0) facts.push_back(fmt::format("sampled for {:.1f} s", examination.seconds));
  const std::string name = host.hostname.empty() ? "this host" : escape(host.hostname);
  return inked(screen, Ink::strong, "Doctor for " + name) + "\n" + wrapped(join(facts, ", "), screen.columns);
}

Ink ink_of(Severity severity) {
  switch (severity) {
    case Severity::info:
      return Ink::good;
    case Severity::warning:
      return Ink::change;
    case Severity::error:
      return Ink::danger;
  }
  return Ink::plain;
}

char mark_of(Severity severity) {
  switch (severity) {
    case Severity::info:
      return ' ';
    case Severity::warning:
      return '~';
    case Severity::error:
      return '!';
  }
  return ' ';
}

std::string title_of(const Finding& finding, const Screen& screen) {
  const std::string text =
      fmt::format("{} {:<8} {}", mark_of(finding.severity), name_of(finding.severity), finding.row->id);
  return inked(screen, ink_of(finding.severity), text) + (finding.subject.empty() ? "" : "  " + finding.subject) + "\n";
}

std::string labelled_text(std::string_view label, std::string_view text, const Screen& screen) {
  if (text.empty()) return "";
  return wrapped(text, screen.columns, std::string(kMargin) + padded(label, kLabelWidth));
}

std::string doctor_finding_text(const Finding& finding, const Screen& screen, Detail detail, bool first_of_its_kind) {
  std::string text = title_of(finding, screen) + wrapped(finding.evidence, screen.columns, kMargin);
  if (first_of_its_kind) text += labelled_text("what it means", finding.row->meaning, screen);
  text += labelled_text("what to do", finding.advice, screen);
  if (!finding.key.empty()) text += labelled_text("setting", finding.key, screen);
  if (detail == Detail::verbose) text += labelled_text("source", finding.source, screen);
  return text;
}

// Where all is well the numbers are the evidence; they are not said twice.
std::string fine_text(const Finding& finding, std::string_view limits, const Screen& screen) {
  return inked(screen, Ink::good, finding.row->advice) + "\n" + wrapped(limits, screen.columns);
}

std::string headline_text(const Diagnosis& diagnosis, const Screen& screen) {
  if (!has_trouble(diagnosis)) return "";
  const Ink ink = ink_of(diagnosis.findings.front().severity);
  std::string text = wrapped(headline_of(diagnosis), screen.columns);
  text.pop_back();
  return inked(screen, ink, text) + "\n\n";
}

// "net.ipv4.tcp_tw_reuse = 1"
std::string settings_text(const Diagnosis& diagnosis) {
  std::vector<std::string> settings;
  for (const auto& [key, value] : remedies_of(diagnosis)) settings.push_back(fmt::format("{} = {}", key, value));
  return join(settings, ", ");
}

std::string commands_text(const RemedyCommands& commands, bool elsewhere, const Screen& screen) {
  const std::string back =
      commands.keep.empty() ? "" : fmt::format("; it goes back by itself after {} minutes", kRemedyMinutes);
  const std::string when = commands.later ? ", from the connections on that begin then" : " at once";
  std::string text = wrapped(fmt::format("What helps{}{}{}:", when, elsewhere ? ", to be run on that host" : "", back),
                             screen.columns);
  text += fmt::format("  {}\n", commands.apply);
  if (!commands.keep.empty()) {
    const bool own = commands.lasting.empty();  // of a namespace or container
    text += fmt::format("  {}    keeps it {}\n", commands.keep,
                        own ? "as long as the network namespace lives" : "until the next boot");
  }
  text += fmt::format("  {}   undoes it\n", commands.undo);
  if (!commands.obstacle.empty()) text += wrapped(commands.obstacle, screen.columns);
  if (!commands.lasting.empty()) text += fmt::format("Then, for the next boots too:\n  {}\n", commands.lasting);
  return text;
}

// Below all findings, where the eye ends.
std::string remedy_text(const Diagnosed& host, const Screen& screen) {
  const auto commands = remedy_commands(host);
  if (!commands) return "";
  const std::string trial =
      commands->trial.empty() ? "" : fmt::format("Measured first, without changing anything:\n  {}\n", commands->trial);
  if (host.examination.obstacles.read_only) {
    return "\n" + wrapped(fmt::format("What would help: {}. {}", settings_text(host.diagnosis), commands->obstacle),
                          screen.columns);
  }
  return "\n" + commands_text(*commands, host.examination.host.captured, screen) + trial;
}

std::string vitals_text(const Diagnosis& diagnosis, const Screen& screen) {
  std::string text = "Numbers\n";
  for (const Vital& vital : diagnosis.vitals) {
    text += wrapped(vital.text, screen.columns, "  " + padded(vital.label, kVitalLabel));
  }
  return text;
}

std::string quiet_text(const Diagnosis& diagnosis, const Screen& screen) {
  std::string text;
  for (const Finding& finding : diagnosis.findings) {
    if (finding.severity < Severity::warning) continue;
    text += title_of(finding, screen);
    if (!finding.headline.empty()) text += wrapped(finding.headline, screen.columns, kMargin);
  }
  return text.empty() ? "No change needed in this network namespace.\n" : text;
}

using Looked = InNamespace<Diagnosed>;
using LookedAt = std::vector<const Looked*>;

template <class Which>
LookedAt those(const InNamespaces<Diagnosed>& spaces, Which which) {
  LookedAt some;
  for (const Looked& one : spaces.all) {
    if (which(one)) some.push_back(&one);
  }
  return some;
}

// "2 of 12 network namespaces need a change: nginx (812), redis (90)."
std::string summary_text(std::size_t all, const LookedAt& sick, const LookedAt& unseen) {
  constexpr std::size_t kNamed = 5;
  std::vector<std::string> names;
  for (const Looked* one : sick) names.push_back(fmt::format("{} ({})", escape(one->where.process), one->where.pid));
  std::string text = fmt::format("{} of {} network namespaces ", sick.size(), all);
  text += sick.empty() ? "need a change." : fmt::format("need a change: {}.", listed(names, kNamed));
  if (!unseen.empty()) text += fmt::format(" {} could not be looked into.", unseen.size());
  return text;
}

std::string fine_namespaces_text(const LookedAt& fine, const Screen& screen) {
  std::string text = inked(screen, Ink::good, "No change needed (-v says more):") + "\n";
  for (const Looked* one : fine) text += "  " + namespace_title(one->where, screen);
  return text;
}

}  // namespace

// Among many namespaces the few in trouble are to be found at a glance.
std::string doctor_all_text(const InNamespaces<Diagnosed>& spaces, const Screen& screen, Detail detail) {
  const LookedAt sick = those(spaces, [](const Looked& one) { return one.found && has_trouble(one.found->diagnosis); });
  const LookedAt fine =
      those(spaces, [](const Looked& one) { return one.found && !has_trouble(one.found->diagnosis); });
  const LookedAt unseen = those(spaces, [](const Looked& one) { return !one.found; });
  const auto block = [&](const Looked& one) {
    return "\n" + namespace_title(one.where, screen) +
           (one.found ? doctor_text(*one.found, screen, detail)
                      : wrapped(one.found.error().message, screen.columns, "note: "));
  };
  std::string text = wrapped(summary_text(spaces.all.size(), sick, unseen), screen.columns);
  for (const Looked* one : sick) text += block(*one);
  for (const Looked* one : unseen) text += block(*one);
  if (detail == Detail::verbose) {
    for (const Looked* one : fine) text += block(*one);
  } else if (!fine.empty()) {
    text += "\n" + fine_namespaces_text(fine, screen);
  }
  return text + hidden_text(spaces.hidden, screen);
}

std::string doctor_text(const Diagnosed& host, const Screen& screen, Detail detail) {
  const Diagnosis& diagnosis = host.diagnosis;
  if (detail == Detail::quiet) return quiet_text(diagnosis, screen);
  std::string text = header_text(host.examination, screen) + "\n" + headline_text(diagnosis, screen);
  std::set<const FindingRow*> explained;
  for (const Finding& finding : diagnosis.findings) {
    const bool fine = finding.row->id == "no-change-needed";
    const bool first = explained.insert(finding.row).second;
    text +=
        (fine ? fine_text(finding, diagnosis.limits, screen) : doctor_finding_text(finding, screen, detail, first)) +
        "\n";
  }
  text += vitals_text(diagnosis, screen);
  if (!diagnosis.notes.empty()) text += "\n";
  for (const std::string& note : diagnosis.notes) text += wrapped(note, screen.columns, "note: ");
  if (!has_trouble(diagnosis)) return text;
  text += remedy_text(host, screen);
  return text + fmt::format("\n`twctl explain {}` says more.\n", diagnosis.findings.front().row->id);
}

}  // namespace twctl
