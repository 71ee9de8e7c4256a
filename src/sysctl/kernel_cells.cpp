#include "sysctl/kernel_cells.hpp"

#include <fmt/format.h>

namespace twctl {
namespace {

constexpr std::string_view kPortRange = "net.ipv4.ip_local_port_range";
constexpr std::string_view kPrivilegedEnd = "net.ipv4.ip_unprivileged_port_start";

// The kernel holds these two to each other at every write; the others stand alone.
std::string_view partner_of(std::string_view key) {
  if (key == kPortRange) return kPrivilegedEnd;
  return key == kPrivilegedEnd ? kPortRange : std::string_view{};
}

Value default_of(const Setting& setting) {
  return setting.defaults.empty() ? Value{} : Value(setting.defaults.back().value);
}

bool is_missing(const Setting& setting, KernelVersion kernel) {
  return kernel != KernelVersion{} && newer_than(setting, kernel);
}

}  // namespace

KernelCells::KernelCells(const Setting& setting, std::string_view initial, KernelVersion kernel) : kernel_(kernel) {
  add(setting, initial.empty() ? default_of(setting) : Value(initial));
  const Setting* partner = find_setting(Os::linux_kernel, partner_of(setting.key));
  if (partner != nullptr && !is_missing(*partner, kernel)) add(*partner, default_of(*partner));
}

void KernelCells::add(const Setting& setting, Value value) {
  keys_.push_back(setting.key);
  cells_.push_back({.setting = &setting, .value = std::move(value)});
}

std::string KernelCells::clash(std::size_t key, const Value& value) const {
  if (cells_.size() < 2) return {};
  const bool range_changed = keys_[key] == kPortRange;
  const auto range = as_pair(range_changed ? value : cells_[1 - key].value);
  const auto start = as_integer(range_changed ? cells_[1 - key].value : value);
  if (!range || !start || range->first >= *start) return {};
  return range_changed ? fmt::format("{} is below ip_unprivileged_port_start ({})", range->first, *start)
                       : fmt::format("{} is above the low end of ip_local_port_range ({})", *start, range->first);
}

KernelOutcome KernelCells::write_alone(std::size_t key, std::string_view text) {
  KernelOutcome outcome = kernel_takes(*cells_[key].setting, text, cells_[key].value, kernel_);
  if (outcome.value) cells_[key].value = *outcome.value;
  return outcome;
}

KernelOutcome KernelCells::write(std::size_t key, std::string_view text) {
  const Value before = cells_[key].value;
  KernelOutcome outcome = write_alone(key, text);
  if (!outcome.value) return outcome;
  std::string why = clash(key, *outcome.value);
  if (why.empty()) return outcome;
  cells_[key].value = before;
  return {.value = std::nullopt, .note = std::move(why)};
}

}  // namespace twctl
