#pragma once

#include "messages/task.hpp"

namespace assay::actors {

/// An attempt of this class has brought an answer, of whatever kind.
inline bool is_answer(error_class kind) {
  return kind == error_class::none || kind == error_class::refusal ||
         kind == error_class::content_filtered;
}

/// How a task ends whose last attempt is of this class.
inline outcome_status status_of(error_class kind) {
  switch (kind) {
    case error_class::none:
      return outcome_status::answered;
    case error_class::refusal:
      return outcome_status::refused;
    case error_class::content_filtered:
      return outcome_status::filtered;
    default:
      return outcome_status::error;
  }
}

}  // namespace assay::actors
