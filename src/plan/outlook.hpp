// What a plan finds, does and leaves behind in each layer, by key: the view that the hazards take. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/boot_side.hpp"
#include "plan/plan.hpp"

namespace twctl {

struct Outlook {
  const Plan& plan;
  const BootSide& side;
  const std::vector<Slip>& slips;  // of the profiles' lines

  [[nodiscard]] std::vector<Layer> layers() const;                          // those in scope
  [[nodiscard]] const PlannedSetting* planned(std::string_view key) const;  // nullptr: not asked for, or skipped
  [[nodiscard]] std::optional<Value> before(Layer layer, std::string_view key) const;
  [[nodiscard]] std::optional<Value> after(Layer layer, std::string_view key) const;   // nullopt: absent, not known
  [[nodiscard]] std::optional<Value> wished(Layer layer, std::string_view key) const;  // `after`, if as wanted
  [[nodiscard]] std::optional<Value> written(Layer layer, std::string_view key) const;
};

// What a finder has to say; the rest of the Hazard is in its catalogue row.
struct Found {
  std::string key;
  std::string text;         // printable
  std::string source = {};  // printable; "" for the first one of the catalogue's row
};
using Finder = std::vector<Found> (*)(const Outlook&);

// `say(layer)` for each layer in scope until one has something to say: the same words twice help nobody.
template <class Say>
std::vector<Found> once(const Outlook& outlook, std::string_view key, Say say) {
  for (const Layer layer : outlook.layers()) {
    if (std::string text = say(layer); !text.empty()) return {{std::string(key), std::move(text)}};
  }
  return {};
}

}  // namespace twctl
