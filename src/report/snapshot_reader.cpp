// A saved snapshot -> Snapshot and Examination.
#include <algorithm>
#include <cstdint>
#include <limits>

#include "json/field.hpp"
#include "observe/writers/later_writers.hpp"
#include "report/examination_members.hpp"
#include "report/snapshot_json.hpp"
#include "sysctl/boot_limits.hpp"

namespace twctl {
namespace {

constexpr int kMostHashEntries = 1 << 30;
constexpr int kHighestPort = 65535;
constexpr int kLastLine = 1 << 30;
constexpr int kMostNamespaces = 10000000;
constexpr int kLongestSampling = 24 * 3600 * 1000;             // ms
constexpr std::int64_t kLargestCount = 1'000'000'000'000'000;  // ten years of 3,000,000 a second

using LiveValues = decltype(Snapshot::live);

// A setting that is not there, or could not be read, has no value, whatever the document says.
LiveValue read_live_value(const Field& value) {
  LiveValue live{.state = value.member("state").word(kStateWords),
                 .value = value.member("value").bytes_or_null(),
                 .read_only = value.member("read_only").flag(),
                 .problem = value.member("problem").escaped()};
  if (live.state != LiveValue::State::present) live.value.clear();
  return live;
}

LiveValues read_live_values(const Field& live) {
  LiveValues values;
  live.each_member([&](const std::string& key, const Field& value) {
    values.insert_or_assign(values.end(), key, read_live_value(value));  // they come in their order
  });
  return values;
}

StrayValue read_stray(const Field& stray) {
  return {.key = stray.member("key").bytes(),
          .place = stray.member("place").bytes(),
          .live = read_live_value(stray.member("live"))};
}

BootFile read_boot_file(const Field& file) {
  return {.path = file.member("path").bytes(),
          .link_target = file.member("link_target").bytes_or_null(),
          .bytes = file.member("bytes").bytes(),
          .problem = file.member("problem").escaped()};
}

LaterWrite read_later_line(const Field& line) {
  const auto number = [&](const char* name) {
    return line.has_value(name) ? line.member(name).number(0, std::numeric_limits<int>::max()) : 0;
  };
  return {.key = line.member("key").bytes_or_null(),
          .value = line.member("value").bytes_or_null(),
          .where = {.file = line.member("file").bytes_or_null(), .line = line.member("line").number(0, kLastLine)},
          .step = number("step"),
          .ends = number("ends"),
          .if_there = line.has_value("if_there") && line.member("if_there").flag()};
}

// Earlier snapshots say by the end of their evidence alone that TuneD refuses its profile.
bool says_refused(const LaterWriter& writer) {
  return writer.name == kTuned && writer.evidence.ends_with(", so it sets nothing");
}

// Snapshots of 0.1.0 have no lines, and do not say when somebody writes.
LaterWriter read_later_writer(const Field& field) {
  LaterWriter writer{.name = field.member("name").escaped(),
                     .evidence = field.member("evidence").escaped(),
                     .boot_files_win = field.member("boot_files_win").flag()};
  writer.refused = field.has_value("refused") ? field.member("refused").flag() : says_refused(writer);
  writer.before_boot_files = field.has_value("before_boot_files") && field.member("before_boot_files").flag();
  if (field.has_value("without_prefix")) {
    field.member("without_prefix").each([&](const Field& line) {
      writer.without_prefix.push_back(read_later_line(line));
    });
  }
  if (field.has_value("unread")) writer.unread = field.member("unread").escaped();
  if (field.has_value("when")) writer.when = field.member("when").word(kWriteTimeWords);
  if (field.has_value("lines")) {
    field.member("lines").each([&](const Field& line) { writer.writes.push_back(read_later_line(line)); });
    return writer;
  }
  field.member("writes").each_member([&](const std::string& key, const Field& value) {
    writer.writes.push_back({.key = key, .value = value.bytes_or_null()});
  });
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
  if (document.has_value("strays")) {
    document.member("strays").each([&](const Field& stray) { snapshot.strays.push_back(read_stray(stray)); });
  }
  document.member("boot_files").each([&](const Field& file) { snapshot.boot_files.push_back(read_boot_file(file)); });
  document.member("later_writers").each([&](const Field& writer) {
    snapshot.later_writers.push_back(read_later_writer(writer));
  });
  document.member("boot_modules").each([&](const Field& name) { snapshot.boot_modules.push_back(name.escaped()); });
  if (document.has_value("tcp_hash_entries")) {
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
  template <class Value>
  void operator()(const char* name, Value& value, Later /*unused*/) const {
    if (field_.has_value(name)) read(field_.member(name), value);
  }

 private:
  // Tcp.MaxConn is -1.
  static void read(const Field& field, std::int64_t& value) { value = field.number<std::int64_t>(-1, kLargestCount); }
  static void read(const Field& field, std::uint64_t& value) {
    value = static_cast<std::uint64_t>(field.number<std::int64_t>(0, kLargestCount));
  }
  static void read(const Field& field, std::uint32_t& value) { value = narrow<std::uint32_t>(field); }
  static void read(const Field& field, std::uint16_t& value) { value = narrow<std::uint16_t>(field); }
  static void read(const Field& field, bool& value) { value = field.flag(); }
  static void read(const Field& field, int& value) { value = narrow<int>(field); }
  static void read(const Field& field, std::string& value) { value = field.bytes_or_null(); }
  static void read(const Field& field, SocketOrigin& value) { value = field.word(kOriginWords); }

  static void read(const Field& field, IpAddress& value) {
    const auto address = parse_ip_address(field.escaped());
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
  if (!document.has_value("sockets")) return std::nullopt;
  const Field sockets = document.member("sockets");
  Examination examination;
  examination.host = read_host(document.member("host"));
  examination.settings = live_settings(read_live_values(document.member("live")));
  examination.ports = port_settings(examination.settings, examination.host).value_or(PortSettings{});
  if (document.has_value("tcp_hash_entries")) {
    examination.tcp_hash_entries = document.member("tcp_hash_entries").number(1, kMostHashEntries);
  }
  examination.seconds = sockets.member("sampled_ms").number(0, kLongestSampling) / 1000.0;
  visit_members(examination, ExaminationReader(sockets));
  examination.other_namespaces.count = document.member("other_namespaces").number(0, kMostNamespaces);
  return examination;
}

}  // namespace

Result<Snapshot> read_snapshot(std::string_view path, std::string_view bytes) {
  Snapshot snapshot;
  TRY_VOID(read_document(path, bytes, "snapshot", [&](const Field& document) { snapshot = read_fields(document); }));
  Result<void> bounded =
      check_boot_limits(snapshot.boot_files).and_then([&] { return check_later_limits(snapshot.later_writers); });
  if (bounded) return snapshot;
  bounded.error().where = {std::string(path), 0};
  return fail(std::move(bounded).error());
}

Result<Examination> read_examination(std::string_view path, std::string_view bytes) {
  std::optional<Examination> examination;
  TRY_VOID(read_document(path, bytes, "snapshot",
                         [&](const Field& document) { examination = read_examination_fields(document); }));
  if (examination) return *std::move(examination);
  return fail({.code = ErrorCode::unsupported,
               .message = "a snapshot without the sockets of its host",
               .where = {std::string(path), 0},
               .hint = "take it again with `twctl snapshot --sockets`"});
}

}  // namespace twctl
