#pragma once

#include <cstddef>
#include <vector>

#include "evaluation/text/bm25.hpp"

namespace assay::evaluation {

/// The best `most` of what several rankings (indices, best first) agree on: reciprocal rank fusion,
/// the sum of 1 / (60 + rank) over the rankings (Cormack, Clarke and Buettcher, SIGIR 2009); among
/// equals the lower index.
std::vector<ranked> fuse(const std::vector<std::vector<std::size_t>>& rankings, std::size_t most);

/// The indices of the `most` vectors that point most nearly as `query` does, by the cosine; among
/// equals the lower index. Vectors of another length or without a direction come last.
std::vector<std::size_t> nearest_vectors(const std::vector<float>& query,
                                         const std::vector<std::vector<float>>& vectors,
                                         std::size_t most);

}  // namespace assay::evaluation
