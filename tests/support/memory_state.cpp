#include "support/memory_state.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "platform/boot_file_store.hpp"

namespace twctl::test {
namespace {

std::string staged_key(std::string_view path, const std::string& id) { return std::string(path) + " " + id; }

Result<void> check_allowed(std::string_view path) {
  if (path == kOwnBootFile || path == kSysctlConf) return {};
  return fail(ErrorCode::denied, std::string(path) + " is not a file that twctl writes");
}

std::string last_of(const std::string& path) { return path.substr(path.find('/') + 1); }

template <class Map, class Key>
std::optional<std::string> look_up(const Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

// The call fails as the test wants, or goes on.
#define TWCTL_STEP(call) \
  if (auto error = step(call)) return fail(*std::move(error))

MemoryFolder::Files* MemoryFolder::files_of(const std::string& path) {
  const std::size_t slash = path.find('/');
  if (slash == std::string::npos) return &files;
  auto& folders = folders_like(path);
  const auto found = folders.find(path.substr(0, slash));
  return found == folders.end() ? nullptr : &found->second;
}

bool MemoryFolder::exists(const std::string& path) {
  const Files* beside = files_of(path);
  return folders_like(path).contains(path) || (beside != nullptr && beside->contains(last_of(path)));
}

Result<std::vector<std::string>> MemoryFolder::names() {
  TWCTL_STEP("folders");
  std::vector<std::string> names;
  for (const auto* folders : {&litter, &changes}) {
    for (const auto& [name, records] : *folders) names.push_back(name);
  }
  for (const auto& [name, bytes] : files) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::optional<std::string>> MemoryFolder::read(const std::string& path, std::size_t limit) {
  TWCTL_STEP("read record");
  if (folders_like(path).contains(path)) return fail(ErrorCode::invalid, path + " is not a plain file with one name");
  const Files* beside = files_of(path);
  const auto bytes = beside == nullptr ? std::nullopt : look_up(*beside, last_of(path));
  if (bytes && bytes->size() > limit) return fail(ErrorCode::invalid, "it is larger than " + size_text(limit));
  return bytes;
}

Result<bool> MemoryFolder::has(const std::string& path) {
  TWCTL_STEP("look for record");
  return exists(path);
}

Result<void> MemoryFolder::make_folder(const std::string& name) {
  TWCTL_STEP("create folder");
  if (exists(name)) return fail(ErrorCode::failed, "File exists");
  folders_like(name)[name];
  TWCTL_STEP("folder created");
  return {};
}

Result<void> MemoryFolder::create_file(const std::string& path, std::string_view bytes) {
  TWCTL_STEP("write record");
  if (exists(path)) return fail(ErrorCode::failed, "File exists");
  Files* beside = files_of(path);
  if (beside == nullptr) return fail(ErrorCode::failed, "No such file or directory");
  (*beside)[last_of(path)] = bytes;
  TWCTL_STEP("record written");
  return {};
}

Result<DurableFolder::Move> MemoryFolder::rename_new(const std::string& from, const std::string& to) {
  const bool record = to.find('/') != std::string::npos;
  TWCTL_STEP(record ? "publish " + last_of(to) : "rename folder");
  if (exists(to)) return Move::target_exists;
  if (!exists(from) || files_of(to) == nullptr) return Move::source_missing;
  if (fixed && changes.contains(from)) return Move::fixed;
  if (auto folder = folders_like(from).extract(from)) {
    folders_like(to)[to] = std::move(folder.mapped());
  } else {
    (*files_of(to))[last_of(to)] = std::move(files.extract(from).mapped());
  }
  TWCTL_STEP(record ? "published " + last_of(to) : "folder renamed");
  return Move::done;
}

Result<void> MemoryFolder::sync(const std::string& folder) {
  TWCTL_STEP("sync");
  if (folder.empty() || exists(folder)) return {};
  return fail(ErrorCode::failed, "No such file or directory");
}

Result<void> MemoryFolder::remove(const std::string& path) {
  TWCTL_STEP("remove");
  for (auto folder = changes.find(path); fixed && folder != changes.end() && !folder->second.empty();) {
    folder->second.erase(folder->second.begin());
    TWCTL_STEP("record removed");
  }
  folders_like(path).erase(path);
  if (Files* beside = files_of(path)) beside->erase(last_of(path));
  TWCTL_STEP("removed");
  return {};
}

Result<bool> MemoryState::hold(Lock lock, std::chrono::milliseconds /*wait*/) {
  if (refuses) return fail(*refuses);
  if (lock == Lock::path_unit) {
    attended = announced;
    if (!announced) return fail(ErrorCode::failed, "nothing is pending");
    return true;
  }
  TWCTL_STEP(lock == Lock::run ? "lock" : "announce");
  made_ = true;
  if (lock == Lock::run && unusable) return fail(*unusable);
  if (lock == Lock::run) return held_ = !locked_by_another;
  TRY_VOID(withdraw_pending());
  announced = arming_ = true;
  concluded = claimed_ = false;
  return true;
}

void MemoryState::let_go(Lock lock) {
  if (lock == Lock::run) held_ = false;
  if (lock == Lock::watchdog) arming_ = false;
  if (lock == Lock::path_unit) attended = false;
}

Result<void> MemoryState::withdraw_pending() {
  announced = watched = attended = arming_ = false;
  return {};
}

Result<bool> MemoryState::conclude_pending() {
  TWCTL_STEP("conclude");
  if (!announced || claimed_) return false;
  concluded = true;
  TWCTL_STEP("concluded");
  TRY_VOID(withdraw_pending());
  return true;
}

bool MemoryState::claim_pending() {
  claimed_ = claimed_ || !concluded;
  return claimed_;
}

Result<DurableFolder*> MemoryState::open(bool create) {
  if (refuses) return fail(*refuses);
  made_ = made_ || create || !changes.empty();
  return made_ ? &folder : nullptr;
}

Result<std::optional<std::string>> MemoryBootFiles::read(std::string_view path) {
  TWCTL_STEP("read file");
  TRY_VOID(check_allowed(path));
  std::optional<std::string> bytes = look_up(files_, path);
  if (!bytes || bytes->size() <= kBootFileLimit) return bytes;
  return fail(ErrorCode::invalid, std::string(path) + ": larger than " + size_text(kBootFileLimit));
}

Result<std::string> MemoryBootFiles::check_writable(std::string_view path, std::optional<std::size_t> /*bytes*/) {
  TWCTL_STEP("check file");
  TRY_VOID(check_allowed(path));
  if (const auto error = not_writable.find(path); error != not_writable.end()) return fail(error->second);
  return doubt;
}

Result<void> MemoryBootFiles::stage(std::string_view path, const std::string& id,
                                    const std::optional<std::string>& bytes) {
  TWCTL_STEP("stage");
  TRY_VOID(check_allowed(path));
  if (bytes) staged_files[staged_key(path, id)] = *bytes;
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
  TRY_VOID(check_allowed(path));
  if (look_up(files_, path) != before) return false;
  const auto node = staged_files.extract(staged_key(path, id));
  if (node.empty() && before) return false;  // as of a file that is gone: the two are exchanged
  if (node.empty()) return fail(ErrorCode::failed, "No such file or directory");
  files_.insert_or_assign(std::string(path), node.mapped());
  TWCTL_STEP("renamed");
  return true;
}

Result<bool> MemoryBootFiles::ensure_on_disk(std::string_view path, const std::string& id,
                                             const std::optional<std::string>& before) {
  TWCTL_STEP("ensure on disk");
  TRY_VOID(check_allowed(path));
  const auto aside = look_up(staged_files, staged_key(path, id));
  const auto now = look_up(files_, path);
  if (aside && aside == now) return false;
  if (!aside || aside == before) return true;
  staged_files.erase(staged_key(path, id));
  if (now) staged_files[staged_key(path, id)] = *now;
  files_.insert_or_assign(std::string(path), *aside);
  return false;
}

Result<bool> MemoryBootFiles::remove(std::string_view path, const std::string& id, const std::string& before) {
  TWCTL_STEP("remove file");
  TRY_VOID(check_allowed(path));
  staged_files.erase(staged_key(path, id));
  const auto found = files_.find(path);
  if (found != files_.end() && found->second != before) return false;
  if (found != files_.end()) files_.erase(found);
  TWCTL_STEP("file removed");
  return true;
}

std::vector<Error> MemoryBootFiles::sweep(const std::string& spared) {
  if (auto error = step("sweep")) return {*std::move(error)};
  std::erase_if(staged_files, [&](const auto& file) { return spared.empty() || !file.first.ends_with(" " + spared); });
  return {};
}

#undef TWCTL_STEP

}  // namespace twctl::test
