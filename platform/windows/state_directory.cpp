#include "platform/windows/state_directory.hpp"

#include <fmt/format.h>
#include <windows.h>

#include "base/escape.hpp"
#include "base/size_text.hpp"
#include "platform/windows/durable.hpp"
#include "platform/windows/handle.hpp"
#include "platform/windows/own_folder.hpp"
#include "platform/windows/program_data.hpp"
#include "platform/windows/read_bytes.hpp"
#include "platform/windows/wide.hpp"

namespace twctl {
namespace {

constexpr std::string_view kHalfMade = ".tmp-";
constexpr std::string_view kHalfGone = ".trash-";
constexpr std::chrono::milliseconds kLockPoll{20};

tl::unexpected<Error> failed(std::string_view what, SystemCode code) {
  return fail(is_denied(code) ? ErrorCode::denied : ErrorCode::failed,
              fmt::format("{}: {}", escape(what), system_says(code)));
}

bool is_change_folder(const std::string& name) { return !name.starts_with('.'); }

bool is_litter(const std::string& name) { return name.starts_with(kHalfMade) || name.starts_with(kHalfGone); }

Result<void> check_plain_file(void* file, const std::string& path, ErrorCode code) {
  BY_HANDLE_FILE_INFORMATION facts{};
  if (::GetFileInformationByHandle(file, &facts) == 0) return failed(path, ::GetLastError());
  const bool plain = (facts.dwFileAttributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT)) == 0;
  if (plain && facts.nNumberOfLinks == 1) return {};
  return fail(code, fmt::format("{} is not a plain file with one name", escape(path)));
}

class StateDirectory final : public StateStore {
 public:
  [[nodiscard]] std::string location() const override { return state_ + "\\changes"; }

  Result<void> lock(std::chrono::milliseconds wait) override {
    TRY_VOID(open_state(true));
    const std::string path = state_ + "\\lock";
    lock_ =
        Handle(::CreateFileW(to_wide(path).c_str(), GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                             nullptr, OPEN_ALWAYS, FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
    if (!lock_) return failed(path, ::GetLastError());
    TRY_VOID(check_plain_file(lock_.get(), path, ErrorCode::denied));
    return wait_for_lock(path, wait);
  }

  void unlock() override { lock_ = Handle(); }

  // No change waits for a confirmation here (apply refuses --confirm-within).
  Result<void> announce_pending() override {
    return fail(ErrorCode::unsupported, "nothing is ever pending on Windows");
  }
  void hand_over_pending() override {}
  void attend_pending() override {}
  bool is_waiting(Waiter /*who*/) override { return false; }
  Result<void> withdraw_pending() override { return {}; }

  Result<std::vector<std::string>> folders() override {
    TRY_VOID(open_state(false));
    if (!open_) return std::vector<std::string>();
    auto names = names_in(location());
    if (!names) return failed(location(), names.error());
    std::erase_if(*names, [](const std::string& name) { return !is_change_folder(name); });
    return *std::move(names);
  }

  Result<std::optional<std::string>> read(const std::string& folder, const std::string& name,
                                          std::size_t limit) override {
    TRY_VOID(open_state(false));
    const std::string path = path_of(folder) + "\\" + name;
    const Handle file =
        open_existing(to_wide(path), GENERIC_READ, FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS);
    if (!file && is_missing(::GetLastError())) return std::optional<std::string>();
    if (!file) return failed(path, ::GetLastError());
    TRY_VOID(check_plain_file(file.get(), path, ErrorCode::invalid));
    const OrCode<std::string> bytes = read_bytes(file.get(), limit);
    if (!bytes) return failed(path, bytes.error());
    if (bytes->size() > limit) return fail(ErrorCode::invalid, fmt::format("it is larger than {}", size_text(limit)));
    return std::optional(*bytes);
  }

  Result<void> create_folder(const std::string& folder, const std::vector<NamedBytes>& files) override {
    const std::string temporary = path_of(fmt::format("{}{}", kHalfMade, folder));
    const OrCode<void> done = try_create(temporary, path_of(folder), files);
    if (done) return {};
    // It must not stay: an intent that the caller believes was never published would be rolled back one day.
    (void)remove_entry(temporary);
    (void)remove_folders({folder});
    return failed(fmt::format("change {} cannot be recorded in {}", folder, location()), done.error());
  }

  Result<bool> publish_if(const std::string& folder, const std::string& name, std::string_view bytes,
                          const std::function<bool()>& still) override {
    const std::string temporary = path_of(fmt::format("{}{}-{}", kHalfMade, folder, name));
    OrCode<void> done = remove_entry(temporary);  // of a run that was killed here
    if (done) done = create_synced(temporary, bytes);
    if (done && !still()) {
      (void)remove_entry(temporary);
      return fail(ErrorCode::refused, fmt::format("{}\\{} comes too late", path_of(folder), name));
    }
    if (done) done = rename_new(temporary, path_of(folder) + "\\" + name);
    if (done) return true;
    (void)remove_entry(temporary);
    if (already_there(done.error())) return false;
    return failed(fmt::format("{}\\{} cannot be recorded", path_of(folder), name), done.error());
  }

  Result<void> remove_folders(const std::vector<std::string>& folders) override {
    for (const std::string& folder : folders) {
      const OrCode<void> done = rename_new(path_of(folder), trash_of(folder));
      if (!done && !is_missing(done.error())) return failed(path_of(folder), done.error());
    }
    for (const std::string& folder : folders) {
      if (const auto done = remove_entry(trash_of(folder)); !done) return failed(path_of(folder), done.error());
    }
    return {};
  }

  Result<void> sweep() override {
    const auto names = names_in(location());
    if (!names) return failed(location(), names.error());
    for (const std::string& name : *names) {
      if (!is_litter(name)) continue;
      if (const auto removed = remove_entry(path_of(name)); !removed) return failed(path_of(name), removed.error());
    }
    return {};
  }

 private:
  [[nodiscard]] std::string path_of(const std::string& name) const { return location() + "\\" + name; }
  [[nodiscard]] std::string trash_of(const std::string& folder) const {
    return path_of(fmt::format("{}{}", kHalfGone, folder));
  }

  // The folders on the way there; makes them where `create`, else leaves `open_` false where one is missing.
  Result<void> open_state(bool create) {
    if (open_) return {};
    TRY(const bool ours, open_own_folder(ours_, Others::read, create));
    if (!ours) return {};
    TRY(const bool state, open_own_folder(state_, Others::nothing, create));
    if (!state) return {};
    TRY(open_, open_own_folder(location(), Others::nothing, create));
    return {};
  }

  // Windows lets go of it when the process ends, however it ends.
  Result<void> wait_for_lock(const std::string& path, std::chrono::milliseconds wait) {
    constexpr DWORD kHow = LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY;
    for (;; wait -= kLockPoll) {
      OVERLAPPED whole{};
      if (::LockFileEx(lock_.get(), kHow, 0, MAXDWORD, MAXDWORD, &whole) != 0) return {};
      const SystemCode code = ::GetLastError();
      if (code != ERROR_LOCK_VIOLATION && code != ERROR_IO_PENDING) return failed(path, code);
      if (wait <= std::chrono::milliseconds::zero()) {
        return fail(ErrorCode::busy, "another twctl is at work on this host",
                    "wait for it, with --wait 30s for example");
      }
      ::Sleep(static_cast<DWORD>(kLockPoll.count()));
    }
  }

  // What it holds inherits the access control list of the state's folder.
  static OrCode<void> try_create(const std::string& temporary, const std::string& folder,
                                 const std::vector<NamedBytes>& files) {
    if (::CreateDirectoryW(to_wide(temporary).c_str(), nullptr) == 0) return last_error();
    OrCode<void> done;
    for (const NamedBytes& file : files) {
      if (done) done = create_synced(temporary + "\\" + file.name, file.bytes);
    }
    if (done) done = rename_new(temporary, folder);
    return done;
  }

  std::string ours_ = program_data() + "\\twctl";
  std::string state_ = ours_ + "\\state";
  Handle lock_;
  bool open_ = false;
};

}  // namespace

std::unique_ptr<StateStore> make_state_directory() { return std::make_unique<StateDirectory>(); }

}  // namespace twctl
