#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "messages/problem.hpp"

namespace assay::demo {

/// What a demo is made of. Equal wishes make equal files, and those equal answers.
struct wishes {
  std::string suite = "basic";
  std::vector<std::string> apis{"openai", "claude", "groq"};
  std::uint64_t seed = 7;
};

/// An API that the simulated providers can stand in for. Figures are ours, not the API's.
struct api {
  std::string name;
  std::string preset;
  int max_parallel = 16;
  int rpm = 3'000;
  double first_token_ms = 150;  ///< median of its small model
};

/// All of them, by name.
const std::vector<api>& known_apis();
std::string list_of_apis();  ///< their names, for a sentence
std::vector<std::string> suite_names();

/// Problems: an unknown or repeated API, none at all.
expected<void> check(const wishes&);

}  // namespace assay::demo
