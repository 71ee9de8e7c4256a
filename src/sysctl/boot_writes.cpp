#include "sysctl/boot_writes.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "sysctl/line_settings.hpp"

namespace twctl {
namespace {

// Files repeat keys, and matching one with a wildcard is not free: those are kept.
class AboutLines {
 public:
  explicit AboutLines(Loader loader) : loader_(loader) {}

  std::vector<const Setting*> of(const Assignment& assignment) {
    if (is_ordinary_key(assignment.key)) return settings_about(assignment, loader_);
    const auto [known, is_new] = known_.try_emplace({assignment.key, assignment.exclusion});
    if (is_new) known->second = settings_about(assignment, loader_);
    return known->second;
  }

 private:
  Loader loader_;
  std::map<std::pair<std::string_view, bool>, std::vector<const Setting*>> known_;
};

// Which of the files are read once more later, through a link or by themselves.
std::vector<bool> read_again(const BootFiles& order) {
  std::set<std::string> later;
  std::vector<bool> again(order.size());
  for (std::size_t at = order.size(); at-- > 0;) again[at] = !later.insert(edited_path(*order[at])).second;
  return again;
}

// systemd keeps one entry for each key or pattern as spelt. A line that says the same again leaves the entry where it
// is; one that says otherwise (an exclusion does, too) takes its place, at the end.
std::vector<std::size_t> systemd_entries(const std::vector<SourceLine>& lines) {
  constexpr std::size_t kGone = static_cast<std::size_t>(-1);
  std::vector<std::size_t> entries;
  std::map<std::string_view, std::size_t> by_key;  // where in `entries`
  for (std::size_t at = 0; at < lines.size(); ++at) {
    const Assignment& now = *lines[at].assignment;
    const auto [entry, is_new] = by_key.try_emplace(now.key, entries.size());
    if (!is_new) {
      std::size_t& held = entries[entry->second];
      const Assignment& before = *lines[held].assignment;
      const bool same = before.exclusion == now.exclusion && before.value == now.value;
      held = same ? at : kGone;
      if (same) continue;
      entry->second = entries.size();
    }
    entries.push_back(at);
  }
  entries.erase(std::remove(entries.begin(), entries.end(), kGone), entries.end());
  return entries;
}

std::vector<std::size_t> all_of(const std::vector<SourceLine>& lines) {
  std::vector<std::size_t> entries(lines.size());
  for (std::size_t at = 0; at < lines.size(); ++at) entries[at] = at;
  return entries;
}

}  // namespace

SourceLines lines_of(const BootFiles& order, Loader loader) {
  SourceLines found;
  AboutLines about(loader);
  const std::vector<bool> again = read_again(order);
  for (std::size_t at = 0; at < order.size(); ++at) {
    const BootConfig::File* file = order[at];
    for (const Assignment& assignment : as_read_by(loader, *file).assignments) {
      std::vector<const Setting*> ours = about.of(assignment);
      if (ours.empty()) continue;
      found.lines.push_back(
          {.file = file, .assignment = &assignment, .about = std::move(ours), .read_again = again[at]});
    }
    for (const BadLine& bad : as_read_by(loader, *file).bad_lines) {
      const Setting* meant = setting_meant_by(bad);
      if (meant != nullptr) {
        found.passed_over.push_back({.file = file, .bad = &bad, .meant = meant, .read_again = again[at]});
      }
    }
  }
  return found;
}

std::vector<BootWrite> writes_of(const std::vector<SourceLine>& lines, Loader loader) {
  const std::vector<std::size_t> entries = loader == Loader::procps ? all_of(lines) : systemd_entries(lines);
  std::set<std::pair<const Setting*, std::string>> named;
  for (const std::size_t at : entries) {
    for (const Setting* setting : lines[at].about) named.insert({setting, lines[at].assignment->key});
  }
  std::vector<BootWrite> writes;
  for (const std::size_t at : entries) {
    const Assignment& assignment = *lines[at].assignment;
    if (assignment.exclusion) continue;
    for (std::size_t about = 0; about < lines[at].about.size(); ++about) {
      // A line that names what the glob comes to, be it to assign or to exclude, keeps the glob off it.
      const Setting* setting = lines[at].about[about];
      if (has_glob(assignment) && named.contains({setting, glob_result(assignment, setting->key)})) continue;
      writes.push_back({.line = at, .about = about});
    }
  }
  return writes;
}

}  // namespace twctl
