#include "formats/shell_blocks.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/text.hpp"

namespace twctl {

ShellBlocks::Word ShellBlocks::word_of(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, Word>, 8> kWords{{{"if", Word::if_},
                                                                     {"while", Word::while_},
                                                                     {"until", Word::until},
                                                                     {"for", Word::for_},
                                                                     {"select", Word::for_},
                                                                     {"case", Word::case_},
                                                                     {"(", Word::subshell},
                                                                     {"()", Word::subshell}}};
  const auto found = std::find_if(kWords.begin(), kWords.end(), [&](const auto& one) { return one.first == word; });
  return found == kWords.end() ? Word::group : found->second;
}

// What stands in braces, in parentheses or behind `if` runs as surely as the whole.
void ShellBlocks::open(std::string_view word, const ShellReach& reach) {
  too_deep_ = too_deep_ || open_.size() == kMostOpenBlocks;
  if (too_deep_) return;
  Block& block = open_.emplace_back(Block{.word = word_of(word), .outer = reach, .commands = commands_});
  const bool is_sure = word == "{" || word == "(" || word == "if";
  if (is_loop(block)) loops_.push_back(open_.size() - 1);
  apart_ += block.word == Word::subshell ? 1 : 0;
  set_asks(block, word == "if" || word == "while" || word == "until");
  enter(block, {.certain = is_sure});
}

void ShellBlocks::set_asks(Block& block, bool asks) {
  asks_ += asks ? 1 : 0;
  asks_ -= std::exchange(block.asks, asks) ? 1 : 0;
}

void ShellBlocks::enter(Block& block, const ShellReach& inner) {
  block.reach = both(block.outer, inner);
  std::string& guard = block.reach.only_if;
  if (!guard.empty() && !guards_.empty() && guards_.back() != guard) block.reach.certain = false;
  uncertain_ += block.reach.certain ? 0 : 1;
  dead_ += block.reach.dead ? 1 : 0;
  if (!guard.empty()) guards_.push_back(guards_.empty() ? guard : guards_.back());
}

void ShellBlocks::leave(const Block& block) {
  uncertain_ -= block.reach.certain ? 0 : 1;
  dead_ -= block.reach.dead ? 1 : 0;
  if (!block.reach.only_if.empty()) guards_.pop_back();
}

// At the end of a branch: what it has set is known behind it if it is sure to run, in the script's own shell.
void ShellBlocks::settle(Block& block) {
  const bool all_read = block.next == block.values.size();
  const bool stays = block.reach.certain && block.reach.only_if.empty() && block.word != Word::subshell && all_read;
  std::vector<std::string> names = std::exchange(block.assigned, {});
  if (!stays) return forget(std::move(names));
  if (open_.size() < 2) return;
  std::vector<std::string>& outer = open_[open_.size() - 2].assigned;  // what is known up to the end of that
  if (outer.size() < names.size()) std::swap(outer, names);
  std::move(names.begin(), names.end(), std::back_inserter(outer));
}

std::size_t ShellBlocks::close() {
  if (open_.empty()) return commands_;
  Block& block = open_.back();
  settle(block);
  leave(block);
  if (is_loop(block)) loops_.pop_back();
  apart_ -= block.word == Word::subshell ? 1 : 0;
  set_asks(block, false);
  const std::size_t before = block.commands;
  open_.pop_back();
  return before;
}

void ShellBlocks::begin_branch(const ShellReach& reach) {
  if (open_.empty()) return;
  Block& block = open_.back();
  settle(block);
  leave(block);
  enter(block, reach);
}

void ShellBlocks::take_condition(const ShellOutcome& outcome) {
  if (open_.empty() || too_deep_) return;
  Block& block = open_.back();
  set_asks(block, false);
  if (block.word == Word::if_) {
    const bool is_first = !std::exchange(block.asked, true);
    if (is_first) block.condition = outcome;
    begin_branch(is_first ? reached_by(outcome, true) : ShellReach{.certain = false, .dead = block.reach.dead});
  } else if (block.word == Word::while_ || block.word == Word::until) {
    block.endless = outcome.is == (block.word == Word::while_ ? ShellOutcome::Is::yes : ShellOutcome::Is::no);
    if (block.endless) begin_branch({});
  }
}

void ShellBlocks::begin_other_branch(bool asks_again) {
  if (open_.empty()) return;
  Block& block = open_.back();
  ShellReach reach = reached_by(block.condition, false);
  if (block.condition.is != ShellOutcome::Is::yes && asks_again) reach = {.certain = false};
  begin_branch(reach);
  set_asks(block, asks_again);
  block.condition = block.condition.is == ShellOutcome::Is::yes ? block.condition : ShellOutcome{};
}

void ShellBlocks::leave_apart() {
  const auto last =
      std::find_if(open_.rbegin(), open_.rend(), [](const Block& block) { return block.word == Word::subshell; });
  if (last != open_.rend()) make_uncertain(*last);
}

void ShellBlocks::begin_loop(const std::vector<ShellWord>& words) {
  if (open_.empty() || too_deep_ || words.size() < 2) return;
  Block& loop = open_.back();
  loop.variable = words[1].text;
  if (words.size() > 3 && words[2].text == "in") loop.values.assign(words.begin() + 3, words.end());
  const bool known =
      std::all_of(loop.values.begin(), loop.values.end(), [](const ShellWord& one) { return one.known; });
  if (!loop.values.empty() && known) begin_branch({});
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
  if (repeated_ + (end - loop.body.at) > kMostRepeated) return std::nullopt;
  repeated_ += end - loop.body.at;
  set(loop.variable, loop.values[loop.next++]);
  return loop.body;
}

void ShellBlocks::leave_loops(std::size_t count) {
  for (std::size_t inner = 0; inner < std::min(count, loops_.size()); ++inner) {
    Block& loop = open_[loops_[loops_.size() - 1 - inner]];
    make_uncertain(loop);
    loop.endless = false;
  }
}

void ShellBlocks::assign(const std::string& name, ShellWord value) {
  value.known = value.known && !too_deep_;
  set(name, std::move(value));
  if (!open_.empty()) open_.back().assigned.push_back(name);
}

const ShellWord* ShellBlocks::find(std::string_view name) const {
  const auto found = variables_.find(name);
  return found == variables_.end() ? nullptr : &found->second;
}

void ShellBlocks::forget(std::vector<std::string> names) {
  for (const std::string& name : names) set(name, {.text = {}, .known = false});
}

void ShellBlocks::forget_all() { variables_.clear(); }

}  // namespace twctl
