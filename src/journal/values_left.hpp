// Journal -> whose the live value of a setting, or the line of a boot file, is now. The one answer of rollback, status,
// history and apply: the newest change in force that has set it live since this boot of this network namespace; else
// the one that left the line which that boot has taken; else nobody's of twctl's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "journal/change.hpp"
#include "journal/origin.hpp"
#include "platform/platform.hpp"
#include "sysctl/boot.hpp"

namespace twctl {

struct ValueLeft {
  std::string key;
  std::optional<Value> value;
  std::string change;  // id; "": somebody else's, whatever it is. One that was undone: only a restart takes that away
  std::uint64_t sequence = 0;  // of that change
  // The changes whose live values lead up to it, or back to it. A restart has taken away what any other one did.
  std::vector<std::string> before_boot = {};
  std::vector<std::string> since_boot = {};
  // Rollbacks of an earlier boot that were the last to touch the line: who takes one back means what it took away.
  std::vector<std::string> to_redo = {};
  std::vector<std::string> over_others = {};  // changes that found another value than twctl had left
  friend bool operator==(const ValueLeft&, const ValueLeft&) = default;
};

// How a boot reads the boot files that twctl may write.
struct FilesAtBoot {
  std::vector<BootFile> files = {};  // of the host: links, masks and places; what those of others hold is not looked at
  std::map<std::string, std::optional<std::string>> now = {};  // what ours hold; of interest where no change tells
  Loader loader = Loader::systemd;
  KernelVersion kernel = {};  // {}: a current one
};

// The live values of settings that changes of twctl's have to do with, in this boot or in this place's earlier ones.
[[nodiscard]] std::vector<ValueLeft> values_left(Platform& host, const HostFacts& facts,
                                                 const std::vector<Change>& journal);

// The same from what it needs to know. `where`: find_values(). Pure.
[[nodiscard]] std::vector<ValueLeft> values_left(const std::vector<Change>& journal,
                                                 const std::function<Whereabouts(const Origin&)>& where,
                                                 const FilesAtBoot& files);

// The lines of that boot file as twctl has left them, whatever has become of the file since, also where a rollback has
// given back what somebody else had made of them. Without a value: none.
[[nodiscard]] std::vector<ValueLeft> lines_left(const std::vector<Change>& journal, const std::string& path);

}  // namespace twctl
