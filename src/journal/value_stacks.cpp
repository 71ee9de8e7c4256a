#include "journal/value_stacks.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "journal/journal.hpp"

namespace twctl {

void Stacks::add(const Intent& change, const std::vector<SettingChange>& settings, const std::vector<Conflict>& kept) {
  std::set<std::string> keys;
  for (Stack& stack : all_) {
    if (take_off(stack, change)) keys.insert(stack.key);
  }
  for (const SettingChange& setting : settings) {
    put(of(setting.key), setting, change, is_kept(setting.key, kept));
    keys.insert(setting.key);
  }
  for (const std::string& key : keys) {
    for (const std::string& id : change.undoes) redo(of(key), id, change.sequence);
    of(key).next = of(key).value;
  }
  if (!change.undoes.empty()) undoes_[change.id] = change.undoes;
}

const Stack* Stacks::find(const std::string& key) const {
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const Stack& stack) { return stack.key == key; });
  return found == all_.end() ? nullptr : &*found;
}

Stack& Stacks::of(const std::string& key) {
  const Stack* found = find(key);
  return found == nullptr ? all_.emplace_back(Stack{.key = key}) : all_[static_cast<std::size_t>(found - all_.data())];
}

// What a rollback undoes goes out of the stack, also where it had nothing to write: the value was already what the
// oldest of those had found.
bool Stacks::take_off(Stack& stack, const Intent& rollback) {
  const auto is_undone = [&](const auto& one) { return is_one_of(one.change, rollback.undoes); };
  const auto goes = [&](const StackedChange& layer) { return layer.written && is_undone(layer); };
  const bool was_live = !stack.layers.empty() && goes(stack.layers.back());
  std::erase_if(stack.layers, goes);
  if (!was_live) return false;
  const Setter* oldest = nullptr;
  for (const auto* setters : {&stack.before_boot, &stack.since_boot}) {
    for (const Setter& setter : *setters) {
      if (is_undone(setter) && (oldest == nullptr || setter.made < oldest->made)) oldest = &setter;
    }
  }
  if (oldest != nullptr) settle(stack, std::optional(oldest->before), rollback);
  return true;
}

// A fold of changes before and after a restart has found what was there before that.
bool Stacks::found_another(const Stack& stack, const SettingChange& setting, const Intent& change) {
  return stack.is_known && setting.before != stack.next && !(stack.booted && change.folded);
}

void Stacks::put(Stack& stack, const SettingChange& setting, const Intent& change, bool kept) {
  const Setter setter{.change = change.id,
                      .made = change.sequence,
                      .sequence = change.sequence,
                      .before = setting.before,
                      .after = setting.after,
                      .over_others = found_another(stack, setting, change)};
  stack.is_known = true;
  stack.booted = false;
  stack.since_boot.push_back(setter);
  stack.ever[change.id] = setter;
  stack.rollback.reset();
  if (kept) {
    stack.layers.clear();
    stack.change.clear();
  } else if (change.kind == ChangeKind::rollback) {
    settle(stack, setting.after, change);
    stack.rollback = setter;
  } else {
    push(stack,
         {.change = setter.change, .sequence = setter.sequence, .before = setting.before, .after = setting.after});
  }
}

// Who takes a rollback back brings back what that undid, also what a restart had taken away since.
void Stacks::redo(Stack& stack, const std::string& rollback, std::uint64_t sequence) const {
  const auto undone = undoes_.find(rollback);
  if (undone == undoes_.end()) return;
  const auto is_back = [&](const std::string& id) {
    const auto after = stack.ever.find(id);
    return after != stack.ever.end() && after->second.after == stack.value;
  };
  const auto back = std::find_if(undone->second.begin(), undone->second.end(), is_back);
  if (back == undone->second.end() || stack.layers.empty()) return;
  if (stack.layers.back().uncovered) {
    stack.change = stack.layers.back().change = *back;
    stack.layers.back().uncovered = false;
  }
  for (const std::string& id : undone->second) {
    if (const auto set = stack.ever.find(id); set != stack.ever.end()) {
      stack.since_boot.push_back(set->second);
      stack.since_boot.back().sequence = sequence;
    }
  }
}

// After a rollback: what it has uncovered is the lower change's again, unless that had left another value.
void Stacks::settle(Stack& stack, const std::optional<Value>& value, const Intent& rollback) {
  if (stack.layers.empty() || stack.layers.back().after != value) {
    push(stack, {.change = rollback.id,
                 .sequence = rollback.sequence,
                 .before = stack.value,
                 .after = value,
                 .uncovered = true});
  } else {
    stack.change = stack.layers.back().change;
    stack.value = value;
  }
}

void Stacks::push(Stack& stack, StackedChange layer) {
  stack.value = layer.after;
  stack.change = layer.change;
  stack.layers.push_back(std::move(layer));
}

}  // namespace twctl
