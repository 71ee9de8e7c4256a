#include "support/sysctl_tree.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/escape.hpp"

namespace twctl::test {
namespace {

constexpr std::string_view kDirectories[] = {"/etc/sysctl.d/", "/etc/sysctl.d/", "/run/sysctl.d/",
                                             "/usr/local/lib/sysctl.d/", "/usr/lib/sysctl.d/"};
constexpr std::string_view kNames[] = {"10-a.conf", "50-b.conf",     "50-b.conf",    "60-twctl.conf", "99-sysctl.conf",
                                       "99-z.conf", "9-z.conf",      "B.conf",       "a.conf",        ".50-h.conf",
                                       ".conf",     "50-b.conf~",    "README",       "50-b.CONF",     "conf",
                                       "50 b.conf", "\xc3\xa9.conf", "50-b.conf.bak"};
constexpr std::string_view kAfterNumber[] = {" # note", " ; note", " // note", " = 18", " 18", "\t18",   "#note",
                                             ";",       ",",       "s",        "%",     ".5",  " 20 30", "\xc2\xa0",
                                             "\xa0",    "\v",      "\f",       "\\",    "-",   "_000",   "  \t",
                                             " \"",     "e3",      "k",        ",5",    "-5",  "- 5",    "\v18"};
constexpr std::string_view kBeforeNumber[] = {"+",  "\"", "'", "\xc2\xa0", "\xa0", "=",  "--", "- ",
                                              "\v", "\f", "0", "00",       "$(",   "> ", "<= "};
constexpr std::string_view kOddValues[] = {"",
                                           "true",
                                           "on",
                                           "0x",
                                           "0xg",
                                           "08",
                                           "1e4",
                                           "-",
                                           "99999999999999999999999",
                                           "18446744073709551616",
                                           "4294967296",
                                           "2147483648",
                                           "-2147483649",
                                           "0000000000000000000017",
                                           "000000000000000000017",
                                           "00000000000000000017",
                                           "-0",
                                           "\"17\"",
                                           "17 18 19",
                                           "unset",
                                           "*",
                                           "0x11 0x7fff",
                                           "1024,65535",
                                           "1024-65535",
                                           "2000",
                                           "40000",
                                           "5000 4000",
                                           "500 60999",
                                           "80",
                                           "65535 65535",
                                           "1 65536",
                                           "1024 x"};
constexpr std::string_view kPortLists[] = {"8080",  "8080,1-5,3-9", "1-65535", "0",      "80, 90", "80,",
                                           ",80",   "80,,90",       "9-3",     "1-2-3",  "1-",     "0x50-0x5a",
                                           "065",   "65536",        "-5",      "80 90",  "80;90",  "8080 # note",
                                           "5,5,5", "5-5",          "3-4,5-6", "1,2,3,5"};
constexpr std::string_view kNoise[] = {"# comment = 1",
                                       "; comment",
                                       "",
                                       "   ",
                                       "---",
                                       "-",
                                       "=",
                                       "= 5",
                                       "net.ipv4",
                                       "[sysctl]",
                                       "<<EOF",
                                       "x",
                                       "-x = 1",
                                       "\xef\xbb\xbf# bom",
                                       "\xef\xbb\xbf",
                                       "// net.ipv4.tcp_fin_timeout = 5",
                                       "net.ipv4.no_such_key = 1",
                                       "#",
                                       "\v",
                                       "\f# x",
                                       "-net.*",
                                       "-net.ipv4.*",
                                       "net.ipv4.*",
                                       "net/ipv4/",
                                       "/",
                                       "."};
constexpr std::string_view kEquals[] = {"=",  " = ", " = ", " = ",   "\t=\t",       "= ",
                                        " =", " : ", " ",   "\v=\f", "\xef\xbc\x9d"};
constexpr std::string_view kEnds[] = {"\n", "\n", "\n", "\n", "\n", "\n", "\r\n", "\r", "\n\n", " \n", "\n\r", "\\\n"};

std::string slashed(std::string text) {
  std::replace(text.begin(), text.end(), '.', '/');
  return text;
}

bool is_readable(const BootFile& file) { return file.problem.empty() && file.link_target.empty(); }

}  // namespace

std::vector<std::string> odd_values(const Setting& setting) {
  std::vector<std::string> values(std::begin(kOddValues), std::end(kOddValues));
  values.insert(values.end(), std::begin(kPortLists), std::end(kPortLists));
  const auto [min, max] = setting.kernel_accepts;
  std::vector<std::string> numbers{"17", "0x11", "0X1f", "021", "1024 65535", "40000\t\t40000", "2000 1000"};
  for (const std::int64_t edge : {min - 1, min, min + 1, max - 1, max, max + 1})
    numbers.push_back(std::to_string(edge));
  for (const std::string& number : numbers) {
    values.push_back(number);
    for (const std::string_view before : kBeforeNumber) values.push_back(std::string(before) + number);
    for (const std::string_view after : kAfterNumber) {
      values.push_back(number + std::string(after));
      for (const std::string_view before : kBeforeNumber)
        values.push_back(std::string(before) + number + std::string(after));
    }
  }
  return values;
}

TreeMaker::TreeMaker(std::uint64_t seed, std::vector<const Setting*> settings)
    : random_(seed), settings_(std::move(settings)) {}

// Not a standard distribution: those give other numbers in other libraries.
std::size_t TreeMaker::below(std::size_t count) { return static_cast<std::size_t>(random_() % count); }

std::string TreeMaker::number(const Setting& setting) {
  const auto [min, max] = setting.kernel_accepts;
  if (one_in(12)) return std::to_string(min - static_cast<std::int64_t>(below(2)));
  if (one_in(12)) return std::to_string(max + static_cast<std::int64_t>(below(2)));
  return std::to_string(
      min + static_cast<std::int64_t>(below(static_cast<std::size_t>(std::min<std::int64_t>(max - min, 70000)) + 1)));
}

std::string TreeMaker::value(const Setting& setting) {
  if (setting.type == ValueType::port_set && !one_in(4)) return pick(kPortLists);
  if (one_in(9)) return pick(kOddValues);
  std::string plain = number(setting);
  if (setting.type == ValueType::integer_pair && !one_in(8)) plain += (one_in(2) ? " " : "\t") + number(setting);
  if (one_in(8)) plain += pick(kAfterNumber);
  if (one_in(16)) plain.insert(0, pick(kBeforeNumber));
  return plain;
}

std::string TreeMaker::glob(std::string_view plain) {
  std::string text(plain);
  const std::size_t last = text.find_last_of('.') + 1;
  const std::size_t at = last + below(text.size() - last);
  switch (below(7)) {
    case 0:
      return text.substr(0, at) + "*";
    case 1:
      return text.replace(at, 1, "?");
    case 2:
      return text.replace(at, 1, std::string("[") + text[at] + "]");
    case 3:
      return text.replace(at, 1, std::string("[!") + text[at] + "]");
    case 4:
      return text.replace(text.find('.'), last - text.find('.'), ".*.");
    case 5:
      return text.replace(last, at - last, "*");
    default:
      return text.substr(0, last) + "{" + text.substr(last) + ",x}*";
  }
}

std::string TreeMaker::key(std::string_view plain) {
  std::string text = one_in(5) ? glob(plain) : std::string(plain);
  const std::size_t dot = text.find('.');
  if (one_in(4)) text = slashed(text);
  switch (below(70)) {
    case 0:
      return "." + text;
    case 1:
      return text.insert(dot, 1, text[dot]);
    case 2:
      return text + text[dot];
    case 3:
      return "/proc/sys/" + slashed(text);
    case 4:
      return text + "\xc2\xa0";
    case 5:
      return "\xef\xbb\xbf" + text;
    case 6:
      return "-" + text;
    case 7:
      return text.replace(text.find_last_of("./"), 1, text[dot] == '.' ? "/" : ".");
    case 8:
      return text.insert(dot, " ");
    case 9:
      return " " + text;
    case 10:
      return "net/ipv4/../" + slashed(text).substr(dot + 1);
    case 11:
      return "./" + slashed(text);
    case 12:
      return "sysctl -w " + text;
    default:
      return text;
  }
}

std::string TreeMaker::line() {
  if (one_in(10)) return pick(kNoise);
  const Setting& setting = *chosen_[below(chosen_.size())];
  const std::string dash = one_in(8) ? "-" : "";
  if (one_in(12)) return "-" + key(setting.key);
  if (one_in(60)) return dash + key(setting.key) + std::string(" = 5\0junk", 9);
  return dash + key(setting.key) + pick(kEquals) + value(setting);
}

std::string TreeMaker::text() {
  std::string text;
  for (std::size_t lines = below(8); lines > 0; --lines) text += line() + pick(kEnds);
  if (one_in(3)) text += line();
  return text;
}

BootFile TreeMaker::file(const std::string& path, const std::vector<BootFile>& others) {
  switch (below(18)) {
    case 0:
      return {.path = path, .link_target = "/dev/null"};
    case 1:
      return {.path = path, .link_target = "nowhere.conf", .problem = "dangling link"};
    case 2:
      return {.path = path, .problem = "Is a directory"};
    case 3: {
      const BootFile& other = others[below(others.size())];
      if (is_readable(other)) return {.path = path, .link_target = other.path, .bytes = other.bytes};
      break;
    }
    default:
      break;
  }
  return {.path = path, .bytes = text()};
}

std::vector<BootFile> TreeMaker::tree() {
  // Neighbours in the catalogue belong together, and some of them depend on each other.
  chosen_.clear();
  const std::size_t first = below(settings_.size());
  for (std::size_t count = 1 + below(4); count > 0; --count) {
    chosen_.push_back(settings_[(first + count) % settings_.size()]);
  }
  std::vector<BootFile> tree{{.path = std::string(kSysctlConf), .bytes = one_in(3) ? "" : text()}};
  if (one_in(2)) {
    tree.push_back({.path = "/etc/sysctl.d/99-sysctl.conf", .link_target = "../sysctl.conf", .bytes = tree[0].bytes});
  }
  for (std::size_t count = below(7); count > 0; --count) {
    const std::string path = pick(kDirectories) + pick(kNames);
    const auto same_path = [&](const BootFile& known) { return known.path == path; };
    if (std::none_of(tree.begin(), tree.end(), same_path)) tree.push_back(file(path, tree));
  }
  return tree;
}

void write_tree(const std::vector<BootFile>& tree) {
  namespace fs = std::filesystem;
  fs::remove(kSysctlConf);
  for (const std::string_view directory : kDirectories) {
    fs::create_directories(directory);
    for (const auto& old : fs::directory_iterator(directory)) fs::remove_all(old);
  }
  for (const BootFile& file : tree) {
    if (!file.link_target.empty()) {
      fs::create_symlink(file.link_target, file.path);
    } else if (!file.problem.empty()) {
      fs::create_directory(file.path);
    } else {
      std::ofstream(file.path, std::ios::binary) << file.bytes;
    }
  }
}

std::string print_tree(const std::vector<BootFile>& tree) {
  std::string text;
  for (const BootFile& file : tree) {
    text += "  " + file.path + (file.link_target.empty() ? "" : " -> " + file.link_target) + " " + file.problem + "\n";
    std::string shown = escape(file.bytes, 100000);
    for (std::size_t at = 0; (at = shown.find("\\x0a", at)) != std::string::npos;) shown.replace(at, 4, "\n      ");
    text += "      " + shown + "\n";
  }
  return text;
}

}  // namespace twctl::test
