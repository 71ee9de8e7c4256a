#include "report/myths_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "report/trial_text.hpp"

namespace twctl {
namespace {

bool is_surprise(const MythResult& result) {
  const MythVerdict verdict = result.judgement.verdict;
  return verdict != MythVerdict::not_measured && verdict != result.experiment->expected;
}

std::string said_of(const MythResult& result) {
  const std::string verdict(word_of(result.judgement.verdict));
  if (result.judgement.too_busy) return "could not be measured here (machine too busy)";
  if (!is_surprise(result)) return verdict;
  return verdict + fmt::format("; on Linux 6.18 it was {}", word_of(result.experiment->expected));
}

std::string myth_text(const MythResult& result, std::size_t columns, Detail detail) {
  const MythRow& myth = *find_myth(result.experiment->myth);
  std::string text = wrapped(fmt::format("\"{}\"", myth.claim), columns, "claim     ");
  if (!result.judgement.measured.empty()) text += wrapped(result.judgement.measured, columns, "measured  ");
  text += wrapped(said_of(result), columns, "verdict   ");
  if (detail == Detail::verbose) text += wrapped(myth.truth, columns, "          ");
  return text;
}

std::string summary_text(const MythTrial& trial) {
  std::size_t refuted = 0;
  std::size_t at_a_price = 0;
  std::size_t measured = 0;
  for (const MythResult& result : trial.results) {
    refuted += result.judgement.verdict == MythVerdict::refuted ? 1 : 0;
    at_a_price += result.judgement.verdict == MythVerdict::at_a_price ? 1 : 0;
    measured += result.judgement.verdict == MythVerdict::not_measured ? 0 : 1;
  }
  return fmt::format("Of {} claims tried {} were refuted, {} are true at a price and {} as they stand.", measured,
                     refuted, at_a_price, measured - refuted - at_a_price);
}

}  // namespace

std::string_view word_of(MythVerdict verdict) {
  switch (verdict) {
    case MythVerdict::refuted:
      return "refuted";
    case MythVerdict::at_a_price:
      return "true, at a price";
    case MythVerdict::confirmed:
      return "true";
    case MythVerdict::not_measured:
      return "not measured";
  }
  return "";
}

std::string myths_text(const MythTrial& trial, const Screen& screen, Detail detail) {
  const std::size_t columns = std::min(screen.columns, kTrialColumns);
  const std::string summary = wrapped(summary_text(trial), columns);
  if (detail == Detail::quiet) return summary;
  std::string text = inked(screen, Ink::strong, "The field's claims, tried") + "\n";
  text += wrapped(fmt::format("Linux {}, {:.0f} s, network namespaces that are gone by now.",
                              escape(trial.host.kernel_release), trial.seconds),
                  columns) +
          "\n";
  for (const MythResult& result : trial.results) text += myth_text(result, columns, detail) + "\n";
  text += summary;
  if (trial.interrupted) text += wrapped("Interrupted: what had not ended by then is not measured.", columns, "note: ");
  return text +
         wrapped("`twctl explain` has a page on each; `twctl trial --myths -v` says what is so instead.", columns);
}

}  // namespace twctl
