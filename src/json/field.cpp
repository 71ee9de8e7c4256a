#include "json/field.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/base64.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/setting.hpp"
#include "json/json.hpp"

namespace twctl {
namespace {

constexpr int kDeepest = 8;                  // ours have five levels
constexpr std::size_t kMostValues = 100000;  // ours have a few hundred
constexpr std::size_t kLongestText = 4096;   // bytes
constexpr std::size_t kLongestName = 64;     // of a member, in a message

Error not_json(std::string_view bytes, std::size_t offset) {
  const auto before = bytes.substr(0, offset == 0 ? 0 : offset - 1);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  return {.code = ErrorCode::invalid, .message = "not JSON", .where = {"", static_cast<int>(lines) + 1}};
}

tl::unexpected<Error> not_a(std::string_view what, std::string_view why) {
  return fail(ErrorCode::invalid, "not a " + std::string(what) + ": " + std::string(why));
}

// Finds a member that stands twice in one object. The parser keeps the last of them, another program or a person may
// have read the first.
class MemberNames {
 public:
  // Whether it stands for the first time. `depth` is the parser's.
  bool take(int depth, SavedJson::parse_event_t event, const SavedJson& parsed) {
    if (event == SavedJson::parse_event_t::object_start) open_.at(static_cast<std::size_t>(depth) + 1).clear();
    if (event != SavedJson::parse_event_t::key) return true;
    return open_.at(static_cast<std::size_t>(depth)).insert(parsed.get<std::string>()).second;
  }

 private:
  std::array<std::set<std::string>, kDeepest + 2> open_;  // of the objects that are not read to their end, by depth
};

// What is too deep or too much is dropped while it is parsed, so that a small file cannot fill the memory.
Result<SavedJson> parse(std::string_view bytes, std::string_view what) {
  std::size_t values = 0;
  bool too_much = false;
  std::string twice;
  MemberNames names;
  const auto keep = [&](int depth, SavedJson::parse_event_t event, SavedJson& parsed) {
    too_much = too_much || depth > kDeepest || ++values > kMostValues;
    if (too_much || !twice.empty()) return false;
    if (!names.take(depth, event, parsed)) twice = escape(parsed.get<std::string>(), kLongestName);
    return twice.empty();
  };
  try {
    SavedJson document = SavedJson::parse(bytes, keep);
    if (!twice.empty()) return not_a(what, fmt::format("'{}' stands twice in one object", twice));
    if (!too_much) return document;
  } catch (const SavedJson::parse_error& error) {  // the library's only way to tell where
    if (!too_much) return fail(not_json(bytes, error.byte));
  } catch (const SavedJson::out_of_range&) {  // and that a number is too large for it
    if (!too_much) return not_a(what, "a number is too large");
  }
  return not_a(what, "more values or levels than one has");
}

Result<void> check_format(const Field& document, std::string_view wanted) {
  const std::string version = document.member("format_version").escaped();
  const std::string command = document.member("command").escaped();
  const auto major = [](std::string_view text) { return text.substr(0, text.find('.')); };
  const std::size_t dot = version.find('.');
  const bool is_number = dot != std::string::npos && parse_decimal(std::string_view(version).substr(dot + 1));
  if (!is_number || major(version) != major(kFormatVersion)) {
    return fail(ErrorCode::invalid,
                "format version " + version + "; this twctl reads version " + std::string(major(kFormatVersion)),
                "use the twctl that wrote it, or take the snapshot again with this one");
  }
  if (command == wanted) return {};
  return fail(ErrorCode::invalid, "not a " + std::string(wanted) + " but the output of '" + command + "'");
}

}  // namespace

Result<void> read_json(std::string_view bytes, std::string_view what, const ReadFields& read) {
  TRY(const SavedJson json, parse(bytes, what));
  Error problem;
  read(Field(json, problem));
  if (problem.message.empty()) return {};
  return not_a(what, problem.message);
}

Result<void> read_document(std::string_view path, std::string_view bytes, std::string_view command,
                           const ReadFields& read) {
  Result<void> format;
  Result<void> done = read_json(bytes, command, [&](const Field& document) {
    format = check_format(document, command);
    if (format) read(document);
  });
  if (done) done = std::move(format);
  if (!done) done.error().where.file = path;
  return done;
}

const SavedJson* Field::find(std::string_view name) const {
  if (!json_.is_object()) return nullptr;
  const auto found = json_.find(name);
  return found == json_.end() ? nullptr : &*found;
}

Field Field::member(std::string_view name) const {
  static const SavedJson kNothing;
  const SavedJson* found = find(name);
  const Field field(found == nullptr ? kNothing : *found, this, name);
  if (!json_.is_object()) report("expected an object");
  if (found == nullptr) field.report("missing");
  return field;
}

bool Field::has(std::string_view name) const { return find(name) != nullptr; }

bool Field::has_value(std::string_view name) const {
  const SavedJson* found = find(name);
  return found != nullptr && !found->is_null();
}

bool Field::is_null() const { return json_.is_null(); }

bool Field::flag() const {
  if (!json_.is_boolean()) report("expected true or false");
  return json_.is_boolean() && json_.get<bool>();
}

std::string Field::text() const {
  if (!json_.is_string()) report("expected text");
  return json_.is_string() ? json_.get<std::string>() : std::string();
}

std::string Field::bytes() const {
  if (!json_.is_object()) return text();
  const auto decoded = from_base64(member("base64").text());
  if (!decoded) report("expected base64");
  return decoded.value_or("");
}

std::string Field::bytes_or_null() const { return is_null() ? std::string() : bytes(); }

std::optional<std::string> Field::value() const { return is_null() ? std::nullopt : std::optional(bytes()); }

std::string Field::escaped() const { return escape(bytes_or_null(), kLongestText); }

std::vector<std::string> Field::list_of_bytes() const {
  std::vector<std::string> list;
  each([&](const Field& item) { list.push_back(item.bytes()); });
  return list;
}

std::int64_t Field::integer(std::int64_t least, std::uint64_t most) const {
  const auto within = [&](auto number) {
    return std::cmp_greater_equal(number, least) && std::cmp_less_equal(number, most);
  };
  if (json_.is_number_unsigned()) {
    if (const auto number = json_.get<std::uint64_t>(); within(number)) return static_cast<std::int64_t>(number);
  } else if (json_.is_number_integer()) {
    if (const auto number = json_.get<std::int64_t>(); within(number)) return number;
  }
  report("expected a number from " + std::to_string(least) + " to " + std::to_string(most));
  return least;
}

void Field::each(const std::function<void(const Field&)>& take) const {
  if (!json_.is_array()) return report("expected a list");
  std::size_t index = 0;
  for (const SavedJson& element : json_) {
    const std::string name = "[" + std::to_string(index++) + "]";
    take(Field(element, this, name));
  }
}

void Field::each_member(const std::function<void(const std::string& name, const Field&)>& take) const {
  if (!json_.is_object()) return report("expected an object");
  for (const auto& [name, value] : json_.items()) take(name, Field(value, this, name));
}

void Field::report(const std::string& what) const {
  if (!problem_.message.empty()) return;
  const std::string place = path();
  problem_.message = (place.empty() ? "the document" : place) + ": " + what;
}

void Field::require(bool condition) const {
  if (!condition) report("not what it should be");
}

// Printable.
std::string Field::path() const {
  const std::string above = parent_ == nullptr ? "" : parent_->path();
  const bool joined = above.empty() || name_.starts_with('[');
  return above + (joined ? "" : ".") + escape(name_);
}

HostFacts read_host(const Field& host) {
  HostFacts facts;
  facts.os = host.member("os").word(kOsWords);
  facts.hostname = host.member("hostname").bytes_or_null();
  facts.distribution = host.member("distribution").bytes_or_null();
  facts.kernel_release = host.member("kernel").bytes_or_null();
  facts.kernel = parse_kernel_version(facts.kernel_release).value_or(KernelVersion{});
  facts.boot_id = host.member("boot_id").bytes_or_null();
  facts.network_namespace = host.member("network_namespace").bytes_or_null();
  facts.initial_network_namespace = host.member("initial_network_namespace").flag();
  facts.netns = host.member("netns").bytes_or_null();
  facts.container = host.member("container").bytes_or_null();
  facts.loader = host.member("loader").word(kLoaderWords);
  facts.live = host.member("live").flag();
  facts.captured = host.member("captured").flag();
  return facts;
}

}  // namespace twctl
