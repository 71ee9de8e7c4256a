// Diagnosis -> one JSON document (docs/schema/doctor.schema.json). Pure.
#pragma once

#include <string>

#include "diagnose/diagnosis.hpp"

namespace twctl {

[[nodiscard]] std::string doctor_json(const Diagnosis& diagnosis, const Examination& examination);

}  // namespace twctl
