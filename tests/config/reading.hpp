#pragma once

#include <doctest/doctest.h>

#include "config/load.hpp"
#include "tests/config/virtual_files.hpp"

namespace assay::tests {

/// The settings of a text that must be right.
inline settings read(const std::string& text, std::map<std::string, std::string> variables = {},
                     std::map<std::string, std::string> files = {},
                     const std::string& path = "e.toml") {
  auto result = config::parse(text, path, tests::variables(std::move(variables)),
                              virtual_files(std::move(files)));
  std::string problems;
  if (!result)
    for (const auto& problem : result.error()) problems += render(problem) + "\n";
  REQUIRE_MESSAGE(result, problems);
  return *result;
}

inline provider_settings read_provider(const std::string& keys) {
  return read("[providers.p]\nbase_url = \"http://h\"\n" + keys).providers.at(0);
}

}  // namespace assay::tests
