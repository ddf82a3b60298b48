#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace assay::simulated {

/// How long vectors are if a request does not say.
inline constexpr std::size_t usual_dimensions = 256;

/// The vector of a text, of length 1: each of its words (runs of letters and digits, in lower case)
/// adds 1 or -1 at a place that its hash decides. So texts that share words are near each other.
/// Vectors of different models are not comparable.
std::vector<float> embed(std::string_view text, std::string_view model, std::size_t dimensions);

}  // namespace assay::simulated
