#include "plan/accept.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "base/text.hpp"

namespace twctl {
namespace {

struct Accept {
  std::string_view id;
  std::string_view key = {};  // as written; "" for every key
  bool names_key = false;
};

constexpr char kBeforeKey = ':';

Accept parse(std::string_view text) {
  const std::size_t colon = text.find(kBeforeKey);
  if (colon == std::string_view::npos) return {.id = text};
  return {.id = text.substr(0, colon), .key = text.substr(colon + 1), .names_key = true};
}

std::string_view nearest_hazard(std::string_view id) {
  std::vector<std::string_view> ids;
  for (const FindingRow& row : hazard_rows()) ids.push_back(row.id);
  return nearest(id, ids);
}

tl::unexpected<Error> unknown(std::string_view accept, std::string_view kind, std::string_view name,
                              std::string_view near) {
  std::string hint =
      near.empty() ? "the plan's text names the hazard in front of each one" : fmt::format("did you mean {}?", near);
  return fail(ErrorCode::usage, fmt::format("--accept {}: unknown {} {}", escape(accept), kind, escape(name)),
              std::move(hint));
}

}  // namespace

Result<void> check_accepts(std::span<const std::string> accepts) {
  for (const std::string& text : accepts) {
    const Accept accept = parse(text);
    if (find_hazard(accept.id) == nullptr) return unknown(text, "hazard", accept.id, nearest_hazard(accept.id));
    if (accept.names_key && find_setting_by_any_name(accept.key) == nullptr) {
      return unknown(text, "setting", accept.key, nearest_key(Os::linux_kernel, accept.key));
    }
  }
  return {};
}

bool is_accepted(const Finding& hazard, std::span<const std::string> accepts) {
  return std::any_of(accepts.begin(), accepts.end(), [&](const std::string& text) {
    const Accept accept = parse(text);
    if (accept.id != hazard.row->id) return false;
    return !accept.names_key || find_setting_by_any_name(accept.key)->key == hazard.key;
  });
}

std::string accept_text(std::string_view id, std::string_view key) {
  return key.empty() ? std::string(id) : fmt::format("{}{}{}", id, kBeforeKey, key);
}

}  // namespace twctl
