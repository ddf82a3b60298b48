#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "evaluation/dataset.hpp"

/// Reads datasets from texts.
namespace assay::tests {

inline dataset_settings of(dataset_format format) {
  dataset_settings settings;
  settings.name = "d";
  settings.path = "d.txt";
  settings.format = format;
  return settings;
}

inline std::vector<sample> good(const std::string& text, const dataset_settings& settings) {
  auto read = evaluation::parse_dataset(text, settings);
  if (!read) FAIL(render(read.error().front()));
  return *read;
}

inline std::vector<sample> jsonl(const std::string& text) {
  return good(text, of(dataset_format::jsonl));
}

inline std::vector<std::string> problems(const std::string& text,
                                         const dataset_settings& settings) {
  auto read = evaluation::parse_dataset(text, settings);
  std::vector<std::string> lines;
  if (!read)
    for (auto& p : read.error()) lines.push_back(render(p));
  return lines;
}

inline std::string problem_in(const std::string& text, dataset_format format) {
  auto lines = problems(text, of(format));
  return lines.empty() ? "" : lines.front();
}

inline std::string jsonl_problem(const std::string& text) {
  return problem_in(text, dataset_format::jsonl);
}

using strings = std::vector<std::string>;

}  // namespace assay::tests
