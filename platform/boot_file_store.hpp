// The files that the next boot reads, as far as twctl writes them: each is replaced whole, and survives a power cut.
// Every success means "on disk"; a failed sync is an error and is never tried again and believed.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "platform/durable_folder.hpp"

namespace twctl {

inline constexpr std::size_t kBootFileLimit =
    std::size_t{1024} * 1024;  // to be read and to be written; a `sysctl -a` dump is a tenth
inline constexpr std::string_view kOwnBootFile = "/etc/sysctl.d/60-twctl.conf";
inline constexpr std::string_view kSysctlConf = "/etc/sysctl.conf";

// How much room what is staged takes; nullopt: nothing is, for the file is to go.
[[nodiscard]] inline std::optional<std::size_t> size_of(const std::optional<std::string>& bytes) {
  return bytes ? std::optional(bytes->size()) : std::nullopt;
}

// The boot files that twctl may write: its own and /etc/sysctl.conf. Any other path is refused (denied).
class BootFileStore {
 public:
  BootFileStore() = default;
  BootFileStore(const BootFileStore&) = delete;
  BootFileStore& operator=(const BootFileStore&) = delete;
  virtual ~BootFileStore() = default;

  // nullopt: no such file. Error: denied for a link, a second link or what is no plain file.
  [[nodiscard]] virtual Result<std::optional<std::string>> read(std::string_view path) = 0;

  // Whether the file could be replaced, by looking alone: nobody but root can tamper with it or its directory, both are
  // writable, and it is a plain file that nothing is mounted over; and there is room to stage a new one of `bytes`
  // (nullopt: none is to be staged). What only stage() can find out, as a sentence; "" for nothing. Error: denied, with
  // the reason; failed, for want of room.
  [[nodiscard]] virtual Result<std::string> check_writable(std::string_view path, std::optional<std::size_t> bytes) = 0;

  // What a new file of so many bytes for that one takes where it is staged, as RoomNeeded has it.
  [[nodiscard]] virtual RoomNeeded::Staged to_stage(std::string_view, std::size_t bytes) {
    return {.file_system = "", .bytes = bytes};
  }

  // Writes the new content beside `path` under a name that no loader reads, with the old file's mode, owner and
  // extended attributes (0644 root for a new one). The directory is made where it is missing. nullopt, for a file that
  // is to be removed: only tries the rename that publish() and remove() need. Error: unsupported (the file system does
  // not know that rename), denied, failed.
  [[nodiscard]] virtual Result<void> stage(std::string_view path, const std::string& id,
                                           const std::optional<std::string>& bytes) = 0;

  // The staged content of change `id`; nullopt: nothing staged. Error: denied, as for one that cannot be moved; failed.
  [[nodiscard]] virtual Result<std::optional<std::string>> staged(std::string_view path, const std::string& id) = 0;

  // Whether sweep() could delete what is staged for change `id`, whatever has become of it, by looking alone. Nothing
  // is: it could. Error: denied, failed.
  [[nodiscard]] virtual Result<void> check_staged_may_go(std::string_view, const std::string&) { return {}; }

  // Moves the staged file to where `before` is (nullopt: no file). Compare and swap: false, if something else is there
  // at that very moment; it is somebody else's and stays.
  [[nodiscard]] virtual Result<bool> publish(std::string_view path, const std::string& id,
                                             const std::optional<std::string>& before) = 0;

  // Takes the file away if it is still `before`, and its directory with it where that was made for it and has nothing
  // else in it; false as above. Absent already: done.
  [[nodiscard]] virtual Result<bool> remove(std::string_view path, const std::string& id,
                                            const std::string& before) = 0;

  // Makes sure that what was published or removed is on disk. publish() and remove() do so themselves; this is for
  // a run that finds the work done by one that was killed. false: somebody else has made it, for what that run had
  // staged is there still; or that run had just met somebody else's file in the place of `before`, and it is there
  // again.
  [[nodiscard]] virtual Result<bool> ensure_on_disk(std::string_view path, const std::string& id,
                                                    const std::optional<std::string>& before) = 0;

  // Deletes every staged file but those of the change `spared` ("" for none), and a directory that was made for one,
  // where nothing is in it. The caller holds the lock, and no other change is unfinished. Returns what could not
  // be deleted and stays there, each with the reason.
  [[nodiscard]] virtual std::vector<Error> sweep(const std::string& spared) = 0;
};

}  // namespace twctl
