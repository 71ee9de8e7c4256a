// Examination -> findings, and the numbers that say how things stand where nothing is wrong. Pure.
#pragma once

#include <string>
#include <vector>

#include "diagnose/examination.hpp"
#include "rules/rule.hpp"

namespace twctl {

// "ports", "120 of 28232 taken, 10.0.0.1 to 10.0.0.5:443", and the same for programs.
struct Vital {
  std::string label;
  std::string text;
  std::vector<Figure> figures;
};

struct Diagnosis {
  Findings findings;  // the gravest first; never empty: no-change-needed where there is no other from warning up
  std::vector<Vital> vitals = {};
  std::vector<std::string> notes = {};  // what could not be seen
  std::string limits = {};              // those that are not near, as a sentence; "" with trouble
};

// A host, and what is wrong with it.
struct Diagnosed {
  Examination examination;
  Diagnosis diagnosis;
};

[[nodiscard]] Diagnosis diagnose(const Examination& examination);

// The gravest finding in a few words: "97 % of the local ports are taken for one destination", "nothing wrong was
// found".
[[nodiscard]] std::string headline_of(const Diagnosis& diagnosis);

// The settings that help, each once, with the value for the gravest finding that wants it.
[[nodiscard]] std::vector<Remedy> remedies_of(const Diagnosis& diagnosis);

[[nodiscard]] bool has_trouble(const Diagnosis& diagnosis);  // a finding from warning up

}  // namespace twctl
