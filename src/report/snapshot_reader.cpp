// A saved snapshot -> Snapshot and Examination, a saved plan -> SavedPlan. It may come from anybody: every type, word
// and number is checked, and texts that will be printed are made printable here, as observe() makes them. Members that
// we do not know are left alone.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>

#include "report/examination_members.hpp"
#include "report/saved_field.hpp"
#include "report/snapshot_json.hpp"
#include "report/snapshot_words.hpp"
#include "report/version.hpp"

namespace twctl {
namespace {

using Json = nlohmann::json;

constexpr int kDeepest = 8;                  // ours have five levels
constexpr std::size_t kMostValues = 100000;  // ours have a few hundred
constexpr int kMostHashEntries = 1 << 30;
constexpr int kHighestPort = 65535;
constexpr int kMostNamespaces = 10000000;
constexpr int kLongestSampling = 24 * 3600 * 1000;             // ms
constexpr std::int64_t kLargestCount = 1'000'000'000'000'000;  // ten years of 3,000,000 a second

using Field = SavedField<Json>;
using LiveValues = decltype(Snapshot::live);

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

// A setting that is not there, or could not be read, has no value, whatever the document says.
LiveValue read_live_value(const Field& value) {
  LiveValue live{.state = value.member("state").word(kStateWords),
                 .value = value.member("value").bytes_or_null(),
                 .read_only = value.member("read_only").flag(),
                 .problem = value.member("problem").printable()};
  if (live.state != LiveValue::State::present) live.value.clear();
  return live;
}

LiveValues read_live_values(const Field& live) {
  LiveValues values;
  live.each_member([&](const std::string& key, const Field& value) { values[key] = read_live_value(value); });
  return values;
}

StrayValue read_stray(const Field& stray) {
  return {.key = stray.member("key").printable(),
          .place = stray.member("place").printable(),
          .live = read_live_value(stray.member("live"))};
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
  snapshot.live = read_live_values(document.member("live"));
  if (document.has("strays")) {
    document.member("strays").each([&](const Field& stray) { snapshot.strays.push_back(read_stray(stray)); });
  }
  document.member("boot_files").each([&](const Field& file) { snapshot.boot_files.push_back(read_boot_file(file)); });
  document.member("later_writers").each([&](const Field& writer) {
    snapshot.later_writers.push_back(read_later_writer(writer));
  });
  document.member("boot_modules").each([&](const Field& name) { snapshot.boot_modules.push_back(name.printable()); });
  if (document.has("tcp_hash_entries")) {
    snapshot.tcp_hash_entries = document.member("tcp_hash_entries").number(1, kMostHashEntries);
  }
  snapshot.listening_ports = read_ports(document.member("listening_ports"));
  snapshot.other_namespaces = document.member("other_namespaces").number(0, kMostNamespaces);
  return snapshot;
}

// Takes each member of an examination out of its field, by its type. What is read is added up and multiplied later, so
// no number is larger than any host's.
class ExaminationReader {
 public:
  explicit ExaminationReader(const Field& field) : field_(field) {}

  template <class Value>
  void operator()(const char* name, Value& value) const {
    read(field_.member(name), value);
  }

 private:
  // Tcp.MaxConn is -1.
  static void read(const Field& field, std::int64_t& value) { value = field.number<std::int64_t>(-1, kLargestCount); }
  static void read(const Field& field, std::uint64_t& value) {
    value = static_cast<std::uint64_t>(field.number<std::int64_t>(0, kLargestCount));
  }
  static void read(const Field& field, std::uint32_t& value) { value = narrow<std::uint32_t>(field); }
  static void read(const Field& field, std::uint16_t& value) { value = narrow<std::uint16_t>(field); }
  static void read(const Field& field, int& value) { value = narrow<int>(field); }
  static void read(const Field& field, std::string& value) { value = field.printable(); }
  static void read(const Field& field, SocketOrigin& value) { value = field.word(kOriginWords); }

  static void read(const Field& field, IpAddress& value) {
    const auto address = parse_ip_address(field.printable());
    if (!address) field.report("expected an IP address");
    value = address.value_or(IpAddress{});
  }

  static void read(const Field& field, Counters& value) {
    field.each_member([&](const std::string& name, const Field& count) { read(count, value[name]); });
  }

  static void read(const Field& field, StateCounts& value) {
    for (const TcpState state : counted_states()) {
      read(field.member(std::string(name_of(state))), value.at(static_cast<std::size_t>(state)));
    }
  }

  template <class Row>
  static void read(const Field& field, std::vector<Row>& rows) {
    field.each([&](const Field& row) { read(row, rows.emplace_back()); });
  }

  template <class Value>
  static void read(const Field& field, std::optional<Value>& value) {
    if (!field.is_null()) read(field, value.emplace());
  }

  template <class Value>
  static void read(const Field& field, Value& value) {
    visit_members(value, ExaminationReader(field));
  }

  template <class Number>
  static Number narrow(const Field& field) {
    return static_cast<Number>(field.number<std::int64_t>(0, std::numeric_limits<Number>::max()));
  }

  const Field& field_;
};

std::optional<Examination> read_examination_fields(const Field& document) {
  if (!document.has("sockets")) return std::nullopt;
  const Field sockets = document.member("sockets");
  Examination examination;
  examination.host = read_host(document.member("host"));
  examination.settings = live_settings(read_live_values(document.member("live")));
  examination.ports = port_settings(examination.settings).value_or(PortSettings{});
  examination.seconds = sockets.member("sampled_ms").number(0, kLongestSampling) / 1000.0;
  visit_members(examination, ExaminationReader(sockets));
  return examination;
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
  } catch (const Json::out_of_range&) {  // and that a number is too large for it
    if (!too_much) return fail(ErrorCode::invalid, "not a " + std::string(command) + ": a number is too large");
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
  const Field document(json, problem);
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

Result<Examination> read_examination(std::string_view path, std::string_view bytes) {
  TRY(auto examination, located(read_document(bytes, "snapshot", read_examination_fields), path));
  if (examination) return *std::move(examination);
  return located(Result<Examination>(fail(ErrorCode::unsupported, "a snapshot without the sockets of its host",
                                          "take it again with `twctl snapshot --sockets`")),
                 path);
}

Result<SavedPlan> read_plan(std::string_view path, std::string_view bytes) {
  return located(read_document(bytes, "plan", read_plan_fields), path);
}

}  // namespace twctl
