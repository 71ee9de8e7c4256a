#include "apply/steps.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "journal/change_words.hpp"
#include "sysctl/kernel_cells.hpp"

namespace twctl {
namespace {

// What write(2) returned proves nothing: the kernel may clamp a value, or take it and report an error. So the setting
// is read back, and an error of write() counts only where the value is not there.
Result<void> write_and_verify(SettingStore& store, const Setting& setting, const std::optional<Value>& value) {
  Result<void> written = store.write(setting, value);
  TRY(const std::optional<Value> now, value_in_force(store, setting));
  if (now == value) return {};
  if (!written) return written;
  return fail(ErrorCode::failed,
              fmt::format("{} was set to {} and reads back as {}", setting.key, shown(value), shown(now)));
}

const Setting& row(const SettingChange& change) { return *find_setting(change.key); }

Result<void> write_if_still_old(SettingStore& store, const SettingChange& change, bool& touched) {
  TRY(const std::optional<Value> now, value_in_force(store, row(change)));
  if (now != change.before) {
    return fail(ErrorCode::refused, fmt::format("{} is {} now, no longer {}: somebody else has changed it", change.key,
                                                shown(now), shown(change.before)));
  }
  touched = true;
  return write_and_verify(store, row(change), change.after);
}

// What became of one setting on its way from one side of the change to the other.
enum class Step { done, conflict, failed };
struct Side {
  std::optional<Value> from;
  std::optional<Value> to;
};

Step move_setting(SettingStore& store, const Setting& setting, const Side& side, Leftovers& leftovers) {
  const Result<std::optional<Value>> now = value_in_force(store, setting);
  if (!now) {
    leftovers.failures.push_back(now.error());
    return Step::failed;
  }
  if (*now == side.to) return Step::done;
  if (*now != side.from) {
    leftovers.conflicts.push_back({std::string(setting.key), now->value_or("absent")});
    return Step::conflict;
  }
  const Result<void> written = write_and_verify(store, setting, side.to);
  if (written) return Step::done;
  leftovers.failures.push_back(written.error());
  return Step::failed;
}

void sync(SettingStore& store, Leftovers& leftovers) {
  if (const Result<void> synced = store.sync(); !synced) leftovers.failures.push_back(synced.error());
}

// Why the setting cannot go there, where that is for the value of the one that the kernel holds it to: a port range
// that begins below the ip_unprivileged_port_start of before, say. nullopt: it is for nothing of the kind.
std::optional<Error> held_back_by(const std::optional<Value>& other, const Setting& setting, const Side& side) {
  if (!other || !side.to || !clashes(setting, *side.to, *other)) return std::nullopt;
  return Error{
      .code = ErrorCode::refused,
      .message = fmt::format("{0} cannot become {1} while {2} is {3}: change that one first, or, where it is to "
                             "stay, set {0} to another value than {4} yourself",
                             setting.key, shown(side.to), partner_of(setting)->key, shown(other), shown(side.from))};
}

// Of settings that no pass has moved: better than the kernel's own word for it.
void tell_held_back(SettingStore& store, const std::vector<std::pair<const Setting*, Side>>& todo, Leftovers& result) {
  result.failures.clear();
  for (const auto& [setting, side] : todo) {
    const Setting* partner = partner_of(*setting);
    const auto other = partner == nullptr ? std::nullopt : value_in_force(store, *partner).value_or(std::nullopt);
    if (std::optional<Error> why = held_back_by(other, *setting, side)) {
      result.failures.push_back(*std::move(why));
    } else {
      (void)move_setting(store, *setting, side, result);
    }
  }
}

// Passes over what is left until a pass moves nothing any more: the kernel refuses some values until another key has
// changed (ip_local_port_range must begin above ip_unprivileged_port_start).
Leftovers move_settings(SettingStore& store, std::vector<std::pair<const Setting*, Side>> todo) {
  Leftovers result;
  const bool any = !todo.empty();
  std::size_t before = todo.size() + 1;
  while (!todo.empty() && todo.size() < before) {
    before = todo.size();
    result.failures.clear();
    std::erase_if(
        todo, [&](const auto& item) { return move_setting(store, *item.first, item.second, result) != Step::failed; });
  }
  if (!todo.empty()) tell_held_back(store, todo, result);
  if (any) sync(store, result);
  return result;
}

// false: it is not `before` any more.
Result<bool> bring_to(BootFileStore& store, const std::string& id, const FileChange& file) {
  if (!file.after) return store.remove(file.path, id, *file.before);
  TRY(const std::optional<std::string> staged, store.staged(file.path, id));
  if (staged != file.after) TRY_VOID(store.stage(file.path, id, file.after));
  return store.publish(file.path, id, file.before);
}

void move_file(BootFileStore& store, const std::string& id, const FileChange& file, Leftovers& leftovers) {
  const Result<std::optional<std::string>> now = store.read(file.path);
  if (!now) {
    leftovers.failures.push_back(now.error());
    return;
  }
  Result<bool> done = false;
  if (*now == file.after)
    done = store.ensure_on_disk(file.path, id, file.before);
  else if (*now == file.before)
    done = bring_to(store, id, file);
  if (!done)
    leftovers.failures.push_back(done.error());
  else if (!*done)
    leftovers.conflicts.push_back({file.path, ""});
}

}  // namespace

Result<std::optional<Value>> value_in_force(SettingStore& store, const Setting& setting) {
  TRY(const LiveValue live, store.read(setting));
  if (live.state == LiveValue::State::present) return std::optional(live.value);
  if (live.state == LiveValue::State::absent) return std::optional<Value>();
  return fail(ErrorCode::denied, fmt::format("{} cannot be read: {}", setting.key, escape(live.problem)));
}

void append(Leftovers& all, const Leftovers& more) {
  all.conflicts.insert(all.conflicts.end(), more.conflicts.begin(), more.conflicts.end());
  all.failures.insert(all.failures.end(), more.failures.begin(), more.failures.end());
}

Written write_settings(SettingStore& store, const std::vector<SettingChange>& settings,
                       const std::function<bool()>& interrupted) {
  Written result;
  for (const SettingChange& change : settings) {
    if (interrupted()) {
      result.failure = Error{.code = ErrorCode::interrupted, .message = "interrupted by a signal"};
      return result;
    }
    bool touched = false;
    const Result<void> written = write_if_still_old(store, change, touched);
    if (touched) ++result.written;
    if (!written) {
      result.failure = written.error();
      return result;
    }
  }
  const Result<void> synced = settings.empty() ? Result<void>() : store.sync();
  if (!synced) result.failure = synced.error();
  return result;
}

Leftovers restore_settings(SettingStore& store, const std::vector<SettingChange>& settings) {
  std::vector<std::pair<const Setting*, Side>> todo;
  for (auto change = settings.rbegin(); change != settings.rend(); ++change) {
    todo.emplace_back(&row(*change), Side{.from = change->after, .to = change->before});
  }
  return move_settings(store, std::move(todo));
}

Leftovers complete_settings(SettingStore& store, const std::vector<SettingChange>& settings) {
  std::vector<std::pair<const Setting*, Side>> todo;
  for (const SettingChange& change : settings) {
    todo.emplace_back(&row(change), Side{.from = change.before, .to = change.after});
  }
  return move_settings(store, std::move(todo));
}

std::vector<Error> blocked_by_partner(SettingStore& store, const std::vector<SettingChange>& settings) {
  std::vector<Error> held;
  for (const SettingChange& change : settings) {
    const Setting* partner = partner_of(row(change));
    if (partner == nullptr) continue;
    const auto with = std::find_if(settings.begin(), settings.end(),
                                   [&](const SettingChange& other) { return other.key == partner->key; });
    const auto other = with != settings.end() ? with->after : value_in_force(store, *partner).value_or(std::nullopt);
    if (auto why = held_back_by(other, row(change), {change.before, change.after})) held.push_back(*std::move(why));
  }
  return held;
}

Result<std::vector<std::string>> settings_changed_by_others(SettingStore& store, const Intent& intent) {
  std::vector<std::string> foreign;
  for (const SettingChange& change : intent.settings) {
    TRY(const std::optional<Value> now, value_in_force(store, row(change)));
    if (now != change.after) {
      foreign.push_back(fmt::format("{} is {}, not {}", change.key, shown(now), shown(change.after)));
    }
  }
  return foreign;
}

Result<std::vector<std::string>> files_changed_by_others(BootFileStore& store, const Intent& intent) {
  std::vector<std::string> foreign;
  for (const FileChange& file : intent.files) {
    TRY(const std::optional<std::string> now, store.read(file.path));
    if (now != file.before) foreign.push_back(file.path);
  }
  return foreign;
}

Leftovers publish_files(BootFileStore& store, const std::string& id, const std::vector<FileChange>& files) {
  Leftovers leftovers;
  for (const FileChange& file : files) move_file(store, id, file, leftovers);
  return leftovers;
}

Leftovers restore_files(BootFileStore& store, const std::string& id, const std::vector<FileChange>& files) {
  Leftovers leftovers;
  for (const FileChange& file : files) {
    move_file(store, id, {.path = file.path, .before = file.after, .after = file.before}, leftovers);
  }
  return leftovers;
}

namespace {

// What is still staged has never taken its place.
bool is_still_staged(BootFileStore& store, const Intent& intent, const FileChange& file) {
  const Result<std::optional<std::string>> staged = store.staged(file.path, intent.id);
  return file.after && staged && *staged == file.after;
}

}  // namespace

std::vector<FileChange> files_of_ours(BootFileStore& store, const Intent& intent) {
  std::vector<FileChange> ours;
  for (const FileChange& file : intent.files) {
    const Result<std::optional<std::string>> now = store.read(file.path);
    if ((!now || *now == file.after) && !is_still_staged(store, intent, file)) ours.push_back(file);
  }
  return ours;
}

Result<void> nothing_staged(BootFileStore& store, const Intent& intent) {
  for (const FileChange& file : intent.files) {
    TRY(const std::optional<std::string> staged, store.staged(file.path, intent.id));
    if (staged) return fail(ErrorCode::failed, fmt::format("what was staged for {} cannot be deleted", file.path));
  }
  return {};
}

}  // namespace twctl
