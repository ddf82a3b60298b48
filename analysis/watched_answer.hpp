#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/watch.hpp"
#include "messages/task.hpp"

namespace assay::analysis {

/// What is watched apart: streams of different questions have different figures.
struct watched_cell {
  std::string model;
  std::string dataset;
  std::string prompt;

  auto operator<=>(const watched_cell&) const = default;
};

inline watched_cell watched_cell_of(const cell& c) { return {c.model, c.dataset, c.prompt}; }

/// An answer as the watches see it. Errors are none.
struct watched_answer {
  std::string sample;
  outcome_status status = outcome_status::answered;
  bool truncated = false;
  std::optional<std::int64_t> text;  ///< its digest; absent if it is empty
  std::int64_t output_tokens = 0;    ///< 0 if unknown
  std::string provider;
  std::string node;  ///< empty: the coordinator itself
};

/// Judge -> score, absent if there is none; the judges always in the same order.
using answer_scores = std::vector<std::pair<std::string, std::optional<double>>>;

/// A figure of a cell, and how it stands.
struct noticed {
  std::string figure;  ///< one of docs/watching.md
  std::string judge;   ///< empty if it is no judge's figure; of two: `a and b`
  std::string place;   ///< the provider or node that differs
  watch_finding finding;
};

}  // namespace assay::analysis
