// Bytes -> a few files of a host (0xff parts them, the first byte of each says which) -> who writes settings later.
// What must hold for any of them: what is said is printable, a line lies in its file, and
// each key is dotted.
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "observe/writers/later_writers.hpp"
#include "profile_checks.hpp"

using namespace twctl;
using twctl::fuzz::require;

namespace {

constexpr std::array<std::string_view, 40> kPaths{"/etc/rc.local",
                                                  "/opt/t.sh",
                                                  "/opt/u.sh",
                                                  "/etc/cron.d/t",
                                                  "/etc/crontab",
                                                  "/var/spool/cron/crontabs/root",
                                                  "/etc/systemd/system/t.service",
                                                  "/etc/systemd/system/t.service.d/x.conf",
                                                  "/usr/lib/systemd/system/t.service",
                                                  "/etc/systemd/system/t.timer",
                                                  "/etc/ufw/ufw.conf",
                                                  "/etc/default/ufw",
                                                  "/etc/ufw/sysctl.conf",
                                                  "/etc/ufw/before.init",
                                                  "/etc/tuned/active_profile",
                                                  "/etc/tuned/p/tuned.conf",
                                                  "/usr/lib/tuned/p/tuned.conf",
                                                  "/usr/lib/tuned/q/tuned.conf",
                                                  "/etc/tuned/tuned-main.conf",
                                                  "/etc/tmpfiles.d/t.conf",
                                                  "/etc/udev/rules.d/t.rules",
                                                  "/etc/modprobe.d/t.conf",
                                                  "/etc/cloud/cloud.cfg",
                                                  "/etc/cloud/cloud.cfg.d/t.cfg",
                                                  "/etc/default/grub",
                                                  "/etc/default/grub.d/t.cfg",
                                                  "/boot/loader/entries/t.conf",
                                                  "/etc/kernel/cmdline",
                                                  "/etc/profile",
                                                  "/root/.bashrc",
                                                  "/etc/supervisord.conf",
                                                  "/etc/init/t.conf",
                                                  "/etc/init.d/boot.local",
                                                  "/etc/network/interfaces",
                                                  "/etc/network/if-up.d/t",
                                                  "/etc/sysctl.extra",
                                                  "/etc/kubernetes/manifests/t.yaml",
                                                  "/run/credentials/@system/sysctl.extra",
                                                  "/var/lib/kube-proxy/config.conf",
                                                  "/etc/local.d/t.start"};

class FewFiles final : public HostFiles {
 public:
  explicit FewFiles(std::string_view bytes) {
    for (const std::string_view part : split(bytes, '\xff')) {
      if (part.empty()) continue;
      files_[std::string(kPaths[static_cast<unsigned char>(part[0]) % kPaths.size()])] = part.substr(1);
    }
    links_["/etc/systemd/system/multi-user.target.wants/t.service"] = "../t.service";
    links_["/etc/systemd/system/timers.target.wants/t.timer"] = "../t.timer";
    links_["/etc/systemd/system/multi-user.target.wants/tuned.service"] = "/usr/lib/systemd/system/tuned.service";
  }

  Result<std::optional<std::string>> read(std::string_view path, std::size_t limit) override {
    const auto file = files_.find(path);
    if (file == files_.end()) return std::optional<std::string>{};
    if (file->second.size() > limit) return fail(ErrorCode::invalid, "it is too large");
    return file->second;
  }
  Result<std::vector<std::string>> list(std::string_view folder) override {
    std::set<std::string> names;
    const std::string front = std::string(folder) + "/";
    const auto add = [&](const std::string& path) {
      if (path.starts_with(front)) names.insert(path.substr(front.size(), path.find('/', front.size()) - front.size()));
    };
    for (const auto& [path, bytes] : files_) add(path);
    for (const auto& [path, target] : links_) add(path);
    return std::vector<std::string>(names.begin(), names.end());
  }
  std::optional<std::string> link_target(std::string_view path) override {
    const auto link = links_.find(path);
    return link == links_.end() ? std::nullopt : std::optional(link->second);
  }
  bool exists(std::string_view path) override { return files_.contains(path) || links_.contains(path); }
  bool executable(std::string_view path) override { return files_.contains(path); }
  Result<TrustedBytes> read_profile(std::string_view path, std::size_t) override {
    return fail(ErrorCode::no_input, std::string(path));
  }
  Result<void> write_output(std::string_view, std::string_view) override { return {}; }

  // 0 of a file that is not there.
  [[nodiscard]] int lines_of(std::string_view path) const {
    const auto file = files_.find(path);
    return file == files_.end() ? 0 : fuzz::lines_in(file->second);
  }

 private:
  std::map<std::string, std::string, std::less<>> files_;
  std::map<std::string, std::string, std::less<>> links_;
};

void check_write(const LaterWrite& write, const FewFiles& files) {
  require(fuzz::is_printable(write.where.file), "a file's name is printable");
  require(write.where.line >= 0, "no line is before the first");
  require(write.where.line <= files.lines_of(write.where.file), "a line is in its file");
  require(write.key.empty() || write.key.find('.') != std::string::npos, "a key is dotted");
  require(write.step >= 0, "steps are counted from 1, and 0 is none");
  require(write.ends == 0 || write.ends >= write.step, "what a step ends comes behind it");
}

void check_writer(const LaterWriter& writer, const FewFiles& files) {
  require(!writer.name.empty() && fuzz::is_printable(writer.name), "a writer has a printable name");
  require(!writer.evidence.empty() && fuzz::is_printable(writer.evidence), "there is evidence, and it is printable");
  require(fuzz::is_printable(writer.unread), "what is not known is printable");
  for (const LaterWrite& write : writer.writes) check_write(write, files);
}

void check(const Result<std::vector<LaterWriter>>& writers, const FewFiles& files) {
  if (!writers) {
    require(writers.error().code == ErrorCode::invalid, "an error is of the code `invalid`");
    require(fuzz::is_printable(writers.error().message), "an error's message is printable");
    return;
  }
  for (const LaterWriter& writer : *writers) check_writer(writer, files);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FewFiles files(std::string_view(reinterpret_cast<const char*>(data), size));
  check(find_later_writers(files, size % 2 == 0 ? Loader::systemd : Loader::procps), files);
  check(find_boot_parameters(files), files);
  return 0;
}
