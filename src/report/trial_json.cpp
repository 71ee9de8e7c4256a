#include "report/trial_json.hpp"

#include "json/json.hpp"
#include "report/trial_verdict.hpp"

namespace twctl {
namespace {

Json connect_json(const ConnectTimes& times) { return {{"p50", times.p50}, {"p99", times.p99}, {"max", times.most}}; }

Json settings_json(const SettingValues& values) {
  Json object = Json::object();
  for (const auto& [setting, value] : values) object[std::string(setting->key)] = bytes_json(value);
  return object;
}

Json witnesses_json(const LoadFigures& figures) {
  Json object = Json::object();
  for (std::size_t i = 0; i < kWitnesses.size(); ++i) {
    if (figures.witnesses.at(i) >= 0) object[std::string(kWitnesses.at(i))] = figures.witnesses.at(i);
  }
  return object;
}

Json sample_json(const TrialSample& sample) {
  return {{"second", sample.second},
          {"attempts", sample.attempts},
          {"connections", sample.connections},
          {"no_port", sample.address_unavailable + sample.address_in_use},
          {"address_unavailable", sample.address_unavailable},
          {"address_in_use", sample.address_in_use},
          {"other_errors", sample.other_errors},
          {"connect_us", connect_json(sample.connect_us)},
          {"time_wait", sample.time_wait},
          {"fin_wait_2", sample.fin_wait_2},
          {"close_wait", sample.close_wait}};
}

Json range_json(const std::optional<PortRange>& range) { return range ? Json(to_text(*range)) : Json(nullptr); }

Json per_second_json(const std::optional<std::int64_t>& connections, std::chrono::milliseconds length) {
  if (!connections || length.count() == 0) return nullptr;
  return 1000.0 * static_cast<double>(*connections) / static_cast<double>(length.count());
}

std::string_view word_of(Binding binding) {
  switch (binding) {
    case Binding::none:
      return "none";
    case Binding::port:
      return "port";
    case Binding::address:
      return "address";
  }
  return "";
}

Json run_json(const Trial& trial, const TrialRun& run) {
  const Candidate& candidate = trial.candidates.at(run.candidate);
  return {{"name", bytes_json(candidate.name)},
          {"run", run.repetition},
          {"bound_first", word_of(candidate.binding)},
          {"socket_range", range_json(candidate.socket_range)},
          {"settings", settings_json(candidate.values)},
          {"ports", candidate.ports.usable},
          {"own_ports", candidate.own_ports.usable},
          {"seconds", static_cast<double>(run.length.count()) / 1000},
          {"attempts", run.client.attempts},
          {"connections", run.client.connections},
          {"per_second", run.per_second()},
          {"address_unavailable", run.client.address_unavailable},
          {"address_in_use", run.client.address_in_use},
          {"other_errors", run.client.other_errors},
          {"resets", run.client.resets},
          {"before_no_port", run.client.before_no_port < 0 ? Json(nullptr) : Json(run.client.before_no_port)},
          {"connect_us", connect_json(run.client.connect_us)},
          {"time_wait_peak", run.peak_of(TcpState::time_wait)},
          {"fin_wait_2_peak", run.peak_of(TcpState::fin_wait_2)},
          {"close_wait_peak", run.peak_of(TcpState::close_wait)},
          {"predicted", number_or_null(run.model.connections)},
          {"predicted_per_second", per_second_json(run.model.connections, run.length)},
          {"sustained_per_second", number_or_null(run.model.sustained)},
          {"deviation", number_or_null(run.deviation)},
          {"limited_by", word_of(run.limited_by)},
          {"cpu_us", {{"client", run.client.cpu_us}, {"server", run.server.cpu_us}}},
          {"witnesses", {{"client", witnesses_json(run.client)}, {"server", witnesses_json(run.server)}}},
          {"samples", list_json(run.samples, sample_json)}};
}

Json options_json(const TrialOptions& options) {
  return {{"closes", options.closes == Side::client ? "client" : "server"},
          {"destinations", options.destinations},
          {"bind_first", options.bind_first},
          {"keep", options.keep},
          {"rate", options.rate == 0 ? Json(nullptr) : Json(options.rate)},
          {"seconds", options.seconds},
          {"runs", options.runs},
          {"full", options.full},
          {"socket_range", range_json(options.socket_range)},
          {"ipv6", options.ipv6}};
}

}  // namespace

std::string trial_json(const Trial& trial) {
  Json document = document_of("trial");
  document["host"] = host_json(trial.host);
  document["measured_on"] = host_json(trial.bench);
  document["options"] = options_json(trial.options);
  document["reference_per_second"] = trial.machine_per_second;
  document["present_per_second"] = number_or_null(trial.present_rate);
  document["runs"] = list_json(trial.runs, [&](const TrialRun& run) { return run_json(trial, run); });
  document["verdict"] = verdict_text(trial);
  document["notes"] = trial.notes;
  document["interrupted"] = trial.interrupted;
  return document_text(document);
}

}  // namespace twctl
