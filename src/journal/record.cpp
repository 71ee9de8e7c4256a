#include "journal/record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/base64.hpp"
#include "base/crc32.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "catalog/registry_value.hpp"
#include "catalog/setting.hpp"
#include "sysctl/boot.hpp"

namespace twctl {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kMagic = "twctl-record";
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::size_t kIdLength = 32;

// JSON strings are UTF-8; bytes that are not stand as {"base64": "..."}.
Json bytes_to_json(const std::string& bytes) {
  if (is_utf8(bytes)) return bytes;
  return Json{{"base64", to_base64(bytes)}};
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json file_bytes_to_json(const std::optional<std::string>& bytes) {
  return bytes ? bytes_to_json(*bytes) : Json(nullptr);
}

std::string framed(const Json& json) {
  const std::string payload = json.dump() + "\n";
  return fmt::format("{} {} {} {:08x}\n{}", kMagic, kRecordVersion, payload.size(), crc32(payload), payload);
}

tl::unexpected<Error> corrupt(std::string_view why) {
  return fail(ErrorCode::invalid, fmt::format("the record is not one of ours or is damaged: {}", why));
}

// The payload of a record whose frame holds.
Result<std::string_view> payload_of(std::string_view bytes) {
  if (bytes.size() > kRecordLimit) return corrupt("it is too large");
  const std::size_t end = bytes.find('\n');
  if (end == std::string_view::npos) return corrupt("it has no heading");
  const std::vector<std::string_view> heading = words(bytes.substr(0, end));
  const std::string_view payload = bytes.substr(end + 1);
  if (heading.size() != 4 || heading[0] != kMagic) return corrupt("its heading is not ours");
  if (heading[1] != fmt::to_string(kRecordVersion)) {
    return corrupt(fmt::format("its version is {}; this twctl knows {}", escape(heading[1], 16), kRecordVersion));
  }
  if (heading[2] != fmt::to_string(payload.size())) return corrupt("its length is wrong");
  if (heading[3] != fmt::format("{:08x}", crc32(payload))) return corrupt("its checksum is wrong");
  return payload;
}

Result<Json> unframed(std::string_view bytes) {
  TRY(const std::string_view payload, payload_of(bytes));
  Json json = Json::parse(payload, nullptr, false);
  if (!json.is_object()) return corrupt("it holds no JSON object");
  return json;
}

// Reads typed members of a JSON object and remembers whether all were as they should be. Decoding asks for
// everything first and looks at ok() once, so that no member is read before its type is known.
class Members {
 public:
  explicit Members(const Json& json) : json_(json) {}

  std::string text(const char* name) { return bytes_of(member(name)); }

  // That an earlier twctl did not know.
  std::string later_text(const char* name) { return json_.is_object() && !json_.contains(name) ? "" : text(name); }

  std::optional<std::string> optional_text(const char* name) {
    const Json& json = member(name);
    if (json.is_null()) return std::nullopt;
    return bytes_of(json);
  }

  template <class T>
  T number(const char* name) {
    const Json& json = member(name);
    if (json.is_number_integer() && (std::is_signed_v<T> || json.is_number_unsigned())) return json.get<T>();
    return wrong(T{});
  }

  bool flag(const char* name) {
    const Json& json = member(name);
    return json.is_boolean() ? json.get<bool>() : wrong(false);
  }

  template <class T>
  std::optional<T> optional_number(const char* name) {
    return member(name).is_null() ? std::nullopt : std::optional<T>(number<T>(name));
  }

  std::optional<std::chrono::nanoseconds> optional_duration(const char* name) {
    const std::optional<std::int64_t> count = optional_number<std::int64_t>(name);
    return count ? std::optional(std::chrono::nanoseconds(*count)) : std::nullopt;
  }

  std::vector<std::string> texts(const char* name) {
    std::vector<std::string> list;
    for (const Json& item : array(name)) list.push_back(bytes_of(item));
    return list;
  }

  const Json& array(const char* name) {
    static const Json kNone = Json::array();
    const Json& json = member(name);
    return json.is_array() ? json : wrong(kNone);
  }

  void require(bool condition) { ok_ = ok_ && condition; }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  template <class T>
  T&& wrong(T&& value) {
    ok_ = false;
    return std::forward<T>(value);
  }

  const Json& member(const char* name) {
    static const Json kMissing = Json::value_t::discarded;
    if (!json_.is_object()) return wrong(kMissing);
    const auto found = json_.find(name);
    return found == json_.end() ? wrong(kMissing) : *found;
  }

  std::string bytes_of(const Json& json) {
    if (json.is_string()) return json.get<std::string>();
    if (!json.is_object() || !json.contains("base64") || !json["base64"].is_string()) return wrong(std::string());
    const std::optional<std::string> bytes = from_base64(json["base64"].get<std::string>());
    return bytes ? *bytes : wrong(std::string());
  }

  const Json& json_;
  bool ok_ = true;
};

bool is_change_id(std::string_view id) {
  return id.size() == kIdLength && id.find_first_not_of(kHexDigits) == std::string_view::npos;
}

Json setting_to_json(const SettingChange& change) {
  return {{"key", change.key}, {"before", or_null(change.before)}, {"after", or_null(change.after)}};
}

// Of whatever type: rollback puts a value of a wrong one back.
bool is_as_the_registry_has_it(const Value& value) {
  const std::optional<RegistryBytes> bytes = to_registry(value);
  return bytes && to_value(*bytes) == value;
}

// Of the setting's type and written as we write it. What was there before us may lie outside of what we accept.
bool is_a_value_of(const Setting& setting, const Value& value) {
  if (setting.os == Os::windows) return is_as_the_registry_has_it(value);
  if (canonical(setting, value) != value) return false;
  switch (setting.type) {
    case ValueType::integer:
    case ValueType::enumeration:
      return as_integer(value).has_value();
    case ValueType::integer_pair:
      return as_pair(value).has_value();
    case ValueType::port_set:
      return parse_ports(value).has_value();
  }
  return false;
}

// The journal is data, not a capability: a key must be of the catalogue, a value one that it could have.
SettingChange setting_from_json(const Json& json, bool& ok) {
  Members members(json);
  SettingChange change{
      .key = members.text("key"), .before = members.optional_text("before"), .after = members.optional_text("after")};
  const Setting* setting = find_setting(change.key);
  const bool known = setting != nullptr && setting->writable;
  for (const auto& value : {change.before, change.after}) {
    members.require(!value || (known && is_a_value_of(*setting, *value)));
  }
  members.require(known);
  ok = ok && members.ok();
  return change;
}

Json file_to_json(const FileChange& change) {
  return {{"path", change.path},
          {"before", file_bytes_to_json(change.before)},
          {"after", file_bytes_to_json(change.after)}};
}

FileChange file_from_json(const Json& json, bool& ok) {
  Members members(json);
  FileChange change{
      .path = members.text("path"), .before = members.optional_text("before"), .after = members.optional_text("after")};
  members.require(change.path == kOwnBootFile || change.path == kSysctlConf);
  ok = ok && members.ok();
  return change;
}

template <class T, class Convert>
Json list_to_json(const std::vector<T>& items, Convert convert) {
  Json list = Json::array();
  for (const T& item : items) list.push_back(convert(item));
  return list;
}

Json author_to_json(const RunFacts& author) {
  return {{"uid", author.uid},
          {"login_uid", or_null(author.login_uid)},
          {"sudo_user", bytes_to_json(author.sudo_user)},
          {"account", bytes_to_json(author.account)},
          {"time", author.time}};
}

RunFacts author_from_json(const Json& json, bool& ok) {
  Members members(json);
  RunFacts author{.uid = members.number<std::uint32_t>("uid"),
                  .login_uid = members.optional_number<std::uint32_t>("login_uid"),
                  .sudo_user = members.text("sudo_user"),
                  .account = members.later_text("account"),
                  .time = members.number<std::int64_t>("time")};
  ok = ok && members.ok();
  return author;
}

constexpr std::string_view kind_name(ChangeKind kind) { return kind == ChangeKind::apply ? "apply" : "rollback"; }

constexpr std::string_view ending_name(Ending ending) {
  if (ending == Ending::committed) return "committed";
  return ending == Ending::rolled_back ? "rolled-back" : "gone";
}

std::optional<Ending> ending_of(std::string_view name) {
  for (const Ending ending : {Ending::committed, Ending::rolled_back, Ending::gone}) {
    if (name == ending_name(ending)) return ending;
  }
  return std::nullopt;
}

}  // namespace

std::string encode(const Intent& intent) {
  Json json{{"record", "intent"},
            {"id", intent.id},
            {"sequence", intent.sequence},
            {"kind", kind_name(intent.kind)},
            {"undoes", intent.undoes},
            {"author", author_to_json(intent.author)},
            {"reason", bytes_to_json(intent.reason)},
            {"boot_id", bytes_to_json(intent.origin.boot_id)},
            {"network_namespace", bytes_to_json(intent.origin.network_namespace)},
            {"netns", bytes_to_json(intent.origin.netns)},
            {"loaded_at_boot", intent.origin.loaded_at_boot},
            {"deadline", intent.deadline ? Json(intent.deadline->count()) : Json(nullptr)}};
  if (intent.deadline_time) json["deadline_time"] = *intent.deadline_time;
  json["profiles"] = list_to_json(intent.profiles, bytes_to_json);
  json["accepted"] = list_to_json(intent.accepted, bytes_to_json);
  json["settings"] = list_to_json(intent.settings, setting_to_json);
  json["files"] = list_to_json(intent.files, file_to_json);
  return framed(json);
}

std::string encode_applied() { return framed({{"record", "applied"}}); }

std::string encode(const DecisionRecord& record) {
  Json json{{"record", "decision"}, {"decision", record.decision == Decision::commit ? "commit" : "roll-back"}};
  if (record.by) json["author"] = author_to_json(*record.by);
  if (record.lapsed) json["lapsed"] = true;
  return framed(json);
}

std::string encode(const Done& done) {
  Json json{{"record", "done"}, {"ending", ending_name(done.ending)}};
  json["conflicts"] = list_to_json(done.conflicts, [](const Conflict& conflict) {
    return Json{{"what", bytes_to_json(conflict.what)}, {"found", bytes_to_json(conflict.found)}};
  });
  return framed(json);
}

Result<bool> check_whole(std::string_view bytes) {
  return payload_of(bytes).map([](std::string_view) { return true; });
}

Result<Intent> decode_intent(std::string_view bytes) {
  TRY(const Json json, unframed(bytes));
  Members members(json);
  bool ok = members.text("record") == "intent";
  const std::string kind = members.text("kind");
  Intent intent{.id = members.text("id"),
                .sequence = members.number<std::uint64_t>("sequence"),
                .kind = kind == kind_name(ChangeKind::apply) ? ChangeKind::apply : ChangeKind::rollback,
                .undoes = members.texts("undoes"),
                .author = author_from_json(json.value("author", Json()), ok),
                .reason = members.text("reason"),
                .profiles = members.texts("profiles"),
                .accepted = members.texts("accepted"),
                .origin = {.boot_id = members.text("boot_id"),
                           .network_namespace = members.text("network_namespace"),
                           .netns = members.text("netns"),
                           .loaded_at_boot = members.flag("loaded_at_boot")},
                .deadline = members.optional_duration("deadline"),
                .deadline_time = {},
                .settings = {},
                .files = {}};
  if (json.contains("deadline_time")) intent.deadline_time = members.number<std::int64_t>("deadline_time");
  for (const Json& item : members.array("settings")) intent.settings.push_back(setting_from_json(item, ok));
  for (const Json& item : members.array("files")) intent.files.push_back(file_from_json(item, ok));
  members.require(is_change_id(intent.id) && std::all_of(intent.undoes.begin(), intent.undoes.end(), is_change_id));
  members.require(kind == kind_name(intent.kind));
  if (!ok || !members.ok()) return corrupt("a member of the intent is missing, or is not what it should be");
  return intent;
}

Result<bool> decode_applied(std::string_view bytes) {
  TRY(const Json json, unframed(bytes));
  Members members(json);
  members.require(members.text("record") == "applied");
  if (!members.ok()) return corrupt("it does not say that the change was applied");
  return true;
}

Result<DecisionRecord> decode_decision(std::string_view bytes) {
  TRY(const Json json, unframed(bytes));
  Members members(json);
  const std::string decision = members.text("decision");
  bool ok = members.text("record") == "decision" && (decision == "commit" || decision == "roll-back");
  DecisionRecord record{.decision = decision == "commit" ? Decision::commit : Decision::roll_back, .by = {}};
  if (json.contains("author")) record.by = author_from_json(json["author"], ok);
  if (json.contains("lapsed")) record.lapsed = members.flag("lapsed");
  if (!ok || !members.ok()) return corrupt("it is no decision");
  return record;
}

Result<Done> decode_done(std::string_view bytes) {
  TRY(const Json json, unframed(bytes));
  Members members(json);
  const std::optional<Ending> ending = ending_of(members.text("ending"));
  members.require(members.text("record") == "done" && ending.has_value());
  Done done{.ending = ending.value_or(Ending::committed), .conflicts = {}};
  for (const Json& item : members.array("conflicts")) {
    Members conflict(item);
    done.conflicts.push_back({.what = conflict.text("what"), .found = conflict.text("found")});
    members.require(conflict.ok());
  }
  if (!members.ok()) return corrupt("it is no end of a change");
  return done;
}

}  // namespace twctl
