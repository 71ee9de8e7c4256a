// Random sysctl.d trees that put together every quirk of shared/facts: from a seed, the same everywhere.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "catalog/setting.hpp"
#include "sysctl/boot.hpp"

namespace twctl::test {

// Every combination of a number, what may stand before it and what may follow it, and every other odd value.
[[nodiscard]] std::vector<std::string> odd_values(const Setting& setting);

class TreeMaker {
 public:
  // `settings` are those that lines are about; not empty.
  TreeMaker(std::uint64_t seed, std::vector<const Setting*> settings);

  // What a platform would hand over for the tree, plus files that no loader reads.
  [[nodiscard]] std::vector<BootFile> tree();

  // A value as people write it, right or wrong.
  [[nodiscard]] std::string value(const Setting& setting);

 private:
  [[nodiscard]] std::size_t below(std::size_t count);
  [[nodiscard]] bool one_in(std::size_t count) { return below(count) == 0; }
  template <class Choices>
  [[nodiscard]] std::string pick(const Choices& choices) {
    return std::string(choices[below(std::size(choices))]);
  }
  [[nodiscard]] std::string text();
  [[nodiscard]] std::string line();
  [[nodiscard]] std::string key(std::string_view plain);
  [[nodiscard]] std::string glob(std::string_view plain);
  [[nodiscard]] std::string number(const Setting& setting);
  [[nodiscard]] BootFile file(const std::string& path, const std::vector<BootFile>& others);

  std::mt19937_64 random_;
  std::vector<const Setting*> settings_;
  std::vector<const Setting*> chosen_;  // the few that this tree is about, so that lines meet
};

// Writes the tree to the file system at its own paths: only within a mount namespace made for it.
void write_tree(const std::vector<BootFile>& tree);

// The tree as text, control bytes escaped.
[[nodiscard]] std::string print_tree(const std::vector<BootFile>& tree);

}  // namespace twctl::test
