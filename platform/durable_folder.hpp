// One folder on a disk, and what can be done in it so that it outlasts a power cut. What is built of these steps (the
// state directory: state_store.hpp) is written once and is the same on every system.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace twctl {

// Small files and folders, and what they take of a disk: an empty file no block, one that is there and gets its first
// bytes a block alone.
struct SmallOnes {
  std::size_t files = 0;
  std::size_t blocks = 0;
};

// The files that a change is to make: the sizes of its records, and of what is staged of boot files, which may lie on
// the same file system; and how many small ones beside.
struct RoomNeeded {
  struct Staged {
    std::string file_system;  // as BootFileStore::to_stage() names it
    std::size_t bytes = 0;
    SmallOnes small_ones = {};  // beside it: the folder that is to be made for it
  };
  std::vector<std::size_t> records = {};
  std::vector<Staged> staged = {};
  SmallOnes small_ones = {.files = 4, .blocks = 4};  // its folder, and what it has of its decision and end
};

// A path is "NAME", or "FOLDER/NAME" for a file in a folder of this one; no link is followed on the way. An error is
// `failed` or `denied`, and its message is what the system said, unless something else is said here.
class DurableFolder {
 public:
  DurableFolder() = default;
  DurableFolder(const DurableFolder&) = delete;
  DurableFolder& operator=(const DurableFolder&) = delete;
  virtual ~DurableFolder() = default;

  // Of everything in it, in byte order.
  [[nodiscard]] virtual Result<std::vector<std::string>> names() = 0;

  // nullopt: no such file. Error: a whole message; invalid for what is no plain file of one link, or is over `limit`.
  [[nodiscard]] virtual Result<std::optional<std::string>> read(const std::string& path, std::size_t limit) = 0;

  // Whether anything of that name is there. Error: it cannot be told.
  [[nodiscard]] virtual Result<bool> has(const std::string& path) = 0;

  // A new folder for its owner alone. Not synced.
  [[nodiscard]] virtual Result<void> make_folder(const std::string& name) = 0;

  // A new file (never an existing one) for its owner alone with these bytes, synced and closed. Its name is not.
  [[nodiscard]] virtual Result<void> create_file(const std::string& path, std::string_view bytes) = 0;

  // Moves an entry of this folder, never over what is there. fixed: nothing is in its way, but the file system moves no
  // such folder (overlayfs, one of a lower layer).
  enum class Move { done, target_exists, source_missing, fixed };
  [[nodiscard]] virtual Result<Move> rename_new(const std::string& from, const std::string& to) = 0;

  // Makes sure that the names in `folder` ("": in this one) are on disk.
  [[nodiscard]] virtual Result<void> sync(const std::string& folder) = 0;

  // Takes away a file, a link, or a folder with what is in it. Missing already: done.
  [[nodiscard]] virtual Result<void> remove(const std::string& path) = 0;
};

}  // namespace twctl
