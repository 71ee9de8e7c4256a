#include "observe/writers/sysctl_call.hpp"

#include <algorithm>

#include "platform/boot_file_store.hpp"

namespace twctl {
namespace {

// "-e", "-qe"
bool ignores_unknown(const ShellWord& word) {
  const std::string_view text = word.text;
  return text == "--ignore" || (text.starts_with('-') && text.find_first_not_of("-eqiNnwb") == std::string_view::npos &&
                                text.find('e') != std::string_view::npos);
}

// "-p", "-qp", "-p/etc/x.conf"; -f is the same.
bool is_load_option(std::string_view word) {
  if (word.starts_with("--")) return word.starts_with("--load");
  const std::size_t p = word.find_first_not_of("-eqiNnw");
  return word.starts_with('-') && p != std::string_view::npos && (word[p] == 'p' || word[p] == 'f');
}

bool is_write_option(const ShellWord& word) {
  return word.text == "--write" || (word.text.starts_with('-') && word.text.ends_with('w'));
}

}  // namespace

// With -p what is no option is a file, else KEY=VALUE.
SysctlCall sysctl_call(ShellWords words) {
  SysctlCall call;
  const auto any = [&](auto is) { return std::any_of(words.begin(), words.end(), is); };
  if (any([](const ShellWord& word) { return word.text == "--dry-run"; })) return call;
  call.reads_all = any([](const ShellWord& word) { return word.text == "--system"; });
  call.ignores = any(ignores_unknown) && !call.reads_all;
  call.writes = any(is_write_option);
  bool loads = false;
  for (const ShellWord& given : words.subspan(1)) {
    const std::string_view word = given.text;
    if (word == "--system") break;
    if (is_load_option(word)) {
      loads = true;
      const std::size_t file = word.find_first_of(word.starts_with("--") ? "=" : "pf");
      if (file < word.size() - 1) call.files.push_back(word.substr(file + 1));
    } else if (!word.starts_with('-') || word == "-") {
      call.files.push_back(word);
      if (!loads) call.settings.push_back(&given);
    }
  }
  if (loads && call.files.empty()) call.files.push_back(kSysctlConf);
  if (!loads || call.reads_all) call.files.clear();
  return call;
}

bool looks_like_sysctl(std::span<const ShellWord> words) {
  const auto writes = [](const ShellWord& word) { return word.text == "-w" || word.text == "--write"; };
  const auto sets_key = [](const ShellWord& word) {
    const std::size_t equals = word.text.find('=');
    return equals != std::string::npos && word.text.find_first_of("./") < equals;
  };
  return std::any_of(words.begin(), words.end(), writes) && std::any_of(words.begin(), words.end(), sets_key);
}

}  // namespace twctl
