// The folder in which a script runs its commands, as far as its `cd`s tell. Pure.
#pragma once

#include <string>
#include <vector>

#include "observe/writers/printed_text.hpp"

namespace twctl {

inline constexpr std::size_t kMostPushedFolders = 10;  // by pushd; those before are forgotten

class WorkingFolder {
 public:
  WorkingFolder() = default;
  explicit WorkingFolder(const ShellWord& path) { go_to(path.text, path.known); }

  // By `cd`, `pushd` or `popd` with those words.
  void change(const ShellCommand& command, ShellWords words);
  // Nothing is known of it any more.
  void forget() { now_ = {}; }

  [[nodiscard]] bool known() const { return !now_.path.empty(); }
  // False: the `cd` may not have run.
  [[nodiscard]] bool sure() const { return now_.sure; }
  [[nodiscard]] const std::string& path() const { return now_.path; }
  // As it is where that is not known.
  [[nodiscard]] std::string absolute(const std::string& path) const;

 private:
  struct Folder {
    std::string path = {};  // absolute; "" for not known
    bool sure = true;
  };
  void go_to(const std::string& path, bool sure);

  Folder now_;
  Folder before_;
  std::vector<Folder> pushed_;
};

}  // namespace twctl
