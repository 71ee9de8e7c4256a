#include "audit/settled.hpp"

namespace twctl {

const SettledValue* Settled::find(std::string_view key) const {
  const auto found = said.find(key);
  return found == said.end() ? nullptr : &found->second;
}

std::optional<Value> Settled::value(std::string_view key) const {
  if (const SettledValue* settled = find(key)) return settled->value;
  const Setting* setting = find_setting(Os::linux_kernel, key);
  return setting == nullptr ? std::nullopt : context.default_of(*setting);
}

std::optional<std::int64_t> Settled::number(std::string_view key) const {
  const std::optional<Value> settled = value(key);
  return settled ? as_integer(*settled) : std::nullopt;
}

std::optional<std::int64_t> Settled::said_number(std::string_view key) const {
  const SettledValue* settled = find(key);
  return settled == nullptr ? std::nullopt : as_integer(settled->value);
}

}  // namespace twctl
