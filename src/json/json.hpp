// How each kind of value that several documents hold (bytes, a place, a host) is written in JSON, and how a document
// becomes text. The only place that includes nlohmann/json. Pure.
//
// What came from files, the kernel or the command line is data: it stands in a document as it is, whole, so that a path
// opens its file and a value can be compared. Bytes that are no UTF-8, which JSON cannot hold, are {"base64": "..."}.
// Sentences of ours (messages, hints, evidence) are text: foreign bytes in them have gone through escape().
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "json/fwd.hpp"
#include "platform/host_facts.hpp"

namespace twctl {

inline constexpr std::string_view kFormatVersion = "1.0";  // of every document; docs/schema/ says what it has

[[nodiscard]] Json bytes_json(std::string_view bytes);
[[nodiscard]] Json bytes_or_null(std::string_view bytes);                // "" is null
[[nodiscard]] Json value_json(const std::optional<std::string>& value);  // nullopt is null, "" is ""
[[nodiscard]] Json text_or_null(std::string_view text);                  // printable; "" is null
[[nodiscard]] Json place_json(const Place& place);                       // null without a file
[[nodiscard]] Json place_json(const std::optional<Place>& place);
[[nodiscard]] Json line_json(int line);  // from 1; 0, the file as a whole, is null
[[nodiscard]] Json host_json(const HostFacts& host);

template <class Number>
[[nodiscard]] Json number_or_null(const std::optional<Number>& number) {
  return number ? Json(*number) : Json(nullptr);
}

template <class Items, class ToJson>
[[nodiscard]] Json list_json(const Items& items, const ToJson& to_json) {
  Json list = Json::array();
  for (const auto& item : items) list.push_back(to_json(item));
  return list;
}

// The members that every document of ours begins with.
[[nodiscard]] Json document_of(std::string_view command);

// Indented by two spaces, a newline at the end. Letters of every script are as they are; control characters, marks that
// reorder or hide text, and all else that is not printable is \uXXXX, so that no byte of a file or of the kernel can
// act on a terminal.
[[nodiscard]] std::string document_text(const Json& document);

// The same of a value within a document: without that newline, and the lines behind the first are further to the right.
[[nodiscard]] std::string nested_text(const Json& value, std::size_t indent);

// One line, members in the order of their names, letters as they are: what the journal's records have always been.
[[nodiscard]] std::string record_text(const Json& record);

}  // namespace twctl
