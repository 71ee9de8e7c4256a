// Of each key what the changes of one place have left, as a stack of those that have not been undone. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "catalog/value.hpp"
#include "journal/change.hpp"

namespace twctl {

// What a change made of a value or line, on top of what is below.
struct StackedChange {
  std::string change;
  std::uint64_t sequence = 0;
  std::optional<Value> before = {};
  std::optional<Value> after = {};
  bool written = true;  // false: by a boot, from its line; to undo that change takes the line back, and not the value
  bool uncovered = false;  // by a rollback: what somebody else had left there
};

struct Setter {
  std::string change = {};
  std::uint64_t made = 0;
  std::uint64_t sequence = 0;  // the same, or of the rollback that has brought it back
  std::optional<Value> before = {};
  std::optional<Value> after = {};
  bool over_others = false;  // it found another value than twctl had left
};

// Of one key, as twctl has left it: a stack of the changes that have not been undone.
struct Stack {
  std::string key;
  std::optional<Value> value = {};
  std::string change = {};  // that it is due to
  std::vector<StackedChange> layers = {};
  std::vector<Setter> before_boot = {};
  std::vector<Setter> since_boot = {};
  std::optional<Value> next = {};           // what the next change finds, unless somebody else has set it
  bool is_known = false;                    // that
  bool booted = false;                      // since the last change
  std::optional<Setter> rollback = {};      // the last change that touched it, if that was one
  std::map<std::string, Setter> ever = {};  // in whatever boot
  std::vector<Setter> to_redo = {};         // rollbacks that had touched the lines last when the boot took them
};

class Stacks {
 public:
  // What the change has left of these settings, or lines; but for what somebody else had set and it has kept.
  void add(const Intent& change, const std::vector<SettingChange>& settings, const std::vector<Conflict>& kept);

  [[nodiscard]] const Stack* find(const std::string& key) const;  // nullptr: no change has touched it
  Stack& of(const std::string& key);
  [[nodiscard]] const std::vector<Stack>& all() const { return all_; }

 private:
  static bool take_off(Stack& stack, const Intent& rollback);
  static bool found_another(const Stack& stack, const SettingChange& setting, const Intent& change);
  static void put(Stack& stack, const SettingChange& setting, const Intent& change, bool kept);
  void redo(Stack& stack, const std::string& rollback, std::uint64_t sequence) const;
  static void settle(Stack& stack, const std::optional<Value>& value, const Intent& rollback);
  static void push(Stack& stack, StackedChange layer);

  std::vector<Stack> all_;
  std::map<std::string, std::vector<std::string>> undoes_;  // of each rollback
};

}  // namespace twctl
