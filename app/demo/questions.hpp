#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

/// Datasets that a seed makes, as JSONL: `id`, `question` and `answer` in each row. The same seed
/// gives the same bytes; no two questions of a dataset are equal.
namespace assay::demo {

/// Word problems with one number as the answer (`#### 18` after the working).
std::string arithmetic(std::size_t rows, std::uint64_t seed);

/// Which of four is most or least: `choices`, and a letter as the answer.
std::string comparisons(std::size_t rows, std::uint64_t seed);

/// Where somebody has put something: a word as the answer.
std::string places(std::size_t rows, std::uint64_t seed);

/// Sums in two steps for models with a calculator: `script` is what a simulated agent does.
std::string sums(std::size_t rows, std::uint64_t seed);

}  // namespace assay::demo
