#include "json/json.hpp"

#include <fmt/format.h>

#include "base/base64.hpp"
#include "base/cells.hpp"
#include "base/utf16.hpp"
#include "base/utf8.hpp"
#include "json/words.hpp"

namespace twctl {
namespace {

// JSON's \uXXXX, two of them above U+FFFF.
void append_by_number(std::string& text, std::string_view letter) {
  for (const char16_t unit : to_utf16(letter)) text += fmt::format("\\u{:04x}", static_cast<unsigned>(unit));
}

}  // namespace

Json bytes_json(std::string_view bytes) {
  if (is_utf8(bytes)) return bytes;
  return {{"base64", to_base64(bytes)}};
}

Json bytes_or_null(std::string_view bytes) { return bytes.empty() ? Json(nullptr) : bytes_json(bytes); }

Json value_json(const std::optional<std::string>& value) { return value ? bytes_json(*value) : Json(nullptr); }

Json text_or_null(std::string_view text) { return text.empty() ? Json(nullptr) : Json(text); }

Json line_json(int line) { return line > 0 ? Json(line) : Json(nullptr); }

Json place_json(const Place& place) {
  if (place.file.empty()) return nullptr;
  return {{"file", bytes_json(place.file)}, {"line", line_json(place.line)}};
}

Json place_json(const std::optional<Place>& place) { return place_json(place.value_or(Place{})); }

Json host_json(const HostFacts& host) {
  return {{"os", word_for(kOsWords, host.os)},
          {"hostname", bytes_or_null(host.hostname)},
          {"distribution", bytes_or_null(host.distribution)},
          {"kernel", bytes_or_null(host.kernel_release)},
          {"boot_id", bytes_or_null(host.boot_id)},
          {"network_namespace", bytes_or_null(host.network_namespace)},
          {"initial_network_namespace", host.initial_network_namespace},
          {"netns", bytes_or_null(host.netns)},
          {"container", bytes_or_null(host.container)},
          {"loader", text_or_null(word_for(kLoaderWords, host.loader))},
          {"live", host.live},
          {"captured", host.captured}};
}

Json document_of(std::string_view command) { return {{"format_version", kFormatVersion}, {"command", command}}; }

std::string document_text(const Json& document) {
  const std::string text = document.dump(2, ' ', false, Json::error_handler_t::replace);
  std::string shown;
  shown.reserve(text.size() + 1);
  for (std::string_view rest = text; !rest.empty();) {
    const CodePoint point = decode_utf8(rest);
    const std::string_view letter = rest.substr(0, point.bytes);
    if (letter == "\n" || is_printable(point.value)) {  // a newline is the document's own
      shown += letter;
    } else {
      append_by_number(shown, letter);
    }
    rest.remove_prefix(letter.size());
  }
  return shown + "\n";
}

// No string has a newline in it: there it is two letters.
std::string nested_text(const Json& value, std::size_t indent) {
  const std::string document = document_text(value);
  std::string_view rest = std::string_view(document).substr(0, document.size() - 1);
  std::string text;
  for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    text.append(rest.substr(0, end + 1)).append(indent, ' ');
    rest.remove_prefix(end + 1);
  }
  return text.append(rest);
}

std::string record_text(const Json& record) { return nlohmann::json(record).dump() + "\n"; }

}  // namespace twctl
