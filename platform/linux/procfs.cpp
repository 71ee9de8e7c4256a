#include "platform/linux/procfs.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/value.hpp"
#include "platform/linux/open_below.hpp"

namespace twctl {
namespace {

// All our Linux keys begin with "net.". The no-crossing check starts here and not at /proc/sys, because LXC and
// systemd-nspawn mount /proc/sys read-only and /proc/sys/net over it, writable.
constexpr std::string_view kBase = "/proc/sys/net";
constexpr std::string_view kPrefix = "net.";

// One read must take it all: a second one starts in the middle of a value that has changed meanwhile. The longest
// list of reserved ports, every second one, is about 190 KiB; numbers are short.
constexpr std::size_t kLongest = 256 * 1024;
constexpr std::size_t kLongestNumbers = 4 * 1024;

std::string path_below_base(const Setting& setting) { return replaced(setting.key.substr(kPrefix.size()), '.', '/'); }

std::string shown_path(const Setting& setting) { return std::string(kBase) + "/" + path_below_base(setting); }

LiveValue failed_value(int error) {
  if (is_missing(error)) return LiveValue{};
  const auto state = is_denied(error) ? LiveValue::State::denied : LiveValue::State::unreadable;
  return LiveValue{.state = state, .problem = system_says(error)};
}

Error exhausted(std::string_view path, int error) {
  return {.code = ErrorCode::failed, .message = fmt::format("{}: {}", path, system_says(error))};
}

class ProcfsStore final : public SettingStore {
 public:
  ProcfsStore(Descriptor base, bool read_only) : base_(std::move(base)), read_only_(read_only) {}

  Result<LiveValue> read(const Setting& setting) override {
    auto file = open_beneath(base_.get(), path_below_base(setting), O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (file) return read_open(setting, file->get());
    if (file.error() == EXDEV) return fail(covered(setting, "another file is mounted over it"));
    if (file.error() == ELOOP) return fail(covered(setting, "it is a symbolic link"));
    if (is_exhausted(file.error())) return fail(exhausted(shown_path(setting), file.error()));
    return failed_value(file.error());
  }

  Result<void> check_writable(const Setting& setting) override {
    TRY_VOID(open_to_write(setting));
    return {};
  }

  // One write at offset 0: the kernel takes a second one for success and ignores it.
  Result<void> write(const Setting& setting, const std::optional<Value>& value) override {
    if (!value) return fail(ErrorCode::bug, std::string(setting.key) + " cannot be taken away");
    TRY(const Descriptor file, open_to_write(setting));
    const std::string text = *value + "\n";
    if (::write(file.get(), text.data(), text.size()) >= 0) return {};
    return fail(ErrorCode::failed, std::string(setting.key) + " = " + escape(*value) + ": " + system_says(errno));
  }

 private:
  Result<Descriptor> open_to_write(const Setting& setting) {
    auto file = open_beneath(base_.get(), path_below_base(setting), O_WRONLY | O_NONBLOCK | O_NOCTTY);
    if (file) return *std::move(file);
    if (file.error() == EXDEV) return fail(covered(setting, "another file is mounted over it"));
    if (is_exhausted(file.error())) return fail(exhausted(shown_path(setting), file.error()));
    const ErrorCode code = is_missing(file.error()) ? ErrorCode::unsupported : denial_here(file.error());
    return fail(code, std::string(setting.key) + " cannot be written: " + system_says(file.error()));
  }

  // What keeps root out is the host: a mount, or that it is root in a namespace of users only.
  static ErrorCode denial_here(int error) {
    return is_denied(error) && ::geteuid() == 0 ? ErrorCode::unwritable : denial(error);
  }

  static Error covered(const Setting& setting, const std::string& how) {
    return Error{.code = ErrorCode::denied,
                 .message = shown_path(setting) + " is not the kernel's own file: " + how,
                 .hint = "see `findmnt -R /proc`, and unmount what lies over it"};
  }

  LiveValue read_open(const Setting& setting, int file) {
    buffer_.resize(setting.type == ValueType::port_set ? kLongest : kLongestNumbers);
    const ssize_t got = ::pread(file, buffer_.data(), buffer_.size(), 0);
    if (got < 0) return failed_value(errno);
    const auto length = static_cast<std::size_t>(got);
    if (length == buffer_.size()) return failed_value(EFBIG);
    return LiveValue{.state = LiveValue::State::present,
                     .value = canonical(setting, std::string_view(buffer_.data(), length)),
                     .read_only = read_only_ || nobody_may_write(file)};
  }

  static bool nobody_may_write(int file) {
    struct stat status = {};
    return ::fstat(file, &status) == 0 && (status.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) == 0;
  }

  Descriptor base_;
  bool read_only_;  // of the mount: one for all keys, because no key may lie on another
  std::string buffer_;
};

class CapturedStore final : public SettingStore {
 public:
  explicit CapturedStore(HostFiles& files) : files_(files) {}

  Result<LiveValue> read(const Setting& setting) override {
    const auto text = files_.read(shown_path(setting), kLongest);
    if (!text) return LiveValue{.state = LiveValue::State::unreadable, .problem = text.error().message};
    if (!*text) return LiveValue{};
    return LiveValue{.state = LiveValue::State::present, .value = canonical(setting, **text)};
  }

  Result<void> check_writable(const Setting& setting) override {
    return fail(ErrorCode::unsupported, std::string(setting.key) + " is a captured value, not a live one");
  }
  Result<void> write(const Setting& setting, const std::optional<Value>&) override { return check_writable(setting); }

 private:
  HostFiles& files_;
};

class AbsentStore final : public SettingStore {
 public:
  explicit AbsentStore(Error why) : why_(std::move(why)) {}
  Result<LiveValue> read(const Setting&) override { return fail(why_); }
  Result<void> check_writable(const Setting&) override { return fail(why_); }
  Result<void> write(const Setting&, const std::optional<Value>&) override { return fail(why_); }

 private:
  Error why_;
};

bool is_procfs(const RootFiles& files, std::string_view path) {
  const auto opened = files.open(path, O_PATH);
  struct statfs system = {};
  return opened && ::fstatfs(opened->get(), &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
}

// The outermost directory on the way that is wrong: it is the one to mend.
Error no_procfs(const RootFiles& files) {
  if (!is_procfs(files, "/proc")) {
    return {.code = ErrorCode::unsupported,
            .message = "/proc is not procfs: there are no live settings to read",
            .hint = "mount it: mount -t proc proc /proc"};
  }
  for (const std::string_view path : {std::string_view("/proc/sys"), kBase}) {
    if (is_procfs(files, path)) continue;
    return {.code = ErrorCode::unsupported,
            .message = std::string(path) + " is not procfs: something is mounted over it, or this kernel lacks it",
            .hint = "see `findmnt -R /proc`"};
  }
  return {.code = ErrorCode::unsupported, .message = "/proc/sys/net cannot be opened"};
}

LiveSettings nothing_live(const Error& why, LiveSource source = LiveSource::none) {
  return {source, std::make_unique<AbsentStore>(why), why};
}

}  // namespace

LiveSettings open_live_settings(RootFiles& files, bool may_be_captured) {
  auto base = files.open(kBase, O_RDONLY | O_DIRECTORY);
  struct statfs system = {};
  if (!base && is_exhausted(base.error())) return nothing_live(exhausted(kBase, base.error()));
  if (!base || ::fstatfs(base->get(), &system) != 0) return nothing_live(no_procfs(files));
  if (system.f_type == PROC_SUPER_MAGIC) {
    const bool read_only = (system.f_flags & ST_RDONLY) != 0;
    return {LiveSource::procfs, std::make_unique<ProcfsStore>(*std::move(base), read_only), {}};
  }
  if (may_be_captured) return {LiveSource::captured, std::make_unique<CapturedStore>(files), {}};
  return nothing_live(no_procfs(files));
}

LiveSettings live_settings_elsewhere(const Error& why) { return nothing_live(why, LiveSource::elsewhere); }

}  // namespace twctl
