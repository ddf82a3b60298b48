#pragma once

#include "evaluation/agent/toolbox.hpp"

namespace assay::evaluation {

/// Whether programs can be run with what is offered.
enum class offer : std::uint8_t {
  declarations_only,  ///< the tools must not be used
  usable,             ///< opens the sandbox, if a tool needs it
};

/// The tools that an experiment names, in its order. Problems name the place in the file.
checked<toolbox> make_offer(const settings&, const experiment_settings&, offer);

}  // namespace assay::evaluation
