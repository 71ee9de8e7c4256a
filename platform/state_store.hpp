// The state directory (/var/lib/twctl): locks, and one folder a change, which holds the change's records.
//
// A folder of a change appears whole: it is made under a name that begins with .tmp- and then renamed. It goes whole:
// it is renamed to .trash-NAME and then deleted; where the file system does not rename it, a folder .trash-NAME beside
// it says that it counts no more. A record is written once: under a name that begins with .tmp-, synced,
// and then renamed to where none may be. What a killed run leaves under such names is no change and no record. Every
// success means "on disk"; a failed sync is an error and is never tried again and believed.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/durable_folder.hpp"

namespace twctl {

struct NamedBytes {
  std::string name;
  std::string bytes;
};

[[nodiscard]] std::vector<std::size_t> sizes_of(const std::vector<NamedBytes>& files);

// Where Linux has it, seen from the host's root.
inline constexpr const char* kStateDirectory = "/var/lib/twctl";

// "/srv/img/var/lib/twctl/changes", or a folder in it -> "/srv/img", below which the host's boot files lie too, as it
// was typed. "" for the running system's own, and on Windows.
[[nodiscard]] std::string_view root_of(std::string_view location);

class StateStore {
 public:
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;
  virtual ~StateStore() = default;

  // Of the folder of changes, as a person would type it: "/var/lib/twctl/changes".
  [[nodiscard]] const std::string& location() const { return location_; }

  // A lock is held until it is released, or until the last process that inherited it ends. `run` is on the file "lock":
  // one run at a time changes the host. The others are on the file "pending", which is there while a change awaits
  // confirmation (twctl-deadline.path waits for it): each of the two that are to act at the deadline shows by its lock
  // that it lives.
  enum class Lock { run, watchdog, path_unit };

  // run: waits at most `wait`; false: somebody else holds it still; makes the directory (0700) where it is missing. The
  // other two do not wait, and to find one held is an error; watchdog makes the file "pending" anew. Error: denied (not
  // root, or a directory that others could tamper with), unwritable, failed.
  [[nodiscard]] virtual Result<bool> hold(Lock lock, std::chrono::milliseconds wait) = 0;

  // Whether hold(Lock::run) would be refused, by looking alone: to whoever runs this, or to root, for whom what only
  // this user may not look into is no trait of the host, and no error. Error: as there.
  enum class Caller { this_user, root };
  [[nodiscard]] virtual Result<void> check_usable(Caller) { return {}; }

  virtual void let_go(Lock lock) = 0;  // of this process's hold; a process forked from it has its own still
  [[nodiscard]] virtual bool is_held(Lock lock) = 0;          // asks, and keeps nobody from taking it
  [[nodiscard]] virtual Result<void> withdraw_pending() = 0;  // removes the file, if it is there. Error: failed

  // The pending change has its end: says so in the file "pending" itself, synced, for a timer that holds it open and
  // may find no directory any more, and then removes it. false: it is not there, or a timer has claimed it. Error:
  // failed.
  [[nodiscard]] virtual Result<bool> conclude_pending() = 0;

  // By a timer that finds no record of its change any more: true, where nobody has concluded the file that this process
  // holds, and from now on nobody can.
  [[nodiscard]] virtual bool claim_pending() = 0;

  // The state directory that stands in the place of this one, which was moved away since this process has opened it;
  // without a change where none does. null: it is where it was, or that cannot be told.
  [[nodiscard]] virtual std::unique_ptr<StateStore> successor() { return nullptr; }

  // What a run says to whom somebody else does not leave the lock.
  [[nodiscard]] static Error is_busy();

  // hold(Lock::run). Error: busy, and as there.
  [[nodiscard]] Result<void> lock(std::chrono::milliseconds wait);

  // Whether there is a folder of changes, or a run that may be about to make one. Error: as of hold().
  [[nodiscard]] Result<bool> is_there();

  // The folders that have the name of a change, in byte order. Empty if there is no state directory yet. Works without
  // the lock.
  [[nodiscard]] Result<std::vector<std::string>> folders();

  // nullopt: no such record. Error: invalid for what is no plain file of one link, or is over `limit`.
  [[nodiscard]] Result<std::optional<std::string>> read(const std::string& folder, const std::string& name,
                                                        std::size_t limit);

  // Whether there is a record of that name, whatever it holds. Error: it cannot be told.
  [[nodiscard]] Result<bool> has(const std::string& folder, const std::string& name);

  // By looking alone: whether create_folder() has room for the records of a change beside what is staged for it, and
  // the change for its end. Error: failed.
  [[nodiscard]] Result<void> check_room(const RoomNeeded& needed);

  // All of `files` in a folder of that name, or nothing. Error: failed.
  [[nodiscard]] Result<void> create_folder(const std::string& folder, const std::vector<NamedBytes>& files);

  // false: a record of that name was there before; it stays as it was. Error: failed; refused, and nothing is
  // published, if `still` says no when all is on disk but the name: a sync can take longer than a deadline is off.
  [[nodiscard]] Result<bool> publish_if(const std::string& folder, const std::string& name, std::string_view bytes,
                                        const std::function<bool()>& still);
  [[nodiscard]] Result<bool> publish(const std::string& folder, const std::string& name, std::string_view bytes) {
    return publish_if(folder, name, bytes, [] { return true; });
  }

  // Takes a record away, for what comes after it in this boot: that is not synced. Error: failed.
  [[nodiscard]] Result<void> withdraw(const std::string& folder, const std::string& name);

  // Each goes whole: all are renamed (or get the name beside them), that is synced once, then their content is deleted.
  // One that is not there is no error. Error: failed.
  [[nodiscard]] Result<void> remove_folders(const std::vector<std::string>& folders);

  // Deletes what a killed run left half-made or half-deleted. Returns what stays there, each with the reason: what
  // cannot be deleted, and what is no change at all.
  [[nodiscard]] std::vector<Error> sweep();

 protected:
  // `separator`: as paths have it here.
  StateStore(std::string location, char separator) : location_(std::move(location)), separator_(separator) {}

  // The folder of changes, which is opened once. null: it is not there, and was not to be made. Error: as of hold().
  [[nodiscard]] virtual Result<DurableFolder*> open(bool create) = 0;

  // Whether that folder, and where it is still to be made what is made of the state directory, have room for that;
  // where it cannot be told there is. The message is what the system said.
  [[nodiscard]] virtual Result<void> look_for_room(const RoomNeeded&) { return {}; }

 private:
  [[nodiscard]] std::string path_of(std::string_view name) const;

  std::string location_;
  char separator_;
};

}  // namespace twctl
