#include "journal/record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>

#include "base/crc32.hpp"
#include "base/escape.hpp"
#include "base/text.hpp"
#include "catalog/registry_value.hpp"
#include "catalog/setting.hpp"
#include "json/field.hpp"
#include "json/json.hpp"
#include "sysctl/boot.hpp"

namespace twctl {
namespace {

constexpr std::string_view kMagic = "twctl-record";
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::size_t kIdLength = 32;

std::string framed(const Json& json) {
  const std::string payload = record_text(json);
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

// A record of that name whose frame holds. Error: `otherwise`, where a member is missing, or is not what it should be.
Result<void> read_record(std::string_view bytes, std::string_view name, std::string_view otherwise,
                         const ReadFields& read) {
  TRY(const std::string_view payload, payload_of(bytes));
  const Result<void> done = read_json(payload, "record", [&](const Field& record) {
    record.member("record").require(record.member("record").bytes() == name);
    read(record);
  });
  if (!done) return corrupt(otherwise);
  return {};
}

template <class Number>
Number any_number(const Field& field) {
  return field.number(std::numeric_limits<Number>::min(), std::numeric_limits<Number>::max());
}

constexpr std::int64_t kLongestUptime = 4'000'000'000'000'000'000;  // nanoseconds: over a hundred years
constexpr std::int64_t kLatestTime = 253'402'300'799;               // the end of the year 9999, in seconds since 1970
constexpr std::int64_t kEarliestTime = -62'135'596'800;             // the beginning of the year 1

std::int64_t time_from_json(const Field& field) { return field.number(kEarliestTime, kLatestTime); }

bool is_change_id(std::string_view id) {
  return id.size() == kIdLength && id.find_first_not_of(kHexDigits) == std::string_view::npos;
}

Json setting_to_json(const SettingChange& change) {
  return {{"key", change.key}, {"before", value_json(change.before)}, {"after", value_json(change.after)}};
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
    case ValueType::integer_triple:
      break;  // of none that we write
  }
  return false;
}

// The journal is data, not a capability: a key must be of the catalogue, a value one that it could have.
SettingChange setting_from_json(const Field& field) {
  SettingChange change{.key = field.member("key").bytes(),
                       .before = field.member("before").value(),
                       .after = field.member("after").value()};
  const Setting* setting = find_setting(change.key);
  const bool known = setting != nullptr && setting->writable;
  field.member("key").require(known);
  for (const auto& value : {change.before, change.after})
    field.require(!value || (known && is_a_value_of(*setting, *value)));
  return change;
}

Json file_to_json(const FileChange& change) {
  return {{"path", change.path}, {"before", value_json(change.before)}, {"after", value_json(change.after)}};
}

FileChange file_from_json(const Field& field) {
  FileChange change{.path = field.member("path").bytes(),
                    .before = field.member("before").value(),
                    .after = field.member("after").value()};
  field.member("path").require(change.path == kOwnBootFile || change.path == kSysctlConf);
  return change;
}

Json conflict_to_json(const Conflict& conflict) {
  return {{"what", bytes_json(conflict.what)}, {"found", bytes_json(conflict.found)}};
}

std::vector<Conflict> conflicts_from_json(const Field& field) {
  std::vector<Conflict> conflicts;
  field.each([&](const Field& conflict) {
    conflicts.push_back({.what = conflict.member("what").bytes(), .found = conflict.member("found").bytes()});
  });
  return conflicts;
}

Json folded_to_json(const Folded& folded) {
  Json json{{"count", folded.count}, {"until", folded.until}, {"ids", folded.ids}};
  if (!folded.between.empty()) json["between"] = list_json(folded.between, conflict_to_json);
  return json;
}

Folded folded_from_json(const Field& field) {
  Folded folded{.count = any_number<std::uint64_t>(field.member("count")),
                .until = time_from_json(field.member("until")),
                .ids = field.member("ids").list_of_bytes()};
  if (field.has("between")) folded.between = conflicts_from_json(field.member("between"));
  field.member("ids").require(std::all_of(folded.ids.begin(), folded.ids.end(), is_change_id));
  return folded;
}

Json author_to_json(const RunFacts& author) {
  return {{"uid", author.uid},
          {"login_uid", number_or_null(author.login_uid)},
          {"sudo_user", bytes_json(author.sudo_user)},
          {"account", bytes_json(author.account)},
          {"time", author.time}};
}

RunFacts author_from_json(const Field& field) {
  const Field login_uid = field.member("login_uid");
  return {.uid = any_number<std::uint32_t>(field.member("uid")),
          .login_uid = login_uid.is_null() ? std::nullopt : std::optional(any_number<std::uint32_t>(login_uid)),
          .sudo_user = field.member("sudo_user").bytes(),
          .account = field.has("account") ? field.member("account").bytes() : "",  // an earlier twctl did not know it
          .time = time_from_json(field.member("time"))};
}

constexpr std::array kKindWords = {Word<ChangeKind>{ChangeKind::apply, "apply"},
                                   Word<ChangeKind>{ChangeKind::rollback, "rollback"}};

constexpr std::array kDecisionWords = {Word<Decision>{Decision::commit, "commit"},
                                       Word<Decision>{Decision::roll_back, "roll-back"}};

constexpr std::array kEndingWords = {Word<Ending>{Ending::committed, "committed"},
                                     Word<Ending>{Ending::rolled_back, "rolled-back"},
                                     Word<Ending>{Ending::gone, "gone"}};

Json root_to_json(const HostRoot& root) {
  return {{"running_system", root.running_system},
          {"boot_id", bytes_json(root.boot_id)},
          {"directory", bytes_json(root.directory)}};
}

HostRoot root_from_json(const Field& field) {
  return {.running_system = field.member("running_system").flag(),
          .boot_id = field.member("boot_id").bytes(),
          .directory = field.member("directory").bytes()};
}

std::optional<std::chrono::nanoseconds> duration_from_json(const Field& field) {
  if (field.is_null()) return std::nullopt;
  return std::chrono::nanoseconds(field.number(std::int64_t{0}, kLongestUptime));
}

template <class T>
bool all_differ(const std::vector<T>& list, std::string T::*name) {
  std::set<std::string> seen;
  return std::all_of(list.begin(), list.end(), [&](const T& one) { return seen.insert(one.*name).second; });
}

Intent intent_from_json(const Field& record) {
  Intent intent{.id = record.member("id").bytes(),
                .sequence = record.member("sequence").number(std::uint64_t{1}, kMostChanges),
                .kind = record.member("kind").word(kKindWords),
                .undoes = record.member("undoes").list_of_bytes(),
                .author = author_from_json(record.member("author")),
                .reason = record.member("reason").bytes(),
                .profiles = record.member("profiles").list_of_bytes(),
                .accepted = record.member("accepted").list_of_bytes(),
                .origin = {.boot_id = record.member("boot_id").bytes(),
                           .network_namespace = record.member("network_namespace").bytes(),
                           .netns = record.member("netns").bytes(),
                           .loaded_at_boot = record.member("loaded_at_boot").flag(),
                           .root = {},
                           .pid_namespace = {}},
                .deadline = duration_from_json(record.member("deadline")),
                .deadline_time = {},
                .settings = {},
                .files = {}};
  if (record.has("root")) intent.origin.root = root_from_json(record.member("root"));
  if (record.has("pid_namespace")) intent.origin.pid_namespace = record.member("pid_namespace").bytes();
  if (record.has("deadline_time")) intent.deadline_time = time_from_json(record.member("deadline_time"));
  record.member("settings").each([&](const Field& item) { intent.settings.push_back(setting_from_json(item)); });
  record.member("files").each([&](const Field& item) { intent.files.push_back(file_from_json(item)); });
  record.member("settings").require(all_differ(intent.settings, &SettingChange::key));
  record.member("files").require(all_differ(intent.files, &FileChange::path));
  if (record.has("folded")) intent.folded = folded_from_json(record.member("folded"));
  record.member("id").require(is_change_id(intent.id));
  record.member("undoes").require(std::all_of(intent.undoes.begin(), intent.undoes.end(), is_change_id));
  return intent;
}

DecisionRecord decision_from_json(const Field& record) {
  DecisionRecord decision{.decision = record.member("decision").word(kDecisionWords), .by = {}};
  if (record.has("author")) decision.by = author_from_json(record.member("author"));
  if (record.has("lapsed")) decision.lapsed = record.member("lapsed").flag();
  if (record.has("reason")) decision.reason = record.member("reason").bytes();
  return decision;
}

Done done_from_json(const Field& record) {
  return {.ending = record.member("ending").word(kEndingWords),
          .conflicts = conflicts_from_json(record.member("conflicts"))};
}

}  // namespace

std::string encode(const Intent& intent) {
  Json json{{"record", "intent"},
            {"id", intent.id},
            {"sequence", intent.sequence},
            {"kind", word_for(kKindWords, intent.kind)},
            {"undoes", intent.undoes},
            {"author", author_to_json(intent.author)},
            {"reason", bytes_json(intent.reason)},
            {"boot_id", bytes_json(intent.origin.boot_id)},
            {"network_namespace", bytes_json(intent.origin.network_namespace)},
            {"netns", bytes_json(intent.origin.netns)},
            {"loaded_at_boot", intent.origin.loaded_at_boot},
            {"root", root_to_json(intent.origin.root)},
            {"deadline", intent.deadline ? Json(intent.deadline->count()) : Json(nullptr)}};
  if (!intent.origin.pid_namespace.empty()) json["pid_namespace"] = bytes_json(intent.origin.pid_namespace);
  if (intent.deadline_time) json["deadline_time"] = *intent.deadline_time;
  json["profiles"] = list_json(intent.profiles, bytes_json);
  json["accepted"] = list_json(intent.accepted, bytes_json);
  json["settings"] = list_json(intent.settings, setting_to_json);
  json["files"] = list_json(intent.files, file_to_json);
  if (intent.folded) json["folded"] = folded_to_json(*intent.folded);
  return framed(json);
}

std::string encode_applied() { return framed({{"record", "applied"}}); }

std::string encode(const DecisionRecord& record) {
  Json json{{"record", "decision"}, {"decision", word_for(kDecisionWords, record.decision)}};
  if (record.by) json["author"] = author_to_json(*record.by);
  if (record.lapsed) json["lapsed"] = true;
  if (!record.reason.empty()) json["reason"] = bytes_json(record.reason);
  return framed(json);
}

std::string encode(const Done& done) {
  Json json{{"record", "done"}, {"ending", word_for(kEndingWords, done.ending)}};
  json["conflicts"] = list_json(done.conflicts, conflict_to_json);
  return framed(json);
}

Result<bool> check_whole(std::string_view bytes) {
  return payload_of(bytes).map([](std::string_view) { return true; });
}

Result<Intent> decode_intent(std::string_view bytes) {
  Intent intent;
  TRY_VOID(read_record(bytes, "intent", "a member of the intent is missing, or is not what it should be",
                       [&](const Field& record) { intent = intent_from_json(record); }));
  return intent;
}

Result<bool> decode_applied(std::string_view bytes) {
  TRY_VOID(read_record(bytes, "applied", "it does not say that the change was applied", [](const Field&) {}));
  return true;
}

Result<DecisionRecord> decode_decision(std::string_view bytes) {
  DecisionRecord decision;
  TRY_VOID(read_record(bytes, "decision", "it is no decision",
                       [&](const Field& record) { decision = decision_from_json(record); }));
  return decision;
}

Result<Done> decode_done(std::string_view bytes) {
  Done done;
  TRY_VOID(read_record(bytes, "done", "it is no end of a change",
                       [&](const Field& record) { done = done_from_json(record); }));
  return done;
}

}  // namespace twctl
