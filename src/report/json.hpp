// Every value that leaves as JSON -> one JSON document, ASCII only, with a newline at its end (docs/schema/). Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "plan/plan.hpp"
#include "profile/desired.hpp"
#include "report/change_report.hpp"

namespace twctl {

// The member `host` of every document.
[[nodiscard]] std::string host_json_text(const HostFacts& host);

[[nodiscard]] std::string plan_json(const Plan& plan);
// For several hosts: {"plans": [...]}, each as by itself.
[[nodiscard]] std::string plan_list_json(std::span<const Plan> plans);
// The plan's members and what came of it: `apply --json`.
[[nodiscard]] std::string apply_json(const Plan& plan, const ChangeReport& report);

// With status 4 the document says "state": "partial" too.
[[nodiscard]] std::string error_json(const Error& error, int exit_status);
[[nodiscard]] std::string profile_list_json(std::span<const ProfileListing> profiles);
[[nodiscard]] std::string profile_json(const Profile& profile);

// A page that has no fields of its own (help, version), so that --json is JSON for them too.
[[nodiscard]] std::string page_json(std::string_view command, std::string_view text);

}  // namespace twctl
