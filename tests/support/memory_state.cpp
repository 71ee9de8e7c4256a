#include "support/memory_state.hpp"

namespace twctl::test {
namespace {

std::string staged_key(std::string_view path, const std::string& id) { return std::string(path) + " " + id; }

template <class Map, class Key>
std::optional<std::string> look_up(const Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

// The call fails as the test wants, or goes on.
#define TWCTL_STEP(call) \
  if (auto error = step(call)) return fail(*std::move(error))

Result<void> MemoryState::lock(std::chrono::milliseconds /*wait*/) {
  TWCTL_STEP("lock");
  if (locked_by_another) return fail(ErrorCode::busy, "another twctl is at work on this host");
  return {};
}

Result<void> MemoryState::announce_pending() {
  TWCTL_STEP("announce");
  announced = true;
  return {};
}

Result<void> MemoryState::withdraw_pending() {
  announced = watched = attended = false;
  return {};
}

Result<std::vector<std::string>> MemoryState::folders() {
  TWCTL_STEP("folders");
  std::vector<std::string> names;
  for (const auto& [name, records] : changes) names.push_back(name);
  return names;
}

Result<std::optional<std::string>> MemoryState::read(const std::string& folder, const std::string& name,
                                                     std::size_t /*limit*/) {
  TWCTL_STEP("read record");
  return look_up(changes[folder], name);
}

Result<void> MemoryState::create_folder(const std::string& folder, const std::vector<NamedBytes>& files) {
  TWCTL_STEP("create folder");
  for (const NamedBytes& file : files) changes[folder][file.name] = file.bytes;
  TWCTL_STEP("folder created");
  return {};
}

Result<bool> MemoryState::publish_if(const std::string& folder, const std::string& name, std::string_view bytes,
                                     const std::function<bool()>& still) {
  TWCTL_STEP("publish " + name);
  if (!still()) return fail(ErrorCode::refused, name + " comes too late");
  if (!changes[folder].try_emplace(name, bytes).second) return false;
  TWCTL_STEP("published " + name);
  return true;
}

Result<void> MemoryState::remove_folders(const std::vector<std::string>& folders) {
  TWCTL_STEP("remove folders");
  for (const std::string& folder : folders) changes.erase(folder);
  TWCTL_STEP("folders removed");
  return {};
}

Result<std::optional<std::string>> MemoryBootFiles::read(std::string_view path) {
  TWCTL_STEP("read file");
  return look_up(files_, path);
}

Result<void> MemoryBootFiles::check_writable(std::string_view /*path*/) {
  TWCTL_STEP("check file");
  return {};
}

Result<void> MemoryBootFiles::stage(std::string_view path, const std::string& id, std::string_view bytes) {
  TWCTL_STEP("stage");
  staged_files[staged_key(path, id)] = bytes;
  TWCTL_STEP("staged");
  return {};
}

Result<std::optional<std::string>> MemoryBootFiles::staged(std::string_view path, const std::string& id) {
  TWCTL_STEP("read staged");
  return look_up(staged_files, staged_key(path, id));
}

Result<bool> MemoryBootFiles::publish(std::string_view path, const std::string& id,
                                      const std::optional<std::string>& before) {
  TWCTL_STEP("rename");
  if (look_up(files_, path) != before) return false;
  const auto node = staged_files.extract(staged_key(path, id));
  if (node.empty()) return fail(ErrorCode::failed, "nothing is staged");
  files_.insert_or_assign(std::string(path), node.mapped());
  TWCTL_STEP("renamed");
  return true;
}

Result<bool> MemoryBootFiles::settle(std::string_view /*path*/, const std::string& /*id*/,
                                     const std::optional<std::string>& /*before*/) {
  TWCTL_STEP("settle");
  return true;
}

Result<bool> MemoryBootFiles::remove(std::string_view path, const std::string& /*id*/, const std::string& before) {
  TWCTL_STEP("remove file");
  const auto found = files_.find(path);
  if (found != files_.end() && found->second != before) return false;
  if (found != files_.end()) files_.erase(found);
  TWCTL_STEP("file removed");
  return true;
}

Result<void> MemoryBootFiles::sweep(const std::string& spared) {
  TWCTL_STEP("sweep");
  std::erase_if(staged_files, [&](const auto& file) { return spared.empty() || !file.first.ends_with(" " + spared); });
  return {};
}

#undef TWCTL_STEP

}  // namespace twctl::test
