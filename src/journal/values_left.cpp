#include "journal/values_left.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "catalog/value.hpp"
#include "journal/file_lines.hpp"
#include "journal/journal.hpp"
#include "journal/value_stacks.hpp"
#include "observe/boot_files.hpp"
#include "platform/boot_file_store.hpp"
#include "sysctl/boot_replay.hpp"

namespace twctl {
namespace {

// A fold that undoes a line may have set it again, so that the file has it before and after.
void add_lines_set_again(std::vector<SettingChange>& changed, const Stacks& lines, const Intent& fold,
                         const FileChange& file) {
  for (const auto& [key, value] : lines_in(file.after)) {
    const Stack* stack = lines.find(key);
    const bool undone =
        stack != nullptr && !stack->layers.empty() && is_one_of(stack->layers.back().change, fold.undoes);
    const bool known =
        std::any_of(changed.begin(), changed.end(), [&key = key](const SettingChange& one) { return one.key == key; });
    if (undone && !known) changed.push_back({key, value, value});
  }
}

void add_lines(Stacks& lines, const Change& change, const std::string& path) {
  const FileChange* file = file_change(change, path);
  std::vector<SettingChange> changed;
  if (file != nullptr) changed = changed_lines(*file);
  if (file != nullptr && change.intent.folded) add_lines_set_again(changed, lines, change.intent, *file);
  lines.add(change.intent, changed, {});
}

// A boot file as the changes so far have left it.
struct File {
  std::string path;
  std::optional<std::string> bytes;
  Stacks ours = {};  // the lines of twctl's
};

// The changes of this place, in their order, with the boots between them.
class PlaceHistory {
 public:
  PlaceHistory(const std::vector<Change>& journal, const FilesAtBoot& at_boot) : at_boot_(at_boot) {
    const BootConfig config = parse_boot_files(at_boot.files);
    for (const auto& [path, now] : at_boot.now) {
      if (reads_file(config, at_boot.loader, path)) {
        files_.push_back({.path = path, .bytes = first(journal, path, now)});
      }
    }
  }

  void add(const Change& change) {
    for (File& file : files_) {
      add_lines(file.ours, change, file.path);
      if (const FileChange* changed = file_change(change, file.path)) file.bytes = changed->after;
    }
    live_.add(change.intent, change.intent.settings, change.done->conflicts);
  }

  // Takes from the changes before it what the last line for a key says, and all that this one was built on.
  void boot() {
    std::set<std::string> keys;
    for (const Stack& stack : live_.all()) keys.insert(stack.key);
    std::vector<BootFile> all = at_boot_.files;
    for (const File& file : files_) {
      for (const Stack& line : file.ours.all()) keys.insert(line.key);
      all = with_file(std::move(all), file.path, file.bytes);
    }
    const BootConfig config = parse_boot_files(all);
    const LoaderReplay loader(config, at_boot_.loader, {.version = at_boot_.kernel});
    for (const std::string& key : keys) {
      const Setting* setting = find_setting(key);
      boot(live_.of(key), setting == nullptr ? Decided() : decided(*setting, loader.outcome(*setting)));
    }
  }

  [[nodiscard]] const std::vector<Stack>& live() const { return live_.all(); }

 private:
  // What a file held before any change that is kept.
  static std::optional<std::string> first(const std::vector<Change>& journal, const std::string& path,
                                          const std::optional<std::string>& now) {
    for (const Change& change : journal) {
      if (!is_committed(change)) continue;
      if (const FileChange* file = file_change(change, path)) return file->before;
    }
    return now;
  }

  // What a boot has left a setting with, and the file whose line says so.
  struct Decided {
    std::optional<Value> value = {};
    std::string file = {};
  };

  // Of the lines that it takes the last one. One that the kernel refuses for the value of another setting counts: what
  // others had set that to is not looked at here.
  static Decided decided(const Setting& setting, const BootOutcome& outcome) {
    Decided last;
    for (const LineFate& line : outcome.lines) {
      if (line.fate != Fate::taken && !line.clashes) continue;
      last = {line.value ? *line.value : canonical(setting, line.line.value), line.line.where.file};
    }
    return last;
  }

  // The line that decides, if that is one of twctl's; null: somebody else's does, or none.
  [[nodiscard]] const Stack* deciding_line(const std::string& key, const Decided& by) const {
    for (const File& file : files_) {
      if (by.file != file.path) continue;
      const Stack* ours = file.ours.find(key);
      const bool is_ours =
          ours != nullptr && ours->value == by.value && !ours->layers.empty() && !ours->layers.back().uncovered;
      return is_ours ? ours : nullptr;
    }
    return nullptr;
  }

  // A line that a rollback of a rollback has brought back brings its change's value back too.
  static void bring_back(Stack& stack, const std::string& change, std::uint64_t sequence) {
    const auto is_it = [&](const Setter& setter) { return setter.change == change; };
    const auto set = stack.ever.find(change);
    if (set == stack.ever.end() || std::any_of(stack.before_boot.begin(), stack.before_boot.end(), is_it)) return;
    stack.before_boot.push_back(set->second);
    stack.before_boot.back().sequence = sequence;
  }

  void boot(Stack& stack, const Decided& line) {
    const std::optional<Value>& value = line.value;
    const Stack* by = deciding_line(stack.key, line);
    const std::uint64_t last = by == nullptr ? 0 : by->layers.back().sequence;
    const auto is_later = [&](const auto& one) { return one.sequence > last; };
    std::erase_if(stack.layers, is_later);
    stack.before_boot.insert(stack.before_boot.end(), stack.since_boot.begin(), stack.since_boot.end());
    std::erase_if(stack.before_boot, is_later);
    if (by != nullptr) bring_back(stack, by->change, last);
    stack.since_boot.clear();
    stack.to_redo.clear();
    for (const File& file : files_) {
      const Stack* ours = file.ours.find(stack.key);
      if (ours != nullptr && ours->rollback) stack.to_redo.push_back(*ours->rollback);
    }
    stack.value = value;
    stack.change = by == nullptr ? "" : by->change;
    stack.next = value;
    stack.is_known = by != nullptr;
    stack.booted = true;
    const bool is_on_top =
        !stack.layers.empty() && stack.layers.back().change == stack.change && stack.layers.back().after == value;
    if (by == nullptr || is_on_top) return;
    stack.layers.push_back({.change = stack.change, .sequence = last, .before = {}, .after = value, .written = false});
  }

  const FilesAtBoot& at_boot_;
  std::vector<File> files_;
  Stacks live_;
};

void add_ids(std::vector<std::string>& ids, const std::vector<Setter>& setters) {
  for (const Setter& setter : setters) ids.push_back(setter.change);
}

// What rollbacks have given back is somebody else's again, and twctl's is what it had left before that. nullopt:
// nothing.
std::optional<Stack> ours_below(Stack stack) {
  std::erase_if(stack.layers, [](const StackedChange& layer) { return layer.uncovered; });
  if (stack.layers.empty()) return std::nullopt;
  stack.value = stack.layers.back().after;
  stack.change = stack.layers.back().change;
  return stack;
}

std::vector<ValueLeft> left_of(const std::vector<Stack>& stacks) {
  std::vector<ValueLeft> left;
  for (const Stack& stack : stacks) {
    ValueLeft& one = left.emplace_back(ValueLeft{.key = stack.key, .value = stack.value, .change = stack.change});
    if (!stack.layers.empty()) one.sequence = stack.layers.back().sequence;
    add_ids(one.before_boot, stack.before_boot);
    add_ids(one.to_redo, stack.to_redo);
    add_ids(one.since_boot, stack.since_boot);
    for (const auto& [id, setter] : stack.ever) {
      if (setter.over_others) one.over_others.push_back(id);
    }
  }
  return left;
}

FilesAtBoot files_at_boot(Platform& host, const HostFacts& facts) {
  FilesAtBoot at_boot{.files = read_boot_files(host.files()).value_or(std::vector<BootFile>()), .kernel = facts.kernel};
  for (BootFile& file : at_boot.files) file.bytes.clear();
  for (const std::string_view path : {kOwnBootFile, kSysctlConf}) {
    at_boot.now[std::string(path)] = host.boot_files().read(path).value_or(std::nullopt);
  }
  at_boot.loader = loader_or_systemd(facts);
  return at_boot;
}

}  // namespace

std::vector<ValueLeft> values_left(Platform& host, const HostFacts& facts, const std::vector<Change>& journal) {
  const auto where = finder_of_values(host, facts);
  const bool booted = std::any_of(journal.begin(), journal.end(), [&](const Change& change) {
    return is_committed(change) && where(change.intent.origin) == Whereabouts::restarted;
  });
  return values_left(journal, where, booted ? files_at_boot(host, facts) : FilesAtBoot());
}

std::vector<ValueLeft> values_left(const std::vector<Change>& journal,
                                   const std::function<Whereabouts(const Origin&)>& where, const FilesAtBoot& files) {
  PlaceHistory history(journal, files);
  std::optional<std::pair<std::string, std::string>> boot;  // of the last change; of this one: two empty strings
  const auto goes_on_in = [&](const std::pair<std::string, std::string>& next) {
    if (boot && *boot != next) history.boot();
    boot = next;
  };
  for (const Change& change : journal) {
    if (!is_committed(change)) continue;
    const Origin& origin = change.intent.origin;
    const Whereabouts place = where(origin);
    if (place != Whereabouts::here && place != Whereabouts::restarted) continue;
    if (place == Whereabouts::here) goes_on_in({});
    if (place == Whereabouts::restarted) goes_on_in({origin.boot_id + ".", origin.network_namespace});
    history.add(change);
  }
  goes_on_in({});
  return left_of(history.live());
}

std::vector<ValueLeft> lines_left(const std::vector<Change>& journal, const std::string& path) {
  Stacks lines;
  for (const Change& change : journal) {
    if (is_committed(change)) add_lines(lines, change, path);
  }
  std::vector<Stack> ours;
  for (const Stack& stack : lines.all()) {
    if (std::optional<Stack> below = ours_below(stack)) ours.push_back(*std::move(below));
  }
  return left_of(ours);
}

}  // namespace twctl
