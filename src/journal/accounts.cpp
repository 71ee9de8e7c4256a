#include "journal/accounts.hpp"

#include <fmt/format.h>

#include <optional>
#include <string_view>
#include <vector>

#include "base/escape.hpp"
#include "base/text.hpp"

namespace twctl {
namespace {

constexpr std::size_t kPasswdLimit = std::size_t{4} << 20U;

// "ann (uid 1000)", or the number alone.
std::string person(std::string_view number, std::uint32_t uid, const Accounts& accounts) {
  const auto known = accounts.find(uid);
  const std::string numbered = fmt::format("{} {}", number, uid);
  return known == accounts.end() ? numbered : fmt::format("{} ({})", escape(known->second), numbered);
}

// What sudo claims says nothing more where the login says the same.
bool says_more(const RunFacts& author, const Accounts& accounts) {
  const auto login = author.login_uid ? accounts.find(*author.login_uid) : accounts.end();
  return !author.sudo_user.empty() && (login == accounts.end() || login->second != author.sudo_user);
}

}  // namespace

Accounts read_accounts(HostFiles& files) {
  const auto bytes = files.read("/etc/passwd", kPasswdLimit);
  Accounts accounts;
  if (!bytes || !*bytes) return accounts;
  for (const std::string_view line : split(**bytes, '\n')) {
    const auto fields = split(line, ':');
    if (fields.size() < 4 || fields[0].empty()) continue;
    if (const auto uid = parse_whole<std::uint32_t>(fields[2])) accounts.try_emplace(*uid, fields[0]);
  }
  return accounts;
}

std::string who(const RunFacts& author, const Accounts& accounts) {
  if (!author.account.empty()) return escape(author.account);
  std::string text = person("uid", author.uid, accounts);
  if (author.login_uid) text = person("login uid", *author.login_uid, accounts) + " as " + text;
  if (says_more(author, accounts)) text += fmt::format(" (SUDO_USER says {})", escape(author.sudo_user));
  return text;
}

std::string who_in_short(const RunFacts& author, const Accounts& accounts) {
  if (!author.account.empty()) return escape(author.account);
  return person("uid", author.login_uid.value_or(author.uid), accounts);
}

}  // namespace twctl
