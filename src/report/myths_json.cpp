#include "report/myths_json.hpp"

#include "json/json.hpp"

namespace twctl {
namespace {

Json verdict_json(MythVerdict verdict) {
  switch (verdict) {
    case MythVerdict::refuted:
      return "refuted";
    case MythVerdict::at_a_price:
      return "at-a-price";
    case MythVerdict::confirmed:
      return "true";
    case MythVerdict::not_measured:
      return nullptr;
  }
  return nullptr;
}

}  // namespace

std::string myths_json(const MythTrial& trial) {
  Json document = document_of("trial");
  document["host"] = host_json(trial.host);
  document["seconds"] = trial.seconds;
  document["myths"] = list_json(trial.results, [](const MythResult& result) -> Json {
    const MythRow& myth = *find_myth(result.experiment->myth);
    return {{"id", myth.id},
            {"claim", myth.claim},
            {"measured", text_or_null(result.judgement.measured)},
            {"verdict", verdict_json(result.judgement.verdict)},
            {"verdict_on_6_18", verdict_json(result.experiment->expected)},
            {"truth", myth.truth}};
  });
  document["interrupted"] = trial.interrupted;
  return document_text(document);
}

}  // namespace twctl
