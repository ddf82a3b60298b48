#pragma once

#include <string>
#include <utility>
#include <vector>

#include "app/demo/wishes.hpp"

namespace assay::demo {

/// The name of the experiment file among `files_of`.
inline constexpr const char* experiment_file = "demo.toml";
/// That of the made-up API key, which only its owner may read.
inline constexpr const char* key_file = "demo.key";

/// The experiment file of a demo and all that it refers to, by name: its datasets and the key of
/// its simulated providers. Every accuracy and latency is drawn from the seed. REQUIRES: `check`.
std::vector<std::pair<std::string, std::string>> files_of(const wishes&);

}  // namespace assay::demo
