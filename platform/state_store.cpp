#include "platform/state_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "base/escape.hpp"

namespace twctl {
namespace {

constexpr std::string_view kHalfMade = ".tmp-";
constexpr std::string_view kHalfGone = ".trash-";
constexpr std::size_t kLongestPath = 4096;  // bytes (PATH_MAX of Linux)
constexpr std::size_t kMostNamed = 100;     // of what is no change: more of it nobody looks at one by one

using Move = DurableFolder::Move;

tl::unexpected<Error> failed(std::string_view what, Error error) {
  error.message = fmt::format("{}: {}", escape(what, kLongestPath), error.message);
  return fail(std::move(error));
}

Error not_moved(Move how) {
  return {.code = ErrorCode::failed,
          .message = how == Move::target_exists    ? "something of that name is there"
                     : how == Move::source_missing ? "it has been taken away"
                                                   : "the file system does not move it"};
}

// "00000007-ID": digits, and an id in hexadecimal. Anything else is somebody else's.
bool is_change_folder(const std::string& name) {
  const std::size_t dash = name.find_first_not_of("0123456789");
  if (dash == 0 || dash == std::string::npos || name[dash] != '-' || dash + 1 == name.size()) return false;
  return name.find_first_not_of("0123456789abcdef", dash + 1) == std::string::npos;
}

bool is_litter(const std::string& name) { return name.starts_with(kHalfMade) || name.starts_with(kHalfGone); }

std::string trash_name(const std::string& folder) { return fmt::format("{}{}", kHalfGone, folder); }

// The folder that such a name is for: one that could not be renamed has this name beside it, and is no change any more.
// "": none.
std::string folder_of_trash(const std::string& name) {
  const std::string folder = name.starts_with(kHalfGone) ? name.substr(kHalfGone.size()) : "";
  return is_change_folder(folder) ? folder : "";
}

// With the folder that it stands beside, which goes first: a run that is killed in between leaves the name.
Result<void> remove_litter(DurableFolder& changes, const std::string& name) {
  const std::string folder = folder_of_trash(name);
  TRY(const bool beside, folder.empty() ? Result<bool>(false) : changes.has(folder));
  if (beside) TRY_VOID(changes.remove(folder));
  if (beside) TRY_VOID(changes.sync(""));
  return changes.remove(name);
}

Result<Move> create(DurableFolder& changes, const std::string& temporary, const std::string& folder,
                    const std::vector<NamedBytes>& files) {
  TRY_VOID(changes.make_folder(temporary));
  for (const NamedBytes& file : files) TRY_VOID(changes.create_file(temporary + "/" + file.name, file.bytes));
  TRY_VOID(changes.sync(temporary));
  TRY(const Move moved, changes.rename_new(temporary, folder));
  if (moved == Move::done) TRY_VOID(changes.sync(""));
  return moved;
}

// Writes the file under a temporary name, asks `still`, and only then gives it its name. Error: refused, if it says no.
Result<Move> write_and_name(DurableFolder& changes, const std::string& temporary, const std::string& path,
                            std::string_view bytes, const std::function<bool()>& still) {
  TRY_VOID(changes.remove(temporary));  // of a run that was killed here
  TRY_VOID(changes.create_file(temporary, bytes));
  if (!still()) return fail(ErrorCode::refused, "it comes too late");
  return changes.rename_new(temporary, path);
}

}  // namespace

std::string_view root_of(std::string_view location) {
  const std::size_t end = location.rfind(kStateDirectory);
  return end == std::string_view::npos ? "" : location.substr(0, end);
}

std::string StateStore::path_of(std::string_view name) const {
  return fmt::format("{}{}{}", location_, separator_, name);
}

Result<void> StateStore::lock(std::chrono::milliseconds wait) {
  TRY(const bool held, hold(Lock::run, wait));
  return held ? Result<void>() : fail(is_busy());
}

Error StateStore::is_busy() {
  return {.code = ErrorCode::busy,
          .message = "another twctl is at work on this host",
          .hint = "wait for it, with --wait 30s for example"};
}

Result<bool> StateStore::is_there() {
  TRY(const DurableFolder* changes, open(false));
  return changes != nullptr || is_held(Lock::run);
}

Result<std::vector<std::string>> StateStore::folders() {
  TRY(DurableFolder * changes, open(false));
  if (changes == nullptr) return std::vector<std::string>();
  Result<std::vector<std::string>> names = changes->names();
  if (!names) return failed(location_, std::move(names).error());
  std::set<std::string> litter;
  std::copy_if(names->begin(), names->end(), std::inserter(litter, litter.end()), is_litter);
  std::erase_if(*names,
                [&](const std::string& name) { return !is_change_folder(name) || litter.contains(trash_name(name)); });
  return names;
}

Result<std::optional<std::string>> StateStore::read(const std::string& folder, const std::string& name,
                                                    std::size_t limit) {
  TRY(DurableFolder * changes, open(false));
  if (changes == nullptr) return std::nullopt;
  return changes->read(folder + "/" + name, limit);
}

Result<bool> StateStore::has(const std::string& folder, const std::string& name) {
  TRY(DurableFolder * changes, open(false));
  if (changes == nullptr) return false;
  return changes->has(folder + "/" + name);
}

std::vector<std::size_t> sizes_of(const std::vector<NamedBytes>& files) {
  std::vector<std::size_t> sizes;
  for (const NamedBytes& file : files) sizes.push_back(file.bytes.size());
  return sizes;
}

Result<void> StateStore::check_room(const RoomNeeded& needed) {
  if (!open(false)) return {};
  Result<void> room = look_for_room(needed);
  return room ? Result<void>() : failed("no change can be recorded in " + location_, std::move(room).error());
}

Result<void> StateStore::create_folder(const std::string& folder, const std::vector<NamedBytes>& files) {
  TRY(DurableFolder * changes, open(true));
  TRY_VOID(check_room({.records = sizes_of(files)}));
  const std::string temporary = fmt::format("{}{}", kHalfMade, folder);
  Result<Move> moved = create(*changes, temporary, folder, files);
  if (moved == Move::done) return {};
  (void)changes->remove(temporary);
  // A folder whose sync failed must not stay: to the caller its change was never recorded, but a later run would find
  // the intent and roll it back.
  if (!moved) (void)remove_folders({folder});
  return failed(fmt::format("change {} cannot be recorded in {}", folder, location_),
                moved ? not_moved(*moved) : std::move(moved).error());
}

Result<bool> StateStore::publish_if(const std::string& folder, const std::string& name, std::string_view bytes,
                                    const std::function<bool()>& still) {
  TRY(DurableFolder * changes, open(true));
  const std::string temporary = fmt::format("{}{}-{}", kHalfMade, folder, name);
  const std::string path = fmt::format("{}{}{}", path_of(folder), separator_, name);
  Result<Move> moved = write_and_name(*changes, temporary, folder + "/" + name, bytes, still);
  if (moved != Move::done) (void)changes->remove(temporary);
  if (moved == Move::target_exists) return false;
  if (moved && *moved != Move::done) moved = fail(not_moved(*moved));
  Result<void> done = moved ? changes->sync(folder) : Result<void>(fail(moved.error()));
  if (done) return true;
  if (done.error().code == ErrorCode::refused)
    return fail(ErrorCode::refused, escape(path, kLongestPath) + " comes too late");
  return failed(path + " cannot be recorded", std::move(done).error());
}

Result<void> StateStore::withdraw(const std::string& folder, const std::string& name) {
  TRY(DurableFolder * changes, open(true));
  return changes->remove(folder + "/" + name);
}

Result<void> StateStore::remove_folders(const std::vector<std::string>& folders) {
  if (folders.empty()) return {};
  TRY(DurableFolder * changes, open(true));
  for (const std::string& folder : folders) {
    const Result<Move> moved = changes->rename_new(folder, trash_name(folder));
    if (!moved) return failed(path_of(folder), moved.error());
    if (*moved == Move::target_exists) return failed(path_of(folder), not_moved(*moved));
    if (*moved != Move::fixed) continue;
    if (const Result<void> marked = changes->make_folder(trash_name(folder)); !marked)
      return failed(path_of(folder), marked.error());
  }
  if (Result<void> synced = changes->sync(""); !synced) return failed(location_, std::move(synced).error());
  for (const std::string& folder : folders) {
    if (Result<void> gone = remove_litter(*changes, trash_name(folder)); !gone)
      return failed(path_of(folder), gone.error());
  }
  return {};
}

std::vector<Error> StateStore::sweep() {
  const Result<DurableFolder*> changes = open(true);
  if (!changes) return {changes.error()};
  const Result<std::vector<std::string>> names = (*changes)->names();
  if (!names) return {failed(location_, names.error()).value()};
  std::vector<Error> left;
  std::size_t others = 0;
  for (const std::string& name : *names) {
    if (is_change_folder(name)) continue;
    if (!is_litter(name)) {
      if (++others > kMostNamed) continue;
      left.push_back({.code = ErrorCode::invalid, .message = escape(path_of(name), kLongestPath) + " is no change"});
    } else if (const Result<void> gone = remove_litter(**changes, name); !gone) {
      left.push_back(failed(path_of(name), gone.error()).value());
    }
  }
  if (others > kMostNamed) {
    left.push_back({.code = ErrorCode::invalid,
                    .message = fmt::format("{} more in {} are no changes", others - kMostNamed, escape(location_))});
  }
  return left;
}

}  // namespace twctl
