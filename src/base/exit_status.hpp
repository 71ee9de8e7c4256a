// The only table of exit codes: what the process ends with (docs/contract.md, "Exit codes"), and the word that a JSON
// document has for each.
#pragma once

#include <string_view>

#include "base/result.hpp"

namespace twctl {

inline constexpr int kDone = 0;
inline constexpr int kChanges = 2;  // plan: apply would change something; --detailed-exitcode: it has
inline constexpr int kFound = 2;    // audit: findings from the severity of --fail-on up; doctor: from warning up
inline constexpr int kRefused = 3;  // plan: apply would refuse

[[nodiscard]] constexpr int exit_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::failed:
      return 1;
    case ErrorCode::refused:
      return kRefused;
    case ErrorCode::partial:
      return 4;
    case ErrorCode::usage:
      return 64;
    case ErrorCode::invalid:
      return 65;
    case ErrorCode::no_input:
      return 66;
    case ErrorCode::unsupported:
      return 69;
    case ErrorCode::bug:
      return 70;
    case ErrorCode::output:
      return 74;
    case ErrorCode::busy:
      return 75;
    case ErrorCode::denied:
    case ErrorCode::unwritable:
      return 77;
    case ErrorCode::interrupted:
      return 130;
  }
  return 70;
}

[[nodiscard]] constexpr std::string_view kind_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::failed:
      return "failed";
    case ErrorCode::refused:
      return "refused";
    case ErrorCode::partial:
      return "partial";
    case ErrorCode::usage:
      return "usage";
    case ErrorCode::invalid:
      return "invalid";
    case ErrorCode::no_input:
      return "no-input";
    case ErrorCode::unsupported:
      return "unsupported";
    case ErrorCode::bug:
      return "bug";
    case ErrorCode::output:
      return "output";
    case ErrorCode::busy:
      return "busy";
    case ErrorCode::denied:
      return "denied";
    case ErrorCode::unwritable:
      return "unwritable";
    case ErrorCode::interrupted:
      return "interrupted";
  }
  return "bug";
}

}  // namespace twctl
