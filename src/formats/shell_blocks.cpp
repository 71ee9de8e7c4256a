#include "formats/shell_blocks.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/text.hpp"

namespace twctl {

bool ShellBlocks::open(std::string_view word, bool depends) {
  too_deep_ = too_deep_ || open_.size() == kMostOpenBlocks;
  if (too_deep_) return false;
  constexpr std::array<std::string_view, 4> kLoops{"for", "while", "until", "select"};
  const bool is_loop = is_one_of(word, kLoops);
  if (is_loop) loops_.push_back(open_.size());
  const bool is_apart = word == "(" || word == "()";
  const bool is_group = word == "(" || word == "{";
  open_.push_back({.is_case = word == "case",
                   .is_loop = is_loop,
                   .is_apart = is_apart,
                   .is_group = is_group,
                   .depends = depends,
                   .certain = is_group && !depends});
  apart_ += is_apart ? 1 : 0;
  groups_ += is_group ? 1 : 0;
  uncertain_ += open_.back().certain ? 0 : 1;
  return true;
}

std::optional<ShellBlocks::Closed> ShellBlocks::close() {
  if (open_.empty()) return std::nullopt;
  Block block = std::move(open_.back());
  open_.pop_back();
  if (block.is_loop) loops_.pop_back();
  apart_ -= block.is_apart ? 1 : 0;
  groups_ -= block.is_group ? 1 : 0;
  uncertain_ -= block.certain ? 0 : 1;
  doubted_ = doubted_ && groups_ > 0;
  const Closed closed{.apart = block.is_apart, .depends = block.depends};
  const bool all_read = block.next == block.values.size();
  if (!block.certain || !all_read || block.is_group) {
    forget(std::move(block.assigned));
  } else if (!open_.empty()) {
    std::vector<std::string>& outer = open_.back().assigned;  // what is known up to the end of that
    if (outer.size() < block.assigned.size()) std::swap(outer, block.assigned);
    std::move(block.assigned.begin(), block.assigned.end(), std::back_inserter(outer));
  }
  return closed;
}

void ShellBlocks::doubt() { doubted_ = doubted_ || groups_ > 0; }

void ShellBlocks::begin_branch() {
  if (!open_.empty()) forget(std::exchange(open_.back().assigned, {}));
}

void ShellBlocks::begin_loop(std::vector<ShellWord>& words) {
  if (open_.empty() || too_deep_ || words.size() < 2) return;
  Block& loop = open_.back();
  loop.variable = words[1].text;
  if (words.size() > 3 && words[2].text == "in") {
    loop.values = std::move(words);
    words.assign(loop.values.begin(), loop.values.begin() + 3);
    loop.values.erase(loop.values.begin(), loop.values.begin() + 3);
  }
  const bool known =
      std::all_of(loop.values.begin(), loop.values.end(), [](const ShellWord& one) { return one.known; });
  if (loop.depends || loop.values.empty() || !known) return;
  loop.certain = true;
  --uncertain_;
}

void ShellBlocks::begin_body(Position position) {
  if (open_.empty() || too_deep_ || open_.back().variable.empty()) return;
  Block& loop = open_.back();
  loop.body = position;
  loop.assigned.push_back(loop.variable);
  set(loop.variable, loop.values.empty() ? ShellWord{.text = {}, .known = false} : loop.values[loop.next++]);
}

std::optional<ShellBlocks::Position> ShellBlocks::again(std::size_t end) {
  if (open_.empty() || too_deep_) return std::nullopt;
  Block& loop = open_.back();
  if (loop.body.at == 0 || loop.next >= loop.values.size()) return std::nullopt;
  if (end - loop.body.at > room_) return std::nullopt;
  room_ -= end - loop.body.at;
  set(loop.variable, loop.values[loop.next++]);
  return loop.body;
}

void ShellBlocks::leave_loops(std::size_t count) {
  for (std::size_t inner = 0; inner < std::min(count, loops_.size()); ++inner) {
    Block& loop = open_[loops_[loops_.size() - 1 - inner]];
    uncertain_ += std::exchange(loop.certain, false) ? 1 : 0;
  }
}

void ShellBlocks::assign(const std::string& name, ShellWord value) {
  value.known = value.known && !too_deep_;
  set(name, std::move(value));
  assigned_.push_back(name);
  if (!open_.empty()) open_.back().assigned.push_back(name);
}

void ShellBlocks::forget_by(const std::vector<ShellWord>& command) {
  constexpr std::array<std::string_view, 2> kTake{"unset", "read"};
  constexpr std::array<std::string_view, 3> kSource{".", "source", "eval"};
  const ShellWord unknown{.text = {}, .known = false};
  if (command.empty()) return;
  for (std::size_t at = 1; is_one_of(command[0].text, kTake) && at < command.size(); ++at) {
    if (variables_.contains(command[at].text)) set(command[at].text, unknown);
  }
  if (!is_one_of(command[0].text, kSource)) return;
  const bool only_functions = command.size() > 1 && command[1].text.ends_with("functions");  // /lib/lsb/init-functions
  if (only_functions) return;
  for (const std::string& name : std::exchange(assigned_, {})) {
    ShellWord& variable = variables_[name];
    variable.stale = variable.stale || variable.known;
    variable.known = false;
  }
}

const ShellWord* ShellBlocks::find(std::string_view name) const {
  const auto found = variables_.find(name);
  return found == variables_.end() ? nullptr : &found->second;
}

void ShellBlocks::forget(std::vector<std::string> names) {
  for (const std::string& name : names) set(name, {.text = {}, .known = false});
}

}  // namespace twctl
