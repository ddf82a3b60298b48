#pragma once

#include <string>
#include <unordered_set>

namespace assay::bench {

/// Keys (in hex) of all answered tasks, found by reading whole rows and decoding what is JSON in
/// them: what a program does that keeps its results as documents.
std::unordered_set<std::string> answered_keys(const std::string& file);

}  // namespace assay::bench
