// What is given to each option, checked and put into Options. Error: usage.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cli/options.hpp"

namespace twctl {

// "text, json": what --format of that command takes.
[[nodiscard]] std::string formats_of(Command command, std::string_view between);

[[nodiscard]] Result<void> set_format(Options& options, std::string value);
[[nodiscard]] Result<void> set_as(Options& options, std::string value);
[[nodiscard]] Result<void> set_color(Options& options, std::string value);
[[nodiscard]] Result<void> set_scope(Options& options, std::string value);
[[nodiscard]] Result<void> set_fail_on(Options& options, std::string value);
[[nodiscard]] Result<void> add_ignored(Options& options, std::string value);
[[nodiscard]] Result<void> set_by(Options& options, std::string value);
[[nodiscard]] Result<void> set_reason(Options& options, std::string value);
[[nodiscard]] Result<void> set_interval(Options& options, std::string value);
[[nodiscard]] Result<void> set_verbose(Options& options, std::string value);
[[nodiscard]] Result<void> set_boot_file(Options& options, std::string value);
[[nodiscard]] Result<void> set_wait(Options& options, std::string value);
[[nodiscard]] Result<void> set_confirm_within(Options& options, std::string value);
[[nodiscard]] Result<void> set_closes(Options& options, std::string value);
[[nodiscard]] Result<void> set_ports(Options& options, std::string value);
[[nodiscard]] Result<void> set_socket_range(Options& options, std::string value);

// Options in words again, each behind a blank and quoted for a shell: what is wished for (PROFILE, --set, --scope,
// --boot-file), and where (--accept, --profile-dir, --root, --netns).
[[nodiscard]] std::string wish_words(const Options& options, const std::optional<Scope>& scope);
[[nodiscard]] std::string place_words(const Options& options);
[[nodiscard]] std::string profile_words(const Options& options);  // --profile-dir, --root

// A number from `least` to `most` into `member`.
[[nodiscard]] Result<void> set_number(int& member, std::string_view option, std::string_view text, int least, int most);

// A setter that stores the value in one member.
template <auto member>
[[nodiscard]] Result<void> store(Options& options, std::string value) {
  options.*member = std::move(value);
  return {};
}

template <auto member>
[[nodiscard]] Result<void> append(Options& options, std::string value) {
  (options.*member).push_back(std::move(value));
  return {};
}

template <auto member>
[[nodiscard]] Result<void> set_trial_flag(Options& options, std::string /*none*/) {
  options.trial.*member = true;
  return {};
}

template <auto member, auto value>
[[nodiscard]] Result<void> choose(Options& options, std::string /*none*/) {
  options.*member = value;
  return {};
}

}  // namespace twctl
