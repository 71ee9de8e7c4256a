// The audits of many hosts -> one: each finding once, with the hosts that have it. Keeps nothing else of a host but its
// name, so that thousands fit into little memory.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "audit/audit.hpp"

namespace twctl {

struct BrokenInput {
  std::size_t index = 0;  // in the order in which they were asked for
  Error error;
  std::string file = {};  // raw
};

// What one host had, for -v.
struct HostLine {
  std::size_t index = 0;
  std::string host;                   // raw
  std::vector<std::string> findings;  // id_and_key()
};

// What hosts are looked at for, and on what they are alike; raw.
struct System {
  std::string distribution;  // "Debian GNU/Linux 12 (bookworm)"
  Os os = Os::linux_kernel;
  std::string kernel;  // "6.1.0-18-amd64"; "": not known
  friend auto operator<=>(const System&, const System&) = default;
};

[[nodiscard]] System system_of(const HostFacts& host);
[[nodiscard]] std::string to_text(const System& system);  // "Debian GNU/Linux 12 (bookworm), Linux 6.1.0-18-amd64"

// "drift net.ipv4.tcp_fin_timeout"
[[nodiscard]] std::string id_and_key(const Finding& finding);

// What one host is called, and what it has.
struct FleetHost {
  std::string name;                   // raw: its own, and its file behind it where others have the same
  std::vector<std::size_t> findings;  // their places in the summary's
  std::vector<Suppressed> suppressed;
  const System* system = nullptr;  // points into the fleet
};

// Hosts of one system on which the same was found.
struct AlikeHosts {
  System system;
  std::vector<std::size_t> findings;  // their places in the summary's
  std::vector<std::string> hosts;     // raw, in the order in which they were asked for
};

class Fleet {
 public:
  explicit Fleet(bool keep_hosts) : keep_hosts_(keep_hosts) {}

  // `index`: in the order in which they were asked for. `name`: of a host that has none. `file`: what was read, if that
  // is not the name.
  void add(std::size_t index, std::string_view name, const Audit& audit, std::string_view file = {});
  void add_broken(std::size_t index, Error error, std::string_view file = {});  // `file`: where the error names none
  void merge(Fleet other);

  [[nodiscard]] std::size_t hosts() const { return hosts_; }
  [[nodiscard]] const std::vector<BrokenInput>& broken() const { return broken_; }
  [[nodiscard]] std::vector<FleetHost> each() const;  // in order
  [[nodiscard]] std::vector<HostLine> lines() const;  // in order

  // Of the whole fleet; its host's name says how many there are. Weightiest first, then by how many hosts have it. A
  // finding's `subject` is the first host, its figure "hosts" how many have it, its `hosts` which, where they are to be
  // named: that may be many times all hosts.
  [[nodiscard]] Audit summary(bool named = true) const;
  [[nodiscard]] std::optional<Severity> worst() const;  // nullopt: nothing was found

  // Of each of the summary's findings, where each of its hosts has it, in their order. They point into the fleet.
  [[nodiscard]] std::vector<std::vector<const Place*>> places() const;

  // Every host is in one group. The smallest groups, the outliers, come first.
  [[nodiscard]] std::vector<AlikeHosts> alike() const;

 private:
  struct Name {
    std::size_t index = 0;
    std::string own;
    std::string file;
  };
  // A finding of one host; small, for there may be a million.
  struct FoundOn {
    std::uint32_t index = 0;  // of the host
    std::uint32_t place = 0;  // in places_: the first of its places there
  };
  struct Row {
    Severity severity = Severity::info;  // the weightiest
    std::vector<FoundOn> hosts;          // each once
  };
  using Key = std::pair<const FindingRow*, std::string>;

  [[nodiscard]] std::set<std::string_view> shared_names() const;
  [[nodiscard]] std::string called(std::size_t index, const std::set<std::string_view>& shared) const;
  [[nodiscard]] std::size_t place_of(std::size_t index) const;  // in names_
  std::uint32_t number_of(const Place& where);
  void look_for(const std::vector<std::string_view>& ids);
  void sort();
  [[nodiscard]] std::vector<const std::pair<const Key, Row>*> ranked() const;  // as the summary has them

  bool keep_hosts_;
  std::size_t hosts_ = 0;
  std::deque<Name> names_;  // of every host, in order
  std::map<System, std::vector<std::size_t>> systems_;
  std::map<Key, Row> rows_;
  std::vector<Place> places_;  // each once
  std::map<std::pair<std::string, int>, std::uint32_t> place_numbers_;
  // id and reason -> on which hosts. Where it was said is not kept.
  std::map<std::pair<std::string, std::string>, std::vector<std::size_t>> suppressed_;
  std::vector<std::string_view> checks_;
  std::vector<BrokenInput> broken_;
  std::vector<HostLine> lines_;
};

}  // namespace twctl
