#pragma once

#include <vector>

#include "analysis/shared_bound.hpp"
#include "app/plan/simulate.hpp"

namespace assay::planning {

/// The least time in which the limits of the scene let these tasks be served, their answers drawn
/// as `simulate` draws them for the same seed (a task that several providers could serve: as the
/// fastest of them would).
analysis::bound bound_of(const scene&, const std::vector<std::uint32_t>& positions,
                         std::uint64_t seed);

/// What an account with these limits is charged for a call that `items` tasks share.
analysis::served_task charged(const limit_settings&, const model_settings&, double service_s,
                              double input_tokens, double output_tokens, std::size_t items = 1);

/// What binds a provider in this run: its limits and, if all its calls are combined, how many of
/// those may be in flight and how far apart they start.
limit_settings limits_in_force(const scene&, const std::string& provider);

}  // namespace assay::planning
