#pragma once

#include <functional>
#include <vector>

#include "app/plan/forecast.hpp"

namespace assay::planning {

/// A setting that could be changed, and how.
struct candidate {
  knob named;
  std::function<void(scene&)> apply;
};

/// What of the scene could be turned to make the run shorter: each limit of a used provider and its
/// `max_parallel` doubled, `concurrency` doubled, of combined calls twice as many at half the
/// spacing, and where tokens are charged by their cap, the cap lowered to what 99.5 % of the
/// answers need.
std::vector<candidate> candidates(const scene&, const tally&);

}  // namespace assay::planning
