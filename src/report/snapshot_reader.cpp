// A saved snapshot -> Snapshot, a saved plan -> SavedPlan. It may come from anybody: every type, word and number is
// checked, and texts that will be printed are made printable here, as observe() makes them. Members that we do not know
// are left alone.
#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "base/base64.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "report/snapshot_json.hpp"
#include "report/snapshot_words.hpp"
#include "report/version.hpp"

namespace twctl {
namespace {

using Json = nlohmann::json;

constexpr int kDeepest = 8;                  // ours have five levels
constexpr std::size_t kMostValues = 100000;  // ours have a few hundred
constexpr std::size_t kLongestText = 4096;   // of a text that will be printed, in bytes
constexpr int kMostHashEntries = 1 << 30;
constexpr int kHighestPort = 65535;
constexpr int kMostNamespaces = 10000000;

// One value of the document. Reading never fails at once: the first problem is kept, and what is read from then on
// does not matter. So each field is one line below.
class Field {
 public:
  Field(const Json& json, std::string path, Error& problem) : json_(json), path_(std::move(path)), problem_(problem) {}

  [[nodiscard]] Field member(const std::string& name) const {
    static const Json kNothing;
    const std::string path = path_.empty() ? name : path_ + "." + name;
    const bool found = json_.is_object() && json_.contains(name);
    Field field(found ? json_[name] : kNothing, path, problem_);
    if (!json_.is_object()) object_expected();
    if (json_.is_object() && !found) field.report("missing");
    return field;
  }

  // Text, or {"base64": "..."} for what is no UTF-8.
  [[nodiscard]] std::string bytes() const {
    if (!json_.is_object()) return text();
    const auto decoded = from_base64(member("base64").text());
    if (!decoded) report("expected base64");
    return decoded.value_or("");
  }

  [[nodiscard]] std::string bytes_or_null() const { return json_.is_null() ? std::string() : bytes(); }
  [[nodiscard]] std::string printable() const { return escape(bytes_or_null(), kLongestText); }

  // What is wrong with this value; only the first report counts.
  void report(const std::string& what) const {
    if (problem_.message.empty()) {
      problem_ = {.code = ErrorCode::invalid, .message = (path_.empty() ? "the document" : path_) + ": " + what};
    }
  }

  [[nodiscard]] bool is_null() const { return json_.is_null(); }

  [[nodiscard]] bool flag() const {
    if (!json_.is_boolean()) report("expected true or false");
    return json_.is_boolean() && json_.get<bool>();
  }

  [[nodiscard]] int number(int least, int most) const {
    const bool fits = json_.is_number_integer() && json_ >= least && json_ <= most;
    if (!fits) report("expected a number from " + std::to_string(least) + " to " + std::to_string(most));
    return fits ? json_.get<int>() : least;
  }

  // A member that snapshots have had only since a later minor version; 0 where it is missing or null.
  [[nodiscard]] int number_or_none(const std::string& name, int least, int most) const {
    const bool there = json_.is_object() && json_.contains(name) && !json_[name].is_null();
    return there ? member(name).number(least, most) : 0;
  }

  template <class Words>
  [[nodiscard]] auto word(const Words& words) const {
    const auto meaning = meaning_of(words, bytes_or_null());
    if (!meaning) report("a word that this version does not know");
    return meaning.value_or(words.front().first);
  }

  // Calls take(Field) for each element of a list.
  template <class Take>
  void each(const Take& take) const {
    if (!json_.is_array()) return report("expected a list");
    std::size_t index = 0;
    for (const Json& element : json_) take(Field(element, path_ + "[" + std::to_string(index++) + "]", problem_));
  }

  // Calls take(name, Field) for each member of an object.
  template <class Take>
  void each_member(const Take& take) const {
    if (!json_.is_object()) return object_expected();
    for (const auto& [name, value] : json_.items()) take(name, Field(value, path_ + "." + escape(name), problem_));
  }

 private:
  [[nodiscard]] std::string text() const {
    if (!json_.is_string()) report("expected text");
    return json_.is_string() ? json_.get<std::string>() : std::string();
  }

  void object_expected() const { report("expected an object"); }

  const Json& json_;
  std::string path_;  // "boot_files[3].path"; printable
  Error& problem_;
};

HostFacts read_host(const Field& host) {
  HostFacts facts;
  facts.os = host.member("os").word(kOsWords);
  facts.hostname = host.member("hostname").printable();
  facts.distribution = host.member("distribution").printable();
  facts.kernel_release = host.member("kernel").printable();
  facts.kernel = parse_kernel_version(facts.kernel_release).value_or(KernelVersion{});
  facts.boot_id = host.member("boot_id").printable();
  facts.network_namespace = host.member("network_namespace").printable();
  facts.initial_network_namespace = host.member("initial_network_namespace").flag();
  facts.netns = host.member("netns").printable();
  facts.container = host.member("container").printable();
  facts.loader = host.member("loader").word(kLoaderWords);
  facts.live = host.member("live").flag();
  facts.captured = host.member("captured").flag();
  return facts;
}

LiveValue read_live_value(const Field& value) {
  return {.state = value.member("state").word(kStateWords),
          .value = value.member("value").bytes_or_null(),
          .read_only = value.member("read_only").flag(),
          .problem = value.member("problem").printable()};
}

BootFile read_boot_file(const Field& file) {
  return {.path = file.member("path").bytes(),
          .link_target = file.member("link_target").bytes_or_null(),
          .bytes = file.member("bytes").bytes(),
          .problem = file.member("problem").printable()};
}

LaterWriter read_later_writer(const Field& field) {
  LaterWriter writer{.name = field.member("name").printable(),
                     .evidence = field.member("evidence").printable(),
                     .writes = {},
                     .boot_files_win = field.member("boot_files_win").flag()};
  field.member("writes").each_member(
      [&](const std::string& key, const Field& value) { writer.writes[key] = value.bytes_or_null(); });
  return writer;
}

std::vector<int> read_ports(const Field& field) {
  std::vector<int> ports;
  field.each([&](const Field& port) { ports.push_back(port.number(1, kHighestPort)); });
  std::sort(ports.begin(), ports.end());
  return ports;
}

Snapshot read_fields(const Field& document) {
  Snapshot snapshot;
  snapshot.host = read_host(document.member("host"));
  document.member("live").each_member(
      [&](const std::string& key, const Field& value) { snapshot.live[key] = read_live_value(value); });
  document.member("boot_files").each([&](const Field& file) { snapshot.boot_files.push_back(read_boot_file(file)); });
  document.member("later_writers").each([&](const Field& writer) {
    snapshot.later_writers.push_back(read_later_writer(writer));
  });
  document.member("boot_modules").each([&](const Field& name) { snapshot.boot_modules.push_back(name.printable()); });
  snapshot.tcp_hash_entries = document.number_or_none("tcp_hash_entries", 1, kMostHashEntries);
  snapshot.listening_ports = read_ports(document.member("listening_ports"));
  snapshot.other_namespaces = document.member("other_namespaces").number(0, kMostNamespaces);
  return snapshot;
}

// A null is 'absent'.
std::optional<Value> read_value(const Field& field) {
  return field.is_null() ? std::nullopt : std::optional<Value>(field.bytes());
}

Write read_write(const Field& field) {
  return {.layer = field.member("layer").word(kLayerWords),
          .before = read_value(field.member("before")),
          .after = read_value(field.member("after"))};
}

// The profile's own words, as report/plan_words.hpp took them apart; the catalogue's need no place in a boot file.
std::string read_reason(const Field& field, const Setting& setting) {
  const std::string why = field.member("reason").bytes();
  const std::string source = field.member("source").bytes();
  if (why == setting.does) return "";
  return source.empty() || source == setting.sources.first() ? why : why + " Source: " + source;
}

SavedSetting read_saved_setting(const Field& field, Os os) {
  const std::string key = field.member("key").bytes();
  const std::string expression = field.member("wanted").bytes();
  const Setting* setting = find_setting(os, key);
  const auto wanted =
      setting == nullptr ? Result<Wanted>(fail(ErrorCode::invalid, "")) : parse_wanted(*setting, expression);
  if (!wanted) {
    field.member("key").report("a setting or a value that a profile could not name");
    return {};
  }
  SavedSetting saved{.entry = {.setting = setting,
                               .wanted = *wanted,
                               .optional = field.member("optional").flag(),
                               .reason = read_reason(field, *setting),
                               .where = {}},
                     .live = read_value(field.member("live")),
                     .boot = read_value(field.member("boot")),
                     .writes = {}};
  field.member("writes").each([&](const Field& write) { saved.writes.push_back(read_write(write)); });
  return saved;
}

SavedPlan read_plan_fields(const Field& document) {
  SavedPlan plan;
  plan.host = read_host(document.member("host"));
  document.member("profiles").each([&](const Field& name) { plan.profiles.push_back(name.bytes()); });
  plan.options.scope = document.member("scope").word(kScopeWords);
  plan.options.boot_file = document.member("boot_file").bytes_or_null();
  document.member("hazards").each([&](const Field& hazard) {
    const std::string key = hazard.member("key").bytes_or_null();
    const std::string id = hazard.member("id").bytes();
    if (hazard.member("accepted").flag()) plan.options.accept.push_back(key.empty() ? id : id + ":" + key);
  });
  document.member("settings").each([&](const Field& setting) {
    plan.settings.push_back(read_saved_setting(setting, plan.host.os));
  });
  return plan;
}

Error not_json(std::string_view bytes, std::size_t offset) {
  const auto before = bytes.substr(0, offset == 0 ? 0 : offset - 1);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  return {.code = ErrorCode::invalid, .message = "not JSON", .where = {"", static_cast<int>(lines) + 1}};
}

// What is too deep or too much is dropped while it is parsed, so that a small file cannot fill the memory.
Result<Json> parse(std::string_view bytes, std::string_view command) {
  std::size_t values = 0;
  bool too_much = false;
  const auto keep = [&](int depth, Json::parse_event_t, Json&) {
    too_much = too_much || depth > kDeepest || ++values > kMostValues;
    return !too_much;
  };
  try {
    Json document = Json::parse(bytes, keep);
    if (!too_much) return document;
  } catch (const Json::parse_error& error) {  // the library's only way to tell where
    if (!too_much) return fail(not_json(bytes, error.byte));
  }
  return fail(ErrorCode::invalid, "not a " + std::string(command) + ": more values or levels than one has");
}

Result<void> check_format(const Field& document, std::string_view wanted, const Error& problem) {
  const std::string version = document.member("format_version").printable();
  const std::string command = document.member("command").printable();
  if (!problem.message.empty()) {
    return fail(ErrorCode::invalid, "not a " + std::string(wanted) + ": " + problem.message);
  }
  const auto major = [](std::string_view text) { return text.substr(0, text.find('.')); };
  if (major(version) != major(kFormatVersion)) {
    return fail(ErrorCode::invalid,
                "format version " + version + "; this twctl reads version " + std::string(major(kFormatVersion)),
                "use the twctl that wrote it, or take the snapshot again with this one");
  }
  if (command != wanted) {
    return fail(ErrorCode::invalid, "not a " + std::string(wanted) + " but the output of '" + command + "'");
  }
  return {};
}

// A saved document of that command, read by `fields`.
template <class T>
Result<T> read_document(std::string_view bytes, std::string_view command, T (*fields)(const Field&)) {
  Error problem;
  TRY(const Json json, parse(bytes, command));
  const Field document(json, "", problem);
  TRY_VOID(check_format(document, command, problem));
  T value = fields(document);
  if (problem.message.empty()) return value;
  problem.message = "not a " + std::string(command) + ": " + problem.message;
  return fail(problem);
}

template <class T>
Result<T> located(Result<T> result, std::string_view path) {
  if (!result && result.error().where.file.empty()) result.error().where.file = path;
  return result;
}

}  // namespace

Result<Snapshot> read_snapshot(std::string_view path, std::string_view bytes) {
  return located(read_document(bytes, "snapshot", read_fields), path);
}

Result<SavedPlan> read_plan(std::string_view path, std::string_view bytes) {
  return located(read_document(bytes, "plan", read_plan_fields), path);
}

}  // namespace twctl
