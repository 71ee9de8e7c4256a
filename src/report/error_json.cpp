#include "report/error_json.hpp"

#include "json/json.hpp"

namespace twctl {

std::string error_json(const Error& error, int exit_status) {
  Json document = {{"error",
                    {{"code", exit_status},
                     {"message", error.message},
                     {"file", bytes_or_null(error.where.file)},
                     {"line", line_json(error.where.line)},
                     {"hint", text_or_null(error.hint)}}}};
  if (error.code == ErrorCode::partial) document["state"] = "partial";
  return document_text(document);
}

std::string page_json(std::string_view command, std::string_view text) {
  Json document = document_of(command);
  document["text"] = text;
  return document_text(document);
}

}  // namespace twctl
