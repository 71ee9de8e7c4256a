// Everything that plan and audit need to know of a host, as one value: taken by observe(), saved by
// `twctl snapshot`, read back by `--from` (report/snapshot_reader.cpp). Judging looks at this value, not at the host.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "platform/host_facts.hpp"
#include "platform/setting_store.hpp"
#include "sysctl/boot.hpp"

namespace twctl {

// When a later writer acts.
enum class WriteTime {
  before_network,  // at every boot, before the network is up (UFW)
  at_boot,         // at every boot, later than that (TuneD, rc.local, a unit)
  unknown,         // nobody can say when, or whether at all: cron, a login, an interface that comes up, a condition
};

struct LaterWrite {
  std::string key;        // dotted; "": every boot file is read once more, as `sysctl --system` does
  std::string value;      // raw; "" where it is not known. TuneD's ">N" and "<N" only raise and only lower
  Place where = {};       // {} where no line of this host says so
  int step = 0;           // the command of its writer that writes it, from 1; 0: none is counted
  int ends = 0;           // where the kernel refuses it, no step behind its own runs up to this one; 0: they all run
  bool if_there = false;  // what writes it asks before whether the key is there
  [[nodiscard]] bool reads_all() const { return key.empty(); }
  friend bool operator==(const LaterWrite&, const LaterWrite&) = default;
};

// Another program that writes settings after the boot files have been read (or makes them later).
struct LaterWriter {
  std::string name;      // "UFW", "TuneD", "rc.local", "cron"; printable
  std::string evidence;  // the file that shows it: "/etc/ufw/ufw.conf: ENABLED=yes"; printable
  WriteTime when = WriteTime::unknown;
  std::vector<LaterWrite> writes = {};  // in its order
  // It writes /run/sysctl.d, /etc/sysctl.d and /etc/sysctl.conf once more after its own (TuneD with reapply_sysctl):
  // what one of them sets, it leaves so.
  bool boot_files_win = false;
  bool refused = false;  // it cannot load what it is to write (TuneD a profile), so it writes nothing
  // It is the kernel, which writes what its command line says before the first process: any boot file wins over it.
  bool before_boot_files = false;
  std::vector<LaterWrite> without_prefix = {};  // of it: "net.ipv4.x=1", which it does not take
  std::string unread = {};                      // printable: why more may be written than `writes` has; "" for nothing
  friend bool operator==(const LaterWriter&, const LaterWriter&) = default;
};
inline constexpr std::string_view kTuned = "TuneD";

struct Snapshot {
  HostFacts host;
  std::map<std::string, LiveValue, std::less<>> live;  // by catalogue key; empty where the host is not live
  std::vector<StrayValue> strays;                      // Windows only
  std::vector<BootFile> boot_files;                    // every one that any loader reads, and masks
  std::vector<LaterWriter> later_writers;
  std::vector<std::string> boot_modules;  // loaded before the loader runs: built in, or listed in modules-load.d
  std::int64_t tcp_hash_entries = 0;      // half of it is tcp_max_tw_buckets' default; 0: not known
  std::vector<int> listening_ports;       // sorted
  int other_namespaces = 0;               // with processes in them
  bool more_namespaces = false;           // perhaps: not every process was looked at; never so in a saved snapshot
  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

}  // namespace twctl
