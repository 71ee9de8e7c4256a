// Bytes -> a few boot files (0xff parts them) -> what each loader makes of them. What must hold for any text:
// messages are printable, a value has a line that set it, and a line alone in the last file of all is what counts.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "printable.hpp"
#include "sysctl/boot_replay.hpp"

using namespace twctl;

namespace {

constexpr std::string_view kPaths[] = {"/etc/sysctl.d/10-a.conf", "/usr/lib/sysctl.d/50-b.conf",
                                       "/run/sysctl.d/.x.conf", "/etc/sysctl.d/60-twctl.conf", "/etc/sysctl.conf"};
constexpr std::string_view kKeys[] = {"net.ipv4.tcp_fin_timeout", "net.core.somaxconn", "net.ipv4.ip_local_port_range",
                                      "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports"};
constexpr std::string_view kLast = "/etc/sysctl.d/zzz.conf";

void require(bool holds) {
  if (!holds) std::abort();
}

std::vector<BootFile> files_from(std::string_view bytes) {
  std::vector<BootFile> files;
  for (const std::string_view text : split(bytes, '\xff')) {
    if (files.size() == std::size(kPaths)) break;
    files.push_back({.path = std::string(kPaths[files.size()]), .bytes = std::string(text)});
  }
  return files;
}

void check(const BootOutcome& outcome) {
  require(outcome.value.has_value() == outcome.decided_by.has_value());
  for (const LineNote& note : outcome.notes) require(fuzz::is_printable(to_text(note)));
}

void check_setting(const Setting& setting, const BootReplay& replay, Loader loader) {
  check(replay.by(loader).outcome(setting));
  const std::string wanted = setting.type == ValueType::integer_pair ? "40000 50000" : "1";
  const BootOutcome with = replay.by(loader).outcome_with(setting, {.file = kLast, .value = wanted});
  check(with);
  const bool clash =
      setting.key == "net.ipv4.ip_local_port_range" || setting.key == "net.ipv4.ip_unprivileged_port_start";
  if (loader == Loader::systemd && !clash) require(with.value == wanted);
}

// What is read once for both loaders is what each of them reads.
void check_reading(const BootConfig::File& file, const std::string& bytes) {
  const AssignmentFile systemd = read_assignments(bytes, Loader::systemd);
  require(as_read_by(Loader::systemd, file).assignments == systemd.assignments);
  require(as_read_by(Loader::systemd, file).bad_lines == systemd.bad_lines);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::vector<BootFile> files = files_from(bytes);
  const BootReplay replay(parse_boot_files(files), {});
  for (std::size_t at = 0; at < files.size(); ++at) check_reading(replay.config.files[at], files[at].bytes);
  for (const std::string_view key : kKeys) {
    const Setting* setting = find_setting(Os::linux_kernel, key);
    if (setting == nullptr) continue;
    for (const Loader loader : {Loader::systemd, Loader::procps}) check_setting(*setting, replay, loader);
    (void)replay.lines_for(*setting);
  }
  return 0;
}
