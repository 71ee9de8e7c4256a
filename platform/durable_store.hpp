// What must survive a power cut: the state directory with its records, and the files that the next boot reads.
// Every success means "on disk"; a failed sync is an error and is never tried again and believed.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace twctl {

struct NamedBytes {
  std::string name;
  std::string bytes;
};

// /var/lib/twctl: a lock, and one folder a change. A folder appears whole (rename) and goes whole (rename to
// .trash-NAME, then deleted); a record in it is written once.
class StateStore {
 public:
  StateStore() = default;
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;
  virtual ~StateStore() = default;

  // Where it lies, as a person would type it: "/var/lib/twctl/changes".
  [[nodiscard]] virtual std::string location() const = 0;

  // Makes the directory (0700) where it is missing and takes the lock, waiting at most `wait`. The lock goes with
  // the object. Error: busy, denied (not root, or a directory that others could tamper with).
  [[nodiscard]] virtual Result<void> lock(std::chrono::milliseconds wait) = 0;

  // Lets go of this process's hold on the lock; a process that was forked from the holder leaves it to him so.
  virtual void unlock() = 0;

  // The file "pending", which is there while a change awaits confirmation: twctl-deadline.path waits for it. Each of
  // the two that are to act at the deadline shows that it lives by a lock on the file, which a forked process inherits
  // and the last one to close it loses.
  enum class Waiter { watchdog, path_unit };
  [[nodiscard]] virtual Result<void> announce_pending() = 0;  // makes it, and holds the watchdog's lock. Error: failed
  virtual void hand_over_pending() = 0;                       // closes it here; the watchdog has it still
  virtual void attend_pending() = 0;                          // holds the path unit's lock, where it can
  [[nodiscard]] virtual bool is_waiting(Waiter who) = 0;      // asks, and takes no lock
  [[nodiscard]] virtual Result<void> withdraw_pending() = 0;  // removes it, if it is there. Error: failed

  // Folders in byte order of their names. Empty if there is no state directory yet. Works without the lock.
  [[nodiscard]] virtual Result<std::vector<std::string>> folders() = 0;

  // nullopt: no such record. Error: invalid for what is no plain file of one link, or is over `limit`.
  [[nodiscard]] virtual Result<std::optional<std::string>> read(const std::string& folder, const std::string& name,
                                                                std::size_t limit) = 0;

  // All of `files` in a folder of that name, or nothing. Error: failed.
  [[nodiscard]] virtual Result<void> create_folder(const std::string& folder, const std::vector<NamedBytes>& files) = 0;

  // false: a record of that name was there before; it stays as it was. Error: failed; refused, and nothing is
  // published, if `still` says no when all is on disk but the name: a sync can take longer than a deadline is off.
  [[nodiscard]] virtual Result<bool> publish_if(const std::string& folder, const std::string& name,
                                                std::string_view bytes, const std::function<bool()>& still) = 0;
  [[nodiscard]] Result<bool> publish(const std::string& folder, const std::string& name, std::string_view bytes) {
    return publish_if(folder, name, bytes, [] { return true; });
  }

  // Each goes whole: all are renamed, the renames are synced once, then their content is deleted. Error: failed.
  [[nodiscard]] virtual Result<void> remove_folders(const std::vector<std::string>& folders) = 0;

  // Deletes what a killed run left half-made or half-deleted. Error: failed.
  [[nodiscard]] virtual Result<void> sweep() = 0;
};

inline constexpr std::string_view kOwnBootFile = "/etc/sysctl.d/60-twctl.conf";
inline constexpr std::string_view kSysctlConf = "/etc/sysctl.conf";

// The boot files that twctl may write: its own and /etc/sysctl.conf. Any other path is refused (denied).
class BootFileStore {
 public:
  BootFileStore() = default;
  BootFileStore(const BootFileStore&) = delete;
  BootFileStore& operator=(const BootFileStore&) = delete;
  virtual ~BootFileStore() = default;

  // nullopt: no such file. Error: denied for a link, a second link or what is no plain file.
  [[nodiscard]] virtual Result<std::optional<std::string>> read(std::string_view path) = 0;

  // Whether the file could be replaced: its directory and itself are writable. Error: denied, with the reason.
  [[nodiscard]] virtual Result<void> check_writable(std::string_view path) = 0;

  // Writes the new content beside `path` under a name that no loader reads, with the old file's mode, owner and
  // extended attributes (0644 root for a new one). The directory is made where it is missing. Error: failed.
  [[nodiscard]] virtual Result<void> stage(std::string_view path, const std::string& id, std::string_view bytes) = 0;

  // The staged content of change `id`; nullopt: nothing staged.
  [[nodiscard]] virtual Result<std::optional<std::string>> staged(std::string_view path, const std::string& id) = 0;

  // Moves the staged file to where `before` is (nullopt: no file). Compare and swap: false, if something else is there
  // at that very moment; it is somebody else's and stays.
  [[nodiscard]] virtual Result<bool> publish(std::string_view path, const std::string& id,
                                             const std::optional<std::string>& before) = 0;

  // Takes the file away if it is still `before`; false as above. Absent already: done.
  [[nodiscard]] virtual Result<bool> remove(std::string_view path, const std::string& id,
                                            const std::string& before) = 0;

  // Makes sure that what was published or removed is on disk. publish() and remove() do so themselves; this is for
  // who finds their work done by a run that was killed. false: that run had just met somebody else's file in the place
  // of `before`, and it is there again.
  [[nodiscard]] virtual Result<bool> settle(std::string_view path, const std::string& id,
                                            const std::optional<std::string>& before) = 0;

  // Deletes every staged file but those of the change `spared` ("" for none). The caller holds the lock, and no other
  // change is unfinished. Error: failed.
  [[nodiscard]] virtual Result<void> sweep(const std::string& spared) = 0;
};

}  // namespace twctl
