// What rows say of each other: every name that one row gives of another is the name of a row.
#include <doctest/doctest.h>

#include <string>

#include "base/text.hpp"
#include "catalog/aliases.hpp"
#include "catalog/finding.hpp"
#include "catalog/setting.hpp"
#include "catalog/tcp_state.hpp"
#include "catalog/topic.hpp"
#include "report/explain_names.hpp"

using namespace twctl;

namespace {

bool name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

// Words of prose that look like a setting's name: "tcp_..." and "ip_..." in lower case, without "()" behind them.
std::vector<std::string> setting_names_in(std::string_view text) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && name_character(text[end])) ++end;
    std::string word(text.substr(at, end - at));
    while (word.ends_with('.')) word.pop_back();
    const std::string last = word.substr(word.rfind('.') + 1);
    const bool setting = last.starts_with("tcp_") || last.starts_with("ip_") || last.starts_with("nf_conntrack_tcp_");
    const bool other = word.ends_with(".c") || word.ends_with(".h") || (end < text.size() && text[end] == '(');
    if (setting && !other && last == to_lower(last)) names.push_back(word);
    at = end == at ? at + 1 : end;
  }
  return names;
}

// Named in passing, without a row of their own.
bool known_elsewhere(std::string_view name) {
  return name == "tcp_ehash_entries" || name == "ip_conntrack" || name == "tcp_rmem" || name == "tcp_wmem" ||
         name == "tcp_invalid_ratelimit" || name == "nf_conntrack_tcp_loose" || name.ends_with(".ip_nonlocal_bind") ||
         name == "nf_conntrack_tcp_timeout_established" || !meant_by(name).empty();
}

void check_settings_in(std::string_view text) {
  for (const std::string& name : setting_names_in(text)) {
    CAPTURE(name);
    CHECK((known_elsewhere(name) || find_setting_by_any_name(name) != nullptr));
  }
}

// `twctl explain NAME` in prose.
void check_explain_hints_in(std::string_view text) {
  constexpr std::string_view kHint = "`twctl explain ";
  for (std::size_t at = text.find(kHint); at != std::string_view::npos; at = text.find(kHint, at)) {
    at += kHint.size();
    const std::string name(text.substr(at, text.find('`', at) - at));
    const std::string one_line = join(std::vector<std::string>{std::string(trim(name))}, " ");
    CAPTURE(one_line);
    CHECK(find_explained(one_line).any());
  }
}

void check_prose(std::string_view text) {
  check_settings_in(text);
  check_explain_hints_in(text);
}

}  // namespace

TEST_CASE("every setting that a row's prose names is a row") {
  for (const Os os : {Os::linux_kernel, Os::windows}) {
    for (const Setting& row : settings(os)) {
      CAPTURE(row.key);
      for (const auto text : {row.summary, row.does, row.does_not, row.risk, row.needs, row.goes_with, row.history}) {
        check_prose(text);
      }
    }
  }
  for (const FindingRow& row : hazard_rows()) {
    CAPTURE(row.id);
    for (const auto text : {row.summary, row.meaning, row.advice}) check_prose(text);
  }
  for (const FindingRow& row : audit_findings()) {
    CAPTURE(row.id);
    for (const auto text : {row.summary, row.meaning, row.advice}) check_prose(text);
  }
  for (const FindingRow& row : doctor_findings()) {
    CAPTURE(row.id);
    for (const auto text : {row.summary, row.meaning, row.advice}) check_prose(text);
  }
  for (const TopicRow& row : topics()) {
    CAPTURE(row.id);
    check_prose(row.text);
  }
}

TEST_CASE("every setting that a state or a myth is about is a row") {
  for (const TcpStateRow& row : tcp_states()) {
    CAPTURE(row.name);
    for (const auto text : {row.summary, row.entered, row.left, row.pile_up, row.who_acts}) check_prose(text);
    for (const std::string_view name : split(row.settings, ',')) {
      CAPTURE(name);
      CHECK((trim(name).empty() || find_setting_by_any_name(trim(name)) != nullptr));
    }
  }
  for (const MythRow& row : myths()) {
    CAPTURE(row.id);
    for (const auto text : {row.claim, row.truth, row.evidence}) check_prose(text);
    CHECK((row.key.empty() || find_setting_by_any_name(row.key)->key == row.key));
  }
}

TEST_CASE("the words that look like settings are found in prose") {
  CHECK(setting_names_in(
            "Set tcp_tw_reuse, net.ipv4.ip_local_port_range. See tcp_ipv4.c, tcp_twsk_unique() and tcp(7)") ==
        std::vector<std::string>{"tcp_tw_reuse", "net.ipv4.ip_local_port_range"});
}

TEST_CASE("what a row says of a setting is whole sentences") {
  for (const Os os : {Os::linux_kernel, Os::windows}) {
    for (const Setting& row : settings(os)) {
      CAPTURE(row.key);
      for (const auto text : {row.summary, row.does, row.does_not, row.risk, row.needs}) {
        CHECK((text.empty() || text.ends_with('.')));
      }
    }
  }
}
