// Any bytes as the boot file that apply edits. What must hold for any text: a second edit finds nothing to do, what was
// not to change is as it was, and both loaders read from the result what was asked for.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "catalog/setting.hpp"
#include "formats/sysctl.hpp"
#include "sysctl/boot.hpp"
#include "sysctl/boot_edit.hpp"
#include "sysctl/line_settings.hpp"

using namespace twctl;

namespace {

using Bytes = std::optional<std::string>;

constexpr const char* kSet = "net.ipv4.tcp_fin_timeout";
constexpr const char* kRemoved = "net.core.somaxconn";

void require(bool holds) {
  if (!holds) std::abort();
}

Bytes edited(std::string_view path, const Bytes& before, const LineChange& change) {
  const std::array<LineChange, 1> changes = {change};
  const auto after = render_boot_file(path, before, changes);
  require(after.has_value());
  const auto again = render_boot_file(path, *after, changes);
  require(again && *again == *after);
  return *after;
}

// The value that the last line of a key gives it, as a loader reads the file.
std::optional<std::string> assigned(const Bytes& file, std::string_view key, Loader loader = Loader::systemd) {
  std::optional<std::string> value;
  for (const Assignment& said : read_assignments(file.value_or(""), loader).assignments) {
    if (assigns(said, key)) value = said.value;
  }
  return value;
}

void check_sysctl_conf(const std::string& before) {
  if (!render_boot_file(kSysctlConf, before, {})) return;  // lone carriage returns, NUL
  require(edited(kSysctlConf, before, {.key = kRemoved, .value = {}, .why = {}}) == before ||
          assigned(before, kRemoved) || assigned(before, kRemoved, Loader::procps));
  const Bytes set = edited(kSysctlConf, before, {.key = kSet, .value = "31", .why = {}});
  require(assigned(set, kSet) == "31" && assigned(set, kSet, Loader::procps) == "31");
  require(assigned(set, kRemoved) == assigned(before, kRemoved));
  const Bytes removed = edited(kSysctlConf, set, {.key = kSet, .value = {}, .why = {}});
  require(!assigned(removed, kSet) && !assigned(removed, kSet, Loader::procps));
}

// Ours has a reason from outside; only what we printed is read back.
void check_own_file(const std::string& text) {
  const Bytes ours = edited(kOwnBootFile, std::nullopt, {.key = kSet, .value = "31", .why = text});
  require(assigned(ours, kSet) == "31");
  const auto lines = parse_own_file(*ours);
  require(lines && lines->size() == 1 && print_own_file(*lines) == *ours);
  if (const auto read = parse_own_file(text)) require(print_own_file(*read) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  check_sysctl_conf(bytes);
  check_own_file(bytes);
  return 0;
}
