#pragma once

#include <functional>
#include <string>
#include <vector>

#include "messages/problem.hpp"
#include "messages/sample.hpp"
#include "messages/settings.hpp"

namespace assay::evaluation {

/// Reads a dataset: JSONL, a JSON array, or CSV (RFC 4180, header row); `.gz` is not read. Applies
/// filter, then the seeded shuffle, then limit. Every bad line is a problem with `file:line` and
/// what was expected; a dataset with a problem is not used at all (nothing is silently skipped).
checked<std::vector<sample>> load_dataset(const dataset_settings&);

/// The same from a text (tests, fuzzing); `settings.path` names it in problems.
checked<std::vector<sample>> parse_dataset(const std::string& text, const dataset_settings&);

}  // namespace assay::evaluation
