#include "platform/windows/state_directory.hpp"

#include <fmt/format.h>
#include <windows.h>

#include <algorithm>

#include "base/escape.hpp"
#include "base/text.hpp"
#include "platform/windows/durable.hpp"
#include "platform/windows/handle.hpp"
#include "platform/windows/own_folder.hpp"
#include "platform/windows/wide.hpp"

namespace twctl {
namespace {

constexpr std::chrono::milliseconds kLockPoll{20};

tl::unexpected<Error> failed(std::string_view what, SystemCode code) {
  return fail(is_denied(code) ? ErrorCode::denied : ErrorCode::failed,
              fmt::format("{}: {}", escape(what), system_says(code)));
}

Result<void> check_plain_file(void* file, const std::string& path, ErrorCode code) {
  BY_HANDLE_FILE_INFORMATION facts{};
  if (::GetFileInformationByHandle(file, &facts) == 0) return failed(path, ::GetLastError());
  const bool plain = (facts.dwFileAttributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT)) == 0;
  if (plain && facts.nNumberOfLinks == 1) return {};
  return fail(code, fmt::format("{} is not a plain file with one name", escape(path)));
}

// What is made in it inherits the access control list of the state's folder. Folders need no syncing (durable.hpp).
class ChangesFolder final : public DurableFolder {
 public:
  explicit ChangesFolder(std::string location) : location_(std::move(location)) {}

  Result<std::vector<std::string>> names() override { return told(names_in(location_)); }

  Result<std::optional<std::string>> read(const std::string& path, std::size_t limit) override {
    const std::string whole = path_of(path);
    const Handle file =
        open_existing(to_wide(whole), GENERIC_READ, FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS);
    if (!file && is_missing(::GetLastError())) return std::optional<std::string>();
    if (!file) return failed(whole, ::GetLastError());
    TRY_VOID(check_plain_file(file.get(), whole, ErrorCode::invalid));
    const OrCode<std::string> bytes = read_bytes(file.get(), limit);
    if (!bytes) return failed(whole, bytes.error());
    if (bytes->size() > limit) return fail(ErrorCode::invalid, fmt::format("it is larger than {}", size_text(limit)));
    return std::optional(*bytes);
  }

  Result<bool> has(const std::string& path) override {
    const std::string whole = path_of(path);
    if (::GetFileAttributesW(to_wide(whole).c_str()) != INVALID_FILE_ATTRIBUTES) return true;
    if (is_missing(::GetLastError())) return false;
    return failed(whole, ::GetLastError());
  }

  Result<void> make_folder(const std::string& name) override {
    const bool made = ::CreateDirectoryW(to_wide(path_of(name)).c_str(), nullptr) != 0;
    return told(made ? OrCode<void>() : last_error());
  }

  Result<void> create_file(const std::string& path, std::string_view bytes) override {
    return told(create_synced(path_of(path), bytes));
  }

  Result<Move> rename_new(const std::string& from, const std::string& to) override {
    const OrCode<void> done = twctl::rename_new(path_of(from), path_of(to));
    if (!done && already_there(done.error())) return Move::target_exists;
    if (!done && is_missing(done.error())) return Move::source_missing;
    TRY_VOID(told(done));
    return Move::done;
  }

  Result<void> sync(const std::string& /*folder*/) override { return {}; }

  Result<void> remove(const std::string& path) override { return told(remove_entry(path_of(path))); }

 private:
  template <class T>
  static Result<T> told(const OrCode<T>& done) {
    if (!done) return fail(is_denied(done.error()) ? ErrorCode::denied : ErrorCode::failed, system_says(done.error()));
    if constexpr (std::is_void_v<T>) {
      return {};
    } else {
      return *done;
    }
  }

  [[nodiscard]] std::string path_of(std::string path) const {
    std::replace(path.begin(), path.end(), '/', '\\');
    return location_ + "\\" + path;
  }

  std::string location_;
};

bool is_of_another(SystemCode code) { return code == ERROR_LOCK_VIOLATION || code == ERROR_IO_PENDING; }

class StateDirectory final : public StateStore {
 public:
  StateDirectory() : StateDirectory(program_data() + "\\twctl") {}

  // No change waits for a confirmation here (apply refuses --confirm-within), so nothing is ever pending.
  Result<bool> hold(Lock lock, std::chrono::milliseconds wait) override {
    if (lock == Lock::run) return hold_run(wait);
    return fail(ErrorCode::unsupported, "nothing is ever pending on Windows");
  }
  void let_go(Lock lock) override {
    if (lock == Lock::run) lock_ = Handle();
  }
  bool is_held(Lock lock) override {
    const std::string path = state_ + "\\lock";
    const Handle file =
        lock != Lock::run
            ? Handle()
            : Handle(::CreateFileW(to_wide(path).c_str(), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr,
                                   OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
    if (!file) return false;
    // Windows tells only who tries. Whoever meets that try waits and tries again: see hold_run().
    OVERLAPPED whole{};
    return ::LockFileEx(file.get(), LOCKFILE_FAIL_IMMEDIATELY, 0, MAXDWORD, MAXDWORD, &whole) == 0 &&
           is_of_another(::GetLastError());
  }
  Result<void> withdraw_pending() override { return {}; }
  Result<bool> conclude_pending() override { return false; }
  bool claim_pending() override { return false; }

 protected:
  Result<DurableFolder*> open(bool create) override {
    if (changes_) return changes_.get();
    TRY(const bool ours, open_own_folder(ours_, Others::read, create));
    if (!ours) return nullptr;
    TRY(const bool is_there, open_own_folder(state_, Others::nothing, create));
    if (!is_there) return nullptr;
    TRY(const bool changes, open_own_folder(location(), Others::nothing, create));
    if (changes) changes_ = std::make_unique<ChangesFolder>(location());
    return changes_.get();
  }

 private:
  explicit StateDirectory(const std::string& ours)
      : StateStore(ours + "\\state\\changes", '\\'), ours_(ours), state_(ours + "\\state") {}

  // Windows lets go of it when the process ends, however it ends.
  Result<bool> hold_run(std::chrono::milliseconds wait) {
    TRY_VOID(open(true));
    const std::string path = state_ + "\\lock";
    lock_ =
        Handle(::CreateFileW(to_wide(path).c_str(), GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                             nullptr, OPEN_ALWAYS, FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
    if (!lock_) return failed(path, ::GetLastError());
    TRY_VOID(check_plain_file(lock_.get(), path, ErrorCode::denied));
    constexpr DWORD kHow = LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY;
    wait = std::max<std::chrono::milliseconds>(wait, kLockPoll);  // is_held() has the lock for a moment
    for (;; wait -= kLockPoll) {
      OVERLAPPED whole{};
      if (::LockFileEx(lock_.get(), kHow, 0, MAXDWORD, MAXDWORD, &whole) != 0) return true;
      const SystemCode code = ::GetLastError();
      if (!is_of_another(code)) return failed(path, code);
      if (wait <= std::chrono::milliseconds::zero()) return false;
      ::Sleep(static_cast<DWORD>(kLockPoll.count()));
    }
  }

  std::string ours_;
  std::string state_;
  std::unique_ptr<DurableFolder> changes_;
  Handle lock_;
};

}  // namespace

std::unique_ptr<StateStore> make_state_directory() { return std::make_unique<StateDirectory>(); }

}  // namespace twctl
