#include <cstdint>

#include "profile/wanted.hpp"
#include "profile_checks.hpp"

using namespace twctl;
using twctl::fuzz::require;

namespace {

const Setting& setting_of(std::uint8_t choice) {
  const std::span<const Setting> rows = settings(choice % 8 == 7 ? Os::windows : Os::linux_kernel);
  return rows[(choice / 8) % rows.size()];
}

void check_wish(const Setting& setting, const Wanted& wanted, std::string_view live) {
  const Result<Wanted> again = parse_wanted(setting, to_text(wanted));
  require(again == wanted, "an expression reads back to the same");
  for (const std::optional<Value>& current : {std::optional<Value>{}, std::optional(canonical(setting, live))}) {
    const std::optional<Value> written = value_to_write(setting, wanted, current);
    require(written.has_value() == (wanted.op != Operator::unset), "everything but unset writes a value");
    require(satisfied(setting, wanted, written), "what is written satisfies");
  }
}

}  // namespace

// One byte chooses the setting, the first line is the expression, the rest a live value.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Setting& setting = setting_of(data[0]);
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string_view text = rest.substr(0, rest.find('\n'));
  const Result<Wanted> wanted = parse_wanted(setting, text);
  if (wanted) {
    check_wish(setting, *wanted, rest.substr(text.size()));
    return 0;
  }
  require(wanted.error().column >= 1, "an error has a column");
  require(wanted.error().column <= static_cast<int>(text.size()) + 1, "an error's column is in the expression");
  require(fuzz::is_printable(wanted.error().message), "an error's message is printable");
  return 0;
}
