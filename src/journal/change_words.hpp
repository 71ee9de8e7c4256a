// A change in words: what it is called, what a person types to act on it, and the line that the system's log gets.
// Pure; printable.
#pragma once

#include <string>
#include <string_view>

#include "journal/change.hpp"

namespace twctl {

inline constexpr std::size_t kLogLineLimit = 900;  // bytes; syslog's oldest form holds 1024

[[nodiscard]] std::string_view name_of(ChangeKind kind);  // "rollback"

// The beginning of an id that a person types: 8 digits.
[[nodiscard]] std::string short_id(std::string_view id);

// "twctl rollback 3f2a91c0 --root /img --netns blue". `location`: StateStore::location(), which tells the root; ""
// where the reader stands on that system.
[[nodiscard]] std::string command_for(const Intent& intent, std::string_view verb, std::string_view location);

// "twctl history 3f2a91c0 --root /img": the journal is the host's, whatever network namespace the change was made in.
[[nodiscard]] std::string history_command(const Intent& intent, std::string_view location);

// " (network namespace blue)" of a change that was made there; "" of one in a namespace whose values boot files set.
[[nodiscard]] std::string namespace_text(const Origin& origin);

// "twctl recover --netns blue"; `netns` as it was asked for, raw, "" for the caller's own.
[[nodiscard]] std::string command_in(const std::string& netns, std::string_view verb, std::string_view location);

// "twctl rollback --to 3f2a91c0 --force net.ipv4.tcp_fin_timeout --netns blue", as above. `force`: the keys that were
// forced already.
[[nodiscard]] std::string rollback_to(std::string_view id, const std::vector<std::string>& force,
                                      const std::string& netns, std::string_view location);

// What to do about a later change that stands in the way of that one: `force` and so on as of rollback_to().
[[nodiscard]] std::string undo_first(std::string_view id, const std::vector<std::string>& force,
                                     const std::string& netns, std::string_view location);

// " --force net.ipv4.tcp_fin_timeout" of each.
[[nodiscard]] std::string force_words(const std::vector<std::string>& keys);

// "apply 3f..: committed: net.ipv4.tcp_fin_timeout 60 -> 30, /etc/sysctl.d/60-twctl.conf; by login uid 1000 ..."
[[nodiscard]] std::string change_line(const Change& change, const RunFacts& by);

// "recovery of 3f..: rolled back: ..."; `action` says what was done, as "timeout of" where it was not confirmed in
// time.
[[nodiscard]] std::string recovery_line(const Change& change, std::string_view action, const RunFacts& by);

}  // namespace twctl
