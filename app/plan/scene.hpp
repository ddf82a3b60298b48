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

/// What earlier runs tell.
struct history {
  std::vector<storage::past_exchange> exchanges;
  std::map<std::string, known_limits> limits;  ///< by provider: those that were found out
  std::vector<storage::past_sample> samples{};
};

/// Sets the scene for the missing tasks of an experiment. Figures of a model at a provider come
/// from its exchanges if there are at least 20 answers, else from the mock that the provider is,
/// else from `otherwise`. Limits that nobody configured are those that were found out before.
known_scene set_scene(const settings&, const experiment_settings&, const evaluation::plan&,
                      const std::vector<std::size_t>& missing, const history& before,
                      const assumptions& otherwise);

}  // namespace assay::planning
