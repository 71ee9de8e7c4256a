#include "support/memory_host.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "sysctl/kernel_cells.hpp"

namespace twctl::test {
namespace {

template <class Map>
bool has_entry_below(const Map& entries, const std::string& directory) {
  const auto first = entries.lower_bound(directory);
  return first != entries.end() && first->first.starts_with(directory);
}

template <class Map>
void add_names(const Map& entries, const std::string& directory, std::vector<std::string>& names) {
  for (auto entry = entries.lower_bound(directory); entry != entries.end(); ++entry) {
    if (!entry->first.starts_with(directory)) break;
    const std::string rest = entry->first.substr(directory.size());
    names.push_back(rest.substr(0, rest.find('/')));
  }
}

std::string with_slash(std::string_view directory) {
  std::string path(directory);
  if (!path.ends_with('/')) path += '/';
  return path;
}

}  // namespace

std::string MemoryFiles::follow(std::string_view path) const {
  std::string at(path);
  for (int hops = 0; hops < 8; ++hops) {
    const auto link = links.find(at);
    if (link == links.end()) return at;
    at = link->second.starts_with('/') ? link->second : at.substr(0, at.rfind('/') + 1) + link->second;
  }
  return {};
}

Result<std::optional<std::string>> MemoryFiles::read(std::string_view path, std::size_t limit) {
  const std::string at = follow(path);
  if (const auto error = errors.find(at); error != errors.end()) return fail(error->second);
  const auto file = files.find(at);
  if (file != files.end() && file->second.size() > limit) {
    return fail(ErrorCode::invalid, std::string(path) + ": larger than " + size_text(limit));
  }
  if (file != files.end()) return file->second;
  if (exists(at)) return fail(ErrorCode::no_input, "is a directory");
  return std::optional<std::string>{};
}

Result<std::vector<std::string>> MemoryFiles::list(std::string_view directory) {
  if (const auto error = errors.find(directory); error != errors.end()) return fail(error->second);
  const std::string prefix = with_slash(directory);
  std::vector<std::string> names;
  add_names(files, prefix, names);
  add_names(links, prefix, names);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::optional<std::string> MemoryFiles::link_target(std::string_view path) {
  const auto link = links.find(path);
  if (link == links.end()) return std::nullopt;
  return link->second;
}

bool MemoryFiles::exists(std::string_view path) {
  if (path.ends_with("/."))
    return !files.contains(path.substr(0, path.size() - 2)) && exists(path.substr(0, path.size() - 2));
  const std::string at = follow(path);
  const std::string inside = with_slash(at);
  return files.contains(at) || errors.contains(at) || has_entry_below(files, inside) || has_entry_below(links, inside);
}

bool MemoryFiles::executable(std::string_view path) {
  const std::string at = follow(path);
  return files.contains(at) && !no_programs.contains(at);
}

Result<TrustedBytes> MemoryFiles::read_profile(std::string_view path, std::size_t limit) {
  TRY(std::optional<std::string> bytes, read(path, limit));
  if (!bytes) return fail(ErrorCode::no_input, "no such file");
  TrustedBytes trusted{*std::move(bytes), {}, {}};
  if (const auto reason = distrust.find(path); reason != distrust.end()) {
    trusted.distrust = reason->second;
    trusted.mend = "install -o root -g root -m 0644 " + std::string(path);
  }
  return trusted;
}

Result<void> MemoryFiles::write_output(std::string_view path, std::string_view bytes) {
  if (links.contains(path)) return fail(ErrorCode::output, "is a symbolic link");
  if (!files.contains(path) && exists(path)) return fail(ErrorCode::output, "is a directory");
  written.insert_or_assign(std::string(path), std::string(bytes));
  files.insert_or_assign(std::string(path), std::string(bytes));
  return {};
}

Result<LiveValue> MemoryStore::read(const Setting& setting) {
  if (broken) return fail(*broken);
  const auto found = live.find(setting.key);
  return found == live.end() ? LiveValue{} : found->second;
}

Result<void> MemoryStore::check_writable(const Setting& setting) {
  if (auto error = step("check setting")) return fail(*std::move(error));
  const auto found = live.find(setting.key);
  if (found == live.end() && registry) return {};
  if (found == live.end()) return fail(ErrorCode::unsupported, std::string(setting.key) + " is not on this host");
  if (found->second.read_only) return fail(ErrorCode::denied, std::string(setting.key) + " is read-only");
  return {};
}

Result<void> MemoryStore::write(const Setting& setting, const std::optional<Value>& value) {
  if (auto error = step("write setting")) return fail(*std::move(error));
  const Setting* partner = partner_of(setting);
  const auto held_to = partner == nullptr ? live.end() : live.find(partner->key);
  if (value && held_to != live.end() && clashes(setting, *value, held_to->second.value)) {
    return fail(ErrorCode::failed, fmt::format("{} = {}: Invalid argument", setting.key, *value));
  }
  if (value) {
    set(std::string(setting.key), *value);
  } else {
    live.erase(std::string(setting.key));
  }
  if (auto error = step("setting written")) return fail(*std::move(error));
  return {};
}

Result<void> MemoryStore::sync() {
  if (registry) {
    if (auto error = step("sync settings")) return fail(*std::move(error));
    ++syncs;
  }
  return {};
}

Result<StateCounts> MemorySockets::count_states() {
  StateCounts counts{};
  TRY_VOID(dump({}, {.restart = [&] { counts = {}; },
                     .take =
                         [&](std::span<const Socket> sockets) {
                           for (const Socket& socket : sockets) ++counts.at(static_cast<std::size_t>(socket.state));
                         }}));
  return counts;
}

Result<void> MemorySockets::dump(const SocketQuery& query, const SocketSink& sink) {
  if (broken) return fail(*broken);
  sink.restart();
  if (restarts) {
    sink.take(std::span(table).first(table.size() / 2));
    sink.restart();
  }
  for (const Socket& socket : table) {
    if (query.states.contains(socket.state)) sink.take({&socket, 1});
  }
  return {};
}

Result<Counters> MemorySockets::counters() {
  if (broken) return fail(*broken);
  const std::size_t reading = readings_++;
  if (reading == 1 && table_later) table = *table_later;
  if (reading == 0 || counted_later.empty()) return counted;
  return counted_later[std::min(reading, counted_later.size()) - 1];
}

SocketOwners MemorySockets::owners(std::span<const std::uint32_t> inodes) {
  SocketOwners found = holders;
  found.owner.clear();
  for (const std::uint32_t inode : inodes) {
    const bool held = inode > 0 && inode <= holders.owner.size();
    found.owner.push_back(held ? holders.owner[inode - 1] : SocketOwners::kNobody);
  }
  return found;
}

Result<std::string> MemoryRun::random_id() {
  ++ids_given;
  std::string id = std::to_string(ids_given);
  return std::string(32 - id.size(), '0') + id;
}

Platform::NamespaceFinder MemoryHost::namespace_finder() {
  return [this](const std::string& identity, const std::string& known_as,
                const std::string& seen_from) -> std::optional<std::string> {
    if (const auto moved = moved_namespaces.find(identity); moved != moved_namespaces.end()) return moved->second;
    const auto& living = other_living_namespaces;
    const bool lives = std::find(living.begin(), living.end(), identity) != living.end();
    if (lives) return known_as;
    constexpr std::string_view kInitial = "pid:[4026531836]";
    const bool sees_less = seen_from == kInitial && facts.pid_namespace != kInitial;
    return sees_less ? std::optional<std::string>("") : std::nullopt;
  };
}

namespace {

void killed_where(MemoryHost& host, const std::function<bool(std::string_view)>& there,
                  const std::function<void()>& run) {
  host.set_step([&](std::string_view call) -> std::optional<Error> {
    if (there(call)) throw Killed{};
    return std::nullopt;
  });
  try {
    run();
  } catch (const Killed&) {
  }
  host.set_step([](std::string_view) { return std::nullopt; });
}

}  // namespace

bool killed_at(MemoryHost& host, int n, const std::function<void()>& run) {
  int calls = 0;
  killed_where(
      host, [&](std::string_view) { return ++calls == n; }, run);
  return calls >= n;
}

void killed_at(MemoryHost& host, std::string_view call, const std::function<void()>& run) {
  killed_where(
      host, [&](std::string_view now) { return now == call; }, run);
}

}  // namespace twctl::test
