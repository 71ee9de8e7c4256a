// What apply and rollback both tell of what they did. A template over the document's type, so that this header needs no
// JSON library.
#pragma once

#include "report/change_report.hpp"
#include "report/host_json.hpp"

namespace twctl {

template <class Json>
void add_report(Json& document, const ChangeReport& report) {
  document["id"] = text_or_null<Json>(report.id);
  document["state"] = name_of(report.state);
  document["changed"] = report.state != ChangeState::unchanged;
  document["restart_required"] = !report.restart.empty();
  document["accepted"] = report.accepted;
  document["diff"] = {{"before", report.before}, {"after", report.after}};
  document["restore"] = report.restore;
}

}  // namespace twctl
