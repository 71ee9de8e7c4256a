#include "support/measured.hpp"

#include <algorithm>

#include "platform/platform.hpp"

namespace twctl::test {

std::vector<Measured> measured(const std::vector<Load>& loads) {
  std::vector<Measured> results(loads.size());
  const LoadSink sink{.take =
                          [&](std::size_t load, Side side, const LoadFigures& figures, bool is_last) {
                            if (is_last) (side == Side::client ? results[load].client : results[load].server) = figures;
                          },
                      .not_set =
                          [&](std::size_t load, Side, const Setting& setting, const std::string& why) {
                            results[load].not_set.push_back(std::string(setting.key) + ": " + why);
                          },
                      .go_on = [] { return true; }};
  const auto host = *make_platform({});
  if (const Result<void> ran = host->load_bench()->run(loads, sink); !ran) {
    for (Measured& one : results) one.problem = ran.error().message;
  }
  return results;
}

Measured measured(const Load& load) { return measured(std::vector{load}).front(); }

SettingValues values(std::initializer_list<std::pair<std::string_view, std::string_view>> named) {
  SettingValues found;
  for (const auto& [name, value] : named) found.emplace_back(find_setting_by_any_name(name), value);
  return found;
}

std::int64_t witness(const LoadFigures& figures, std::string_view name) {
  const auto* found = std::find(kWitnesses.begin(), kWitnesses.end(), name);
  return figures.witnesses.at(static_cast<std::size_t>(found - kWitnesses.begin()));
}

std::uint32_t peak(const LoadFigures& figures, TcpState state) {
  return figures.peaks.at(static_cast<std::size_t>(state));
}

}  // namespace twctl::test
