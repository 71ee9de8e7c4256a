// Numbers -> Prometheus' text format, version 0.0.4, for the textfile collector of a node exporter. No timestamps: the
// collector refuses them. Pure.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "apply/status.hpp"
#include "diagnose/socket_summary.hpp"
#include "plan/plan.hpp"
#include "rules/diagnosis.hpp"

namespace twctl {

// Gauges one after the other, each with its HELP and TYPE lines and then its samples.
class Metrics {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;  // name, printable value

  // The samples that follow are of this one. `help`: one line.
  void gauge(std::string_view name, std::string_view help);
  void sample(Labels labels, std::integral auto value) { add(labels, std::to_string(value)); }
  void sample(Labels labels, double value);  // infinite: +Inf
  // One of a single sample.
  void gauge(std::string_view name, std::string_view help, std::integral auto value) {
    gauge(name, help);
    sample({}, value);
  }

  [[nodiscard]] std::string text() && { return std::move(text_); }

 private:
  void add(Labels labels, std::string_view value);
  std::string name_;
  std::string text_;
};

// Sockets by state; states without any are 0.
[[nodiscard]] std::string states_metrics(const SocketSummary& summary);

// Findings by id, those that were not made at 0; of the busiest destinations the ports that are taken and left.
[[nodiscard]] std::string doctor_metrics(const Diagnosed& host);

// What has drifted, what is pending and until when, when the last change was.
[[nodiscard]] std::string status_metrics(const Status& status);

// Settings by verdict, hazards by id.
[[nodiscard]] std::string plan_metrics(const Plan& plan);

}  // namespace twctl
