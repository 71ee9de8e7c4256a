#include "report/snapshot_json.hpp"

#include <cmath>
#include <type_traits>

#include "json/json.hpp"
#include "json/words.hpp"
#include "report/examination_members.hpp"

namespace twctl {
namespace {

Json live_json(const LiveValue& value) {
  const bool present = value.state == LiveValue::State::present;
  return {{"state", word_for(kStateWords, value.state)},
          {"value", present ? bytes_json(value.value) : Json(nullptr)},
          {"read_only", value.read_only},
          {"problem", text_or_null(value.problem)}};
}

Json stray_json(const StrayValue& stray) {
  return {{"key", bytes_json(stray.key)}, {"place", bytes_json(stray.place)}, {"live", live_json(stray.live)}};
}

Json boot_file_json(const BootFile& file) {
  return {{"path", bytes_json(file.path)},
          {"link_target", bytes_or_null(file.link_target)},
          {"bytes", bytes_json(file.bytes)},
          {"problem", text_or_null(file.problem)}};
}

Json later_line_json(const LaterWrite& write) {
  Json line{{"key", bytes_or_null(write.key)},
            {"value", bytes_or_null(write.value)},
            {"file", bytes_or_null(write.where.file)},
            {"line", write.where.line},
            {"step", write.step},
            {"ends", write.ends}};
  if (write.if_there) line["if_there"] = true;
  return line;
}

// `writes` has the last value of each key, as the first versions of the format had it.
Json later_writer_json(const LaterWriter& writer) {
  Json writes = Json::object();
  for (const LaterWrite& write : writer.writes) {
    if (!write.reads_all()) writes[write.key] = bytes_or_null(write.value);
  }
  return {{"name", writer.name},
          {"evidence", writer.evidence},
          {"when", word_for(kWriteTimeWords, writer.when)},
          {"writes", std::move(writes)},
          {"lines", list_json(writer.writes, later_line_json)},
          {"boot_files_win", writer.boot_files_win},
          {"refused", writer.refused},
          {"before_boot_files", writer.before_boot_files},
          {"without_prefix", list_json(writer.without_prefix, later_line_json)},
          {"unread", text_or_null(writer.unread)}};
}

// The members of an examination, each by its type.
class ExaminationWriter {
 public:
  explicit ExaminationWriter(Json& object) : object_(object) {}

  template <class Value>
  void operator()(const char* name, const Value& value) const {
    object_[name] = written(value);
  }
  template <class Value>
  void operator()(const char* name, const Value& value, Later /*unused*/) const {
    object_[name] = written(value);
  }

 private:
  template <class Value>
  static Json written(const Value& value) {
    if constexpr (std::is_integral_v<Value>) {
      return value;
    } else {
      Json object = Json::object();
      visit_members(value, ExaminationWriter(object));
      return object;
    }
  }

  static Json written(const std::string& text) { return bytes_or_null(text); }
  static Json written(SocketOrigin origin) { return word_for(kOriginWords, origin); }
  static Json written(const IpAddress& address) { return to_text(address); }

  // Of TCP, and what else doctor looks at; the others doctor does not look at may be of any size.
  static Json written(const Counters& counters) {
    Json object = Json::object();
    for (const auto& [name, count] : counters) {
      const std::string_view area = std::string_view(name).substr(0, name.find('.'));
      const bool counted = area == "Tcp" || area == "TcpExt" || area == "sockstat" || area == "conntrack";
      if (counted || name == "Ip.OutNoRoutes") object[name] = count;
    }
    return object;
  }

  static Json written(const StateCounts& counts) {
    Json object = Json::object();
    for (const TcpState state : counted_states()) object[std::string(name_of(state))] = count_of(counts, state);
    return object;
  }

  template <class Row>
  static Json written(const std::vector<Row>& rows) {
    Json list = Json::array();
    for (const Row& row : rows) list.push_back(written(row));
    return list;
  }

  template <class Value>
  static Json written(const std::optional<Value>& value) {
    return value ? written(*value) : Json(nullptr);
  }

  Json& object_;
};

Json examination_json(const Examination& examination) {
  Json object = {{"sampled_ms", std::llround(1000 * examination.seconds)}};
  visit_members(examination, ExaminationWriter(object));
  return object;
}

}  // namespace

std::string snapshot_json(const Snapshot& snapshot, const Examination* examination, bool whole) {
  Json document = document_of("snapshot");
  document["whole"] = whole;
  document["host"] = host_json(snapshot.host);
  document["live"] = Json::object();
  for (const auto& [key, value] : snapshot.live) document["live"][key] = live_json(value);
  document["strays"] = list_json(snapshot.strays, stray_json);
  document["boot_files"] = list_json(snapshot.boot_files, boot_file_json);
  document["later_writers"] = list_json(snapshot.later_writers, later_writer_json);
  document["boot_modules"] = snapshot.boot_modules;
  document["tcp_hash_entries"] = snapshot.tcp_hash_entries > 0 ? Json(snapshot.tcp_hash_entries) : Json(nullptr);
  document["listening_ports"] = snapshot.listening_ports;
  document["other_namespaces"] = snapshot.other_namespaces;
  document["sockets"] = examination == nullptr ? Json(nullptr) : examination_json(*examination);
  return document_text(document);
}

}  // namespace twctl
