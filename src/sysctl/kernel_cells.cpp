#include "sysctl/kernel_cells.hpp"

#include <fmt/format.h>

#include "catalog/keys.hpp"

namespace twctl {
namespace {

using keys::kPortRange;
using keys::kPrivilegedEnd;

bool is_missing(const Setting& setting, KernelVersion kernel) {
  return kernel != KernelVersion{} && newer_than(setting, kernel);
}

}  // namespace

const Setting* partner_of(const Setting& setting) {
  if (setting.key == kPortRange) return find_setting(Os::linux_kernel, kPrivilegedEnd);
  return setting.key == kPrivilegedEnd ? find_setting(Os::linux_kernel, kPortRange) : nullptr;
}

Value& KernelCells::value_of(const Setting& setting) {
  const auto [cell, is_new] = values_.try_emplace(setting.key);
  if (!is_new) return cell->second;
  const auto known = start_.values.find(setting.key);
  if (known != start_.values.end()) {
    cell->second = known->second;
  } else if (!setting.defaults.empty()) {
    cell->second = setting.defaults.back().value;
  }
  return cell->second;
}

std::string KernelCells::clash(const Setting& setting, const Value& value) {
  const Setting* partner = partner_of(setting);
  if (partner == nullptr || is_missing(*partner, start_.version)) return {};
  const bool range_changed = setting.key == kPortRange;
  const auto range = as_pair(range_changed ? value : value_of(*partner));
  const auto start = as_integer(range_changed ? value_of(*partner) : value);
  if (!range || !start || range->first >= *start) return {};
  return range_changed ? fmt::format("{} is below ip_unprivileged_port_start ({})", range->first, *start)
                       : fmt::format("{} is above the low end of ip_local_port_range ({})", *start, range->first);
}

KernelOutcome KernelCells::write_alone(const Setting& setting, std::string_view text) {
  KernelOutcome outcome = kernel_takes(setting, text, value_of(setting), start_.version);
  if (outcome.value) value_of(setting) = *outcome.value;
  return outcome;
}

KernelOutcome KernelCells::write(const Setting& setting, std::string_view text) {
  Value before = value_of(setting);
  KernelOutcome outcome = write_alone(setting, text);
  if (!outcome.value) return outcome;
  std::string why = clash(setting, *outcome.value);
  if (why.empty()) return outcome;
  value_of(setting) = std::move(before);
  return {.value = std::nullopt, .note = std::move(why), .clashes = true};
}

bool clashes(const Setting& setting, std::string_view text, const Value& partner) {
  const KernelStart start{.values = {{partner_of(setting)->key, partner}}};
  return KernelCells(start).write(setting, text).clashes;
}

}  // namespace twctl
