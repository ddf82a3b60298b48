#pragma once

#include "app/plan/simulate.hpp"

namespace assay::planning {

/// Where the figures of one model at one provider came from.
struct origin {
  std::string provider;
  std::string model;
  source from = source::assumed;
  std::size_t observations = 0;  ///< exchanges, if from history
};

struct known_scene {
  scene what;
  std::vector<origin> origins;     ///< by provider and model
  std::vector<std::string> notes;  ///< what the forecast leaves out, in words
};

/// Sets the scene for the missing tasks of an experiment. Figures of a model at a provider come
/// from `history` if it holds at least 20 answers, else from the mock that the provider is, else
/// from `otherwise`.
known_scene set_scene(const settings&, const experiment_settings&, const evaluation::plan&,
                      const std::vector<std::size_t>& missing,
                      const std::vector<storage::past_exchange>& history,
                      const assumptions& otherwise);

}  // namespace assay::planning
