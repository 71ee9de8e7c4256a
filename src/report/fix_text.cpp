#include "report/fix_text.hpp"

#include <fmt/format.h>

#include "base/escape.hpp"
#include "catalog/setting.hpp"

namespace twctl {

std::string unmended_text(const Fix& fix) {
  std::string text;
  for (const Unjudged& one : fix.before.unjudged) {
    text += fmt::format("twctl: {}: not mended: {}\n", escape(one.what), one.why);
  }
  for (const Finding& finding : unmended(fix)) {
    const std::string place = place_text(finding.where);
    const bool is_unknown = finding.row->id == "unknown-key";
    const bool is_a_guess = is_unknown && find_setting(finding.key) != nullptr;  // the key that may have been meant
    const std::string_view why = is_unknown && !is_a_guess ? "no setting does that" : why_a_person(fix, finding);
    const std::string key = finding.key.empty() || is_a_guess ? "" : " " + escape(finding.key);
    text += fmt::format("twctl: {}{}{}{}: needs a person: {}\n  hint: {}\n", place, place.empty() ? "" : ": ",
                        finding.row->id, key, why, is_a_guess ? finding.evidence : finding.advice);
  }
  return text;
}

}  // namespace twctl
