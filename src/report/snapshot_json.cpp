#include "report/snapshot_json.hpp"

#include <nlohmann/json.hpp>

#include "base/base64.hpp"
#include "base/utf8.hpp"
#include "report/host_json.hpp"
#include "report/snapshot_words.hpp"
#include "report/version.hpp"

namespace twctl {
namespace {

using Json = nlohmann::ordered_json;

Json or_null(std::string_view text) { return text_or_null<Json>(text); }

// Files and the kernel may hold any bytes: those that are no UTF-8 are kept as {"base64": "..."}.
Json bytes_json(std::string_view bytes) {
  if (is_utf8(bytes)) return bytes;
  return {{"base64", to_base64(bytes)}};
}

Json live_json(const LiveValue& value) {
  const bool present = value.state == LiveValue::State::present;
  return {{"state", word_for(kStateWords, value.state)},
          {"value", present ? bytes_json(value.value) : Json(nullptr)},
          {"read_only", value.read_only},
          {"problem", or_null(value.problem)}};
}

Json boot_file_json(const BootFile& file) {
  return {{"path", bytes_json(file.path)},
          {"link_target", file.link_target.empty() ? Json(nullptr) : bytes_json(file.link_target)},
          {"bytes", bytes_json(file.bytes)},
          {"problem", or_null(file.problem)}};
}

Json later_writer_json(const LaterWriter& writer) {
  Json writes = Json::object();
  for (const auto& [key, value] : writer.writes) writes[key] = value.empty() ? Json(nullptr) : bytes_json(value);
  return {{"name", writer.name},
          {"evidence", writer.evidence},
          {"writes", std::move(writes)},
          {"boot_files_win", writer.boot_files_win}};
}

template <class Items, class ToJson>
Json list_json(const Items& items, const ToJson& to_json) {
  Json list = Json::array();
  for (const auto& item : items) list.push_back(to_json(item));
  return list;
}

}  // namespace

std::string snapshot_json(const Snapshot& snapshot) {
  Json document = {{"format_version", kFormatVersion}, {"command", "snapshot"}};
  document["host"] = host_json<Json>(snapshot.host);
  document["live"] = Json::object();
  for (const auto& [key, value] : snapshot.live) document["live"][key] = live_json(value);
  document["boot_files"] = list_json(snapshot.boot_files, boot_file_json);
  document["later_writers"] = list_json(snapshot.later_writers, later_writer_json);
  document["boot_modules"] = snapshot.boot_modules;
  document["tcp_hash_entries"] = snapshot.tcp_hash_entries > 0 ? Json(snapshot.tcp_hash_entries) : Json(nullptr);
  document["listening_ports"] = snapshot.listening_ports;
  document["other_namespaces"] = snapshot.other_namespaces;
  return document.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace twctl
