// A directory of its own for one test, with files as the test writes them; gone at the end.
#pragma once

#include <string>
#include <string_view>

namespace twctl::test {

class Tree {
 public:
  Tree();
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;
  ~Tree();

  // Each makes the directories above it. Paths are as in the host: "/etc/sysctl.conf".
  Tree& file(std::string_view path, std::string_view bytes);
  Tree& link(std::string_view path, const std::string& target);
  Tree& directory(std::string_view path);

  [[nodiscard]] const std::string& root() const { return root_; }
  [[nodiscard]] std::string at(std::string_view path) const { return root_ + std::string(path); }

 private:
  std::string root_;
};

}  // namespace twctl::test
