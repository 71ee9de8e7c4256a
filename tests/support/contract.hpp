// What every store behind the seam promises, as functions over the store: the same for the one in memory, on which the
// tests of whole changes rest, and for the real ones of Linux and of Windows.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/boot_file_store.hpp"
#include "platform/deadline_timers.hpp"
#include "platform/host_files.hpp"
#include "platform/run.hpp"
#include "platform/setting_store.hpp"
#include "platform/socket_source.hpp"
#include "platform/state_store.hpp"

namespace twctl::test {

// A state directory that is not there yet, and ways to it behind the store's back.
struct StateUnderTest {
  std::shared_ptr<void> host;  // what the store lies on
  StateStore& store;
  std::function<void(const std::string& path, const std::string& bytes)> put;  // "NAME" or "FOLDER/NAME"
  std::function<std::vector<std::string>()> entries;                           // of the folder of changes, sorted
};
void check_state_contract(const std::function<StateUnderTest()>& make);
// Of those where a change can await its confirmation.
void check_pending_contract(const std::function<StateUnderTest()>& make);

// A host without boot files.
struct BootFilesUnderTest {
  std::shared_ptr<void> host;
  BootFileStore& store;
  std::function<void(std::string_view path, const std::string& bytes)> put;
  std::function<void(std::string_view path)> take_away;
};
void check_boot_file_contract(const std::function<BootFilesUnderTest()>& make);

// `folder`: an empty directory of the host, as the host writes its path, with the separator at its end. `put`: makes a
// file, and the directories above it.
struct FilesUnderTest {
  HostFiles& files;
  std::string folder;
  std::function<void(const std::string& path, const std::string& bytes)> put;
};
void check_files_contract(const FilesUnderTest& host);

// What it says of `setting` once `first` is put and once `second` is written; the same line for each store. As text,
// because some run in a process of their own.
[[nodiscard]] std::string settings_contract(SettingStore& store, const Setting& setting, const Value& first,
                                            const Value& second);
inline constexpr std::string_view kSettingsKept = "writable; first read; written; second read; synced";

void check_timers_contract(DeadlineTimers& timers);

// What it says of a table that does not change meanwhile; as text, as settings_contract().
[[nodiscard]] std::string sockets_contract(SocketSource& sockets);
inline constexpr std::string_view kSocketsKept = "counted as dumped; listeners chosen; an owner for each inode";

// But for the log, which would be this machine's, and for interrupts.
void check_run_contract(Run& run);

}  // namespace twctl::test
