#include "report/error_json.hpp"

#include "base/exit_status.hpp"
#include "json/json.hpp"

namespace twctl {

Json error_members(const Error& error) {
  return {{"code", exit_status(error.code)},
          {"kind", kind_of(error.code)},
          {"message", error.message},
          {"file", bytes_or_null(error.where.file)},
          {"line", line_json(error.where.line)},
          {"hint", text_or_null(error.hint)},
          {"reasons", error.reasons}};
}

std::string error_json(const Error& error) {
  Json document = {{"error", error_members(error)}};
  if (error.code == ErrorCode::partial) document["state"] = "partial";
  return document_text(document);
}

std::string page_json(std::string_view command, std::string_view text) {
  Json document = document_of(command);
  document["text"] = text;
  return document_text(document);
}

}  // namespace twctl
