#include "json/field.hpp"

#include <fmt/format.h>
#ifdef __SSE2__
#define RAPIDJSON_SSE2  // it looks at 16 bytes at once: two thirds of a fleet's snapshots are blanks and texts
#endif
#include <rapidjson/error/error.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "base/base64.hpp"
#include "base/cells.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "catalog/setting.hpp"
#include "json/json.hpp"

namespace twctl {
namespace {

constexpr std::size_t kDeepest = 8;          // ours have five levels
constexpr std::size_t kMostValues = 100000;  // ours have a few hundred
constexpr std::size_t kLongestText = 4096;   // bytes
constexpr std::size_t kLongestName = 64;     // of a member, in a message

// What the parser may read behind the end of a text: it takes 16 bytes at once.
constexpr std::size_t kReadBeyond = 16;

Error not_json(std::string_view bytes, std::size_t offset) {
  const auto before = bytes.substr(0, offset);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  return {.code = ErrorCode::invalid, .message = "not JSON", .where = {"", static_cast<int>(lines) + 1}};
}

tl::unexpected<Error> not_a(std::string_view what, std::string_view why) {
  return fail(ErrorCode::invalid, "not a " + std::string(what) + ": " + std::string(why));
}

}  // namespace

enum class SavedType : std::uint8_t { null, flag, integer, natural, real, text, list, object };

// One value of a parsed document. They stand in the order of the text, each before those that are in it: the first of
// those is the next one, and what follows the value is `extent` further on.
struct SavedValue {
  SavedType type = SavedType::null;
  std::size_t extent = 1;
  std::string_view name = {};  // of a member
  std::string_view text = {};
  std::int64_t number = 0;  // of a flag 0 or 1; of a natural number the same 64 bits

  [[nodiscard]] const SavedValue* after() const { return this + extent; }
};

namespace {

// What the parser finds, kept as values. It stops at what is too deep or too much, so that a small file cannot fill the
// memory, and at a member that stands twice in one object: another program or a person may have read either of them.
// The names of its functions are the library's; false stops the parser. Texts stay where the parser has unescaped them.
class SavedDocument {
 public:
  explicit SavedDocument(std::string_view bytes) : may_have_halves_(bytes.find("\\u") != std::string_view::npos) {
    constexpr std::size_t kBytesOfValue = 32;  // at least; those of a list of ports are shorter
    values_.reserve(std::min(bytes.size() / kBytesOfValue, kMostValues));
  }

  [[nodiscard]] const SavedValue& root() const { return values_.front(); }
  [[nodiscard]] const std::string& problem() const { return problem_; }  // "": none

  bool Null() { return add({}); }
  bool Bool(bool flag) { return add({.type = SavedType::flag, .number = flag ? 1 : 0}); }
  bool Int(int number) { return Int64(number); }
  bool Uint(unsigned number) { return Uint64(number); }
  bool Int64(std::int64_t number) { return add({.type = SavedType::integer, .number = number}); }
  bool Uint64(std::uint64_t number) {
    return add({.type = SavedType::natural, .number = static_cast<std::int64_t>(number)});
  }
  bool Double(double /*number*/) { return add({.type = SavedType::real}); }
  bool RawNumber(const char* /*text*/, std::size_t /*length*/, bool /*copy*/) { return false; }  // not asked for
  bool String(const char* text, std::size_t length, bool /*copy*/) {
    return is_text({text, length}) && add({.type = SavedType::text, .text = {text, length}});
  }
  bool StartArray() { return open({.type = SavedType::list}); }
  bool StartObject() { return open({.type = SavedType::object}); }
  bool Key(const char* name, std::size_t length, bool /*copy*/) {
    name_ = {name, length};
    return is_text(name_) && fits();
  }
  bool EndArray(std::size_t /*elements*/) { return close(); }
  bool EndObject(std::size_t /*members*/) {
    const std::string_view twice = name_that_stands_twice(values_[open_.back()]);
    if (twice.data() != nullptr) problem_ = fmt::format("'{}' stands twice in one object", escape(twice, kLongestName));
    return close() && problem_.empty();
  }

 private:
  // The parser lets half of a pair through, "\ude00", as bytes that are no UTF-8.
  bool is_text(std::string_view text) const { return !may_have_halves_ || is_utf8(text); }

  bool fits() {
    if (open_.size() > kDeepest || ++seen_ > kMostValues) problem_ = "more values or levels than one has";
    return problem_.empty();
  }

  bool add(SavedValue value) {
    value.name = std::exchange(name_, {});
    values_.push_back(value);
    return fits();
  }

  bool open(SavedValue value) {
    if (!add(value)) return false;
    open_.push_back(values_.size() - 1);
    return true;
  }

  bool close() {
    values_[open_.back()].extent = values_.size() - open_.back();
    open_.pop_back();
    return fits();
  }

  // A null pointer: none does. The object is the one that has just ended.
  std::string_view name_that_stands_twice(const SavedValue& object) {
    const auto shorter = [](std::string_view a, std::string_view b) {
      return a.size() != b.size() ? a.size() < b.size() : a < b;  // most differ in length already
    };
    names_.clear();
    const SavedValue* end = values_.data() + values_.size();
    for (const SavedValue* member = &object + 1; member != end; member = member->after())
      names_.push_back(member->name);
    std::sort(names_.begin(), names_.end(), shorter);
    const auto twice = std::adjacent_find(names_.begin(), names_.end());
    return twice == names_.end() ? std::string_view{} : *twice;
  }

  bool may_have_halves_;
  std::vector<SavedValue> values_;
  std::string_view name_ = {};     // of the value that comes next
  std::vector<std::size_t> open_;  // the lists and objects that have not ended, outermost first
  std::size_t seen_ = 0;
  std::string problem_;
  std::vector<std::string_view> names_;
};

// Bytes of a text in ASCII: those of blanks, and what is printed.
constexpr auto kPlainBytes = [] {
  std::array<bool, 256> is_plain{};
  for (const int blank : {'\t', '\n', '\r'}) is_plain[static_cast<std::size_t>(blank)] = true;
  for (std::size_t byte = ' '; byte < 0x80; ++byte) is_plain[byte] = true;
  return is_plain;
}();

// Where the first byte stands that no JSON has: of no UTF-8, or a control character that is no blank. The parser itself
// would look for the former a byte at a time, and passes over some of the latter (0x1A to 0x1F). size(): there is none.
std::size_t first_odd_byte(std::string_view bytes) {
  const auto is_odd = [](char c) { return !kPlainBytes[static_cast<unsigned char>(c)]; };
  const auto* next = std::find_if(bytes.begin(), bytes.end(), is_odd);
  while (next != bytes.end()) {
    const CodePoint point = decode_utf8(bytes.substr(static_cast<std::size_t>(next - bytes.begin())));
    if (!point.valid || point.bytes == 1) break;
    next = std::find_if(next + point.bytes, bytes.end(), is_odd);
  }
  return static_cast<std::size_t>(next - bytes.begin());
}

// `texts` is a copy of `bytes`, in which the parser unescapes, with kReadBeyond behind it.
Result<void> parse(SavedDocument& document, std::string_view bytes, std::string& texts, std::string_view what) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";  // that an editor on Windows puts before UTF-8
  const std::size_t start = bytes.starts_with(kMark) ? kMark.size() : 0;
  if (const std::size_t odd = first_odd_byte(bytes); odd != bytes.size()) return fail(not_json(bytes, odd));
  rapidjson::InsituStringStream stream(texts.data() + start);
  rapidjson::Reader reader;
  const rapidjson::ParseResult parsed = reader.Parse<rapidjson::kParseInsituFlag>(stream, document);
  if (!document.problem().empty()) return not_a(what, document.problem());
  if (parsed.Code() == rapidjson::kParseErrorNumberTooBig) return not_a(what, "a number is too large");
  const std::size_t end = start + (parsed.IsError() ? parsed.Offset() : stream.Tell());
  if (parsed.IsError() || end != bytes.size()) return fail(not_json(bytes, end));  // it takes a NUL for the end
  return {};
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
  std::string texts;
  texts.reserve(bytes.size() + kReadBeyond);
  texts.append(bytes).append(kReadBeyond, '\0');
  SavedDocument document(bytes);
  TRY_VOID(parse(document, bytes, texts, what));
  Error problem;
  read(Field(document.root(), problem));
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

const SavedValue* Field::find(std::string_view name) const {
  if (value_.type != SavedType::object) return nullptr;
  const SavedValue* member = &value_ + 1;
  while (member != value_.after() && member->name != name) member = member->after();
  return member == value_.after() ? nullptr : member;
}

Field Field::member(std::string_view name) const {
  static const SavedValue kNothing;
  const SavedValue* found = find(name);
  const Field field(found == nullptr ? kNothing : *found, this, name);
  if (value_.type != SavedType::object) report("expected an object");
  if (found == nullptr) field.report("missing");
  return field;
}

bool Field::has(std::string_view name) const { return find(name) != nullptr; }

bool Field::has_value(std::string_view name) const {
  const SavedValue* found = find(name);
  return found != nullptr && found->type != SavedType::null;
}

bool Field::is_null() const { return value_.type == SavedType::null; }

bool Field::flag() const {
  if (value_.type != SavedType::flag) report("expected true or false");
  return value_.type == SavedType::flag && value_.number != 0;
}

std::string Field::text() const {
  if (value_.type != SavedType::text) report("expected text");
  return std::string(value_.text);
}

std::string Field::bytes() const {
  if (value_.type != SavedType::object) return text();
  const auto decoded = from_base64(member("base64").text());
  if (!decoded) report("expected base64");
  return decoded.value_or("");
}

std::string Field::bytes_or_null() const { return is_null() ? std::string() : bytes(); }

std::optional<std::string> Field::value() const { return is_null() ? std::nullopt : std::optional(bytes()); }

// Most of it comes from documents of ours, where it has been escaped before.
std::string Field::escaped() const {
  if (is_null()) return {};
  std::string text = bytes();
  return text.size() <= kLongestText && is_printable(text) ? text : escape(text, kLongestText);
}

std::vector<std::string> Field::list_of_bytes() const {
  std::vector<std::string> list;
  each([&](const Field& item) { list.push_back(item.bytes()); });
  return list;
}

std::int64_t Field::integer(std::int64_t least, std::uint64_t most) const {
  const auto within = [&](auto number) {
    return std::cmp_greater_equal(number, least) && std::cmp_less_equal(number, most);
  };
  const bool is_natural = value_.type == SavedType::natural && within(static_cast<std::uint64_t>(value_.number));
  const bool is_integer = value_.type == SavedType::integer && within(value_.number);
  if (is_natural || is_integer) return value_.number;
  report("expected a number from " + std::to_string(least) + " to " + std::to_string(most));
  return least;
}

void Field::each(const std::function<void(const Field&)>& take) const {
  if (value_.type != SavedType::list) return report("expected a list");
  std::size_t index = 0;
  for (const SavedValue* element = &value_ + 1; element != value_.after(); element = element->after()) {
    const std::string name = "[" + std::to_string(index++) + "]";
    take(Field(*element, this, name));
  }
}

void Field::each_member(const std::function<void(const std::string& name, const Field&)>& take) const {
  if (value_.type != SavedType::object) return report("expected an object");
  for (const SavedValue* member = &value_ + 1; member != value_.after(); member = member->after()) {
    take(std::string(member->name), Field(*member, this, member->name));
  }
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
