#pragma once

#include <vector>

#include "config/sections.hpp"

namespace assay::config {

/// Everything that a file and its includes declare.
struct document {
  general_draft general;
  std::vector<provider_draft> providers;
  std::vector<model_draft> models;
  std::vector<dataset_draft> datasets;
  std::vector<prompt_draft> prompts;
  std::vector<judge_draft> judges;
  sandbox_settings sandbox;
  node_settings nodes;
  extraction_draft extraction;
  std::vector<tool_draft> tools;
  std::vector<mock_draft> mocks;
  std::vector<experiment_draft> experiments;

  bool empty() const {
    return providers.empty() && models.empty() && datasets.empty() && prompts.empty() &&
           judges.empty() && tools.empty() && mocks.empty() && experiments.empty();
  }
};

/// Checks that every name an entry uses is declared, or is one that needs no declaration.
void check_references(report&, const document&);

/// The settings, with the library prompts and named judges that experiments use undeclared.
/// REQUIRES: no problem was found.
settings to_settings(const report&, document);

}  // namespace assay::config
