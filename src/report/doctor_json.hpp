// Diagnosis -> one JSON document (docs/schema/doctor.schema.json). Pure.
#pragma once

#include <span>
#include <string>

#include "diagnose/in_namespace.hpp"
#include "rules/diagnosis.hpp"

namespace twctl {

[[nodiscard]] std::string doctor_json(const Diagnosed& host);
// For several hosts (docs/schema/doctors.schema.json): {"hosts": [...]}, each as by itself.
[[nodiscard]] std::string doctor_list_json(std::span<const Diagnosed> hosts);

// For every network namespace (docs/schema/doctor-namespaces.schema.json), each with its report as by itself.
[[nodiscard]] std::string doctor_all_json(const InNamespaces<Diagnosed>& spaces);

}  // namespace twctl
