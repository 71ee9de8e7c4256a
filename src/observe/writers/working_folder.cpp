#include "observe/writers/working_folder.hpp"

#include <algorithm>
#include <utility>

#include "formats/sysctl.hpp"

namespace twctl {

std::string WorkingFolder::absolute(const std::string& path) const {
  if (path.starts_with('/')) return "/" + simplified_path(path);
  return known() ? "/" + simplified_path(now_.path + "/" + path) : path;
}

void WorkingFolder::go_to(const std::string& path, bool sure) {
  const std::string whole = absolute(path);
  before_ = std::exchange(now_, {});
  if (whole.starts_with('/')) now_ = {whole, sure};
}

void WorkingFolder::change(const ShellCommand& command, ShellWords words) {
  const bool sure = command.sure;
  const std::string_view name = program_of(words[0]);
  if (name == "popd") {
    before_ = std::exchange(now_, pushed_.empty() ? Folder{} : std::move(pushed_.back()));
    if (!pushed_.empty()) pushed_.pop_back();
    now_.sure = now_.sure && sure;
    return;
  }
  words = words.subspan(1);
  while (words.size() > 1 && words[0].text.starts_with('-')) words = words.subspan(1);
  if (name == "pushd") {
    if (pushed_.size() == kMostPushedFolders) pushed_.erase(pushed_.begin());
    pushed_.push_back(now_);
  }
  if (words.size() == 1 && words[0].text == "-") {
    std::swap(now_, before_);
    now_.sure = now_.sure && sure;
  } else if (words.size() == 1 && (words[0].known || words[0].stale) && !words[0].text.starts_with('-')) {
    go_to(words[0].text, sure);
  } else {
    before_ = std::exchange(now_, {});
  }
}

}  // namespace twctl
