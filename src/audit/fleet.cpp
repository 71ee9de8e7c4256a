#include "audit/fleet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>

#include "base/escape.hpp"

namespace twctl {
namespace {

constexpr std::string_view kHosts = "hosts";

// Of hosts and of places: there are never so many.
std::uint32_t number(std::size_t index) { return static_cast<std::uint32_t>(index); }

std::string name_of(const Audit& audit, std::string_view otherwise) {
  return audit.host.hostname.empty() ? std::string(otherwise) : audit.host.hostname;
}

// Where a finding stands in the catalogue: audit's own rows, then those of doctor.
std::size_t place_in_catalogue(std::string_view id) {
  std::size_t place = 0;
  for (const auto& rows : {audit_findings(), doctor_findings()}) {
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const FindingRow& one) { return one.id == id; });
    place += static_cast<std::size_t>(row - rows.begin());
    if (row != rows.end()) break;
  }
  return place;
}

bool stands_before(std::string_view a, std::string_view b) { return place_in_catalogue(a) < place_in_catalogue(b); }

}  // namespace

System system_of(const HostFacts& host) {
  return {.distribution = host.distribution,
          .os = host.os,
          .kernel = host.kernel_release.empty() ? to_text(host.kernel) : host.kernel_release};
}

std::string to_text(const System& system) {
  const std::string kernel = (system.os == Os::windows ? "Windows" : "Linux") +
                             (system.kernel.empty() ? ", kernel not known" : " " + system.kernel);
  return system.distribution.empty() ? kernel : system.distribution + ", " + kernel;
}

std::string id_and_key(const Finding& finding) {
  const std::string key = finding.key.empty() ? "" : " " + escape(finding.key);
  return std::string(finding.row->id) + key;
}

// Hosts of one system are looked at for the same. Where there are others among them, the order is the catalogue's, in
// whatever order they were met.
void Fleet::look_for(const std::vector<std::string_view>& ids) {
  if (ids == checks_) return;
  const std::size_t known = checks_.size();
  for (const std::string_view id : ids) {
    if (std::find(checks_.begin(), checks_.end(), id) == checks_.end()) checks_.push_back(id);
  }
  if (known != 0 && checks_.size() != known) std::sort(checks_.begin(), checks_.end(), stands_before);
}

void Fleet::add(std::size_t index, std::string_view name, const Audit& audit, std::string_view file) {
  ++hosts_;
  names_.push_back({index, name_of(audit, name), std::string(file.empty() ? name : file)});
  systems_[system_of(audit.host)].push_back(index);
  look_for(audit.checks);
  for (const Suppressed& one : audit.suppressed) {
    std::vector<std::size_t>& hosts = suppressed_[{one.id, one.reason}];
    if (hosts.empty() || hosts.back() != index) hosts.push_back(index);
  }
  std::set<Key> counted;  // a host counts once, however many lines it has
  for (const Finding& finding : audit.findings) {
    Key key{finding.row, finding.key};
    Row& row = rows_.try_emplace(key, Row{finding.severity, {}}).first->second;
    row.severity = std::max(row.severity, finding.severity);
    if (counted.insert(std::move(key)).second) row.hosts.push_back({number(index), number_of(finding.where)});
  }
  if (!keep_hosts_) return;
  lines_.push_back({index, {}, {}});
  for (const Finding& finding : audit.findings) lines_.back().findings.push_back(id_and_key(finding));
}

void Fleet::add_broken(std::size_t index, Error error, std::string_view file) {
  std::string named = error.where.file.empty() ? std::string(file) : error.where.file;
  broken_.push_back({index, std::move(error), std::move(named)});
}

std::uint32_t Fleet::number_of(const Place& where) {
  const auto [known, is_new] = place_numbers_.try_emplace({where.file, where.line}, number(places_.size()));
  if (is_new) places_.push_back(where);
  return known->second;
}

void Fleet::merge(Fleet other) {
  hosts_ += other.hosts_;
  for (auto& [system, indices] : other.systems_) {
    std::vector<std::size_t>& mine = systems_[system];
    mine.insert(mine.end(), indices.begin(), indices.end());
  }
  look_for(other.checks_);
  for (const auto& [what, hosts] : other.suppressed_) {
    std::vector<std::size_t>& mine = suppressed_[what];
    mine.insert(mine.end(), hosts.begin(), hosts.end());
  }
  for (auto& [key, row] : other.rows_) {
    for (FoundOn& one : row.hosts) one.place = number_of(other.places_[one.place]);
    const auto [mine, is_new] = rows_.try_emplace(key, row);
    if (is_new) continue;
    mine->second.hosts.insert(mine->second.hosts.end(), row.hosts.begin(), row.hosts.end());
    mine->second.severity = std::max(mine->second.severity, row.severity);
  }
  std::move(other.names_.begin(), other.names_.end(), std::back_inserter(names_));
  std::move(other.broken_.begin(), other.broken_.end(), std::back_inserter(broken_));
  std::move(other.lines_.begin(), other.lines_.end(), std::back_inserter(lines_));
  sort();
}

void Fleet::sort() {
  const auto by_index = [](const auto& a, const auto& b) { return a.index < b.index; };
  std::sort(names_.begin(), names_.end(), by_index);
  std::sort(broken_.begin(), broken_.end(), by_index);
  std::sort(lines_.begin(), lines_.end(), by_index);
  for (auto& [key, row] : rows_) std::sort(row.hosts.begin(), row.hosts.end(), by_index);
}

std::vector<const std::pair<const Fleet::Key, Fleet::Row>*> Fleet::ranked() const {
  std::vector<const std::pair<const Key, Row>*> rows;
  for (const auto& row : rows_) rows.push_back(&row);
  std::stable_sort(rows.begin(), rows.end(), [](const auto* a, const auto* b) {
    if (a->second.severity != b->second.severity) return a->second.severity > b->second.severity;
    return a->second.hosts.size() > b->second.hosts.size();
  });
  return rows;
}

// Those of more than one host.
std::set<std::string_view> Fleet::shared_names() const {
  std::vector<std::string_view> names;
  for (const Name& name : names_) names.push_back(name.own);
  std::sort(names.begin(), names.end());
  std::set<std::string_view> shared;
  for (std::size_t at = 1; at < names.size(); ++at) {
    if (names[at] == names[at - 1]) shared.insert(names[at]);
  }
  return shared;
}

std::size_t Fleet::place_of(std::size_t index) const {
  const auto found = std::lower_bound(names_.begin(), names_.end(), index,
                                      [](const Name& name, std::size_t wanted) { return name.index < wanted; });
  return static_cast<std::size_t>(found - names_.begin());
}

std::string Fleet::called(std::size_t index, const std::set<std::string_view>& shared) const {
  const Name& name = names_[place_of(index)];
  return name.own == name.file || !shared.contains(name.own) ? name.own : fmt::format("{} ({})", name.own, name.file);
}

std::vector<FleetHost> Fleet::each() const {
  std::vector<FleetHost> hosts(names_.size());
  const std::set<std::string_view> shared = shared_names();
  for (std::size_t at = 0; at < names_.size(); ++at) hosts[at].name = called(names_[at].index, shared);
  for (const auto& [system, indices] : systems_) {
    for (const std::size_t index : indices) hosts[place_of(index)].system = &system;
  }
  const auto rows = ranked();
  for (std::size_t at = 0; at < rows.size(); ++at) {
    for (const FoundOn& one : rows[at]->second.hosts) hosts[place_of(one.index)].findings.push_back(at);
  }
  for (const auto& [what, indices] : suppressed_) {
    for (const std::size_t index : indices) hosts[place_of(index)].suppressed.push_back({what.first, what.second, {}});
  }
  return hosts;
}

std::vector<HostLine> Fleet::lines() const {
  std::vector<HostLine> lines = lines_;
  const std::set<std::string_view> shared = shared_names();
  for (HostLine& line : lines) line.host = called(line.index, shared);
  return lines;
}

std::vector<AlikeHosts> Fleet::alike() const {
  std::vector<FleetHost> hosts = each();
  std::vector<AlikeHosts> groups;
  for (const auto& [system, indices] : systems_) {
    std::map<std::vector<std::size_t>, std::set<std::size_t>> by_findings;
    for (const std::size_t index : indices) by_findings[hosts[place_of(index)].findings].insert(index);
    for (const auto& [findings, alike] : by_findings) {
      groups.push_back({.system = system, .findings = findings, .hosts = {}});
      for (const std::size_t index : alike) groups.back().hosts.push_back(std::move(hosts[place_of(index)].name));
    }
  }
  // Of groups alike in size those with the weightiest findings, which the summary has first; last those without any.
  std::stable_sort(groups.begin(), groups.end(), [](const AlikeHosts& a, const AlikeHosts& b) {
    return std::tuple(a.hosts.size(), a.findings.empty(), a.findings) <
           std::tuple(b.hosts.size(), b.findings.empty(), b.findings);
  });
  return groups;
}

std::vector<std::vector<const Place*>> Fleet::places() const {
  std::vector<std::vector<const Place*>> places;
  for (const auto* row : ranked()) {
    places.emplace_back();
    for (const FoundOn& one : row->second.hosts) places.back().push_back(&places_[one.place]);
  }
  return places;
}

std::optional<Severity> Fleet::worst() const {
  std::optional<Severity> worst;
  for (const auto& [key, row] : rows_) worst = std::max(worst, std::optional(row.severity));
  return worst;
}

Audit Fleet::summary(bool named) const {
  Audit audit{.host = {}, .checks = checks_};
  audit.host.hostname = fmt::format("{} host{}", hosts_, hosts_ == 1 ? "" : "s");
  const std::set<std::string_view> shared = shared_names();
  for (const auto* one : ranked()) {
    const auto& [key, row] = *one;
    const std::size_t count = row.hosts.size();
    const std::string first = called(row.hosts.front().index, shared);
    Finding finding = make_finding(*key.first, key.second, {},
                                   fmt::format("{} of {} hosts{}, the first is {}.", count, hosts_,
                                               count == hosts_ ? " (all)" : "", escape(first)));
    finding.severity = row.severity;
    finding.subject = first;
    finding.figures = {{kHosts, static_cast<std::int64_t>(count)}};
    if (named) {
      for (const FoundOn& found : row.hosts) finding.hosts.push_back(called(found.index, shared));
    }
    audit.findings.push_back(std::move(finding));
  }
  std::map<std::string, std::set<std::size_t>> suppressed;
  for (const auto& [what, hosts] : suppressed_) suppressed[what.first].insert(hosts.begin(), hosts.end());
  for (const auto& [id, hosts] : suppressed) {
    audit.suppressed.push_back({id, fmt::format("on {} of {} hosts", hosts.size(), hosts_), {}});
  }
  return audit;
}

}  // namespace twctl
